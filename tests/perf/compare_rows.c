// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long compare() takes: BENCHMARKS x BOOTS x RUNS a side, each boot with
 * 120 facts, best of five. Prints milliseconds.
 *
 *	compare_rows [BENCHMARKS [BOOTS [RUNS]]]
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "analysis/compare.h"
#include "lib/num.h"
#include "tests/unit/sets.h"

#define FACTS	120

static uint64_t state = 1;

/* About normal, by a sum of uniforms: shape does not matter here. */
static double noise(void)
{
	double sum = 0;
	int i;

	for (i = 0; i < 12; i++) {
		state = state * 6364136223846793005ull + 1442695040888963407ull;
		sum += (state >> 11) * 0x1p-53;
	}
	return sum - 6;
}

static struct obs_set make(const char *name, size_t rows, size_t boots,
			   size_t runs, char (*names)[24])
{
	struct obs_set s = set_new(name);
	char key[32];
	size_t b, r, i;

	for (r = 0; r < rows; r++)
		set_row(&s, names[r]);
	for (b = 0; b < boots; b++) {
		set_boot(&s, NULL);
		for (i = 0; i < FACTS; i++) {
			snprintf(key, sizeof(key), "fact.%zu", i);
			facts_int(&s.boot[b].facts, key, FACT_ENVIRONMENT, 1,
				  i);
		}
		for (r = 0; r < rows; r++) {
			double level = 7 + 0.01 * noise();

			for (i = 0; i < runs; i++)
				set_run(&s, r, b, exp(level + 0.005 * noise()));
		}
	}
	return s;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	uint64_t size[3] = { 500, 10, 3 }, r;
	char (*names)[24];
	struct obs_set a, b;
	struct comparison c;
	double best = INFINITY, t;
	int i;

	for (i = 1; i < argc && i <= 3; i++)
		if (num_u64(argv[i], 1, 1000000, &size[i - 1])) {
			fprintf(stderr, "compare_rows: a number, 1 to 1000000, "
				"is needed: %s\n", argv[i]);
			return 2;
		}
	names = calloc(size[0], sizeof(*names));
	if (!names)
		return 2;
	for (r = 0; r < size[0]; r++)
		snprintf(names[r], sizeof(names[r]), "b%06u", (unsigned int)r);
	a = make("v1", size[0], size[1], size[2], names);
	b = make("v2", size[0], size[1], size[2], names);
	for (i = 0; i < 5; i++) {
		t = seconds();
		if (compare(&a, &b, NULL, &c))
			return 2;
		best = fmin(best, seconds() - t);
		comparison_free(&c);
	}
	printf("compare: %zu runs in %zu rows: %.2f ms\n", a.n + b.n, a.nrows,
	       1000 * best);
	set_free(&a);
	set_free(&b);
	free(names);
	return 0;
}
