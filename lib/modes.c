// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/modes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATIO_SURE	4

static const struct quantiles {
	double n, likely, sure;
} table[] = {
	{ 4, 30.0, 152.6 }, { 5, 18.6, 56.1 }, { 6, 12.8, 29.6 },
	{ 7, 9.87, 19.2 }, { 8, 8.17, 14.5 }, { 9, 7.07, 11.8 },
	{ 10, 6.30, 9.93 }, { 12, 5.35, 7.82 }, { 15, 4.50, 6.16 },
	{ 20, 3.78, 4.90 }, { 25, 3.43, 4.27 }, { 30, 3.17, 3.87 },
	{ 40, 2.87, 3.40 }, { 60, 2.57, 2.93 }, { 100, 2.32, 2.60 },
	{ 200, 2.12, 2.28 },
};

#define NTABLE	(sizeof(table) / sizeof(*table))

/* Straight in 1/n, which is how the quantiles go. */
static struct quantiles quantiles(double n)
{
	struct quantiles q = table[NTABLE - 1];
	double share;
	size_t i;

	for (i = 1; i < NTABLE && n < q.n; i++) {
		const struct quantiles *a = &table[i - 1], *b = &table[i];

		if (n > b->n)
			continue;
		share = (1 / n - 1 / a->n) / (1 / b->n - 1 / a->n);
		q.likely = a->likely + share * (b->likely - a->likely);
		q.sure = a->sure + share * (b->sure - a->sure);
		break;
	}
	return q;
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of sorted values. */
static void best_split(struct stats_modes *m, const double *v, size_t n)
{
	size_t least = n / 10 > 2 ? n / 10 : 2, k;
	double mean = 0, total = 0, sum = 0, most = 0, between;

	for (k = 0; k < n; k++)
		mean += v[k] / n;
	for (k = 0; k < n; k++)
		total += (v[k] - mean) * (v[k] - mean);
	for (k = 1; k + least <= n; k++) {
		sum += v[k - 1] - mean;
		between = sum * sum * n / (k * (double)(n - k));
		if (k < least || !(between > most))
			continue;
		most = between;
		m->lower = k;
		m->split = (v[k - 1] + v[k]) / 2;
		m->low = mean + sum / k;
		m->high = mean - sum / (n - k);
	}
	if (most > 0)
		m->ratio = most / fmax(total - most, total * 1e-15);
}

struct stats_modes stats_modes(const double *x, size_t n)
{
	struct stats_modes m = { .ratio = NAN, .split = NAN, .low = NAN,
				 .high = NAN };
	struct quantiles q = quantiles(n);
	double *v;
	size_t i;

	for (i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return m;
	v = n >= 4 ? malloc(n * sizeof(*v)) : NULL;
	if (!v)
		return m;
	memcpy(v, x, n * sizeof(*v));
	qsort(v, n, sizeof(*v), order);
	best_split(&m, v, n);
	free(v);
	m.likely = m.ratio > q.likely;
	m.sure = m.ratio > fmax(q.sure, RATIO_SURE);
	return m;
}
