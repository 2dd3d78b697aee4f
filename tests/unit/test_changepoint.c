// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "lib/changepoint.h"
#include "lib/changepoint_path.h"
#include "lib/changepoint_place.h"
#include "lib/changepoint_scan.h"
#include "lib/changepoint_stay.h"
#include "lib/changepoint_ties.h"
#include "lib/ranks.h"

#define ALPHA	0.05

static gsl_rng *rng;

static int setup(void **state)
{
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, 11);
	return 0;
}

static int teardown(void **state)
{
	gsl_rng_free(rng);
	return 0;
}

static void normal(double *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = gsl_ran_ugaussian(rng);
}

static void test_ranks(void **state)
{
	const double x[] = { 3, 1, 2, 2, 5 };
	uint32_t order[5];
	double score[5], a[5];

	assert_int_equal(ranks_order(x, 5, order), 0);
	assert_memory_equal(order, ((uint32_t[]){ 1, 2, 3, 0, 4 }),
			    sizeof(order));
	assert_int_equal(ranks_distinct(x, order, 5), 4);
	ranks_normal(score, 5);
	/* Blom's first score of five: the quantile at 0.625 / 5.25. */
	assert_float_equal(score[0], gsl_cdf_ugaussian_Pinv(0.625 / 5.25),
			   1e-12);
	assert_float_equal(score[2], 0, 0);
	ranks_scores(x, order, 5, score, a);
	assert_float_equal(a[2], a[3], 0);
	assert_float_equal(a[2], (score[1] + score[2]) / 2, 1e-12);
	assert_float_equal(a[4], score[4], 1e-12);
}

static void test_autocorrelation(void **state)
{
	double x[4000], last = 0;
	const double same[] = { 7, 7, 7 };
	size_t i;

	normal(x, 4000);
	assert_true(fabs(ranks_autocorrelation(x, 4000)) < 0.06);
	for (i = 0; i < 4000; i++)
		x[i] = last = 0.6 * last + 0.8 * x[i];
	assert_float_equal(ranks_autocorrelation(x, 4000), 0.6, 0.06);
	assert_float_equal(ranks_autocorrelation(same, 3), 0, 0);
}

/* The scan against its definition, ties and all. */
static double window_z(const double *x, size_t m, size_t *at)
{
	double a[512], score[512], sum = 0, square = 0, best = 0, z;
	uint32_t order[512];
	size_t t;

	assert_int_equal(ranks_order(x, m, order), 0);
	ranks_normal(score, m);
	ranks_scores(x, order, m, score, a);
	for (t = 0; t < m; t++)
		square += a[t] * a[t];
	*at = m / 2;
	if (square < 1e-6)
		return 0;
	for (t = 1; t < m - 1; t++) {
		sum += a[t - 1];
		z = fabs(sum) / sqrt((double)t * (m - t) / (m * (m - 1.)) *
				     square);
		if (t >= 2 && z > best) {
			best = z;
			*at = t;
		}
	}
	return best;
}

static void scan_by_hand(const double *x, size_t n)
{
	double z[HORIZON_LAST + 1] = { 0 };
	struct scan s;
	size_t m, from, at;
	int j, h;

	for (j = 2; (m = lround(4 * pow(2, j / 2.))) <= n; j++)
		for (from = 0; from + m <= n; from += m / 4) {
			h = scan_horizon(from + m);
			z[h] = fmax(z[h], window_z(x + from, m, &at));
		}
	assert_int_equal(scan_series(x, n, &s), 0);
	for (h = HORIZON_FIRST; h <= scan_horizon(n); h++)
		assert_float_equal(s.z[h], z[h], 1e-9);
	scan_free(&s);
}

static void test_scan(void **state)
{
	double x[300];
	size_t i;

	normal(x, 300);
	scan_by_hand(x, 300);
	scan_by_hand(x, 9);
	for (i = 0; i < 300; i++)
		x[i] = round(x[i]);
	scan_by_hand(x, 300);
}

/* What is appended changes no window that was complete. */
static void test_scan_grows(void **state)
{
	double x[256];
	struct scan a, b;

	normal(x, 256);
	assert_int_equal(scan_series(x, 128, &a), 0);
	assert_int_equal(scan_series(x, 256, &b), 0);
	assert_memory_equal(a.z, b.z, 8 * sizeof(*a.z));
	assert_true(b.z[8] > 0 && a.z[8] == 0);
	scan_free(&a);
	scan_free(&b);
}

static void test_tails(void **state)
{
	double sum = 0, x[64];
	struct scan s;
	int h, i, reached = 0;

	for (h = HORIZON_FIRST; h <= HORIZON_LAST; h++)
		sum += scan_weight(h);
	assert_true(sum < 1);
	assert_float_equal(scan_tail(6, 0), 1, 0);
	for (h = HORIZON_FIRST; h < HORIZON_LAST; h++) {
		assert_true(scan_tail(h, 5) <= scan_tail(h + 1, 5));
		assert_true(scan_tail(h, 6) < scan_tail(h, 5.5));
		assert_true(scan_tail(h, 9) > 0);
	}
	/* One in ten of 2000; four standard errors. */
	for (i = 0; i < 2000; i++) {
		normal(x, 64);
		assert_int_equal(scan_series(x, 64, &s), 0);
		reached += scan_tail(6, s.z[6]) <= 0.1;
		scan_free(&s);
	}
	assert_in_range(reached, 146, 254);
}

/* Against all choices of five of ten, and the clean split. */
static void test_bound(void **state)
{
	double x[10], score[10], sum, t = 0, bound;
	int i, set, reached = 0, all = 0;

	normal(x, 10);
	for (i = 0; i < 10; i++)
		x[i] += i < 5 ? 0 : 1;
	assert_true(scan_bound(x, 10, 5) <= 1);
	for (i = 0; i < 10; i++)
		x[i] = i < 5 ? i / 8. : 3 + i;
	bound = scan_bound(x, 10, 5);
	assert_float_equal(bound, 2 / 252., 0.1 / 252);
	/* One pair changed places: what reaches that is counted. */
	x[0] = 20;
	ranks_normal(score, 10);
	for (i = 0; i < 4; i++)
		t += score[i];
	t += score[9];
	for (set = 0; set < 1024; set++) {
		if (__builtin_popcount(set) != 5)
			continue;
		for (i = 0, sum = 0; i < 10; i++)
			sum += set >> i & 1 ? score[i] : 0;
		all++;
		reached += fabs(sum) >= fabs(t) - 1e-9;
	}
	assert_int_equal(all, 252);
	bound = scan_bound(x, 10, 5);
	assert_true(bound >= reached / 252.);
	assert_true(bound <= 20 * reached / 252.);
}

static void test_split_tail(void **state)
{
	double x[100], z;
	int i, reached = 0;
	size_t at;

	assert_float_equal(split_tail(0, 100), 1, 0);
	assert_float_equal(split_tail(5, 3), 1, 0);
	for (i = 0; i < 1000; i++) {
		normal(x, 100);
		z = window_z(x, 100, &at);
		reached += split_tail(z, 100) <= 0.05;
	}
	/* An approximation that errs to the safe side. */
	assert_in_range(reached, 10, 80);
}

static void test_noise(void **state)
{
	double r[2000], sum = 0;
	struct noise f;
	size_t i;

	normal(r, 2000);
	assert_int_equal(noise_estimate(r, 2000, 0, &f), 0);
	assert_float_equal(f.scale, 1, 0.06);
	for (i = 0; i < NOISE_BINS; i++)
		sum += f.bin[i] * 2 * f.span / NOISE_BINS;
	assert_float_equal(sum, 1, 0.01);
	assert_float_equal(noise_log(&f, 0), log(0.95 * 0.3989), 0.15);
	assert_true(noise_log(&f, 3) < noise_log(&f, 1));
	/* Smoothed, so a little less than one over the variance. */
	assert_in_range(100 * f.information, 60, 110);
	assert_true(isfinite(noise_log(&f, 1e300)));
	for (i = 0; i < 2000; i++)
		r[i] = 4;
	assert_int_equal(noise_estimate(r, 2000, 0, &f), -EDOM);
}

/* Penalized cost of a path, to compare paths by. */
static double path_cost(const double *x, size_t n, const struct noise *f,
			const struct path *p, double penalty)
{
	double cost = (p->n - 1) * penalty;
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		while (k + 1 < p->n && i >= p->start[k + 1])
			k++;
		cost -= noise_log(f, x[i] - p->level[k]);
	}
	return cost;
}

/* Values are laid on the grid of levels: costs are good to about one.
 * No path of one change beats the one that is found, nor does none. */
static void test_path(void **state)
{
	double x[60], level[2];
	struct noise f;
	struct path best, other;
	uint32_t start[2] = { 0, 0 };
	size_t i, a, b;
	double cost;

	normal(x, 60);
	assert_int_equal(noise_estimate(x, 60, 0, &f), 0);
	for (i = 25; i < 60; i++)
		x[i] += 4;
	assert_int_equal(path_find(x, 60, &f, 5, &best), 0);
	assert_int_equal(best.n, 2);
	assert_in_range(best.start[1], 24, 26);
	cost = path_cost(x, 60, &f, &best, 5);
	other = (struct path){ .start = start, .level = level, .n = 2 };
	for (i = 1; i < 60; i++)
		for (a = 0; a < 30; a++)
			for (b = 0; b < 30; b++) {
				start[1] = i;
				level[0] = best.level[0] + (a - 15.) *
					f.width / 2;
				level[1] = best.level[1] + (b - 15.) *
					f.width / 2;
				assert_true(path_cost(x, 60, &f, &other, 5) >
					    cost - 1);
			}
	path_free(&best);
}

/* What is appended takes nothing away, and each change is held once. */
static void test_stays(void **state)
{
	struct alarm alarm[HORIZON_LAST + 1];
	struct stays now, last = { .n = 0 };
	struct scan s;
	double x[400];
	size_t n, i;
	int h;

	for (h = 0; h <= HORIZON_LAST; h++)
		alarm[h] = (struct alarm){ .z = 4.5, .bounded = 4,
					   .p = 1e-6, .power = 1 };
	normal(x, 400);
	for (i = 70; i < 400; i++)
		x[i] += i < 200 ? 4 : -4;
	for (n = 20; n <= 400; n++) {
		assert_int_equal(scan_series(x, n, &s), 0);
		assert_int_equal(stays_find(x, &s, alarm, &now), 0);
		scan_free(&s);
		assert_true(now.fit <= n && 1.03 * now.fit + 1 > n);
		assert_true(now.fit >= last.fit && now.n >= last.n);
		for (i = 0; i < last.n; i++)
			assert_true(now.v[i].from == last.v[i].from &&
				    now.v[i].len == last.v[i].len &&
				    now.v[i].at == last.v[i].at);
		stays_free(&last);
		last = now;
	}
	assert_int_equal(now.n, 2);
	assert_in_range(now.v[0].at, 69, 71);
	assert_in_range(now.v[1].at, 199, 201);
	stays_free(&now);
}

/* A change that is held stays, and its set reaches to the likelier place. */
static void test_settle(void **state)
{
	struct changepoints out = { .n = 0 };
	uint32_t start[2] = { 0, 40 };
	double x[60], level[2] = { 0, 6 };
	char held[2] = { 0, 1 };
	struct path path = { start, level, held, 2 };
	struct noise f;
	size_t i;

	normal(x, 60);
	assert_int_equal(noise_estimate(x, 60, 0, &f), 0);
	for (i = 30; i < 60; i++)
		x[i] += 6;
	assert_int_equal(place_settle(x, 60, &f, &path), 0);
	assert_int_equal(start[1], 40);
	assert_int_equal(place_by_noise(x, 60, &f, &path, 1, &out), 0);
	assert_int_equal(out.v[0].index, 40);
	assert_true(out.v[0].first <= 31);
	assert_true(out.v[0].last >= 40);
	changepoints_free(&out);
	held[1] = 0;
	assert_int_equal(place_settle(x, 60, &f, &path), 0);
	assert_in_range(start[1], 29, 31);
}

static struct changepoints find(const double *x, size_t n)
{
	struct changepoints c;

	assert_int_equal(changepoints_find(x, n, ALPHA, 1, &c), 0);
	return c;
}

static void test_steps(void **state)
{
	double x[200];
	struct changepoints c;
	size_t i;

	normal(x, 200);
	for (i = 80; i < 200; i++)
		x[i] += i < 150 ? 5 : 2;
	x[40] = 30;
	c = find(x, 200);
	assert_true(c.p < 1e-4);
	assert_int_equal(c.n, 2);
	assert_in_range(c.v[0].index, 79, 81);
	assert_in_range(c.v[1].index, 148, 152);
	for (i = 0; i < 2; i++) {
		assert_true(c.v[i].first <= c.v[i].index &&
			    c.v[i].index <= c.v[i].last);
		assert_true(c.v[i].lo < c.v[i].step &&
			    c.v[i].step < c.v[i].hi);
		assert_float_equal(c.v[i].after - c.v[i].before, c.v[i].step,
				   1e-12);
		assert_true(c.v[i].p < 0.01);
	}
	assert_float_equal(c.v[0].step, 5, 0.8);
	assert_int_equal(c.nspikes, 1);
	assert_int_equal(c.spike[0], 40);
	changepoints_free(&c);
}

/* Two modes hide a step from ranks, not from the density. */
static void test_modes(void **state)
{
	double x[200];
	struct changepoints c;
	size_t i;

	for (i = 0; i < 200; i++)
		x[i] = (gsl_rng_uniform(rng) < 0.5 ? 5 : 0) +
			0.2 * gsl_ran_ugaussian(rng) + (i >= 100 ? 3 : 0);
	c = find(x, 200);
	assert_int_equal(c.n, 1);
	assert_in_range(c.v[0].index, 99, 101);
	assert_float_equal(c.v[0].step, 3, 0.15);
	changepoints_free(&c);
}

static void test_nothing(void **state)
{
	double x[100] = { 0 };
	struct changepoints c;
	size_t i;

	c = find(x, 0);
	assert_true(isnan(c.p) && !c.n);
	c = find((double []){ 1, 2, 3, 4, 5, 6, 7, 8, 9 }, 9);
	assert_true(isnan(c.p) && !c.n);
	for (i = 0; i < 100; i++)
		x[i] = 42;
	c = find(x, 100);
	assert_float_equal(c.p, 1, 0);
	assert_int_equal(c.n, 0);
	changepoints_free(&c);
	/* One rare event is no change, nor is an absurd value. */
	x[50] = 43;
	c = find(x, 100);
	assert_int_equal(c.n, 0);
	changepoints_free(&c);
	normal(x, 100);
	x[10] = 1e308;
	x[60] = -1e308;
	c = find(x, 100);
	assert_int_equal(c.n, 0);
	changepoints_free(&c);
}

/* Without noise every step is plain. */
static void test_no_noise(void **state)
{
	double x[60];
	struct changepoints c;
	size_t i;

	for (i = 0; i < 60; i++)
		x[i] = i < 30 ? 100 : 120;
	c = find(x, 60);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.v[0].index, 30);
	assert_int_equal(c.v[0].first, 30);
	assert_int_equal(c.v[0].last, 30);
	assert_float_equal(c.v[0].step, 20, 1e-9);
	changepoints_free(&c);
}

static void test_ties(void **state)
{
	double x[200];
	struct changepoints c, again;
	size_t i, alarms = 0;
	int k;

	for (k = 0; k < 40; k++) {
		for (i = 0; i < 200; i++)
			x[i] = gsl_rng_uniform(rng) < 0.02;
		c = find(x, 200);
		alarms += c.n > 0;
		changepoints_free(&c);
	}
	assert_in_range(alarms, 0, 6);
	for (i = 0; i < 200; i++)
		x[i] = gsl_rng_uniform(rng) < (i < 100 ? 0.02 : 0.5);
	c = find(x, 200);
	assert_int_equal(c.n, 1);
	assert_in_range(c.v[0].index, 90, 115);
	again = find(x, 200);
	assert_true(c.p == again.p);
	changepoints_free(&c);
	changepoints_free(&again);
}

static void test_creep(void **state)
{
	double x[64];
	struct changepoints c;
	int i, k, drifts = 0, silent = 0;

	for (k = 0; k < 60; k++) {
		normal(x, 64);
		for (i = 0; i < 64; i++)
			x[i] += i * 2.2 / 64;
		c = find(x, 64);
		assert_false(c.n && c.creep.n);
		if (c.creep.n) {
			drifts++;
			assert_true(c.creep.step > 0);
			assert_true(c.creep.lo < c.creep.step &&
				    c.creep.step < c.creep.hi);
			assert_true(c.creep.n == 32 || c.creep.n == 64);
		}
		silent += !c.n && !c.creep.n;
		changepoints_free(&c);
	}
	assert_in_range(drifts, 2, 60);
	assert_in_range(silent, 0, 57);
}

/* A series that does not change, looked at as it grows. */
static void test_growth(void **state)
{
	double x[120], least;
	struct changepoints c;
	size_t n;
	int k;

	for (k = 0; k < 10; k++) {
		normal(x, 120);
		for (n = 65, least = 1; n <= 120; n++) {
			c = find(x, n);
			assert_true(c.p <= least + 1e-12);
			least = c.p;
			changepoints_free(&c);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_autocorrelation),
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_scan_grows),
		cmocka_unit_test(test_tails),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_split_tail),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_no_noise),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_creep),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_settle),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
