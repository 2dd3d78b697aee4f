// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/stats.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_statistics_double.h>

/* GSL's default handler aborts on what is merely out of its reach. */
#define QUIET(expr) ({							\
	gsl_error_handler_t *old_ = gsl_set_error_handler_off();	\
	double value_ = (expr);						\
									\
	gsl_set_error_handler(old_);					\
	value_;								\
})

double stats_mean(const double *x, size_t n)
{
	return n ? gsl_stats_mean(x, 1, n) : NAN;
}

double stats_var(const double *x, size_t n)
{
	return n > 1 ? gsl_stats_variance(x, 1, n) : NAN;
}

static int order_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int order_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Between two order statistics; an infinite one is not multiplied by 0. */
static double between(double lo, double hi, double share)
{
	if (share <= 0 || lo == hi)
		return lo;
	return lo + share * (hi - lo);
}

double stats_quantile(const double *x, size_t n, double p)
{
	double *v, at = p * (n - 1.0), q;
	size_t i;

	if (!n || !(p >= 0 && p <= 1))
		return NAN;
	for (i = 0; i < n; i++)
		if (isnan(x[i]))
			return NAN;
	v = malloc(n * sizeof(*v));
	if (!v)
		return NAN;
	memcpy(v, x, n * sizeof(*v));
	qsort(v, n, sizeof(*v), order_double);
	i = at;
	q = between(v[i], v[i + 1 < n ? i + 1 : i], at - i);
	free(v);
	return q;
}

double stats_median(const double *x, size_t n)
{
	return stats_quantile(x, n, 0.5);
}

double stats_quantile_u64_sort(uint64_t *x, size_t n, double p)
{
	double at = p * (n - 1.0);
	size_t i;

	if (!n || !(p >= 0 && p <= 1))
		return NAN;
	qsort(x, n, sizeof(*x), order_u64);
	i = at;
	return between(x[i], x[i + 1 < n ? i + 1 : i], at - i);
}

double stats_cv(const double *x, size_t n)
{
	double mean = stats_mean(x, n);

	return mean != 0 ? sqrt(stats_var(x, n)) / mean : NAN;
}

double stats_t_quantile(double p, double df)
{
	if (!(p >= 0 && p <= 1) || !(df > 0))
		return NAN;
	if (p == 0 || p == 1)
		return p ? INFINITY : -INFINITY;
	return p > 0.5 ? QUIET(gsl_cdf_tdist_Qinv(1 - p, df)) :
		QUIET(gsl_cdf_tdist_Pinv(p, df));
}

double stats_t_upper(double t, double df)
{
	return isnan(t) || !(df > 0) ? NAN : QUIET(gsl_cdf_tdist_Q(t, df));
}

void stats_interval(const double *x, size_t n, double level, double *lo,
		    double *hi)
{
	double mean = stats_mean(x, n);
	double half = NAN;

	if (n > 1 && level > 0 && level < 1)
		half = stats_t_quantile((1 + level) / 2, n - 1.0) *
			sqrt(stats_var(x, n) / n);
	*lo = mean - half;
	*hi = mean + half;
}

void stats_interval_log(const double *x, size_t n, double level, double *mid,
			double *lo, double *hi)
{
	double *y = malloc(n ? n * sizeof(*y) : 1);
	size_t i;

	*mid = *lo = *hi = NAN;
	if (!y)
		return;
	for (i = 0; i < n; i++)
		y[i] = x[i] > 0 ? log(x[i]) : NAN;
	*mid = exp(stats_mean(y, n));
	stats_interval(y, n, level, lo, hi);
	*lo = exp(*lo);
	*hi = exp(*hi);
	free(y);
}

struct stats_welch stats_welch(double mean_a, double va, size_t na,
			       double mean_b, double vb, size_t nb)
{
	struct stats_welch w = { mean_b - mean_a, NAN, NAN, NAN };
	double sa = va / na, sb = vb / nb;

	if (na < 2 || nb < 2 || !(va >= 0) || !(vb >= 0))
		return w;
	w.se = sqrt(sa + sb);
	w.df = (sa + sb) * (sa + sb) /
		(sa * sa / (na - 1.0) + sb * sb / (nb - 1.0));
	w.p = 2 * stats_t_upper(fabs(w.diff) / w.se, w.df);
	return w;
}

/* ---- many tests ---- */

struct ranked {
	double p;
	size_t at;
};

static int order_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

/* p values that are numbers, ascending; NULL without memory. */
static struct ranked *rank_p(const double *p, double *adj, size_t n, size_t *m)
{
	struct ranked *r = malloc(n ? n * sizeof(*r) : 1);
	size_t i;

	*m = 0;
	for (i = 0; i < n; i++) {
		adj[i] = NAN;
		if (r && !isnan(p[i]))
			r[(*m)++] = (struct ranked){ p[i], i };
	}
	if (r && *m)
		qsort(r, *m, sizeof(*r), order_ranked);
	return r;
}

int stats_bh(const double *p, double *adj, size_t n)
{
	double least = 1;
	size_t m, i;
	struct ranked *r = rank_p(p, adj, n, &m);

	if (!r)
		return -ENOMEM;
	for (i = m; i-- > 0;) {
		least = fmin(least, r[i].p * m / (i + 1));
		adj[r[i].at] = least;
	}
	free(r);
	return 0;
}

int stats_holm(const double *p, double *adj, size_t n)
{
	double most = 0;
	size_t m, i;
	struct ranked *r = rank_p(p, adj, n, &m);

	if (!r)
		return -ENOMEM;
	for (i = 0; i < m; i++) {
		most = fmax(most, fmin(1, r[i].p * (m - i)));
		adj[r[i].at] = most;
	}
	free(r);
	return 0;
}

/* ---- power ---- */

/*
 * P(T > t), T = (Z + d) / S with S^2 = chi^2_df / df. The integral is taken
 * over whichever of Z and S varies faster in units of t, so that what is
 * integrated is never much sharper than a standard normal density, for which
 * the trapezoidal rule is exact but for rounding (S itself has an edge at 0
 * when df is small). The sum of the weights takes the place of the density's
 * constant.
 */
static double noncentral_t_upper(double t, double df, double d)
{
	double step = 0.5, end = 6, sum = 0, weights = 0, x, w, s;
	double root = sqrt(2 * df);
	bool over_z = t > root || df < 4;

	for (x = -end; x <= end; x += step) {
		if (over_z) {
			w = exp(-x * x / 2);
			s = fmax(0, (x + d) / t);
			sum += w * QUIET(gsl_cdf_chisq_P(df * s * s, df));
		} else {
			s = 1 + x / root;
			if (s <= 0)
				continue;
			w = exp((df - 1) * log(s) - df * (s * s - 1) / 2);
			sum += w * gsl_cdf_ugaussian_P(d - t * s);
		}
		weights += w;
	}
	return sum / weights;
}

double stats_power(double delta, double se, double df, double alpha)
{
	if (!(alpha > 0 && alpha <= 1) || !(df > 0) || !(se > 0) ||
	    !(delta >= 0))
		return NAN;
	return noncentral_t_upper(stats_t_quantile(1 - alpha / 2, df), df,
				  delta / se);
}

double stats_mde(double se, double df, double alpha, double power)
{
	double t, lo = 0, hi, d, f, flo, fhi;
	int i, side = 0;

	if (!(alpha > 0 && alpha < 1) || !(power > alpha && power < 1) ||
	    !(df > 0) || !(se >= 0) || isinf(se))
		return NAN;
	t = stats_t_quantile(1 - alpha / 2, df);
	d = hi = t + 2;
	flo = alpha / 2 - power;
	while ((fhi = noncentral_t_upper(t, df, hi) - power) < 0) {
		lo = hi;
		flo = fhi;
		d = hi *= 2;
		if (!(hi < 1e12))
			return NAN;
	}
	/* False position; an end that stays is halved (Illinois). */
	for (i = 0; i < 60; i++) {
		d = (lo * fhi - hi * flo) / (fhi - flo);
		f = noncentral_t_upper(t, df, d) - power;
		if (fabs(f) < 1e-7)
			break;
		if (f > 0) {
			hi = d;
			fhi = f;
			flo /= side > 0 ? 2 : 1;
			side = 1;
		} else {
			lo = d;
			flo = f;
			fhi /= side < 0 ? 2 : 1;
			side = -1;
		}
	}
	return d * se;
}

double stats_var_median(double df)
{
	return df > 0 ? pow(1 - 2 / (9 * df), 3) : NAN;
}

/* ---- counts ---- */

/* Pearson's X^2 of counts round their mean. */
static double pearson(const double *x, size_t n, double mean)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n && mean != 0; i++)
		sum += (x[i] - mean) * (x[i] - mean) / mean;
	return sum;
}

struct stats_rates stats_quasi_poisson(const double *a, size_t na,
				       const double *b, size_t nb)
{
	struct stats_rates r = { NAN, NAN, NAN, NAN, NAN, NAN };
	double ma = stats_mean(a, na), mb = stats_mean(b, nb), phi;

	if (!(ma >= 0) || !(mb >= 0))
		return r;
	r.diff = ma == mb ? 0 : log(mb / ma);
	if (na + nb < 3)
		return r;
	r.df = na + nb - 2.0;
	phi = (pearson(a, na, ma) + pearson(b, nb, mb)) / r.df;
	if (!(ma > 0) || !(mb > 0))
		return r;
	r.va = phi / ma;
	r.vb = phi / mb;
	r.se = sqrt(r.va / na + r.vb / nb);
	r.p = 2 * stats_t_upper(fabs(r.diff) / r.se, r.df);
	return r;
}

double stats_poisson_exact(double ka, double ea, double kb, double eb)
{
	double total, share = eb / (ea + eb), up, down;

	ka = round(ka);
	kb = round(kb);
	total = ka + kb;
	if (!(ka >= 0) || !(kb >= 0) || !(ea > 0) || !(eb > 0) ||
	    isinf(total) || isnan(share))
		return NAN;
	/* Binomial tails as beta ones. */
	up = kb > 0 ? QUIET(gsl_cdf_beta_P(share, kb, ka + 1)) : 1;
	down = ka > 0 ? QUIET(gsl_cdf_beta_Q(share, kb + 1, ka)) : 1;
	return fmin(1, 2 * fmin(up, down));
}

/* x with P(Beta(a, b) <= x) = p; GSL's own inverse fails for some a, b. */
static double beta_quantile(double p, double a, double b)
{
	double lo = 0, hi = 1, x = 0.5;
	int i;

	for (i = 0; i < 60; i++) {
		x = (lo + hi) / 2;
		if (QUIET(gsl_cdf_beta_P(x, a, b)) < p)
			lo = x;
		else
			hi = x;
	}
	return x;
}

void stats_binomial_interval(size_t k, size_t n, double level, double *lo,
			     double *hi)
{
	double tail = (1 - level) / 2;

	*lo = *hi = NAN;
	if (!n || k > n || !(level > 0 && level < 1))
		return;
	*lo = k ? beta_quantile(tail, k, n - k + 1.0) : 0;
	*hi = k < n ? beta_quantile(1 - tail, k + 1.0, n - k) : 1;
}
