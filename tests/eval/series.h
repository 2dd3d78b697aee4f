/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Series with known changes, and the score of an answer. Sizes of steps are in
 * standard deviations of the noise; those of spikes and of two modes in that
 * of the noise without them.
 */
#ifndef TESTS_EVAL_SERIES_H
#define TESTS_EVAL_SERIES_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#define SERIES_MOST	400
#define STEPS_MOST	5
#define APART		10
#define MARGIN		3

enum noise_kind {
	NOISE_NORMAL, NOISE_T3, NOISE_SPIKES, NOISE_AR3, NOISE_BIMODAL,
	NR_CORPUS_NOISES,
	NOISE_AR6 = NR_CORPUS_NOISES,
	NOISE_BERNOULLI,
	NOISE_POISSON,
	NR_NOISES,
};

static const char *const noise_names[NR_NOISES] = {
	"normal", "t3", "spikes", "AR .3", "bimodal", "AR .6",
	"Bernoulli .02", "Poisson .05",
};

/*
 * t3 has unit variance; a spike of 8 stands on every twentieth value; the two
 * modes are 5 apart, equally likely, each of sd .3.
 */
static inline void make_noise(gsl_rng *rng, enum noise_kind kind, double *x,
			      size_t n)
{
	double rho = kind == NOISE_AR6 ? 0.6 : 0.3;
	double last = gsl_ran_ugaussian(rng);
	size_t i;

	for (i = 0; i < n; i++) {
		double z = gsl_ran_ugaussian(rng);

		switch (kind) {
		case NOISE_T3:
			x[i] = gsl_ran_tdist(rng, 3) / sqrt(3);
			break;
		case NOISE_SPIKES:
			x[i] = z + (gsl_rng_uniform(rng) < 0.05 ? 8 : 0);
			break;
		case NOISE_AR3:
		case NOISE_AR6:
			x[i] = last = rho * last + sqrt(1 - rho * rho) * z;
			break;
		case NOISE_BIMODAL:
			x[i] = 0.3 * z + (gsl_rng_uniform(rng) < 0.5 ? 5 : 0);
			break;
		case NOISE_BERNOULLI:
			x[i] = gsl_rng_uniform(rng) < 0.02;
			break;
		case NOISE_POISSON:
			x[i] = gsl_ran_poisson(rng, 0.05);
			break;
		default:
			x[i] = z;
		}
	}
}

/* 60..400 values with 0..5 steps at least 10 apart; returns how many. */
static inline size_t make_steps(gsl_rng *rng, enum noise_kind kind, double *x,
				size_t *n, size_t *at)
{
	static const double size[] = { 1, 1.5, 2, 3, 5 };
	size_t k = gsl_rng_uniform_int(rng, STEPS_MOST + 1), i, t, tries;

	*n = 60 + gsl_rng_uniform_int(rng, SERIES_MOST - 60 + 1);
	make_noise(rng, kind, x, *n);
	for (i = tries = 0; i < k; tries++) {
		t = APART + gsl_rng_uniform_int(rng, *n - 2 * APART + 1);
		/* In order, the whole set anew where two are too close. */
		for (at[i] = t, t = 0; t < i; t++)
			if (labs((long)at[t] - (long)at[i]) < APART)
				break;
		i = t < i ? 0 : i + 1;
	}
	for (i = 0; i < k; i++) {
		double step = size[gsl_rng_uniform_int(rng, 5)] *
			(gsl_rng_uniform(rng) < 0.5 ? -1 : 1);

		for (t = at[i]; t < *n; t++)
			x[t] += step;
	}
	return k;
}

struct score {
	long hit;
	long extra;
	long missed;
};

/* Each true change takes the nearest answer within the margin, once. */
static inline void score_answer(struct score *s, const size_t *at, size_t k,
				const size_t *found, size_t n)
{
	char *used = calloc(n + 1, 1);
	size_t i, j;
	long hit = 0;

	for (i = 0; i < k; i++) {
		size_t best = n;
		long near = MARGIN + 1, d;

		for (j = 0; j < n; j++) {
			d = labs((long)found[j] - (long)at[i]);
			if (!used[j] && d < near) {
				near = d;
				best = j;
			}
		}
		if (best < n) {
			used[best] = 1;
			hit++;
		}
	}
	s->hit += hit;
	s->extra += n - hit;
	s->missed += k - hit;
	free(used);
}

static inline double score_f1(const struct score *s)
{
	return 2.0 * s->hit / (2.0 * s->hit + s->extra + s->missed);
}

#endif
