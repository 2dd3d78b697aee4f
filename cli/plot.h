/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kinds of pictures share. */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include "analysis/report/report.h"
#include "cli/figures.h"

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

#endif
