/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kinds of pictures share. */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include "analysis/report/report.h"
#include "cli/figures.h"
#include "cli/sides.h"

/* Kinds of pictures; a set. */
#define KIND_TREND	(1u << 0)
#define KIND_SWEEP	(1u << 1)
#define KIND_ECDF	(1u << 2)
#define KIND_HISTOGRAM	(1u << 3)
#define KIND_FOREST	(1u << 4)	/* changes of all benchmarks */
#define KIND_HOSTS	(1u << 5)	/* each against its own base */
#define KIND_VARIANCE	(1u << 6)	/* of runs, of boots */

/**
 * plot_stem() - a file name for a picture, without its ending
 * @kind:	"trend", ...
 * @name:	any text; what is not safe in a file name becomes '_', and a
 *		hash keeps apart what would come out alike
 * Return: malloc'ed, NULL without memory.
 */
char *plot_stem(const char *kind, const char *name);

/* Names what was written; passes on @err, but for nothing to draw. */
int plot_said(int err, const char *stem);

/**
 * plot_sweeps() - values over a numeric parameter, of the latest revisions
 * @drawn:	grows by the pictures made
 */
int plot_sweeps(const struct figures_list *list, size_t *drawn);

/* Pictures of @kinds of two revisions into a directory, without a word about
 * it: 0 or a negative errno, said. */
int plot_into(const char *to, const struct sides *s, unsigned int kinds);

/**
 * plot_sides() - pictures of two revisions
 * @kinds:	KIND_*, those that are not of this sort are not looked at
 * @metric:	whose samples are shown, NULL: the row's
 */
int plot_sides(const struct sides *s, unsigned int kinds, const char *metric,
	       size_t *drawn);

#endif
