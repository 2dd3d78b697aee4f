/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Do values fall into two groups? Pure. */
#ifndef LIB_MODES_H
#define LIB_MODES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct stats_modes - the best split of values in two groups
 * @ratio:	squares between the groups over squares within; NaN where no
 *		split is possible (below 4 values, all equal)
 * @split:	midway between the groups
 * @low, @high:	their means
 * @lower:	values in the lower one
 * @likely, @sure: @ratio is beyond what 95 % and 99 % of normal samples of
 *		this size show; @sure also asks for a ratio of 4, about four
 *		standard deviations between equal modes, which a flat
 *		distribution (3) does not reach
 */
struct stats_modes {
	double ratio;
	double split;
	double low;
	double high;
	size_t lower;
	bool likely;
	bool sure;
};

/**
 * stats_modes() - by the maximum of between- over within-group squares
 * @x:	n values
 *
 * L. Engelman and J. A. Hartigan, JASA 64 (1969) 1647. Both groups must hold a
 * tenth of the values, and two at least: one outlying value is no mode. The
 * quantiles under that rule are from 100,000 normal samples a size (20,000
 * above 50), between the sizes by interpolation.
 */
struct stats_modes stats_modes(const double *x, size_t n);

#endif
