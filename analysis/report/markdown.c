// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison for a merge request or a wiki. */
#include "analysis/report/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/escape.h"

#define WIDTH	76	/* of what stands in a block of code */

static int md_side(const struct view *v, const char *lead,
		   const struct obs_set *set, FILE *out)
{
	char *text = view_side(v, set);

	if (!text)
		return -ENOMEM;
	fprintf(out, "- **%s** ", lead);
	md_text(out, text);
	fputc('\n', out);
	free(text);
	return 0;
}

static int md_row(const struct view *v, const struct compare_row *r, FILE *out)
{
	char base[32], now[32], change[32], interval[64], hash[ROW_HASH];
	char *name = view_name(v, &r->id), *flags = row_flags(r);
	bool loud = r->verdict == VERDICT_REGRESSED;

	if (!name)
		return -ENOMEM;
	row_hash(r, hash);
	fputs("| ", out);
	md_text(out, name);
	fputs(" | ", out);
	md_text(out, r->id.metric.unit);
	fprintf(out, "%s%s | %s | %s | %s | %s | %d/%d | %s%s%s | %s | %s |\n",
		*r->id.metric.unit ? ", " : "", *r->id.metric.unit ?
		better_words(r->id.metric.better) : "no figure",
		fmt_value(base, sizeof(base), r->base),
		fmt_value(now, sizeof(now), r->now),
		fmt_change(change, sizeof(change), r->ratio),
		fmt_interval(interval, sizeof(interval), r->lo, r->hi),
		r->n_base, r->n_new, loud ? "**" : "",
		verdict_name(r->verdict), loud ? "**" : "",
		flags ? flags : "", hash);
	free(flags);
	free(name);
	return 0;
}

static int md_table(const struct view *v, FILE *out)
{
	size_t i;
	int err = 0;

	if (!v->c->nrows)
		return 0;
	fputs("\n| benchmark | unit | base | new | change | 95 % interval | n "
	      "| verdict | marks | id |\n"
	      "| :-- | :-- | --: | --: | --: | --: | --: | :-- | :-- | :-- "
	      "|\n", out);
	for (i = 0; i < v->c->nrows && !err; i++)
		err = md_row(v, &v->c->row[v->order[i]], out);
	return err;
}

/*
 * The sections that every text has, as a block of code by indentation: no
 * text within one line can end it.
 */
static int md_sections(const struct view *v, FILE *out)
{
	char *text = NULL, *at, *line;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int err;

	if (!f)
		return -ENOMEM;
	print_diffs(v, f, WIDTH);
	print_unjudged(v, f, WIDTH);
	print_missing(v, f, WIDTH);
	err = print_hosts(v, f, WIDTH);
	print_notes(v, f, WIDTH);
	if (v->ctx->command)
		print_reproduce(v, f, WIDTH);
	if (fclose(f))
		err = -ENOMEM;
	for (at = text; !err && (line = strsep(&at, "\n")); )
		if (at)
			fprintf(out, "%s%s\n", *line ? "    " : "", line);
	free(text);
	return err;
}

int report_markdown(const struct comparison *c, const struct report_ctx *ctx,
		    FILE *out)
{
	struct view v;
	char *verdict;
	int err = view_init(&v, c, ctx, false);

	if (err)
		return err;
	verdict = view_verdict(&v);
	fputs("**", out);
	md_text(out, verdict ? verdict : "");
	fputs("**\n\n", out);
	free(verdict);
	err = md_side(&v, "base:", c->base, out);
	if (!err)
		err = md_side(&v, "new:", c->now, out);
	if (!err)
		err = md_table(&v, out);
	if (!err)
		err = md_sections(&v, out);
	view_free(&v);
	return err ? err : stream_end(out);
}
