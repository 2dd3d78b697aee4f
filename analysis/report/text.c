// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison on a terminal. */
#include "analysis/report/aa.h"
#include "analysis/report/view.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH	80	/* of paragraphs; tables are as wide as they must be */
#define NAME_WIDTH 40	/* a longer name stands above its row */

static bool colour_wanted(FILE *out)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(out)) && !(no && *no) &&
	       !(term && !strcmp(term, "dumb"));
}

/* Red and green also differ in weight. */
static const char *verdict_sgr(enum verdict v)
{
	switch (v) {
	case VERDICT_REGRESSED:
		return "1;31";
	case VERDICT_IMPROVED:
		return "32";
	case VERDICT_SMALL:
		return "33";
	case VERDICT_UNCHECKED:
		return "2";
	default:
		return NULL;
	}
}

static int add_row(const struct view *v, struct table *t,
		   const struct compare_row *r, bool colour)
{
	char base[32], now[32], change[32], interval[64], mde[32], n[32];
	char *name = view_name(v, &r->id), *flags = row_flags(r);
	const char *cell[] = {
		name, r->id.metric.unit,
		fmt_value(base, sizeof(base), r->base),
		fmt_value(now, sizeof(now), r->now),
		fmt_change(change, sizeof(change), r->ratio),
		fmt_interval(interval, sizeof(interval), r->lo, r->hi),
		fmt_percent(mde, sizeof(mde), r->mde),
		n, verdict_name(r->verdict), flags ? flags : "",
	};

	snprintf(n, sizeof(n), "%d/%d", r->n_base, r->n_new);
	if (name)
		table_row(t, cell);
	if (colour)
		table_paint(t, 8, verdict_sgr(r->verdict));
	free(flags);
	free(name);
	return name ? 0 : -ENOMEM;
}

static int print_rows(const struct view *v, FILE *out)
{
	static const char *const heads[] = {
		"benchmark", "unit", "base", "new", "change",
		"95 % interval", "detects", "n", "verdict", "marks",
	};
	bool colour = colour_wanted(out);
	struct table *t;
	size_t i;
	int err = 0;

	if (!v->c->nrows)
		return 0;
	t = table_new(heads, "ll..rrrrll");
	table_spill(t, NAME_WIDTH);
	for (i = 0; i < v->c->nrows && !err; i++)
		err = add_row(v, t, &v->c->row[v->order[i]], colour);
	fputc('\n', out);
	if (!err)
		err = table_print(t, out);
	table_free(t);
	return err;
}

int report_compare_text(const struct comparison *c,
			const struct report_ctx *ctx, FILE *out)
{
	struct view v;
	int err = view_init(&v, c, ctx, false);

	if (err)
		return err;
	print_verdict(&v, out, WIDTH);
	print_sides(&v, out, WIDTH);
	print_diffs(&v, out, WIDTH);
	err = print_rows(&v, out);
	print_sums(&v, out, WIDTH);
	print_aa(&v, out, WIDTH);
	print_unjudged(&v, out, WIDTH);
	print_missing(&v, out, WIDTH);
	print_notes(&v, out, WIDTH);
	view_free(&v);
	return err ? err : stream_end(out);
}

int report_compare(enum format format, const struct comparison *c,
		   const struct report_ctx *ctx, FILE *out)
{
	static int (*const writer[])(const struct comparison *,
				     const struct report_ctx *, FILE *) = {
		[FORMAT_TEXT] = report_compare_text,
		[FORMAT_JSON] = report_compare_json,
		[FORMAT_CSV] = report_compare_csv,
		[FORMAT_MARKDOWN] = report_markdown,
		[FORMAT_JUNIT] = report_junit,
		[FORMAT_TAP] = report_tap,
	};

	return writer[format](c, ctx, out);
}
