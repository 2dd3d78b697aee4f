/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all pictures share: gnuplot in a directory of its own, and a file
 * text.dat of "key TAB value" lines out of which plot_setup sets gnuplot's
 * variables of the same names.
 */
#ifndef ANALYSIS_REPORT_PLOT_H
#define ANALYSIS_REPORT_PLOT_H

#include "analysis/report/view.h"

#define PLOT_CHAR_PX	7	/* width of a character, generously */
#define PLOT_MARGINS_PX	170	/* left and right of the axes together */
#define PLOT_CAPTION_PX	34
#define PLOT_HEIGHT_PX	450	/* above the axis, title included */

/**
 * struct gnuplot - a run of gnuplot in a directory of its own
 */
struct gnuplot;

/**
 * gnuplot_new() - make the directory
 * Return: 0 or a negative errno, said.
 */
int gnuplot_new(struct gnuplot **g);

/* A data file in it, for the script to find under this (constant) name. */
FILE *gnuplot_data(struct gnuplot *g, const char *name);

/**
 * gnuplot_text() - a tab-separated field that gnuplot takes as it is
 * @max:	columns; longer texts lose their middle, 0: any length
 *
 * Quotes and backslashes mean something in a data file: they become
 * look-alikes.
 */
void gnuplot_text(FILE *f, const char *s, size_t max);

/**
 * gnuplot_run() - draw, and put @stem.svg and @stem.png into place
 * @setup:	script run once
 * @draw:	script run once per kind of picture
 */
int gnuplot_run(struct gnuplot *g, const char *setup, const char *draw,
		const char *stem);

/* Removes the directory; NULL is fine. */
void gnuplot_free(struct gnuplot *g);

/* ---- trend ---- */

/* Has revision @i a value that counts? */
bool trend_scored(const struct plot_trend *p, size_t i);
/* Has it one that does not? */
bool trend_hollow(const struct plot_trend *p, size_t i);
/* What the values that count span with their intervals; all, if none counts. */
void trend_span(const struct plot_trend *p, double *lo, double *hi);

/* ---- distributions ---- */

/* A sorted copy; NULL without memory. */
double *ecdf_sorted(const double *v, size_t n);
/* The part of the axis that shows two sorted distributions, not their tails. */
void ecdf_range(double *const x[2], const size_t n[2], double range[2]);

/* How many samples there are, and what is beyond the axis. */
void ecdf_caption(FILE *f, double *const x[2], const size_t n[2],
		  const double range[2]);

/* ---- text.dat ---- */

/* Reads text.dat, and sets what is the same in every picture. */
extern const char plot_setup[];

/* A title, in as many lines as it needs in a picture of @width pixels. */
void plot_title(FILE *f, const char *title, int width);
void plot_text(FILE *f, const char *key, const char *text);
void plot_number(FILE *f, const char *key, double v);

/* Widen [*lo, *hi], NaN at first, by a value; what is not finite is not one. */
void plot_span(double v, double *lo, double *hi);

#endif
