/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of one campaign, as "run" prints them at its end. */
#ifndef ANALYSIS_REPORT_RUN_H
#define ANALYSIS_REPORT_RUN_H

#include "analysis/report/report.h"

/**
 * report_run() - print a campaign's rows
 * @uuid:	of the campaign
 * @host:	alias
 * @tsc_khz:	for ns
 */
int report_run(enum format format, const char *uuid, const char *host,
	       uint64_t tsc_khz, const struct summary_row *rows, size_t n,
	       FILE *out);

/* Those of counting runs: no times, and what is 0 only as a number. */
void report_run_counts(const struct summary_row *rows, size_t n, FILE *out);

#endif
