/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in the distribution a change lies: shifts at the deciles. Pure. */
#ifndef ANALYSIS_SHAPE_H
#define ANALYSIS_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#define DECILES	9

/**
 * struct shape_run - the samples of one run
 * @boot:	it ran on, 0...
 * @log:	of its deciles
 */
struct shape_run {
	int boot;
	double log[DECILES];
};

/**
 * struct shape - ratios at 10 %, 20 %, ... 90 %, with their 95 % intervals
 * @n_base, @n_new: units: boots, or runs where a side has one boot
 */
struct shape {
	double ratio[DECILES];
	double lo[DECILES];
	double hi[DECILES];
	bool boots;
	size_t n_base;
	size_t n_new;
};

/**
 * shape_deciles() - logs of the deciles of @n samples
 * Return: 0, -EINVAL where one is not positive, or -ENOMEM.
 */
int shape_deciles(const double *v, size_t n, double log[DECILES]);

/**
 * shape_compare() - Welch at each decile, over boots as compare() has them
 * @a, @b:	runs, those of a boot together
 *
 * Deciles of runs are averaged over their boot first: samples of one boot are
 * no replicates, and bands from pooled samples are far too narrow.
 *
 * Return: 0; -ENODATA below two units a side; -ENOMEM.
 */
int shape_compare(const struct shape_run *a, size_t na,
		  const struct shape_run *b, size_t nb, struct shape *out);

#endif
