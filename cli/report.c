// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench report: the comparison, and all that stands behind it. */
#include <stdio.h>

#include "cli/page.h"
#include "cli/series.h"
#include "cli/sides.h"

static struct side_options o;
static enum format format;

static const struct opt opts[] = {
	SIDE_OPTS(o),
	{ "format", OPT_FORMAT, &format, "FORMAT",
	  "text, json, csv, markdown, junit, tap or html", 0, FORMAT_HTML },
	{ 0 }
};

static int print_page(const struct sides *s, const struct report_ctx *ctx)
{
	struct page page;
	int err = page_load(&page, s);

	if (err)
		return err;
	err = report_html(&s->c, ctx, page.panel, stdout);
	page_free(&page);
	return err;
}

/* Counts are a section of their own, unless counts are what is compared. */
static int print(const struct sides *s)
{
	struct report_ctx ctx = s->ctx;
	struct sides_counts counts = { 0 };
	int err = 0;

	if (s->select[0].mode != MODE_COUNTED) {
		err = sides_counts(s, &counts);
		ctx.counts = &counts.c;
	}
	if (!err && format == FORMAT_JSON)
		err = report_full_json(&s->c, &ctx, stdout);
	else if (!err && format == FORMAT_HTML)
		err = print_page(s, &ctx);
	else if (!err && format == FORMAT_TEXT)
		err = report_full(&s->c, &ctx, stdout);
	else if (!err)
		err = report_compare(format, &s->c, &ctx, stdout);
	sides_counts_free(&counts);
	return err;
}

/* A series by its name alone, where it has a switch. */
static bool print_series(int *status)
{
	return o.series && !o.base && !o.now && !o.mode &&
		format <= FORMAT_CSV &&
		series_report(o.db, o.series, o.select, format, status);
}

int cmd_report(int argc, char **argv)
{
	static const struct sides_command command = {
		.opts = opts,
		.example = "  asibench report\n"
		   "  asibench report --base v2 --new v3 --format json\n"
		   "  asibench report --series asi\n"
		   "  asibench report --format html >report.html\n",
		.options = &o,
		.instead = print_series,
		.print = print,
	};

	return sides_command(argc, argv, &command);
}
