// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_psi.h>

#include "analysis/past.h"
#include "lib/borrow.h"
#include "lib/modes.h"
#include "lib/rank.h"
#include "tests/unit/pair.h"

/* ---- variances ---- */

static void trigamma(void **state)
{
	static const double x[] = { 1e-4, 0.01, 0.5, 1, 2.5, 40, 1e5 };
	size_t i;

	for (i = 0; i < sizeof(x) / sizeof(*x); i++)
		near(stats_trigamma_inverse(gsl_sf_psi_1(x[i])) / x[i], 1,
		     1e-5);
	assert_true(isinf(stats_trigamma_inverse(0)));
	assert_true(isnan(stats_trigamma_inverse(-1)));
}

/* Variances drawn from a known prior give it back. */
static void prior_is_found(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	enum { N = 20000 };
	static double s2[N], df[N];
	struct stats_prior p;
	int i;

	for (i = 0; i < N; i++) {
		double true2 = 3 * 6 / gsl_ran_chisq(rng, 6);

		df[i] = i % 2 ? 4 : 9;
		s2[i] = true2 * gsl_ran_chisq(rng, df[i]) / df[i];
	}
	p = stats_prior_fit(s2, df, N);
	near(p.df, 6, 0.4);
	near(p.s2, 3, 0.1);
	for (i = 0; i < N; i++)
		s2[i] = 3 * gsl_ran_chisq(rng, df[i]) / df[i];
	p = stats_prior_fit(s2, df, N);
	assert_true(p.df > 100);
	near(p.s2, 3, 0.05);
	/* What is no variance is passed over. */
	s2[0] = NAN;
	s2[1] = 0;
	s2[2] = -1;
	s2[3] = INFINITY;
	near(stats_prior_fit(s2, df, N).s2, 3, 0.05);
	assert_true(stats_prior_fit(s2, df, 5).df == 0);
	assert_true(stats_prior_fit(s2, df, 0).df == 0);
	gsl_rng_free(rng);
}

static void borrowing(void **state)
{
	struct stats_prior none = { 1, 0 }, prior = { 2, 6 };
	struct stats_prior sure = { 2, INFINITY };
	struct stats_welch plain = stats_welch(1, 1.5, 4, 3, 2.5, 4), w;
	double s2;

	w = stats_borrow(1, 1.5, 4, 3, 2.5, 4, &none, &s2);
	near(w.se, plain.se, 0);
	near(w.df, plain.df, 0);
	near(w.p, plain.p, 0);
	near(s2, 2, 1e-12);
	/* 6 df of 2 and 6 df of 2 */
	w = stats_borrow(1, 1.5, 4, 3, 2.5, 4, &prior, &s2);
	near(s2, 2, 1e-12);
	near(w.df, 12, 1e-12);
	near(w.diff, 2, 0);
	near(w.p, 2 * gsl_cdf_tdist_Q(2 / sqrt(2 / 2.), 12), 1e-12);
	/* unequal sizes: pooled by degrees of freedom */
	w = stats_borrow(0, 1, 3, 1, 3, 5, &prior, &s2);
	near(s2, (6 * 2 + 2 * 1 + 4 * 3) / 12., 1e-12);
	near(w.se, sqrt(s2 * (1 / 3. + 1 / 5.)), 1e-12);
	/* sides that spread unlike are not pooled */
	plain = stats_welch(0, 0.01, 4, 1, 10, 4);
	w = stats_borrow(0, 0.01, 4, 1, 10, 4, &prior, &s2);
	near(w.df, 6 + plain.df, 1e-12);
	near(s2, (6 * 2 + plain.df * 5.005) / (6 + plain.df), 1e-12);
	w = stats_borrow(0, 1, 3, 1, 3, 5, &sure, &s2);
	near(s2, 2, 1e-12);
	near(w.p, 2 * gsl_cdf_ugaussian_Q(1 / w.se), 1e-6);
	assert_true(isnan(stats_borrow(0, NAN, 3, 1, 1, 3, &prior, NULL).p));

	near(gsl_cdf_fdist_Q(9.7795, 4, 5), 0.0139, 1e-3);
	assert_true(stats_prior_fits(&prior, 2 * 9.1, 4));
	assert_false(stats_prior_fits(&prior, 2 * 9.2, 4));
	assert_false(stats_prior_fits(&none, 1, 4));
}

/* ---- ranks ---- */

/* All ways to choose which of @n ranks are B's, by brute force. */
static void enumerate(int na, int nb, double *p)
{
	int n = na + nb, ways = 0, i, j, u;
	unsigned int set;

	for (u = 0; u <= na * nb; u++)
		p[u] = 0;
	for (set = 0; set < 1u << n; set++) {
		if (__builtin_popcount(set) != nb)
			continue;
		for (u = i = 0; i < n; i++)
			for (j = 0; j < i && set & 1u << i; j++)
				u += !(set & 1u << j);
		p[u]++;
		ways++;
	}
	for (u = 0; u <= na * nb; u++)
		p[u] = p[u] / ways + (u ? p[u - 1] : 0);
}

static void mann_whitney(void **state)
{
	double p[64];
	int na, nb, u;

	for (na = 1; na <= 6; na++)
		for (nb = 1; nb <= 6; nb++) {
			enumerate(na, nb, p);
			for (u = 0; u <= na * nb; u++)
				near(stats_mann_whitney_cdf(u, na, nb), p[u],
				     1e-12);
		}
	/* Published: 20 and 20, U = 127 is the last within 2.5 %. */
	assert_true(stats_mann_whitney_cdf(127, 20, 20) <= 0.025);
	assert_true(stats_mann_whitney_cdf(128, 20, 20) > 0.025);
	/* The normal takes over without a step. */
	near(stats_mann_whitney_cdf(4400, 100, 100),
	     stats_mann_whitney_cdf(4444, 100, 101), 2e-3);
	assert_true(isnan(stats_mann_whitney_cdf(1, 0, 3)));
}

static void hodges_lehmann(void **state)
{
	/* Hollander and Wolfe, example 4.1: permeability of membranes at term
	 * and at 12 to 26 weeks; their estimate is -0.305. */
	static const double term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38,
		1.91, 1.64, 0.73, 1.46 };
	static const double weeks[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };
	struct stats_shift s = stats_hodges_lehmann(term, 10, weeks, 5, 0.95);

	near(s.mid, -0.305, 1e-9);
	assert_true(s.lo < s.mid && s.mid < s.hi);
	/* U <= 8 is within 2.5 % at 10 and 5: the 9th from either end. */
	near(s.lo, -0.76, 1e-9);
	near(s.hi, 0.15, 1e-9);
	s = stats_hodges_lehmann(weeks, 3, term, 3, 0.95);
	assert_false(isnan(s.mid));
	assert_true(isnan(s.lo) && isnan(s.hi));
	assert_false(isnan(stats_hodges_lehmann(weeks, 4, term, 4, 0.95).lo));
	assert_true(isnan(stats_hodges_lehmann(weeks, 0, term, 4, 0.95).mid));
}

/* One run of forty 13 % too slow moves the mean, not the ranks. */
static void ranks_differ(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 40, 0.001, 1.0);
	judge(p);
	assert_false(p->row->flags & ROW_RANKS);
	near(p->row->ranks, 1, 1e-12);
	p->b.v[20].value *= 1.13;
	judge(p);
	assert_true(p->row->flags & ROW_RANKS);
	near(p->row->ranks, 1, 2e-4);
	assert_true(p->row->ratio > 1.002);
	pair_boot(p, 3, 0.001, 1.0);
	judge(p);
	assert_true(isnan(p->row->ranks_lo));
}

/* ---- modes ---- */

static void modes(void **state)
{
	static const double two[] = { 1, 1.1, 0.9, 1.05, 8, 8.1, 7.9, 8.05,
		0.95, 8.02 };
	static const double one[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	static const double outlier[] = { 1, 1.1, 0.9, 1.05, 1.02, 0.97, 0.94,
		1.04, 0.95, 80 };
	struct stats_modes m = stats_modes(two, 10);

	assert_true(m.sure && m.likely);
	assert_int_equal(m.lower, 5);
	near(m.low, 1, 1e-9);
	near(m.high, 8.014, 1e-9);
	near(m.split, 4.5, 1e-9);
	/* 5|5: between 62.5, within 20 */
	near(stats_modes(one, 10).ratio, 62.5 / 20, 1e-9);
	assert_false(stats_modes(one, 10).likely);
	assert_false(stats_modes(outlier, 10).likely);
	assert_true(isnan(stats_modes(two, 3).ratio));
	assert_true(isnan(stats_modes((double[]){ 5, 5, 5, 5 }, 4).ratio));
	assert_true(isnan(stats_modes((double[]){ 1, NAN, 2, 3 }, 4).ratio));
}

/* The tabled quantiles hold for normal samples. */
static void modes_by_chance(void **state)
{
	static const int sizes[] = { 4, 5, 8, 11, 18, 50, 150 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double x[150];
	size_t k;
	int i, j, likely;

	for (k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
		for (likely = i = 0; i < 4000; i++) {
			for (j = 0; j < sizes[k]; j++)
				x[j] = gsl_ran_gaussian(rng, 1);
			likely += stats_modes(x, sizes[k]).likely;
		}
		/* 200 expected; five standard deviations are 69 */
		assert_in_range(likely, 131, 269);
	}
	gsl_rng_free(rng);
}

static void modes_are_flagged(void **state)
{
	struct pair *p = *state;
	int i;

	pair_boot(p, 20, 0.0005, 1.0);
	for (i = 0; i < 20; i += 3)
		p->a.v[i].value *= 1.01;
	for (i = 0; i < 20; i += 2)
		p->b.v[i].value *= 1.01;
	judge(p);
	assert_true(p->row->flags & ROW_MODES);
	near(p->row->mode_high / p->row->mode_low, 1.01, 1e-3);
	/* a change is no mode */
	pair_boot(p, 20, 0.0005, 1.01);
	judge(p);
	assert_false(p->row->flags & ROW_MODES);
}

/* ---- the past ---- */

static void past(void **state)
{
	struct obs_set set[3] = { set_new("r1"), set_new("r2"), set_new("r3") };
	struct compare_opts opts = compare_defaults;
	struct compare_past *past;
	struct pair *p = *state;
	double own, used;
	size_t n;
	int i;

	for (i = 0; i < 3; i++)
		set_row(&set[i], "vmexit.cpuid");
	set_row(&set[0], "other");
	/* levels of revisions differ: only boots of one count */
	boot_runs(&set[0], "A", 1000, 0.001, 3);
	boot_runs(&set[0], "B", 1010, 0.001, 3);
	boot_runs(&set[0], "C", 1020, 0.001, 3);
	boot_runs(&set[1], "D", 2000, 0.001, 3);
	boot_runs(&set[1], "E", 2020, 0.001, 3);
	boot_runs(&set[1], "F", 2030, 0.001, 3);
	boot_runs(&set[2], "G", 500, 0.001, 3);
	assert_int_equal(past_pool(set, 3, &past, &n), 0);
	assert_int_equal(n, 1);
	near(past->df, 4, 0);
	near(past->s2, (stats_var((double[]){ 0, log(1.01), log(1.02) }, 3) +
			stats_var((double[]){ 0, log(1.01), log(1.015) }, 3)) /
	     2, 1e-12);

	pair_kernel(p, 3, 0.004, 1.03);
	judge(p);
	assert_int_equal(p->row->lender, LENDER_NONE);
	near(p->row->sd_raw, p->row->sd_used, 0);
	near(p->row->p, p->row->p_raw, 0);
	own = p->row->sd_raw * p->row->sd_raw;
	opts.past = past;
	opts.npast = n;
	judge_by(p, &opts);
	assert_int_equal(p->row->lender, LENDER_PAST);
	used = (4 * past->s2 + 4 * own) / 8;
	near(p->row->sd_used, sqrt(used), 1e-12);
	near(p->row->sd_raw, sqrt(own), 1e-12);
	near(p->row->se, sqrt(used * 2 / 3), 1e-12);
	near(p->row->df, 8, 1e-12);
	near(p->row->lent_df, 4, 0);
	near(log(p->row->hi / p->row->ratio),
	     stats_t_quantile(0.975, 8) * p->row->se, 1e-12);
	near(log1p(p->row->mde), stats_mde(p->row->se /
	     sqrt(stats_var_median(8)), 8, 0.05, 0.8), 1e-6);
	/* boots that spread far more than ever before stand alone */
	pair_kernel(p, 3, 0.4, 1.03);
	judge_by(p, &opts);
	assert_int_equal(p->row->lender, LENDER_NONE);
	/* runs of one boot do not borrow */
	pair_boot(p, 5, 0.004, 1.03);
	judge_by(p, &opts);
	assert_int_equal(p->row->lender, LENDER_NONE);
	free(past);
	assert_int_equal(past_pool(set, 0, &past, &n), 0);
	assert_int_equal(n, 0);
	free(past);
	for (i = 0; i < 3; i++)
		set_free(&set[i]);
}

/* @rows benchmarks on 3 boots; row 0 spreads by @first times as much. */
static void family(struct pair *p, int rows, double first)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	static char name[32][8];
	int r, b;

	pair_clear(p);
	p->a = set_new("v1");
	p->b = set_new("v2");
	for (b = 0; b < 3; b++) {
		set_boot(&p->a, NULL);
		set_boot(&p->b, NULL);
	}
	for (r = 0; r < rows; r++) {
		double sd = r ? 0.01 : 0.01 * first;

		snprintf(name[r], sizeof(name[r]), "b%02u", r & 31u);
		set_row(&p->a, name[r]);
		set_row(&p->b, name[r]);
		for (b = 0; b < 3; b++) {
			set_run(&p->a, r, b, exp(gsl_ran_gaussian(rng, sd)));
			set_run(&p->b, r, b, exp(gsl_ran_gaussian(rng, sd)));
		}
	}
	gsl_rng_free(rng);
}

static void benchmarks_lend(void **state)
{
	struct pair *p = *state;
	int i, lent = 0;

	family(p, 19, 1);
	judge(p);
	for (i = 0; i < 19; i++)
		assert_int_equal(p->c.row[i].lender, LENDER_NONE);
	family(p, 20, 100);
	judge(p);
	assert_int_equal(p->c.row[0].lender, LENDER_NONE);
	for (i = 1; i < 20; i++) {
		const struct compare_row *r = &p->c.row[i];

		lent += r->lender == LENDER_ROWS;
		/* never more weight than the row's own 4 */
		assert_true(r->lent_df <= 4);
		if (r->lender == LENDER_ROWS)
			assert_true(r->df <= 8 && r->df >= 2);
	}
	assert_true(lent >= 18);
	/* rows on another host are another family */
	p->a.row[5].host = p->b.row[5].host = "lab2";
	p->a.row[6].host = p->b.row[6].host = NULL;
	judge(p);
	for (i = 0; i < 20; i++)
		assert_int_equal(p->c.row[i].lender, LENDER_NONE);
}

int main(void)
{
#define PAIR(f)	cmocka_unit_test_setup_teardown(f, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trigamma),
		cmocka_unit_test(prior_is_found),
		cmocka_unit_test(borrowing),
		cmocka_unit_test(mann_whitney),
		cmocka_unit_test(hodges_lehmann),
		PAIR(ranks_differ),
		cmocka_unit_test(modes),
		cmocka_unit_test(modes_by_chance),
		PAIR(modes_are_flagged),
		PAIR(past),
		PAIR(benchmarks_lend),
	};

	return cmocka_run_group_tests_name("borrow", tests, NULL, NULL);
}
