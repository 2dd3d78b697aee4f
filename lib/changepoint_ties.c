// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/changepoint_ties.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_statistics_double.h>

#define MOST		400
#define LEAST		60
#define VALUES		400000		/* permuted altogether, about */
#define REACHED		12		/* then it is clear */
#define COUNTED		5		/* below that many, a fit */

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static size_t permutations(size_t n)
{
	size_t want = VALUES / n;

	return want > MOST ? MOST : want < LEAST ? LEAST : want;
}

/* Is the horizon that stands out most reached often enough to stop? */
static bool clear(const struct ties *t, const struct scan *s, size_t done)
{
	int last = scan_horizon(s->n), h;
	size_t i, reached;

	for (h = HORIZON_FIRST; h <= last; h++) {
		for (i = reached = 0; i < done; i++)
			reached += t->z[h][i] >= s->z[h];
		if (reached < REACHED)
			return false;
	}
	return true;
}

static int permute(double *x, const struct scan *s, gsl_rng *rng, size_t most,
		   struct ties *out)
{
	int last = scan_horizon(s->n), h, err;
	struct scan one;

	for (out->n = 0; out->n < most; out->n++) {
		gsl_ran_shuffle(rng, x, s->n, sizeof(*x));
		err = scan_series(x, s->n, &one);
		if (err)
			return err;
		for (h = HORIZON_FIRST; h <= last; h++)
			out->z[h][out->n] = one.z[h];
		scan_free(&one);
		if (out->n >= 2 * REACHED && !(out->n % REACHED) &&
		    clear(out, s, out->n + 1)) {
			out->n++;
			break;
		}
	}
	for (h = HORIZON_FIRST; h <= last; h++)
		qsort(out->z[h], out->n, sizeof(double), order);
	return 0;
}

int ties_permute(const double *x, const struct scan *s, uint64_t seed,
		 struct ties *out)
{
	size_t most = permutations(s->n);
	int last = scan_horizon(s->n), h, err = -ENOMEM;
	gsl_rng *rng;
	double *copy;

	memset(out, 0, sizeof(*out));
	/* A tie now and then changes no tail that could be seen. */
	if (10 * s->distinct >= 9 * s->n)
		return 0;
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	copy = malloc(s->n * sizeof(*copy));
	for (h = HORIZON_FIRST; h <= last; h++) {
		out->z[h] = calloc(most, sizeof(**out->z));
		if (!out->z[h])
			goto free_copy;
	}
	if (!rng || !copy)
		goto free_copy;
	gsl_rng_set(rng, seed);
	memcpy(copy, x, s->n * sizeof(*copy));
	err = permute(copy, s, rng, most, out);
free_copy:
	free(copy);
	if (rng)
		gsl_rng_free(rng);
	if (err)
		ties_free(out);
	return err;
}

void ties_free(struct ties *t)
{
	int h;

	for (h = HORIZON_FIRST; h <= HORIZON_LAST; h++)
		free(t->z[h]);
	memset(t, 0, sizeof(*t));
}

/*
 * A Gumbel distribution of z^2 by its moments: the largest of many squares of
 * about normal variables has that (S. Coles, An Introduction to Statistical
 * Modeling of Extreme Values (2001) section 3.1).
 */
static double fitted(const double *z, size_t n, double at)
{
	double sum = 0, square = 0, sd, b;
	size_t i;

	for (i = 0; i < n; i++) {
		sum += z[i] * z[i];
		square += pow(z[i], 4);
	}
	sum /= n;
	sd = sqrt(fmax(0, square / n - sum * sum) * n / (n - 1.0));
	b = sd * sqrt(6) / M_PI;
	if (!(b > 0))
		return 0;
	return -expm1(-exp(-(at * at - sum) / b - M_EULER));
}

double ties_tail(const struct ties *t, int horizon, double z)
{
	const double *v = t->z[horizon];
	size_t lo = 0, hi = t->n, mid;
	double counted;

	if (!t->n)
		return scan_tail(horizon, z);
	/* Rounding may set equal figures apart. */
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (v[mid] >= z * (1 - 1e-9))
			hi = mid;
		else
			lo = mid + 1;
	}
	counted = (t->n - lo + 1.0) / (t->n + 1.0);
	if (t->n - lo >= COUNTED)
		return counted;
	return fmin(counted, fmax(1e-12, fitted(v, t->n, z)));
}

double ties_quantile(const struct ties *t, int horizon, double p)
{
	double lo = 0, hi = 40, mid;

	if (t->n)
		return t->z[horizon][(size_t)((t->n - 1) * (1 - p))];
	while (hi - lo > 1e-3) {
		mid = (lo + hi) / 2;
		if (scan_tail(horizon, mid) > p)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}
