/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scan over windows: did anything change? */
#ifndef LIB_CHANGEPOINT_SCAN_H
#define LIB_CHANGEPOINT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Horizon k: windows that end in (2^(k-1), 2^k]; the first takes all below. */
#define HORIZON_FIRST	5
#define HORIZON_LAST	24

/**
 * struct scan_window - a window with a likely change
 * @from, @len:	of the window
 * @at:		first value after the change
 * @z:		of the best split
 */
struct scan_window {
	uint32_t from;
	uint32_t len;
	uint32_t at;
	double z;
};

/**
 * struct scan - all windows of a series
 * @n:		values
 * @z:		largest per horizon, @best the window it belongs to
 * @v:		windows with z of at least SCAN_KEEP, largest first
 * @distinct:	different values
 */
struct scan {
	size_t n;
	double z[HORIZON_LAST + 1];
	struct scan_window best[HORIZON_LAST + 1];
	struct scan_window *v;
	size_t nwindows;
	size_t distinct;
};

#define SCAN_KEEP	2.8

/**
 * scan_series() - the largest rank CUSUM in every window of the grid
 *
 * Windows have lengths 4 x 2^(j/2) from 8 on and start at multiples of a
 * quarter of that, so that what is appended adds windows and changes none
 * (seeded intervals: S. Kovacs et al., Biometrika 110 (2023) 249). In each,
 * values are replaced by the normal scores of their ranks in it.
 *
 * Return: 0 or -ENOMEM; free with scan_free().
 */
int scan_series(const double *x, size_t n, struct scan *out);
void scan_free(struct scan *s);

/* The horizon in which a window ends. */
int scan_horizon(size_t end);

/**
 * scan_tail() - chance that the largest z of a horizon's windows reaches @z
 * where nothing changed and no two values are equal
 */
double scan_tail(int horizon, double z);

/**
 * scan_weight() - a horizon's share of the chance of a false alarm: those of
 * all horizons add up to one
 */
double scan_weight(int horizon);

/**
 * scan_bound() - an upper bound of the chance that a split looks so clear
 * @x:		the window's @n values
 * @k:		values before the split
 *
 * Of all choices of @k of the window's scores, how many have a sum as large?
 * By Chernoff's bound for sampling without replacement, the moments of which
 * are elementary symmetric polynomials, each at most the tilted product over
 * (1 + s exp(l a)) by s^k for any s and l (J. Robinson, Annals of Statistics 10
 * (1982) 213, goes on from there). For a clean split it is 2 over the binomial
 * coefficient, which no simulation reaches. Beyond SCAN_BOUND_MOST values one
 * does as well.
 */
#define SCAN_BOUND_MOST	1024
double scan_bound(const double *x, size_t n, size_t k);

/* Splits of all windows of a horizon, which a bound is multiplied by. */
double scan_splits(int horizon);

/**
 * scan_points() - disjoint changes, the clearest first
 * @end:	only windows up to here
 * @least:	z
 * @at:		room for @end / 2 + 1 indices; out, ascending
 * Return: how many.
 */
size_t scan_points(const struct scan *s, size_t end, double least,
		   uint32_t *at);

#endif
