/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Families of benchmarks out of a generator, for proofs of what compare()
 * claims. Logs of figures are level + sd x (factor of the boot, shared by all
 * benchmarks + offset of the boot + mean noise of its runs), the variances
 * adding up to one; "bimodal" puts each boot of each benchmark in one of two
 * modes MODE_GAP standard deviations apart on top.
 */
#ifndef TESTS_EVAL_FAMILIES_H
#define TESTS_EVAL_FAMILIES_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compare.h"

enum noise { NOISE_NORMAL, NOISE_T3, NOISE_SPIKES, NOISE_AR3, NOISE_AR6,
	     NOISE_BIMODAL, NR_NOISES };

static const char *const noise_names[NR_NOISES] = {
	"normal", "t3", "spikes", "AR .3", "AR .6", "bimodal",
};

#define FAMILY_MOST	500	/* benchmarks */
#define BOOTS_MOST	20
#define RUNS		3
#define SD		0.01	/* of a boot */
#define SD_SPREAD	0.5	/* of its log, where they are unequal */
#define SHARED		0.49	/* of a boot's variance 0.24, 0.64, 0.12: */
#define OFFSET		0.80
#define RUN_SD		0.60
#define MODE_GAP	5.6	/* seven times the offset's */

/**
 * struct family - two sides of one comparison, to be filled again and again
 * @sd:	 of each benchmark
 * @effect: true log ratio of each
 */
struct family {
	gsl_rng *rng;
	size_t benchmarks;
	size_t boots;
	enum noise noise;
	bool unequal;
	struct obs_set side[2];
	double sd[FAMILY_MOST];
	double effect[FAMILY_MOST];
};

static inline double run_noise(const struct family *f, double *last, bool first)
{
	double e = gsl_ran_gaussian_ziggurat(f->rng, 1), rho;

	switch (f->noise) {
	case NOISE_T3:
		return gsl_ran_tdist(f->rng, 3) / sqrt(3);
	case NOISE_SPIKES:
		return e + (gsl_rng_uniform(f->rng) < 0.05 ? 6 : 0);
	case NOISE_AR3:
	case NOISE_AR6:
		rho = f->noise == NOISE_AR3 ? 0.3 : 0.6;
		*last = first ? e : rho * *last + sqrt(1 - rho * rho) * e;
		return *last;
	default:
		return e;
	}
}

static inline void family_init(struct family *f, gsl_rng *rng,
			       size_t benchmarks, size_t boots)
{
	static char names[FAMILY_MOST][32];
	static const char *const side[] = { "base", "new" };
	size_t i, s;

	memset(f, 0, sizeof(*f));
	f->rng = rng;
	f->benchmarks = benchmarks;
	f->boots = boots;
	for (s = 0; s < 2; s++) {
		struct obs_set *set = &f->side[s];

		*set = (struct obs_set){ .name = side[s], .series = "s",
					 .revision = side[s], .arm = "",
					 .commit = "", .tree = "" };
		set->nrows = benchmarks;
		set->nboots = boots;
		set->n = benchmarks * boots * RUNS;
		set->row = calloc(set->nrows, sizeof(*set->row));
		set->boot = calloc(boots, sizeof(*set->boot));
		set->v = calloc(set->n, sizeof(*set->v));
		for (i = 0; i < boots; i++)
			set->boot[i] = (struct obs_boot){
				.uuid = "", .host = "lab1", .release = "",
				.build_id = "", .evidence = "" };
		for (i = 0; i < benchmarks; i++) {
			snprintf(names[i], sizeof(names[i]), "b%03zu", i);
			set->row[i] = (struct obs_row){
				.benchmark = names[i], .params = "{}",
				.place = "user", .profile = "",
				.host = "lab1", .metric = {
					.name = "latency", .unit = "ns",
					.primary = 1 } };
		}
	}
}

static inline void family_free(struct family *f)
{
	int s;

	for (s = 0; s < 2; s++) {
		free(f->side[s].row);
		free(f->side[s].boot);
		free(f->side[s].v);
	}
}

static inline void fill_boot(struct family *f, int s, size_t b, double shared)
{
	struct obs_set *set = &f->side[s];
	size_t g, i;

	for (g = 0; g < f->benchmarks; g++) {
		double level = shared + OFFSET *
			gsl_ran_gaussian_ziggurat(f->rng, 1), last = 0;

		if (f->noise == NOISE_BIMODAL && gsl_rng_uniform(f->rng) < 0.5)
			level += MODE_GAP;
		for (i = 0; i < RUNS; i++) {
			struct obs *o = &set->v[(b * f->benchmarks + g) * RUNS +
						i];
			double x = level + RUN_SD * run_noise(f, &last, !i);

			*o = (struct obs){ .boot = b, .row = g, .n = 1000,
				.value = exp(7 + f->sd[g] * x +
					     (s ? f->effect[g] : 0)),
				.order = o - set->v };
		}
	}
}

/* New figures; the first @changed benchmarks differ by @effect. */
static inline void family_fill(struct family *f, size_t changed, double effect)
{
	size_t b, g;
	int s;

	for (g = 0; g < f->benchmarks; g++) {
		f->sd[g] = SD * (f->unequal ? exp(gsl_ran_gaussian_ziggurat(
			f->rng, SD_SPREAD)) : 1);
		f->effect[g] = g < changed ? effect : 0;
	}
	for (s = 0; s < 2; s++)
		for (b = 0; b < f->boots; b++)
			fill_boot(f, s, b, gsl_ran_gaussian_ziggurat(f->rng,
								     SHARED));
}

/* What @df degrees of freedom of history would say; @past holds a row each. */
static inline void family_past(const struct family *f, double df,
			       struct compare_past *past)
{
	size_t g;

	for (g = 0; g < f->benchmarks; g++)
		past[g] = (struct compare_past){
			.id = f->side[0].row[g], .df = df,
			.s2 = f->sd[g] * f->sd[g] *
				gsl_ran_chisq(f->rng, df) / df };
}

#endif
