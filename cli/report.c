// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench report: the comparison, and all that stands behind it. */
#include <stdio.h>

#include "cli/sides.h"

static struct side_options o;
static enum format format;

static const struct opt opts[] = {
	SIDE_OPTS(o),
	FORMAT_OPT(format),
	{ 0 }
};

static int print(const struct sides *s)
{
	switch (format) {
	case FORMAT_JSON:
		return report_full_json(&s->c, &s->ctx, stdout);
	case FORMAT_CSV:
		return report_compare_csv(&s->c, &s->ctx, stdout);
	case FORMAT_TEXT:
		break;
	}
	return report_full(&s->c, &s->ctx, stdout);
}

int cmd_report(int argc, char **argv)
{
	static const struct sides_command command = {
		.opts = opts,
		.example = "  asibench report\n"
		   "  asibench report --base v2 --new v3 --format json\n",
		.options = &o,
		.print = print,
	};

	return sides_command(argc, argv, &command);
}
