/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two samples compared by ranks alone. Pure. */
#ifndef LIB_RANK_H
#define LIB_RANK_H

#include <stddef.h>

/**
 * stats_mann_whitney_cdf() - P(U <= @u) when nothing differs, no ties
 * @na, @nb:	sizes
 *
 * Exact, by the generating function of U (H. B. Mann and D. R. Whitney,
 * Annals of Mathematical Statistics 18 (1947) 50), while @na * @nb is at most
 * 10,000; normal with a continuity correction above. NaN without memory.
 */
double stats_mann_whitney_cdf(size_t u, size_t na, size_t nb);

/**
 * struct stats_shift - how far B lies above A
 * @mid:	Hodges and Lehmann: the median of all differences b - a
 * @lo, @hi:	interval; NaN where the sizes allow none at the level (3 a side
 *		at 95 %)
 */
struct stats_shift {
	double mid;
	double lo;
	double hi;
};

/**
 * stats_hodges_lehmann() - shift with its distribution-free interval
 * @level:	at least so much is covered, 0.95
 * Return: all NaN with a NaN in the input, without memory, or for more than
 * 4,000,000 differences.
 *
 * J. L. Hodges and E. L. Lehmann, Annals of Mathematical Statistics 34 (1963)
 * 598; the interval between order statistics of the differences: D. F. Bauer,
 * JASA 67 (1972) 687.
 */
struct stats_shift stats_hodges_lehmann(const double *a, size_t na,
					const double *b, size_t nb,
					double level);

#endif
