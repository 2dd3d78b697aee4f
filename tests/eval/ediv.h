/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * E-divisive, to stand beside: D. S. Matteson and N. A. James, Journal of the
 * American Statistical Association 109 (2014) 334, with alpha = 1, at least 5
 * values a side and 199 permutations. All splits of n values take O(n log n):
 * distances of a value to those left of it come from a tree over ranks
 * (P. M. Fenwick, Software: Practice and Experience 24 (1994) 327).
 */
#ifndef TESTS_EVAL_EDIV_H
#define TESTS_EVAL_EDIV_H

#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "lib/ranks.h"
#include "tests/eval/series.h"

#define EDIV_SIDE	5
#define EDIV_PERMS	199
#define EDIV_ALPHA	0.05

/* Values by rank, the sum of distances of each to all, and the tree. */
struct ediv {
	uint32_t rank[SERIES_MOST];
	double sorted[SERIES_MOST];
	double all[SERIES_MOST];
	double sum[SERIES_MOST + 1];
	int count[SERIES_MOST + 1];
	size_t n;
};

static inline void ediv_init(struct ediv *e, const double *x, size_t n)
{
	uint32_t order[SERIES_MOST];
	double below = 0, total = 0;
	size_t i;

	e->n = n;
	if (ranks_order(x, n, order))
		abort();
	for (i = 0; i < n; i++) {
		e->rank[order[i]] = i;
		e->sorted[i] = x[order[i]];
		total += x[i];
	}
	for (i = 0; i < n; i++) {
		double v = e->sorted[i];

		e->all[i] = v * i - below + (total - below - v) -
			v * (n - 1.0 - i);
		below += v;
	}
}

/* The largest scaled energy distance of all splits, and where it is. */
static inline double ediv_split(struct ediv *e, size_t *at)
{
	double left = 0, right = 0, cross = 0, sum = 0, best = -1, q;
	size_t t, n = e->n;

	memset(e->sum, 0, sizeof(e->sum));
	memset(e->count, 0, sizeof(e->count));
	for (t = 0; t < n; t++)
		right += e->all[t] / 2;
	for (t = 1; t < n; t++) {
		uint32_t r = e->rank[t - 1], i;
		double v = e->sorted[r], below = 0, near;
		int count = 0;

		for (i = r + 1; i; i &= i - 1) {
			below += e->sum[i];
			count += e->count[i];
		}
		near = v * count - below + (sum - below) -
			v * (t - 1.0 - count);
		for (i = r + 1; i <= n; i += i & -i) {
			e->sum[i] += v;
			e->count[i]++;
		}
		sum += v;
		left += near;
		right -= e->all[r] - near;
		cross += e->all[r] - 2 * near;
		if (t < EDIV_SIDE || n - t < EDIV_SIDE)
			continue;
		q = (double)t * (n - t) / n *
			(2 * cross / ((double)t * (n - t)) -
			 left / (t * (t - 1.0) / 2) -
			 right / ((n - t) * (n - t - 1.0) / 2));
		if (q > best) {
			best = q;
			*at = t;
		}
	}
	return best;
}

static inline void ediv_find(gsl_rng *rng, const double *x, size_t from,
			     size_t to, size_t *found, size_t *n)
{
	struct ediv e;
	size_t at, any, i, reached = 0;
	double q;

	if (to - from < 2 * EDIV_SIDE)
		return;
	ediv_init(&e, x + from, to - from);
	q = ediv_split(&e, &at);
	for (i = 0; i < EDIV_PERMS; i++) {
		gsl_ran_shuffle(rng, e.rank, e.n, sizeof(*e.rank));
		reached += ediv_split(&e, &any) >= q;
		if (reached + 1 > EDIV_ALPHA * (EDIV_PERMS + 1))
			return;
	}
	found[(*n)++] = from + at;
	ediv_find(rng, x, from, from + at, found, n);
	ediv_find(rng, x, from + at, to, found, n);
}

#endif
