// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/borrow.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_psi.h>

#define SIDES_ALIKE	0.025	/* each tail of F */
#define PRIOR_TAIL	0.01
#define DF_HUGE		1e10	/* as good as infinite, and GSL takes it */

double stats_trigamma_inverse(double y)
{
	double x, step;
	int i;

	if (!(y > 0))
		return y == 0 ? INFINITY : NAN;
	if (y > 1e7)
		return 1 / sqrt(y);
	if (y < 1e-6)
		return 1 / y;
	x = 0.5 + 1 / y;
	for (i = 0; i < 50; i++) {
		double tri = gsl_sf_psi_1(x);

		step = tri * (1 - tri / y) / gsl_sf_psi_n(2, x);
		x += step;
		if (-step / x < 1e-10)
			break;
	}
	return x;
}

/* log s2 without the bias that a chi-square's logarithm has. */
static double log_unbiased(double s2, double df)
{
	return log(s2) - gsl_sf_psi(df / 2) + log(df / 2);
}

struct stats_prior stats_prior_fit(const double *s2, const double *df,
				   size_t n)
{
	struct stats_prior prior = { NAN, 0 };
	double mean = 0, var = 0, chance = 0, d;
	size_t i, m = 0;

	for (i = 0; i < n; i++) {
		if (!(s2[i] > 0 && df[i] > 0) || isinf(s2[i]))
			continue;
		/* Welford's mean and sum of squares. */
		d = log_unbiased(s2[i], df[i]) - mean;
		mean += d / ++m;
		var += d * d * (m - 1) / m;
		chance += gsl_sf_psi_1(df[i] / 2);
	}
	if (m < 2)
		return prior;
	var = var / (m - 1) - chance / m;
	if (!(var > 1e-6)) {
		prior.df = INFINITY;
		prior.s2 = exp(mean);
		return prior;
	}
	prior.df = 2 * stats_trigamma_inverse(var);
	prior.s2 = exp(mean + gsl_sf_psi(prior.df / 2) - log(prior.df / 2));
	return prior;
}

/* Upper tail of F, by the beta distribution that stands behind it. */
static double f_upper(double f, double d1, double d2)
{
	gsl_error_handler_t *old = gsl_set_error_handler_off();
	double p;

	d1 = fmin(d1, DF_HUGE);
	d2 = fmin(d2, DF_HUGE);
	p = gsl_cdf_fdist_Q(f, d1, d2);
	gsl_set_error_handler(old);
	return p;
}

bool stats_prior_fits(const struct stats_prior *prior, double s2, double df)
{
	return prior->df > 0 && prior->s2 > 0 && df > 0 &&
		f_upper(s2 / prior->s2, df, prior->df) >= PRIOR_TAIL;
}

static bool sides_alike(double va, size_t na, double vb, size_t nb)
{
	double p = f_upper(va / vb, na - 1.0, nb - 1.0);

	return p >= SIDES_ALIKE && p <= 1 - SIDES_ALIKE;
}

struct stats_welch stats_borrow(double mean_a, double va, size_t na,
				double mean_b, double vb, size_t nb,
				const struct stats_prior *prior, double *s2)
{
	struct stats_welch w = stats_welch(mean_a, va, na, mean_b, vb, nb);
	double units = 1.0 / na + 1.0 / nb, own, df;

	own = w.se * w.se / units;
	df = w.df;
	if (s2)
		*s2 = own;
	if (!(w.se > 0) || !(prior->df > 0))
		return w;
	if (va > 0 && vb > 0 && sides_alike(va, na, vb, nb)) {
		df = na + nb - 2.0;
		own = ((na - 1) * va + (nb - 1) * vb) / df;
	}
	own = isinf(prior->df) ? prior->s2 :
		(prior->df * prior->s2 + df * own) / (prior->df + df);
	w.se = sqrt(own * units);
	w.df = fmin(prior->df + df, DF_HUGE);
	w.p = 2 * stats_t_upper(fabs(w.diff) / w.se, w.df);
	if (s2)
		*s2 = own;
	return w;
}
