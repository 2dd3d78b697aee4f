// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/plan.h"

#include <math.h>

#include "lib/stats.h"

#define RUNS_MOST	50	/* a boot */
#define RUNS_ALONE	1000	/* on one boot a side */
#define RUNS_LEAST	5	/* the same: compare() wants as many */
#define BOOTS_LEAST	2

/* As a run of the tool can be short and long. */
#define SAMPLES_LEAST	0.2	/* of what was */
#define SAMPLES_MOST	5

const char *plan_level_name(enum plan_level level)
{
	static const char *const names[] = { "sample", "run", "boot" };

	return level < NR_PLAN_LEVELS ? names[level] : "?";
}

const char *plan_answer_name(enum plan_answer a)
{
	static const char *const names[] = {
		"ok", "one boot", "out of reach", "unknown",
	};

	return a <= PLAN_UNKNOWN ? names[a] : "?";
}

/* What is not known, or is nothing, is as if the level above cost all. */
static double cheapest(double cost, double cost_above, double t2,
		       double t2_above, double least, double most)
{
	double n;

	if (!(cost > 0) || !(cost_above >= 0) || !(t2 >= 0))
		return NAN;
	if (!(t2_above > 0))
		return t2 > 0 ? most : least;
	n = ceil(sqrt(cost_above / cost * (t2 / t2_above)) - 1e-9);
	return fmin(fmax(n, least), most);
}

static void choose_counts(const struct plan_spread *s, struct plan_effort *e)
{
	double n = cheapest(s->cost[PLAN_SAMPLE], s->cost[PLAN_RUN],
			    s->t2[PLAN_SAMPLE], s->t2[PLAN_RUN],
			    ceil(s->samples * SAMPLES_LEAST),
			    ceil(s->samples * SAMPLES_MOST));
	double run;

	e->samples = isnan(n) ? s->samples : n;
	/* A run comes with its samples, in cost and in variance. */
	run = s->cost[PLAN_RUN];
	if (s->cost[PLAN_SAMPLE] > 0)
		run += e->samples * s->cost[PLAN_SAMPLE];
	n = cheapest(run, s->cost[PLAN_BOOT], s->t2[PLAN_RUN] +
		     s->t2[PLAN_SAMPLE] / e->samples, s->t2[PLAN_BOOT], 1,
		     RUNS_MOST);
	e->runs = isnan(n) ? 1 : n;
}

/* Variance of a boot's mean, level by level. */
static double boot_variance(const struct plan_spread *s,
			    const struct plan_effort *e,
			    double part[NR_PLAN_LEVELS])
{
	part[PLAN_BOOT] = s->t2[PLAN_BOOT];
	part[PLAN_RUN] = s->t2[PLAN_RUN] / e->runs;
	part[PLAN_SAMPLE] = s->t2[PLAN_SAMPLE] / (e->runs * e->samples);
	return part[PLAN_BOOT] + part[PLAN_RUN] + part[PLAN_SAMPLE];
}

/*
 * What Welch's test has of degrees of freedom when both variances are equal,
 * but have to be estimated: (n - 1) / E(x^2 + (1 - x)^2), x = s_a^2 / (s_a^2 +
 * s_b^2), which is Beta((n - 1) / 2, (n - 1) / 2). With 2 (n - 1) the power at
 * three boots a side is 76 % where 80 % were promised.
 */
static double welch_df(int n)
{
	return 2.0 * (n - 1) * n / (n + 1.0);
}

static double power_of(double var, int n, const struct plan_goal *g)
{
	return stats_power(log1p(g->effect), sqrt(2 * var / n), welch_df(n),
			   g->alpha);
}

/* Units a side that see the effect, or 0 if @most do not. */
static int units_for(double var, int least, int most,
		     const struct plan_goal *g)
{
	int lo = least - 1, hi = most, mid;

	if (!(var > 0))
		return least;
	if (most < least || !(power_of(var, most, g) >= g->power))
		return 0;
	while (hi - lo > 1) {
		mid = (lo + hi) / 2;
		if (power_of(var, mid, g) >= g->power)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

static double reach_of(double var, int n, const struct plan_goal *g)
{
	return expm1(stats_mde(sqrt(2 * var / n), welch_df(n), g->alpha,
			       g->power));
}

static void set_shares(struct plan_effort *e,
		       const double part[NR_PLAN_LEVELS], double var)
{
	int i;

	for (i = 0; i < NR_PLAN_LEVELS; i++) {
		e->share[i] = var > 0 ? part[i] / var : NAN;
		if (e->share[i] > e->share[e->mend] ||
		    isnan(e->share[e->mend]))
			e->mend = i;
	}
}

double plan_seconds(const struct plan_spread *s, const struct plan_effort *e)
{
	double run = s->cost[PLAN_RUN];

	if (s->cost[PLAN_SAMPLE] > 0)
		run += e->samples * s->cost[PLAN_SAMPLE];
	return e->runs * run;
}

/* Runs are the units; how boots differ nobody knows. */
static void solve_one_boot(const struct plan_spread *s,
			   const struct plan_goal *g, struct plan_effort *e)
{
	double part[NR_PLAN_LEVELS] = { 0 }, var;
	int n;

	e->answer = PLAN_ONE_BOOT;
	part[PLAN_RUN] = s->t2[PLAN_RUN];
	part[PLAN_SAMPLE] = s->t2[PLAN_SAMPLE] / e->samples;
	var = part[PLAN_RUN] + part[PLAN_SAMPLE];
	set_shares(e, part, var);
	e->share[PLAN_BOOT] = NAN;
	n = units_for(var, RUNS_LEAST, RUNS_ALONE, g);
	if (!n)
		e->answer = PLAN_FAR;
	e->boots = 1;
	e->runs = n ? n : RUNS_ALONE;
	e->reach = reach_of(var, e->runs, g);
	e->each = plan_seconds(s, e);
	e->seconds = 2 * e->each;
}

struct plan_effort plan_solve(const struct plan_spread *s,
			      const struct plan_goal *goal)
{
	struct plan_effort e = { .answer = PLAN_UNKNOWN, .each = NAN,
				 .seconds = NAN, .reach = NAN,
				 .share = { NAN, NAN, NAN } };
	double part[NR_PLAN_LEVELS], var;
	int n;

	if (!(s->t2[PLAN_RUN] >= 0) || !(s->t2[PLAN_SAMPLE] >= 0) ||
	    !(s->samples > 0))
		return e;
	choose_counts(s, &e);
	if (isnan(s->t2[PLAN_BOOT])) {
		solve_one_boot(s, goal, &e);
		return e;
	}
	var = boot_variance(s, &e, part);
	set_shares(&e, part, var);
	n = units_for(var, BOOTS_LEAST, goal->boots, goal);
	e.answer = n ? PLAN_OK : PLAN_FAR;
	e.boots = n ? n : goal->boots;
	e.reach = reach_of(var, e.boots, goal);
	e.each = plan_seconds(s, &e);
	e.seconds = 2 * e.boots * (s->cost[PLAN_BOOT] + e.each);
	return e;
}
