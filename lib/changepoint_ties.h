/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tail probabilities of the scan where values are equal. */
#ifndef LIB_CHANGEPOINT_TIES_H
#define LIB_CHANGEPOINT_TIES_H

#include "lib/changepoint_scan.h"

/**
 * struct ties - largest z per horizon of permutations of a series
 * @z:	[horizon], @n of them each, ascending; NULL: values are not equal
 *	often enough to matter, scan_tail() holds
 */
struct ties {
	double *z[HORIZON_LAST + 1];
	size_t n;
};

/**
 * ties_permute() - permute @x as often as it takes
 * @s:		its scan
 *
 * Where values repeat (counts, coarse clocks) the tails of scan_tail() are far
 * off: a series of rare ones alarms nearly always. Fewer permutations do where
 * several of the first have already reached what was seen.
 *
 * Return: 0 or -ENOMEM; free with ties_free().
 */
int ties_permute(const double *x, const struct scan *s, uint64_t seed,
		 struct ties *out);
void ties_free(struct ties *t);

/* Chance that the largest z of a horizon's windows reaches @z. */
double ties_tail(const struct ties *t, int horizon, double z);

/* The z that a horizon reaches with chance @p, of a few hundredths or more. */
double ties_quantile(const struct ties *t, int horizon, double p);

#endif
