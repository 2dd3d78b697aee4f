/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes in full: place, size and p, each within its neighbours. */
#ifndef LIB_CHANGEPOINT_PLACE_H
#define LIB_CHANGEPOINT_PLACE_H

#include "lib/changepoint.h"
#include "lib/changepoint_path.h"

/**
 * place_settle() - move changes that are not held to their most likely places
 * @n:		values that @path was found in
 * Return: 0 or -ENOMEM.
 */
int place_settle(const double *x, size_t n, const struct noise *f,
		 struct path *path);

/**
 * place_by_noise() - fill in @out's changes by the likelihood
 * @path:	at least two stretches
 * @inflation:	of standard errors, by autocorrelation
 *
 * A change lies where the log likelihood of the split comes within 3.68 of
 * that of the path's: the loss at the true place is about the larger of two
 * exponential variables (D. Siegmund, Annals of Statistics 16 (1988) 487).
 *
 * Return: 0 or -ENOMEM.
 */
int place_by_noise(const double *x, size_t n, const struct noise *f,
		   struct path *path, double inflation,
		   struct changepoints *out);

/**
 * place_by_ranks() - the same by rank CUSUMs and means; splits that do not
 * stand out between their neighbours are dropped, all but the clearest
 */
int place_by_ranks(const double *x, size_t n, struct path *path,
		   double inflation, struct changepoints *out);

/**
 * split_tail() - chance that the largest |z| over all splits of @n values
 * into two reaches @z where nothing changed
 *
 * M. Csorgo and L. Horvath, Limit Theorems in Change-Point Analysis (1997)
 * equation 1.3.26, after B. James, K. L. James and D. Siegmund, Biometrika 74
 * (1987) 71.
 */
double split_tail(double z, size_t n);

#endif
