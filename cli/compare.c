// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench compare: what changed between two revisions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/sides.h"
#include "lib/msg.h"

static struct side_options o;
static enum format format;
static bool gate;
static const char *gate_scope = "kernel";

static const struct opt opts[] = {
	SIDE_OPTS(o),
	{ "input", OPT_TEXT, &o.input, "FILE",
	  "figures from a CSV file or JSON lines instead, - for standard input" },
	{ "gate", OPT_FLAG, &gate, NULL,
	  "exit 1 on a regression, 3 where nothing could be told" },
	{ "gate-scope", OPT_TEXT, &gate_scope, "SCOPE",
	  "kernel (default), or boot: take one boot a side for enough" },
	{ "format", OPT_FORMAT, &format, "FORMAT",
	  "text, json, csv, markdown, junit or tap", 0, FORMAT_TAP },
	{ 0 }
};

static int print(const struct sides *s)
{
	return report_compare(format, &s->c, &s->ctx, stdout);
}

static int check_scope(void)
{
	if (!strcmp(gate_scope, "kernel") || !strcmp(gate_scope, "boot"))
		return 0;
	pr_err("--gate-scope %s: want kernel or boot", gate_scope);
	return EXIT_USAGE;
}

/* May this row decide a gate? One that alarms too often for nothing may not. */
static bool decides(const struct compare_row *r)
{
	return r->id.metric.primary && !(r->flags & ROW_QUARANTINED) &&
		r->verdict != VERDICT_UNCHECKED &&
		r->verdict != VERDICT_INCONCLUSIVE &&
		(r->scope == SCOPE_KERNEL || !strcmp(gate_scope, "boot"));
}

/*
 * A gate stops work, so it asks for more than a summary does: Holm's p, which
 * bounds the chance of one false alarm among all rows. Exact rows have no p.
 */
static int gate_status(const struct sides *s)
{
	int decisive = 0, regressed = 0, quarantined = 0;
	size_t i;

	if (!gate)
		return EXIT_FINE;
	for (i = 0; i < s->c.nrows; i++) {
		const struct compare_row *r = &s->c.row[i];

		quarantined += !!(r->flags & ROW_QUARANTINED);
		if (!decides(r))
			continue;
		decisive++;
		regressed += r->verdict == VERDICT_REGRESSED &&
			!(r->p_holm > s->opts.q);
	}
	if (quarantined)
		pr_info("gate: %d in quarantine (A/A) %s no say", quarantined,
			quarantined == 1 ? "has" : "have");
	if (regressed) {
		pr_info("gate: %d regressed", regressed);
		return EXIT_REGRESSION;
	}
	if (decisive)
		return EXIT_FINE;
	pr_info("gate: nothing could be told%s",
		strcmp(gate_scope, "boot") ?
		"; verdicts on the kernel need several boots a side (or --gate-scope boot)" : "");
	return EXIT_NOTHING_SURE;
}

int cmd_compare(int argc, char **argv)
{
	static const struct sides_command command = {
		.opts = opts,
		.example = "  asibench compare\n"
		   "  asibench compare --base v2@off --new v3@off --format json\n"
		   "  asibench compare --base v2 --gate\n"
		   "  asibench compare --input runs.csv --base v2 --new v3\n",
		.options = &o,
		.check = check_scope,
		.print = print,
		.end = gate_status,
	};

	return sides_command(argc, argv, &command);
}
