// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/rank.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "lib/stats.h"

#define EXACT_MOST	10000
#define PAIRS_MOST	4000000

/*
 * Coefficients of prod (1 - x^(nb + i)) / (1 - x^i), i = 1..na, scaled to
 * probabilities as it goes: each factor is worth (nb + i) / i ways.
 */
static double *mann_whitney(size_t na, size_t nb)
{
	size_t top = na * nb, i, u;
	double *p = calloc(top + 1, sizeof(*p));

	if (!p)
		return NULL;
	p[0] = 1;
	for (i = 1; i <= na; i++) {
		for (u = top + 1; u-- > nb + i;)
			p[u] -= p[u - nb - i];
		for (u = i; u <= top; u++)
			p[u] += p[u - i];
		for (u = 0; u <= top; u++)
			p[u] *= i / (double)(nb + i);
	}
	return p;
}

double stats_mann_whitney_cdf(size_t u, size_t na, size_t nb)
{
	double sum = 0, mean = na * (double)nb / 2, *p;
	size_t i;

	if (!na || !nb)
		return NAN;
	if (u >= na * nb)
		return 1;
	if (na * nb > EXACT_MOST)
		return gsl_cdf_ugaussian_P((u + 0.5 - mean) /
				sqrt(mean * (na + nb + 1) / 6));
	p = mann_whitney(na, nb);
	if (!p)
		return NAN;
	for (i = 0; i <= u; i++)
		sum += p[i];
	free(p);
	return fmin(1, fmax(0, sum));
}

/* Largest k with P(U <= k - 1) <= @tail; 0 if there is none. */
static size_t bound_rank(size_t na, size_t nb, double tail)
{
	double mean = na * (double)nb / 2, sum = 0, *p;
	size_t k = 0;

	if (na * nb > EXACT_MOST)
		return fmax(0, floor(mean + 0.5 + gsl_cdf_ugaussian_Pinv(tail) *
				     sqrt(mean * (na + nb + 1) / 6)));
	p = mann_whitney(na, nb);
	while (p && k < na * nb && (sum += p[k]) <= tail)
		k++;
	free(p);
	return k;
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct stats_shift stats_hodges_lehmann(const double *a, size_t na,
					const double *b, size_t nb,
					double level)
{
	struct stats_shift s = { NAN, NAN, NAN };
	size_t n = na * nb, i, k;
	double *d;

	if (!na || !nb || na > PAIRS_MOST / nb || !(level > 0 && level < 1))
		return s;
	d = malloc(n * sizeof(*d));
	for (i = 0; d && i < n; i++) {
		d[i] = b[i % nb] - a[i / nb];
		if (!isfinite(d[i]))
			break;
	}
	if (!d || i < n) {
		free(d);
		return s;
	}
	qsort(d, n, sizeof(*d), order);
	s.mid = n % 2 ? d[n / 2] : (d[n / 2 - 1] + d[n / 2]) / 2;
	k = bound_rank(na, nb, (1 - level) / 2);
	if (k) {
		s.lo = d[k - 1];
		s.hi = d[n - k];
	}
	free(d);
	return s;
}
