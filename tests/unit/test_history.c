// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "analysis/history.h"
#include "lib/stats.h"

#define N	80
#define Q	0.05

static struct history_point point[N];
static struct history_series series = { NATURE_REPLICATED, SCALE_LOG, point,
					N };
static gsl_rng *rng;

static int setup(void **state)
{
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, 3);
	return 0;
}

static int teardown(void **state)
{
	gsl_rng_free(rng);
	return 0;
}

/* Figures round 1000 with 1 % of noise, @step more from @at on. */
static void make(size_t n, size_t at, double step)
{
	size_t i;

	series.n = n;
	series.nature = NATURE_REPLICATED;
	for (i = 0; i < n; i++)
		point[i] = (struct history_point){
			"r", 1000 * exp(0.01 * gsl_ran_ugaussian(rng)) *
			(i < at ? 1 : 1 + step), NAN, NAN, 1, false };
}

static struct history_verdict judge(void)
{
	struct history_verdict v;

	assert_int_equal(history_judge(&series, 1, Q, 1, &v), 0);
	return v;
}

static void test_ratio(void **state)
{
	struct history_verdict v;

	make(N, 40, 0.1);
	v = judge();
	assert_int_equal(v.method, HISTORY_CHANGES);
	assert_int_equal(v.nchanges, 1);
	assert_in_range(v.change->index, 39, 41);
	assert_float_equal(v.change->ratio, 1.1, 0.015);
	assert_true(v.change->lo < 1.1 && 1.1 < v.change->hi);
	assert_float_equal(v.change->to / v.change->from, v.change->ratio,
			   1e-9);
	assert_true(v.change->p_adj >= v.change->p);
	assert_true(v.change->p_adj >= v.p_adj);
	history_verdicts_free(&v, 1);
}

/* A change of toolchain is not the revision's doing. */
static void test_boundary(void **state)
{
	struct history_verdict v;

	make(N, 40, 0.1);
	point[40].boundary = true;
	v = judge();
	assert_int_equal(v.method, HISTORY_CHANGES);
	assert_int_equal(v.nchanges, 0);
	history_verdicts_free(&v, 1);
}

static void test_pairs(void **state)
{
	struct history_verdict v;
	struct stats_welch w;
	size_t i;

	make(4, 4, 0);
	for (i = 0; i < 4; i++) {
		point[i].mid = i < 2 ? 100 : 110;
		point[i].lo = point[i].mid * exp(-0.01);
		point[i].hi = point[i].mid * exp(0.01);
		point[i].units = 5;
	}
	v = judge();
	assert_int_equal(v.method, HISTORY_PAIRS);
	assert_int_equal(v.nchanges, 1);
	assert_int_equal(v.change->index, 2);
	assert_float_equal(v.change->ratio, 1.1, 1e-9);
	/* The same as by Welch from the variance behind those intervals. */
	w.se = 0.01 / stats_t_quantile(0.975, 4);
	w = stats_welch(0, 5 * w.se * w.se, 5, log(1.1), 5 * w.se * w.se, 5);
	assert_float_equal(v.change->p, w.p, 1e-12);
	assert_float_equal(v.p, 3 * w.p, 1e-12);
	history_verdicts_free(&v, 1);
	/* One figure a revision says nothing of its neighbours. */
	for (i = 0; i < 4; i++)
		point[i].units = 1;
	v = judge();
	assert_int_equal(v.method, HISTORY_NONE);
	assert_true(*v.reason);
	history_verdicts_free(&v, 1);
}

static void test_exact(void **state)
{
	struct history_verdict v;

	make(5, 5, 0);
	for (size_t i = 0; i < 5; i++)
		point[i].mid = i < 3 ? 4096 : 8192;
	series.nature = NATURE_EXACT;
	v = judge();
	assert_int_equal(v.method, HISTORY_EXACT);
	assert_int_equal(v.nchanges, 1);
	assert_int_equal(v.change->index, 3);
	assert_float_equal(v.change->ratio, 2, 0);
	assert_true(isnan(v.p));
	history_verdicts_free(&v, 1);
}

/* Without a sign or with zeros there are differences, and no ratio. */
static void test_signs(void **state)
{
	struct history_verdict v;
	size_t i;

	make(N, N, 0);
	for (i = 0; i < N; i++)
		point[i].mid = gsl_ran_ugaussian(rng) + (i < 20 ? -30 : 0);
	v = judge();
	assert_int_equal(v.nchanges, 1);
	assert_int_equal(v.change->index, 20);
	assert_true(isnan(v.change->ratio));
	assert_float_equal(v.change->to - v.change->from, 30, 1);
	history_verdicts_free(&v, 1);
}

/* What one series alone would show is not shown among many without. */
static void test_many(void **state)
{
	static struct history_point all[200][N];
	struct history_series s[200];
	struct history_verdict v[200];
	size_t i, k, changed = 0;

	for (k = 0; k < 200; k++) {
		make(N, k ? N : 40, 0.1);
		for (i = 0; i < N; i++)
			all[k][i] = point[i];
		s[k] = series;
		s[k].point = all[k];
	}
	assert_int_equal(history_judge(s, 200, Q, 1, v), 0);
	assert_int_equal(v[0].nchanges, 1);
	for (k = 0; k < 200; k++) {
		assert_true(v[k].p_adj >= v[k].p);
		assert_true(v[k].p_adj <= Q || !v[k].nchanges);
		changed += v[k].nchanges > 0;
	}
	assert_in_range(changed, 1, 3);
	history_verdicts_free(v, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_boundary),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_signs),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
