// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes lib/changepoint_null.h: upper quantiles of the largest z over the
 * scan's windows of a horizon, where nothing changes. Ranks make it the same
 * for every continuous distribution.
 *
 *	changepoint_null [SIMULATIONS] >lib/changepoint_null.h
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "lib/changepoint_scan.h"
#include "lib/num.h"

#define LAST	12
#define TAILS	12

static const double tail[TAILS] = { .5, .3, .2, .1, .05, .03, .02, .01, .005,
				    .003, .002, .001 };

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Simulate up to horizon @h; keep the maxima of those from @from on. */
static void simulate(gsl_rng *rng, int from, int h, size_t n, double *z[])
{
	static double x[1 << LAST];
	struct scan s;
	size_t i, k;
	int j;

	for (i = 0; i < n; i++) {
		for (k = 0; k < (size_t)1 << h; k++)
			x[k] = gsl_rng_uniform(rng);
		if (scan_series(x, (size_t)1 << h, &s))
			exit(2);
		for (j = from; j <= h; j++)
			z[j][i] = s.z[j];
		scan_free(&s);
	}
}

static void print(double *z, size_t n)
{
	int i;

	qsort(z, n, sizeof(*z), order);
	printf("\t{");
	for (i = 0; i < TAILS; i++)
		printf("%s %.4f,", i && !(i % 8) ? "\n\t " : "",
		       z[(size_t)(n * (1 - tail[i]))]);
	printf(" },\n");
}

int main(int argc, char **argv)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double *z[LAST + 1];
	uint64_t n = 100000;
	int h;

	if (argc > 1 && num_u64(argv[1], 1000, 10000000, &n))
		return 2;
	gsl_rng_set(rng, 20260701);
	for (h = 0; h <= LAST; h++)
		z[h] = calloc(n, sizeof(**z));
	simulate(rng, HORIZON_FIRST, 8, n, z);
	simulate(rng, 9, 10, n / 4, z);
	simulate(rng, 11, 12, n / 16, z);
	printf("/* SPDX-License-Identifier: GPL-2.0-or-later */\n"
	       "/* Made by tests/eval/changepoint_null %llu. */\n.tail = {",
	       (unsigned long long)n);
	for (h = 0; h < TAILS; h++)
		printf("%s%g,", h % 6 ? " " : "\n\t", tail[h]);
	printf("\n},\n.z = {\n");
	for (h = HORIZON_FIRST; h <= LAST; h++)
		print(z[h], h <= 8 ? n : h <= 10 ? n / 4 : n / 16);
	printf("},\n");
	gsl_rng_free(rng);
	return 0;
}
