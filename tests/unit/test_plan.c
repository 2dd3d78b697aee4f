// SPDX-License-Identifier: GPL-2.0-or-later
/* Planning: against numbers worked by hand, and does the plan keep its word? */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdio.h>

#include "analysis/plan.h"
#include "analysis/report/plan.h"
#include "lib/stats.h"
#include "tests/unit/pair.h"

static const struct plan_goal one_percent = { 0.01, 0.80, 0.05, 1000 };

/* The optimum comes out in round numbers. */
static struct plan_spread round_numbers(void)
{
	return (struct plan_spread) {
		.t2 = { 4e-4, 1e-6, 2e-6 }, .cost = { 0.0001, 0.04, 8 },
		.samples = 800, .boots = 6, .runs = 24, .df_run = 18,
		.df_boot = 5,
	};
}

static void test_optimum(void **state)
{
	struct plan_spread s = round_numbers();
	struct plan_effort e = plan_solve(&s, &one_percent);

	assert_int_equal(e.answer, PLAN_OK);
	/* sqrt(.04 / .0001 x 4e-4 / 1e-6) = 400 */
	near(e.samples, 400, 0);
	/* A run: .04 + 400 x .0001 = .08 s, 1e-6 + 4e-4 / 400 = 2e-6:
	 * sqrt(8 / .08 x 2e-6 / 2e-6) = 10. */
	assert_int_equal(e.runs, 10);
	near(e.each, 0.8, 1e-12);
	near(e.seconds, 2 * e.boots * 8.8, 1e-9);
	near(e.share[PLAN_BOOT], 2 / 2.2, 1e-12);
	near(e.share[PLAN_RUN], 0.1 / 2.2, 1e-12);
	near(e.share[PLAN_SAMPLE], 0.1 / 2.2, 1e-12);
	assert_int_equal(e.mend, PLAN_BOOT);
	/* Beyond what a run can be, it is that. */
	s.t2[PLAN_SAMPLE] = 4e-8;
	near(plan_solve(&s, &one_percent).samples, 160, 0);
	s.t2[PLAN_SAMPLE] = 4;
	near(plan_solve(&s, &one_percent).samples, 4000, 0);
	/* Boots that do not differ: as many runs as one boot may have. */
	s = round_numbers();
	s.t2[PLAN_BOOT] = 0;
	assert_int_equal(plan_solve(&s, &one_percent).runs, 50);
	/* Where no time of a sample is known, they stay as they were. */
	s.cost[PLAN_SAMPLE] = NAN;
	near(plan_solve(&s, &one_percent).samples, 800, 0);
}

/*
 * Smallest effects that are seen with 80 %, in standard deviations of a boot,
 * as tables of the t test have them: 3.07 for 3 a side, 2.02 for 5, 1.32 for
 * 10, .91 for 20; at .0005, 4.35 for 5. Those are Student's: Welch's test may
 * want a boot more.
 */
static void test_boots(void **state)
{
	static const struct { double sds, alpha; int n; } cases[] = {
		{ 3.08, 0.05, 3 }, { 2.03, 0.05, 5 }, { 2.00, 0.05, 6 },
		{ 1.33, 0.05, 10 }, { 1.31, 0.05, 11 }, { 0.912, 0.05, 20 },
		{ 4.37, 0.0005, 5 }, { 4.30, 0.0005, 6 },
	};
	struct plan_spread s = round_numbers();
	struct plan_goal g = one_percent;
	struct plan_effort e;
	size_t i;

	s.t2[PLAN_SAMPLE] = s.t2[PLAN_RUN] = 0;
	s.t2[PLAN_BOOT] = 1e-4;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		g.effect = expm1(cases[i].sds * 0.01);
		g.alpha = cases[i].alpha;
		e = plan_solve(&s, &g);
		if (e.boots < cases[i].n || e.boots > cases[i].n + 1)
			fail_msg("%g sd at %g: %d boots, not %d",
				 cases[i].sds, cases[i].alpha, e.boots,
				 cases[i].n);
		assert_true(e.reach <= g.effect);
		g.boots = e.boots - 1;
		e = plan_solve(&s, &g);
		assert_int_equal(e.answer, PLAN_FAR);
		assert_true(e.reach > g.effect);
		g.boots = one_percent.boots;
	}
}

static void test_far(void **state)
{
	struct plan_spread s = round_numbers();
	struct plan_goal g = { 0.001, 0.80, 0.05, 10 };
	struct plan_effort e = plan_solve(&s, &g);

	assert_int_equal(e.answer, PLAN_FAR);
	assert_int_equal(e.boots, 10);
	/* 1.32 sd of a boot's mean. */
	near(e.reach, 1.33 * sqrt(2.2e-6), 2e-5);
	assert_int_equal(e.mend, PLAN_BOOT);
	s.t2[PLAN_RUN] = 1e-3;
	s.t2[PLAN_BOOT] = 1e-9;
	assert_int_equal(plan_solve(&s, &g).mend, PLAN_RUN);
	/* Not one pair of boots. */
	g.boots = 1;
	e = plan_solve(&s, &g);
	assert_int_equal(e.answer, PLAN_FAR);
	assert_true(isnan(e.reach));
}

static void test_unknown(void **state)
{
	struct plan_spread s = round_numbers();
	struct plan_effort e;

	/* One boot: of runs alone can be said something. */
	s.t2[PLAN_BOOT] = NAN;
	s.t2[PLAN_SAMPLE] = 0;
	s.t2[PLAN_RUN] = 1e-4;
	s.cost[PLAN_SAMPLE] = NAN;
	e = plan_solve(&s, &one_percent);
	assert_int_equal(e.answer, PLAN_ONE_BOOT);
	assert_int_equal(e.boots, 1);
	/* 16 a side see one standard deviation, as every table has it. */
	assert_in_range(e.runs, 16, 18);
	near(e.seconds, 2 * e.runs * 0.04, 1e-12);
	assert_true(isnan(e.share[PLAN_BOOT]));
	s.t2[PLAN_RUN] = NAN;
	e = plan_solve(&s, &one_percent);
	assert_int_equal(e.answer, PLAN_UNKNOWN);
	assert_true(isnan(e.seconds) && isnan(e.reach));
	s = round_numbers();
	s.samples = 0;
	assert_int_equal(plan_solve(&s, &one_percent).answer, PLAN_UNKNOWN);
	/* No spread at all: two boots are enough. */
	s = round_numbers();
	memset(s.t2, 0, sizeof(s.t2));
	assert_int_equal(plan_solve(&s, &one_percent).boots, 2);
}

/* ---- from figures ---- */

#define SD_SAMPLE	0.02
#define SD_RUN		0.003
#define SD_BOOT		0.004
#define SAMPLES		100

/* @boots boots of @runs runs, drawn; ticks of a nanosecond. */
static struct obs_set drawn_set(gsl_rng *rng, int boots, int runs)
{
	struct obs_set s = set_new("v2");
	int b, r, boot;

	set_row(&s, "vmexit.cpuid");
	s.row[0].metric.unit = "tsc";
	for (b = 0; b < boots; b++) {
		double level = gsl_ran_gaussian(rng, SD_BOOT);

		boot = set_boot(&s, NULL);
		facts_int(&s.boot[boot].facts, "tsc.khz", FACT_ENVIRONMENT, 1,
			  1000000);
		for (r = 0; r < runs; r++) {
			double se = SD_SAMPLE / sqrt(SAMPLES);
			struct obs *o = set_run(&s, 0, boot, 1e5 * exp(level +
				gsl_ran_gaussian(rng, hypot(SD_RUN, se))));

			o->n = SAMPLES;
			o->batch = 10;
			o->lo = o->value * (1 - 1.96 * se);
			o->hi = o->value * (1 + 1.96 * se);
			o->seconds = 0.15;
		}
	}
	return s;
}

static void test_spreads(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	const struct obs_set *set[2];
	struct plan_spread *rows;
	struct obs_set s[2];
	size_t n;
	int i;

	gsl_rng_set(rng, 3);
	for (i = 0; i < 2; i++) {
		s[i] = drawn_set(rng, 200, 3 + i);
		set[i] = &s[i];
	}
	assert_int_equal(plan_spreads(set, 2, &rows, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rows->boots, 400);
	assert_int_equal(rows->runs, 1400);
	near(rows->df_boot, 398, 0);
	near(rows->df_run, 1000, 0);
	near(rows->samples, SAMPLES, 0);
	near(sqrt(rows->t2[PLAN_SAMPLE]), SD_SAMPLE, 1e-4);
	near(sqrt(rows->t2[PLAN_RUN]), SD_RUN, 0.05 * SD_RUN);
	near(sqrt(rows->t2[PLAN_BOOT]), SD_BOOT, 0.06 * SD_BOOT);
	/* Ten operations of 100 us, and the loop twice. */
	near(rows->cost[PLAN_SAMPLE], 1.008e-3, 1e-5);
	near(rows->cost[PLAN_RUN], 0.15 - SAMPLES * 1.008e-3, 1e-3);
	free(rows);
	/* One boot a set: between boots nothing is known. */
	set_free(&s[0]);
	set_free(&s[1]);
	s[0] = drawn_set(rng, 1, 10);
	assert_int_equal(plan_spreads(set, 1, &rows, &n), 0);
	assert_true(isnan(rows->t2[PLAN_BOOT]) && rows->t2[PLAN_RUN] >= 0);
	free(rows);
	/* What an interpreter runs is no figure to plan by. */
	s[0].v[0].status = RUN_INTERPRETED;
	assert_int_equal(plan_spreads(set, 1, &rows, &n), 0);
	assert_int_equal(n, 0);
	free(rows);
	assert_int_equal(plan_spreads(set, 0, &rows, &n), 0);
	assert_int_equal(n, 0);
	free(rows);
	set_free(&s[0]);
	gsl_rng_free(rng);
}

/* ---- does it keep its word? ---- */

#define REPEAT	2000

/* One experiment as planned: is the effect found, in its direction? */
static bool found(gsl_rng *rng, const struct plan_spread *s,
		  const struct plan_effort *e, double effect)
{
	double v[2][64];
	struct stats_welch w;
	int side, b, r;

	for (side = 0; side < 2; side++) {
		for (b = 0; b < e->boots; b++) {
			v[side][b] = side * log1p(effect) +
				gsl_ran_gaussian(rng, sqrt(s->t2[PLAN_BOOT]));
			for (r = 0; r < e->runs; r++)
				v[side][b] += gsl_ran_gaussian(rng,
					sqrt(s->t2[PLAN_RUN] +
					     s->t2[PLAN_SAMPLE] / e->samples)) /
					e->runs;
		}
	}
	w = stats_welch(stats_mean(v[0], e->boots), stats_var(v[0], e->boots),
			e->boots, stats_mean(v[1], e->boots),
			stats_var(v[1], e->boots), e->boots);
	return w.p <= 0.05 && w.diff > 0;
}

static void test_word(void **state)
{
	static const double effect[] = { 0.002, 0.003, 0.005 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct plan_spread s = round_numbers();
	struct plan_goal g = one_percent;
	struct plan_effort e;
	size_t k;
	int i, hits;

	gsl_rng_set(rng, 4);
	for (k = 0; k < sizeof(effect) / sizeof(*effect); k++) {
		g.effect = effect[k];
		e = plan_solve(&s, &g);
		assert_int_equal(e.answer, PLAN_OK);
		assert_in_range(e.boots, 2, 64);
		for (i = 0, hits = 0; i < REPEAT; i++)
			hits += found(rng, &s, &e, effect[k]);
		/* Three standard errors; Welch's df cost a little. */
		if (hits < 0.765 * REPEAT)
			fail_msg("%g with %d boots: found in %d of %d",
				 effect[k], e.boots, hits, REPEAT);
		/* One boot less would not have done. */
		e.boots--;
		for (i = 0, hits = 0; e.boots > 3 && i < REPEAT; i++)
			hits += found(rng, &s, &e, effect[k]);
		assert_true(hits < 0.83 * REPEAT);
	}
	gsl_rng_free(rng);
}

static void test_duration(void **state)
{
	static const struct { double s; const char *text; } cases[] = {
		{ 0.2, "1 s" }, { 99, "99 s" }, { 100, "2 min" },
		{ 3600, "60 min" }, { 7260, "2 h 1 min" },
		{ 3 * 86400, "3.0 days" }, { NAN, "-" },
	};
	char buf[32];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(fmt_duration(buf, sizeof(buf),
						 cases[i].s), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_optimum),
		cmocka_unit_test(test_boots),
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_spreads),
		cmocka_unit_test(test_word),
		cmocka_unit_test(test_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
