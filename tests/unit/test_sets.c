// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "analysis/shape.h"
#include "lib/meta.h"
#include "lib/stats.h"
#include "tests/unit/pair.h"

/* ---- effects over hosts ---- */

static void plain_mean(void **state)
{
	const double y[] = { 0.01, 0.03 }, v[] = { 1e-4, 3e-4 };
	const double df[] = { 8, 4 };
	struct stats_meta m = stats_meta_fixed(y, v, df, 2);

	near(m.mean, 0.02, 1e-15);
	near(m.se, sqrt(4e-4) / 2, 1e-15);
	near(m.df, 16e-8 / (1e-8 / 8 + 9e-8 / 4), 1e-9);
	near(m.p, 2 * stats_t_upper(2, m.df), 1e-12);
	assert_true(isnan(stats_meta_fixed(y, v, df, 1).mean));
	assert_true(isnan(stats_meta_fixed(y, (double[]){ 0, 1 }, df, 2).mean));
}

/*
 * Six effects: all expected figures by hand from the formulas in the papers.
 * With equal errors v they reduce to the mean, tau^2 = s^2 - v and a plain t
 * interval.
 */
static void random_effects(void **state)
{
	const double y[] = { 0.01, 0.02, 0.03, 0.04, 0.05, 0.09 };
	const double v[] = { 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4 };
	const double wide[] = { 1e-2, 1e-2, 1e-2, 1e-2, 1e-2, 1e-2 };
	const double other[] = { 1e-4, 2e-4, 4e-4 };
	struct stats_meta m = stats_meta_random(y, v, 6);
	double s2 = stats_var(y, 6);

	near(m.mean, 0.04, 1e-15);
	near(m.tau2, s2 - 1e-4, 1e-12);
	near(m.i2, 1 - 1e-4 / s2, 1e-12);
	near(m.se, sqrt(s2 / 6), 1e-12);
	near(m.df, 5, 0);
	/* alike beyond chance: no variance between, and no narrower for it */
	m = stats_meta_random(y, wide, 6);
	near(m.tau2, 0, 0);
	near(m.i2, 0, 0);
	near(m.se, sqrt(1e-2 / 6), 1e-12);
	/* unequal errors: Q = 10.75 - 275^2 / 17500 = 6.428571 on 2, sum w
	 * 17500, sum w^2 1.3125e8 */
	m = stats_meta_random((double[]){ 0, 0.03, 0.05 }, other, 3);
	near(m.i2, 1 - 2 / 6.428571, 1e-6);
	near(m.tau2, (6.428571 - 2) / (17500 - 1.3125e8 / 17500), 1e-9);
}

/* ---- sets ---- */

#define BOOTS	4

/* Three benchmarks on some boots; figures are exp(level + factor). */
static void three(struct pair *p, const double *a, const double *b, int boots)
{
	static const char *const name[] = { "x.a", "x.b", "y" };
	int r, k, i;

	pair_clear(p);
	p->a = set_new("v1");
	p->b = set_new("v2");
	for (k = 0; k < boots; k++) {
		set_boot(&p->a, NULL);
		set_boot(&p->b, NULL);
	}
	for (r = 0; r < 3; r++) {
		set_row(&p->a, name[r]);
		set_row(&p->b, name[r]);
		for (k = 0; k < boots; k++)
			for (i = 0; i < (boots > 1 ? 1 : 5); i++) {
				double own = 0.001 * (r + 1) *
					(boots > 1 ? k % 2 : i % 2);

				set_run(&p->a, r, k, exp(r + a[k] + own));
				set_run(&p->b, r, k, exp(r + b[k] - own +
							 0.02 * (r < 2)));
			}
	}
}

static const double factor_a[BOOTS] = { 0, 0.01, 0.02, 0.03 };
static const double factor_b[BOOTS] = { 0.03, 0.01, 0.02, 0.00 };
static const struct compare_set_opt named[] = {
	{ "x", "x.*" }, { "all", "*" }, { "nothing", "z*" },
};

static struct compare_opts with_sets(void)
{
	struct compare_opts opts = compare_defaults;

	opts.set = named;
	opts.nsets = 3;
	return opts;
}

static void boots_of_a_set(void **state)
{
	struct compare_opts opts = with_sets();
	struct pair *p = *state;
	double mean[2][BOOTS];
	struct stats_welch w;
	int k;

	three(p, factor_a, factor_b, BOOTS);
	judge_by(p, &opts);
	assert_int_equal(p->c.nsets, 2);
	assert_string_equal(p->c.set[0].id.benchmark, "x");
	assert_int_equal(p->c.set_size[0], 2);
	assert_int_equal(p->c.set_size[1], 3);
	for (k = 0; k < BOOTS; k++) {
		mean[0][k] = factor_a[k] + 0.0015 * (k % 2);
		mean[1][k] = factor_b[k] - 0.0015 * (k % 2) + 0.02;
	}
	w = stats_welch(stats_mean(mean[0], BOOTS), stats_var(mean[0], BOOTS),
			BOOTS, stats_mean(mean[1], BOOTS),
			stats_var(mean[1], BOOTS), BOOTS);
	near(p->c.set->theta, w.diff, 1e-12);
	near(p->c.set->se, w.se, 1e-12);
	near(p->c.set->df, w.df, 1e-9);
	near(p->c.set->p, w.p, 1e-12);
	assert_int_equal(p->c.set->n_base, BOOTS);
	assert_int_equal(p->c.set->scope, SCOPE_KERNEL);
	assert_true(p->c.set->flags & ROW_PROVISIONAL);
	/* a boot that lacks a member is no unit of the set */
	p->a.v[BOOTS].row = -1;
	judge_by(p, &opts);
	assert_int_equal(p->c.set->n_base, BOOTS - 1);
	assert_int_equal(p->c.set->n_new, BOOTS);
}

static void set_of_costs(void **state)
{
	struct compare_opts opts = with_sets();
	struct pair *p = *state;

	three(p, factor_a, factor_b, BOOTS);
	p->a.row[1].metric.better = BETTER_HIGHER;
	p->b.row[1].metric.better = BETTER_HIGHER;
	judge_by(p, &opts);
	assert_int_equal(p->c.set->id.metric.better, BETTER_LOWER);
	/* +2 % of one and -2 % of its inverse, but for the boots' spread */
	near(p->c.set->theta, (p->c.row[0].theta - p->c.row[1].theta) / 2,
	     1e-12);
}

static void runs_of_a_set(void **state)
{
	struct compare_opts opts = with_sets();
	struct pair *p = *state;
	double v;

	three(p, factor_a, factor_a, 1);
	judge_by(p, &opts);
	assert_int_equal(p->c.set->scope, SCOPE_BOOT);
	v = p->c.row[0].se * p->c.row[0].se + p->c.row[1].se * p->c.row[1].se;
	near(p->c.set->theta, (p->c.row[0].theta + p->c.row[1].theta) / 2,
	     1e-12);
	near(p->c.set->se, sqrt(v) / 2, 1e-12);
	assert_int_equal(p->c.set->verdict, VERDICT_REGRESSED);
	assert_non_null(strstr(p->c.set->reason, "not attributed"));
}

/* ---- hosts ---- */

static void hosts(struct pair *p, int n)
{
	static const char *const name[] = { "h1", "h2", "h3", "h4", "h5" };
	int r, i;

	pair_clear(p);
	p->a = set_new("v1");
	p->b = set_new("v2");
	set_boot(&p->a, "A");
	set_boot(&p->b, "B");
	for (r = 0; r < n; r++) {
		set_row(&p->a, "x");
		set_row(&p->b, "x");
		p->a.row[r].host = p->b.row[r].host = name[r];
		for (i = 0; i < 6; i++) {
			set_run(&p->a, r, 0, 100 * exp(0.002 * i * (r + 1)));
			set_run(&p->b, r, 0, 100 * exp(0.002 * i * (r + 1) +
						       0.01 * (r + 1)));
		}
	}
}

static void over_hosts(void **state)
{
	struct pair *p = *state;
	double y[5], v[5], df[5];
	struct stats_meta m;
	int n, i;

	for (n = 1; n <= 5; n++) {
		hosts(p, n);
		judge(p);
		assert_int_equal(p->c.nacross, n > 1);
		if (n == 1)
			continue;
		for (i = 0; i < n; i++) {
			y[i] = p->c.row[i].theta;
			v[i] = p->c.row[i].se * p->c.row[i].se;
			df[i] = p->c.row[i].df;
		}
		m = n < 5 ? stats_meta_fixed(y, v, df, n) :
			stats_meta_random(y, v, n);
		assert_int_equal(p->c.across->hosts, n);
		assert_int_equal(p->c.across->sample, n == 5);
		near(log(p->c.across->ratio), m.mean, 1e-12);
		near(log(p->c.across->hi / p->c.across->ratio),
		     stats_t_quantile(0.975, m.df) * m.se, 1e-12);
		near(p->c.across->i2, m.i2, 1e-12);
	}
}

/* ---- shape ---- */

static void shape(void **state)
{
	struct shape_run run[2][4];
	double v[101], log_of[DECILES], half;
	struct shape s;
	int i, d;

	for (i = 0; i <= 100; i++)
		v[i] = exp((100 - i) / 100.0);
	assert_int_equal(shape_deciles(v, 101, log_of), 0);
	for (d = 0; d < DECILES; d++)
		near(log_of[d], (d + 1) / 10.0, 1e-12);
	v[7] = 0;
	assert_int_equal(shape_deciles(v, 101, log_of), -EINVAL);
	assert_int_equal(shape_deciles(v, 0, log_of), -EINVAL);
	/* two boots a side of two runs; the upper half moves by 2 % */
	for (i = 0; i < 4; i++)
		for (d = 0; d < DECILES; d++) {
			run[0][i].boot = run[1][i].boot = i / 2;
			run[0][i].log[d] = d + 0.01 * (i / 2);
			run[1][i].log[d] = d + 0.01 * (i / 2) +
				0.001 * (i % 2 ? 1 : -1) +
				(d > 4 ? 0.02 : 0);
		}
	assert_int_equal(shape_compare(run[0], 4, run[1], 4, &s), 0);
	assert_true(s.boots);
	assert_int_equal(s.n_base, 2);
	assert_int_equal(s.n_new, 2);
	near(s.ratio[4], 1, 1e-12);
	near(s.ratio[5], exp(0.02), 1e-12);
	half = stats_t_quantile(0.975, 2) * sqrt(0.00005);
	near(log(s.hi[5] / s.ratio[5]), half, 1e-12);
	near(log(s.ratio[5] / s.lo[5]), half, 1e-12);
	/* one boot on a side: runs are the units */
	run[0][2].boot = run[0][3].boot = 0;
	assert_int_equal(shape_compare(run[0], 4, run[1], 4, &s), 0);
	assert_false(s.boots);
	assert_int_equal(s.n_new, 4);
	assert_int_equal(shape_compare(run[0], 1, run[1], 4, &s), -ENODATA);
}

/* The 99th percentile of few samples, or of unequally many, is not judged. */
static void tail(void **state)
{
	struct pair *p = *state;
	int i;

	pair_boot(p, 5, 0.004, 1.05);
	pair_metric(p, (struct metric){ .name = "p99", .primary = 1 });
	judge(p);
	assert_int_equal(p->row->verdict, VERDICT_REGRESSED);
	for (i = 0; i < 5; i++)
		p->b.v[i].n = 1300;
	judge(p);
	expect_unchecked(p, "too unequal");
	for (i = 0; i < 5; i++)
		p->a.v[i].n = p->b.v[i].n = 999;
	judge(p);
	expect_unchecked(p, "p99 of 999 and 999 samples a run, 1000 needed");
}

int main(void)
{
#define PAIR(f)	cmocka_unit_test_setup_teardown(f, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_mean),
		cmocka_unit_test(random_effects),
		PAIR(boots_of_a_set),
		PAIR(set_of_costs),
		PAIR(runs_of_a_set),
		PAIR(over_hosts),
		cmocka_unit_test(shape),
		PAIR(tail),
	};

	return cmocka_run_group_tests_name("sets", tests, NULL, NULL);
}
