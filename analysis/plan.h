/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many boots, runs and samples does it take to see a change of a given
 * size, and how long? From the spread and the cost at each level, as they
 * were when something like it was measured. Pure.
 *
 * T. Kalibera and R. Jones, Rigorous benchmarking in reasonable time, ISMM
 * 2013, sections 5 and 6: S_i^2 is the variance of means at level i, T_i^2 =
 * S_i^2 - S_{i-1}^2 / r_{i-1} what the level adds of its own, and the
 * cheapest number of repetitions at a level is ceil(sqrt((c_{i+1} / c_i)
 * (T_i^2 / T_{i+1}^2))), with c the cost of one more there.
 */
#ifndef ANALYSIS_PLAN_H
#define ANALYSIS_PLAN_H

#include "analysis/compare.h"

enum plan_level { PLAN_SAMPLE, PLAN_RUN, PLAN_BOOT, NR_PLAN_LEVELS };

const char *plan_level_name(enum plan_level level);	/* "sample" ... */

/**
 * struct plan_spread - a benchmark as it was measured
 * @t2:		variance (of logs) that each level adds of its own: of a single
 *		sample, of a run, of a boot; NaN unknown, never negative
 * @cost:	seconds of one more: sample; run, without its samples; boot,
 *		without its runs, set by the caller. NaN unknown
 * @samples:	of a run, as it was
 * @sets, @boots, @runs: seen
 * @df_run, @df_boot: degrees of freedom behind @t2
 */
struct plan_spread {
	struct obs_row id;
	double t2[NR_PLAN_LEVELS];
	double cost[NR_PLAN_LEVELS];
	double samples;
	int boots;
	int runs;
	double df_run;
	double df_boot;
};

/**
 * plan_spreads() - pool spread and costs over sets
 * @set:	@nsets of them: each is one arm of one revision, whose boots
 *		differ by nothing but chance
 * @rows:	malloc'ed, sorted as a comparison's; figures on a log scale
 *		only; strings belong to the sets
 * Return: 0 or -ENOMEM.
 */
int plan_spreads(const struct obs_set *const *set, size_t nsets,
		 struct plan_spread **rows, size_t *n);

/**
 * struct plan_goal - what is to be seen
 * @effect:	as a fraction: 0.01
 * @power:	probability of seeing it
 * @alpha:	level of the test
 * @boots:	a side, at most
 */
struct plan_goal {
	double effect;
	double power;
	double alpha;
	int boots;
};

/**
 * enum plan_answer - can it be seen?
 * @PLAN_OK:		so
 * @PLAN_ONE_BOOT:	how boots differ is not known: counts are of runs on one
 *			boot a side, and nothing is said of the kernel
 * @PLAN_FAR:		not with as many boots as there may be
 * @PLAN_UNKNOWN:	too little was measured to say
 */
enum plan_answer { PLAN_OK, PLAN_ONE_BOOT, PLAN_FAR, PLAN_UNKNOWN };

const char *plan_answer_name(enum plan_answer a);

/**
 * struct plan_effort - what it takes
 * @boots:	a side; 1 for PLAN_ONE_BOOT
 * @runs:	a boot
 * @samples:	a run
 * @each:	seconds of one boot's runs
 * @seconds:	of both sides, all boots; NaN where a cost is unknown
 * @reach:	smallest change that can be seen: with @boots, or, PLAN_FAR,
 *		with as many as there may be
 * @share:	of the variance of a side's mean that each level brings, at
 *		these counts; NaN unknown
 * @mend:	the level with the largest share
 */
struct plan_effort {
	enum plan_answer answer;
	int boots;
	int runs;
	double samples;
	double each;
	double seconds;
	double reach;
	double share[NR_PLAN_LEVELS];
	enum plan_level mend;
};

/* The cheapest way to @goal for one benchmark. */
struct plan_effort plan_solve(const struct plan_spread *s,
			      const struct plan_goal *goal);

/**
 * plan_seconds() - time of one boot's runs of a benchmark
 */
double plan_seconds(const struct plan_spread *s, const struct plan_effort *e);

#endif
