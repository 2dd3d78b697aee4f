/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where did the level of a series change? Pure: arrays in, answers out.
 *
 * Two steps. Whether anything changed at all is asked of ranks, at a level
 * that holds for any noise and for a series that grows (lib/changepoint_scan.c).
 * Where, and how often, is then asked of the most probable path of levels
 * under the noise as the series itself shows it (lib/changepoint_path.c): ranks
 * alone lose half of the steps where the noise has two modes, and find the
 * rest less exactly where it has spikes or long tails.
 */
#ifndef LIB_CHANGEPOINT_H
#define LIB_CHANGEPOINT_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct changepoint - one change
 * @index:	of the first value after it
 * @first, @last: the change lies at one of these indices, with 95 %
 *		confidence; @first <= @index <= @last
 * @before, @after: levels, in units of the series
 * @step:	@after - @before; @lo, @hi its 95 % interval, NaN if unknown
 * @p:		of a change anywhere between its neighbours, given those
 */
struct changepoint {
	size_t index;
	size_t first;
	size_t last;
	double before;
	double after;
	double step;
	double lo;
	double hi;
	double p;
};

/**
 * struct changepoint_creep - a drift from the first values to the latest
 * @n:		length at which it was found; 0: none
 * @step:	latest ten less first ten, with its 95 % interval
 * @p:		of that test alone
 */
struct changepoint_creep {
	size_t n;
	double step;
	double lo;
	double hi;
	double p;
};

/**
 * struct changepoints - the answer
 * @p:		that nothing ever changed; NaN: too few values to tell
 * @rho:	autocorrelation that was allowed for
 * @scale:	of the noise: half of what lies between its 16th and 84th
 *		percentile
 * @v:		the changes, @n of them; none where @p is above alpha
 * @spike:	indices of single values far from their level, @nspikes
 */
struct changepoints {
	double p;
	double rho;
	double scale;
	struct changepoint *v;
	size_t n;
	size_t *spike;
	size_t nspikes;
	struct changepoint_creep creep;
};

#define CHANGEPOINT_LEAST	10	/* values */

/**
 * changepoints_find() - look for changes of level
 * @x:		@n values, all finite; logs, where ratios matter
 * @alpha:	chance of a false alarm of a series that does not change,
 *		however often it is tested while it grows
 * @seed:	of the permutations that are needed where values are equal
 * Return: 0, -ENOMEM, or -E2BIG for more than 2^24 values.
 */
int changepoints_find(const double *x, size_t n, double alpha, uint64_t seed,
		      struct changepoints *out);
void changepoints_free(struct changepoints *c);

#endif
