/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics over plain arrays. Pure: no I/O, no state, inputs unchanged
 * unless a name says "sort". Distributions come from GSL. Whatever cannot be
 * computed (too few values, a NaN in the input) is NaN.
 */
#ifndef LIB_STATS_H
#define LIB_STATS_H

#include <stddef.h>
#include <stdint.h>

double stats_mean(const double *x, size_t n);

/* Unbiased (n - 1) sample variance; NaN below 2. */
double stats_var(const double *x, size_t n);

/**
 * stats_quantile() - type 7 of Hyndman & Fan, The American Statistician 50
 * (1996) 361; what R and NumPy do by default
 * @p: 0..1
 */
double stats_quantile(const double *x, size_t n, double p);
double stats_median(const double *x, size_t n);

/* Median and quantile of integers (samples), as doubles; @x is sorted. */
double stats_quantile_u64_sort(uint64_t *x, size_t n, double p);

/* Coefficient of variation: sd / mean. */
double stats_cv(const double *x, size_t n);

/**
 * stats_interval() - t interval of a mean
 * @level: 0.95
 */
void stats_interval(const double *x, size_t n, double level, double *lo,
		    double *hi);

/**
 * stats_interval_log() - interval of a typical value by the mean of logs,
 * transformed back; NaN if a value is not positive
 */
void stats_interval_log(const double *x, size_t n, double level, double *mid,
			double *lo, double *hi);

/**
 * struct stats_welch - difference of two means, unequal variances
 * @diff:	mean(b) - mean(a)
 * @se:		sqrt(va/na + vb/nb)
 * @df:		Welch-Satterthwaite
 * @p:		two-sided
 *
 * B. L. Welch, Biometrika 34 (1947) 28; F. E. Satterthwaite, Biometrics
 * Bulletin 2 (1946) 110.
 */
struct stats_welch {
	double diff;
	double se;
	double df;
	double p;
};

/**
 * stats_welch() - from moments, so that a variance may be floored
 * @va, @vb: variances of single values
 */
struct stats_welch stats_welch(double mean_a, double va, size_t na,
			       double mean_b, double vb, size_t nb);

/* Quantile of Student's t at @p with @df degrees of freedom. */
double stats_t_quantile(double p, double df);

/* One-sided upper tail probability of t. */
double stats_t_upper(double t, double df);

/**
 * stats_bh() - Benjamini & Hochberg, JRSS B 57 (1995) 289: adjusted p values
 * @p:	NaN entries stay NaN and are not counted
 * @adj: out, n values
 * Return: 0 or -ENOMEM, @adj being all NaN then.
 */
int stats_bh(const double *p, double *adj, size_t n);

/* Holm, Scandinavian Journal of Statistics 6 (1979) 65. As stats_bh(). */
int stats_holm(const double *p, double *adj, size_t n);

/**
 * stats_power() - probability that a two-sided t test finds a difference,
 * and in its right direction
 * @delta: the true difference, not negative
 * @se, @df: of the test
 * @alpha: its level
 *
 * The upper tail of the noncentral t distribution (Johnson, Kotz and
 * Balakrishnan, Continuous Univariate Distributions 2 (1995) chapter 31), by
 * the trapezoidal rule: good to 1e-7 from 8 degrees of freedom, to 2e-5 from
 * 4, to 4e-4 below.
 */
double stats_power(double delta, double se, double df, double alpha);

/**
 * stats_mde() - smallest true difference found with probability @power by a
 * two-sided test at @alpha, in units of the difference
 * @se, @df: of the comparison at hand
 *
 * The inverse of stats_power(). Adding two central quantiles instead is 12 %
 * too low at 4 degrees of freedom and alpha = .0005.
 */
double stats_mde(double se, double df, double alpha, double power);

/**
 * stats_var_median() - median of a variance estimated with @df degrees of
 * freedom, over the true one
 *
 * Below 1: of few units more than half look quieter than they are. The median
 * of chi-square by E. B. Wilson and M. M. Hilferty, PNAS 17 (1931) 684.
 */
double stats_var_median(double df);

/**
 * struct stats_rates - two sets of counts per equal exposure
 * @diff:	log(mean(b) / mean(a)); infinite if one mean is 0
 * @va, @vb:	variance of a single count, on the log scale
 * @se:		sqrt(va/na + vb/nb)
 * @df:		na + nb - 2, those of the dispersion
 * @p:		two-sided, by t
 */
struct stats_rates {
	double diff;
	double va;
	double vb;
	double se;
	double df;
	double p;
};

/**
 * stats_quasi_poisson() - ratio of two rates, the dispersion estimated as
 * Pearson's X^2 / df. The unit of the counts cancels, so rates will do.
 *
 * R. W. M. Wedderburn, Biometrika 61 (1974) 439; McCullagh and Nelder,
 * Generalized Linear Models (1989) section 6.2.
 */
struct stats_rates stats_quasi_poisson(const double *a, size_t na,
				       const double *b, size_t nb);

/**
 * stats_poisson_exact() - do two Poisson counts have one rate? Conditional
 * on their sum: binomial, the smaller tail doubled
 * @ka, @kb: events; rounded to whole ones
 * @ea, @eb: exposures, in any unit
 * Return: p
 *
 * J. Przyborowski and H. Wilenski, Biometrika 31 (1940) 313.
 */
double stats_poisson_exact(double ka, double ea, double kb, double eb);

/* Clopper-Pearson bounds of k out of n. Biometrika 26 (1934) 404. */
void stats_binomial_interval(size_t k, size_t n, double level, double *lo,
			     double *hi);

#endif
