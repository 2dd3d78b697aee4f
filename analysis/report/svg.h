/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small pictures within a page. Colours come from the page's style sheet by
 * the classes base and new, so that they follow its dark mode and print.
 */
#ifndef ANALYSIS_REPORT_SVG_H
#define ANALYSIS_REPORT_SVG_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/report/report.h"

/**
 * svg_trend() - a value with its interval per revision
 * @base, @now:	names of the revisions that are compared, marked; or NULL
 */
void svg_trend(const struct plot_trend *p, const char *base, const char *now,
	       FILE *out);

/* Return: 0 or -ENOMEM. */
int svg_ecdf(const struct plot_ecdf *p, FILE *out);

/**
 * svg_change() - a change with its interval, as wide as a table's cell
 * @lo, @hi:	ratios; NaN: none
 * @margin:	the band that does not matter
 * @reach:	log of the ratio at either end of the axis
 */
void svg_change(double ratio, double lo, double hi, double margin,
		double reach, FILE *out);

#endif
