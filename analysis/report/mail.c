// SPDX-License-Identifier: GPL-2.0-or-later
/* A block for a mailing list: 72 columns of ASCII, names whole. */
#include "analysis/report/aa.h"
#include "analysis/report/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH	72

/* The name, and at the right its unit, direction and hash. */
static int print_title(const struct view *v, const struct compare_row *r,
		       FILE *out)
{
	char *name = view_name(v, &r->id);
	char *unit = text_dup(r->id.metric.unit, true);
	char hash[ROW_HASH], *right = NULL;
	int err = -ENOMEM;

	row_hash(r, hash);
	if (!name || !unit ||
	    asprintf(&right, "%s%s%s  %s", unit, *unit ? ", " : "",
		     *unit ? better_words(r->id.metric.better) : "no figure",
		     hash) < 0)
		goto free_all;
	if (strlen(name) + 2 + strlen(right) <= WIDTH) {
		fprintf(out, "%s%*s\n", name, (int)(WIDTH - strlen(name)),
			right);
	} else {
		wrap(out, WIDTH, 0, 4, name);
		if (strlen(right) <= WIDTH)
			fprintf(out, "%*s\n", WIDTH, right);
		else
			wrap(out, WIDTH, 4, 4, right);
	}
	err = 0;
free_all:
	free(right);
	free(unit);
	free(name);
	return err;
}

static void print_figures(const struct compare_row *r, FILE *out)
{
	char base[32], now[32], change[32], interval[64], n[32], head[128];

	fmt_value(base, sizeof(base), r->base);
	fmt_value(now, sizeof(now), r->now);
	fmt_change(change, sizeof(change), r->ratio);
	fmt_interval(interval, sizeof(interval), r->lo, r->hi);
	snprintf(n, sizeof(n), "%d/%d", r->n_base, r->n_new);
	snprintf(head, sizeof(head), "  %8s %8s %9s", base, now, change);
	/* Figures of many digits push the rest onto a line of its own. */
	fprintf(out, "%s%s %18s  %5s  %s\n", head,
		strlen(head) > 32 ? "\n                            " : "",
		interval, n, verdict_name(r->verdict));
}

/* What the data could have shown, where they showed nothing. */
static void print_reach(const struct compare_row *r, FILE *out)
{
	char *reason;

	if (r->verdict != VERDICT_INCONCLUSIVE)
		return;
	reason = text_dup(r->reason, true);
	if (reason)
		wrap(out, WIDTH, 4, 4, reason);
	free(reason);
}

/* Marks of this row that do not stand beside every row. */
static void print_marks(const struct compare_row *r, unsigned int common,
			FILE *out)
{
	struct compare_row own = *r;
	char *flags, noisy[96] = "";

	own.flags &= ~common;
	flags = row_flags(&own);
	if (!flags)
		return;
	if (own.flags & ROW_NOISY)
		snprintf(noisy, sizeof(noisy),
			 " (flagged runs: %d of %d, %d of %d)",
			 r->noisy_base, r->runs_base, r->noisy_new,
			 r->runs_new);
	wrapf(out, WIDTH, 4, 4, "marks: %s%s", flags, noisy);
	free(flags);
}

/* What is true of all rows is said once. */
static unsigned int common_flags(const struct view *v)
{
	unsigned int flags = ~0u;
	size_t i, n = 0;

	for (i = 0; i < v->c->nrows; i++) {
		if (v->c->row[i].verdict == VERDICT_UNCHECKED)
			continue;
		flags &= v->c->row[i].flags;
		n++;
	}
	return n > 1 ? flags : 0;
}

static int print_table(const struct view *v, FILE *out)
{
	const char *head =
		"\n  %8s %8s %9s %18s  %5s  %s\n";
	unsigned int common = common_flags(v);
	size_t i;
	int err = 0;

	for (i = 0; i < v->c->nrows && !err; i++) {
		const struct compare_row *r = &v->c->row[v->order[i]];

		if (r->verdict == VERDICT_UNCHECKED)
			continue;
		if (head)
			fprintf(out, head, "base", "new", "change",
				"95 % interval", "n", "verdict");
		head = NULL;
		fputc('\n', out);
		err = print_title(v, r, out);
		print_figures(r, out);
		print_reach(r, out);
		print_marks(r, common, out);
	}
	return err;
}

int report_mail(const struct comparison *c, const struct report_ctx *ctx,
		FILE *out)
{
	struct view v;
	int err = view_init(&v, c, ctx, true);

	if (err)
		return err;
	print_verdict(&v, out, WIDTH);
	print_sides(&v, out, WIDTH);
	print_diffs(&v, out, WIDTH);
	err = print_table(&v, out);
	print_sums(&v, out, WIDTH);
	print_aa(&v, out, WIDTH);
	print_unjudged(&v, out, WIDTH);
	print_missing(&v, out, WIDTH);
	if (!err)
		err = print_hosts(&v, out, WIDTH);
	print_notes(&v, out, WIDTH);
	print_reproduce(&v, out, WIDTH);
	view_free(&v);
	return err ? err : stream_end(out);
}
