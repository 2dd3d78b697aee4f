/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it takes to see a change, for people and programs. */
#ifndef ANALYSIS_REPORT_PLAN_H
#define ANALYSIS_REPORT_PLAN_H

#include "analysis/plan.h"
#include "analysis/report/report.h"

struct plan_line {
	const struct plan_spread *spread;
	struct plan_effort effort;
};

/**
 * struct plan_host - the plan for one host
 * @tests:	benchmarks that share the 5 %
 * @boot_seconds: of a boot, without its runs; @boot_from says whence that is
 *		known: "stored", "given" or "assumed"
 * @budget:	seconds for everything, 0: any
 * @bought:	boots a side that it buys, where that is fewer than wanted; -1
 * @boots, @runs: that do for all lines which can be done; 0: none can
 * @seconds:	of both sides, with these
 * @select:	GLOB, or NULL
 */
struct plan_host {
	const char *series;
	const char *host;
	struct plan_goal goal;
	int tests;
	double boot_seconds;
	const char *boot_from;
	double budget;
	int bought;
	int boots;
	int runs;
	double seconds;
	const char *select;
	struct plan_line *line;
	size_t n;
};

/* Fill in boots, runs and seconds out of the lines. */
void plan_host_sum(struct plan_host *p);

/* Seconds that a run of the tool on one boot should be given. */
double plan_host_budget(const struct plan_host *p);

/* "45 s", "12 min", "3 h 20 min" */
char *fmt_duration(char *buf, size_t size, double seconds);

/**
 * report_plan() - for each host
 *
 * JSON: [{series, host, effect, power, alpha, tests, boot_seconds, boot_from,
 * budget, boots, runs, seconds, rows: [json_row() and {answer, boots, runs,
 * samples, seconds, reach, mend, share: {sample, run, boot}, sd: {same},
 * cost: {same}, seen: {boots, runs}}]}]
 *
 * Return: 0 or a negative errno.
 */
int report_plan(enum format format, const struct plan_host *v, size_t n,
		FILE *out);

#endif
