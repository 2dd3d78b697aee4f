// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "lib/stats.h"

#define LEN(a)	(sizeof(a) / sizeof(*(a)))

static void near(double got, double want, double tolerance)
{
	if (!(fabs(got - want) <= tolerance))
		fail_msg("%.12g is not %.12g +- %g", got, want, tolerance);
}

/* "Student"'s sleep data, Biometrika 6 (1908) 20. */
static const double sleep_a[] = {
	0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0
};
static const double sleep_b[] = {
	1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4
};

static void moments(void **state)
{
	static const double ties[] = { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 };
	static const double bad[] = { 1, NAN, 3 };

	near(stats_mean(sleep_a, 10), 0.75, 1e-15);
	near(stats_var(sleep_a, 10), 3.200556, 1e-6);
	near(stats_var(sleep_b, 10), 4.009, 1e-12);
	near(stats_cv(sleep_b, 10), sqrt(4.009) / 2.33, 1e-12);
	assert_true(stats_var(ties, LEN(ties)) == 0);
	assert_true(stats_mean(ties, LEN(ties)) == 0.1);
	assert_true(isnan(stats_mean(ties, 0)));
	assert_true(isnan(stats_var(ties, 1)));
	assert_true(isnan(stats_var(ties, 0)));
	assert_true(isnan(stats_mean(bad, 3)));
	assert_true(isnan(stats_var(bad, 3)));
	assert_true(isnan(stats_cv((const double []){ -1, 1 }, 2)));
}

/* R: quantile(c(1, 3, 4, 10), c(0, .1, .25, .5, .9, 1)) */
static void quantiles(void **state)
{
	static const double x[] = { 10, 1, 4, 3 };
	static const double with_inf[] = { 1, INFINITY, 2 };
	uint64_t u[] = { 10, 1, 4, 3 };

	near(stats_quantile(x, 4, 0), 1, 0);
	near(stats_quantile(x, 4, 0.1), 1.6, 1e-12);
	near(stats_quantile(x, 4, 0.25), 2.5, 1e-12);
	near(stats_median(x, 4), 3.5, 0);
	near(stats_quantile(x, 4, 0.9), 8.2, 1e-12);
	near(stats_quantile(x, 4, 1), 10, 0);
	assert_true(x[0] == 10);
	near(stats_quantile_u64_sort(u, 4, 0.9), 8.2, 1e-12);
	assert_int_equal(u[0], 1);
	near(stats_median(x, 1), 10, 0);
	near(stats_median(with_inf, 3), 2, 0);
	assert_true(isinf(stats_quantile(with_inf, 3, 1)));
	assert_true(isnan(stats_median(x, 0)));
	assert_true(isnan(stats_quantile(x, 4, 1.01)));
	assert_true(isnan(stats_quantile(x, 4, NAN)));
	assert_true(isnan(stats_median((const double []){ 1, NAN }, 2)));
	assert_true(isnan(stats_quantile_u64_sort(u, 0, 0.5)));
}

static void quantiles_like_gsl(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double x[37], sorted[37], p;
	size_t i;

	gsl_rng_set(rng, 1);
	for (i = 0; i < LEN(x); i++)
		x[i] = sorted[i] = gsl_ran_gaussian(rng, 1);
	gsl_sort(sorted, 1, LEN(x));
	for (p = 0; p <= 1; p += 0.01)
		near(stats_quantile(x, LEN(x), p),
		     gsl_stats_quantile_from_sorted_data(sorted, 1, LEN(x), p),
		     1e-12);
	gsl_rng_free(rng);
}

/* R: t.test(extra ~ group, data = sleep) */
static void welch(void **state)
{
	struct stats_welch w;
	double half;

	w = stats_welch(stats_mean(sleep_a, 10), stats_var(sleep_a, 10), 10,
			stats_mean(sleep_b, 10), stats_var(sleep_b, 10), 10);
	near(w.diff, 1.58, 1e-12);
	near(w.diff / w.se, 1.8608, 5e-5);
	near(w.df, 17.776, 5e-4);
	near(w.p, 0.07939, 5e-6);
	half = w.se * stats_t_quantile(0.975, w.df);
	near(w.diff - half, -0.2054832, 5e-7);
	near(w.diff + half, 3.3654832, 5e-7);
}

static void welch_edges(void **state)
{
	struct stats_welch w = stats_welch(1, 0, 5, 2, 4, 3);

	near(w.df, 2, 1e-12);
	near(w.se, sqrt(4 / 3.), 1e-12);
	assert_true(isnan(stats_welch(1, 0, 5, 2, 0, 5).p));
	assert_true(stats_welch(1, 0, 5, 2, 0, 5).se == 0);
	assert_true(isnan(stats_welch(1, 1, 1, 2, 1, 5).p));
	assert_true(isnan(stats_welch(1, NAN, 5, 2, 1, 5).p));
	assert_true(isnan(stats_welch(NAN, 1, 5, 2, 1, 5).p));
}

static void student(void **state)
{
	static const double dfs[] = { 1, 1.5, 2, 4.7, 8, 29.9, 30.1, 100, 1e6 };
	size_t i;
	double p;

	/* Abramowitz and Stegun, table 26.10 */
	near(stats_t_quantile(0.975, 1), 12.706, 5e-4);
	near(stats_t_quantile(0.975, 4), 2.776, 5e-4);
	near(stats_t_quantile(0.995, 10), 3.169, 5e-4);
	near(stats_t_quantile(0.95, 120), 1.658, 5e-4);
	near(stats_t_upper(2.776445, 4), 0.025, 1e-7);
	for (i = 0; i < LEN(dfs); i++)
		for (p = 1e-8; p < 0.4; p *= 7)
			near(gsl_cdf_tdist_P(stats_t_quantile(p, dfs[i]),
					     dfs[i]) / p, 1, 1e-8);
	near(stats_t_quantile(0.5, 3), 0, 1e-12);
	assert_true(isinf(stats_t_quantile(1, 3)));
	assert_true(stats_t_quantile(0, 3) < 0);
	assert_true(isnan(stats_t_quantile(0.5, 0)));
	assert_true(isnan(stats_t_quantile(1.5, 3)));
	assert_true(isnan(stats_t_quantile(NAN, 3)));
	assert_true(isnan(stats_t_quantile(0.9, NAN)));
	assert_true(isnan(stats_t_upper(NAN, 3)));
	assert_true(stats_t_upper(INFINITY, 3) == 0);
}

static void intervals(void **state)
{
	static const double x[] = { 1, 10, 100 }, zero[] = { 1, 0, 100 };
	double mid, lo, hi;

	/* R: t.test(sleep$extra[1:10])$conf.int */
	stats_interval(sleep_a, 10, 0.95, &lo, &hi);
	near(lo, -0.5297804, 5e-7);
	near(hi, 2.0297804, 5e-7);
	stats_interval(sleep_a, 1, 0.95, &lo, &hi);
	assert_true(isnan(lo) && isnan(hi));
	stats_interval_log(x, 3, 0.95, &mid, &lo, &hi);
	near(mid, 10, 1e-12);
	near(log(hi / 10), 4.302653 * log(10) / sqrt(3), 1e-6);
	near(lo * hi, 100, 1e-9);
	stats_interval_log(zero, 3, 0.95, &mid, &lo, &hi);
	assert_true(isnan(mid) && isnan(lo) && isnan(hi));
	stats_interval_log(x, 0, 0.95, &mid, &lo, &hi);
	assert_true(isnan(mid) && isnan(lo));
	stats_interval_log(x, 1, 0.95, &mid, &lo, &hi);
	near(mid, 1, 1e-15);
	assert_true(isnan(lo));
}

/* The 15 p values of Benjamini and Hochberg's own example (1995), table 1. */
static const double bh_p[] = {
	0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
	0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000
};

static void benjamini_hochberg(void **state)
{
	/* R: p.adjust(p, "BH") */
	static const double want[] = {
		0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714,
		0.06385714, 0.0645, 0.0765, 0.486, 0.5811818, 0.714875,
		0.7532308, 0.8132143, 1
	};
	double p[17], adj[17];
	size_t i, k;

	/* In a mixed order, with NaN between. */
	for (i = 0; i < 15; i++)
		p[i * 7 % 17] = bh_p[i];
	p[15 * 7 % 17] = p[16 * 7 % 17] = NAN;
	assert_int_equal(stats_bh(p, adj, 17), 0);
	for (i = 0; i < 15; i++)
		near(adj[i * 7 % 17], want[i], 5e-8);
	assert_true(isnan(adj[15 * 7 % 17]) && isnan(adj[16 * 7 % 17]));
	for (i = k = 0; i < 17; i++)
		k += adj[i] <= 0.05;
	assert_int_equal(k, 4);
	assert_int_equal(stats_bh(p, adj, 0), 0);
}

static void holm(void **state)
{
	/* R: p.adjust(c(.01, .02, .03, .04, .05), "holm") and the like */
	static const double p[] = { 0.04, 0.01, 0.03, 0.02, 0.05 };
	static const double want[] = { 0.09, 0.05, 0.09, 0.08, 0.09 };
	static const double all_nan[] = { NAN, NAN };
	double adj[15];
	size_t i;

	assert_int_equal(stats_holm(p, adj, 5), 0);
	for (i = 0; i < 5; i++)
		near(adj[i], want[i], 1e-12);
	assert_int_equal(stats_holm(bh_p, adj, 15), 0);
	near(adj[0], 0.0015, 1e-12);
	near(adj[1], 0.0056, 1e-12);
	near(adj[2], 0.0247, 1e-12);
	near(adj[3], 0.114, 1e-12);
	near(adj[14], 1, 1e-12);
	assert_int_equal(stats_holm(all_nan, adj, 2), 0);
	assert_true(isnan(adj[0]) && isnan(adj[1]));
}

/* In units of the sd of a boot, exact values of the noncentral t. */
static void mde_table(void **state)
{
	static const struct { int n; double alpha, p80, p95; } t[] = {
		{ 3, .05, 3.07, 4.02 }, { 5, .05, 2.02, 2.62 },
		{ 8, .05, 1.51, 1.94 }, { 10, .05, 1.32, 1.71 },
		{ 20, .05, .91, 1.17 }, { 3, .0005, 10.4, 13.1 },
		{ 5, .0005, 4.35, 5.26 }, { 10, .0005, 2.33, 2.77 },
		{ 20, .0005, 1.49, 1.76 },
	};
	size_t i;

	for (i = 0; i < LEN(t); i++) {
		double se = sqrt(2. / t[i].n), df = 2 * t[i].n - 2;

		near(stats_mde(se, df, t[i].alpha, 0.80) / t[i].p80, 1, .005);
		near(stats_mde(se, df, t[i].alpha, 0.95) / t[i].p95, 1, .005);
		near(stats_power(stats_mde(se, df, t[i].alpha, 0.80), se, df,
				 t[i].alpha), 0.8, 1e-6);
	}
}

/* R: power.t.test(), examples of its manual page */
static void power(void **state)
{
	near(stats_power(1, sqrt(2. / 20), 38, 0.05), 0.8689528, 5e-7);
	near(stats_power(1, sqrt(2 / 22.02110), 42.0422, 0.05), 0.9, 5e-7);
	near(stats_power(0, 1, 10, 0.05), 0.025, 1e-6);
	near(stats_power(0, 1, 1, 0.001), 0.0005, 2e-5);
	near(stats_power(1e9, 1, 3, 0.05), 1, 1e-12);
	/* With one degree of freedom T > t means |N| < d / t, all but d. */
	near(stats_power(1631.7, 1, 1, 5e-4),
	     2 * gsl_cdf_ugaussian_P(1631.7 / 1273.239) - 1, 1e-4);
	assert_true(isnan(stats_power(1, 0, 5, 0.05)));
	assert_true(isnan(stats_power(-1, 1, 5, 0.05)));
	assert_true(isnan(stats_power(1, 1, 5, 0)));
	assert_true(isnan(stats_mde(NAN, 5, 0.05, 0.8)));
	assert_true(isnan(stats_mde(INFINITY, 5, 0.05, 0.8)));
	assert_true(isnan(stats_mde(1, 0, 0.05, 0.8)));
	assert_true(isnan(stats_mde(1, 5, 0.05, 1)));
	assert_true(stats_mde(0, 5, 0.05, 0.8) == 0);
}

/* Against draws of noncentral t, where the two integrals take over. */
static void power_simulated(void **state)
{
	static const double dfs[] = { 2, 2.4, 4, 9 }, alpha[] = { .3, .05, .001 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	const int draws = 20000;
	size_t i, k;
	int n, found;

	gsl_rng_set(rng, 7);
	for (i = 0; i < LEN(dfs); i++)
		for (k = 0; k < LEN(alpha); k++) {
			double t = stats_t_quantile(1 - alpha[k] / 2, dfs[i]);
			double d = stats_mde(1, dfs[i], alpha[k], 0.8);

			for (n = found = 0; n < draws; n++)
				found += gsl_ran_ugaussian(rng) + d > t *
					sqrt(gsl_ran_chisq(rng, dfs[i]) /
					     dfs[i]);
			/* four standard errors */
			near(found / (double)draws, 0.8, 0.0114);
		}
	gsl_rng_free(rng);
}

static void quasi_poisson(void **state)
{
	static const double a[] = { 10, 14, 9, 11, 16 };
	static const double b[] = { 20, 25, 18, 27, 30 };
	static const double a1000[] = { .010, .014, .009, .011, .016 };
	static const double b1000[] = { .020, .025, .018, .027, .030 };
	static const double none[] = { 0, 0, 0 };
	struct stats_rates r = stats_quasi_poisson(a, 5, b, 5), q;
	double phi = (34 / 12. + 98 / 24.) / 8;

	near(r.diff, log(2), 1e-12);
	near(r.df, 8, 0);
	near(r.se, sqrt(phi * (1 / 60. + 1 / 120.)), 1e-12);
	near(r.p, 2 * gsl_cdf_tdist_Q(log(2) / r.se, 8), 1e-15);
	q = stats_quasi_poisson(a1000, 5, b1000, 5);
	near(q.se, r.se, 1e-12);
	near(q.p, r.p, 1e-12);
	r = stats_quasi_poisson(none, 3, a, 5);
	assert_true(isinf(r.diff) && isnan(r.p));
	r = stats_quasi_poisson(none, 3, none, 3);
	assert_true(r.diff == 0 && isnan(r.p));
	assert_true(isnan(stats_quasi_poisson(a, 1, b, 1).p));
	assert_true(isnan(stats_quasi_poisson(a, 0, b, 5).diff));
	assert_true(isnan(stats_quasi_poisson((const double []){ -1 }, 1, b,
					      5).diff));
}

/* Sums of binomial terms, from GSL. */
static void poisson_exact(void **state)
{
	unsigned int k, n;

	for (n = 1; n < 40; n += 3)
		for (k = 0; k <= n; k++) {
			double up = k ? gsl_cdf_binomial_Q(k - 1, 0.25, n) : 1;
			double down = gsl_cdf_binomial_P(k, 0.25, n);

			near(stats_poisson_exact(n - k, 3, k, 1),
			     fmin(1, 2 * fmin(up, down)), 1e-12);
		}
	near(stats_poisson_exact(0, 1, 5, 1), 2 / 32., 1e-12);
	assert_true(stats_poisson_exact(0, 1, 0, 1) == 1);
	near(stats_poisson_exact(0.1, 1, 4.9, 1), 2 / 32., 1e-12);
	assert_true(isnan(stats_poisson_exact(1, 0, 1, 1)));
	assert_true(isnan(stats_poisson_exact(-1, 1, 1, 1)));
	assert_true(isnan(stats_poisson_exact(NAN, 1, 1, 1)));
}

/* R: binom.test(), and the closed form at 0 and n */
static void clopper_pearson(void **state)
{
	double lo, hi;
	unsigned int k, n;

	stats_binomial_interval(0, 10, 0.95, &lo, &hi);
	near(lo, 0, 0);
	near(hi, 0.3084971, 5e-8);
	stats_binomial_interval(10, 10, 0.95, &lo, &hi);
	near(lo, 0.6915029, 5e-8);
	near(hi, 1, 0);
	stats_binomial_interval(1, 20, 0.95, &lo, &hi);
	near(lo, 0.001265089, 5e-10);
	near(hi, 0.2487328, 5e-8);
	stats_binomial_interval(682, 925, 0.95, &lo, &hi);
	near(lo, 0.7076683, 5e-8);
	near(hi, 0.7654066, 5e-8);
	/* GSL's own inverse of the beta distribution fails at 73 of 1064. */
	for (n = 1; n < 3000; n = n * 3 / 2 + 1)
		for (k = 1; k < n; k += n / 10 + 1) {
			stats_binomial_interval(k, n, 0.9, &lo, &hi);
			near(gsl_cdf_binomial_Q(k - 1, lo, n), 0.05, 1e-9);
			near(gsl_cdf_binomial_P(k, hi, n), 0.05, 1e-9);
		}
	stats_binomial_interval(73, 1064, 0.95, &lo, &hi);
	near(gsl_cdf_binomial_P(73, hi, 1064), 0.025, 1e-9);
	stats_binomial_interval(0, 0, 0.95, &lo, &hi);
	assert_true(isnan(lo) && isnan(hi));
	stats_binomial_interval(3, 2, 0.95, &lo, &hi);
	assert_true(isnan(lo));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments),
		cmocka_unit_test(quantiles),
		cmocka_unit_test(quantiles_like_gsl),
		cmocka_unit_test(welch),
		cmocka_unit_test(welch_edges),
		cmocka_unit_test(student),
		cmocka_unit_test(intervals),
		cmocka_unit_test(benjamini_hochberg),
		cmocka_unit_test(holm),
		cmocka_unit_test(mde_table),
		cmocka_unit_test(power),
		cmocka_unit_test(power_simulated),
		cmocka_unit_test(quasi_poisson),
		cmocka_unit_test(poisson_exact),
		cmocka_unit_test(clopper_pearson),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
