// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/ranks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

struct keyed {
	double v;
	uint32_t at;
};

static int order_keyed(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->v != y->v)
		return x->v > y->v ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

int ranks_order(const double *x, size_t n, uint32_t *order)
{
	struct keyed *k = malloc(n ? n * sizeof(*k) : 1);
	size_t i;

	if (!k)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		k[i] = (struct keyed){ x[i], i };
	if (n)
		qsort(k, n, sizeof(*k), order_keyed);
	for (i = 0; i < n; i++)
		order[i] = k[i].at;
	free(k);
	return 0;
}

void ranks_normal(double *score, size_t n)
{
	size_t r;

	for (r = 0; r < (n + 1) / 2; r++) {
		score[r] = gsl_cdf_ugaussian_Pinv((r + 0.625) / (n + 0.25));
		score[n - 1 - r] = -score[r];
	}
	if (n & 1)
		score[n / 2] = 0;
}

size_t ranks_distinct(const double *x, const uint32_t *order, size_t n)
{
	size_t i, k = n > 0;

	for (i = 1; i < n; i++)
		k += x[order[i]] != x[order[i - 1]];
	return k;
}

void ranks_scores(const double *x, const uint32_t *order, size_t n,
		  const double *score, double *a)
{
	size_t i, k, end;

	for (i = 0; i < n; i = end) {
		double sum = 0;

		for (end = i; end < n && x[order[end]] == x[order[i]]; end++)
			sum += score[end];
		for (k = i; k < end; k++)
			a[order[k]] = sum / (end - i);
	}
}

double ranks_autocorrelation(const double *x, size_t n)
{
	double *score = malloc((2 * n + 1) * sizeof(*score)), *a = score + n;
	uint32_t *order = malloc((n + 1) * sizeof(*order));
	double both = 0, square = 0;
	size_t i;

	if (!score || !order || ranks_order(x, n, order)) {
		square = NAN;
		goto free_all;
	}
	ranks_normal(score, n);
	ranks_scores(x, order, n, score, a);
	for (i = 0; i < n; i++) {
		square += a[i] * a[i];
		both += i ? a[i] * a[i - 1] : 0;
	}
free_all:
	free(order);
	free(score);
	return square <= RANKS_SQUARES ? 0 : both / square;
}
