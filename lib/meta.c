// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/meta.h"

#include <math.h>
#include <stdbool.h>

#include "lib/stats.h"

static const struct stats_meta unknown = { NAN, NAN, NAN, NAN, NAN, NAN };

static bool sound(const double *y, const double *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isfinite(y[i]) || !(v[i] > 0) || isinf(v[i]))
			return false;
	return n > 1;
}

/* Cochran's Q, and the mean by weights 1 / (v + tau2). */
static double cochran(const double *y, const double *v, size_t n, double tau2,
		      double *mean, double *sum_w)
{
	double sum = 0, q = 0;
	size_t i;

	*sum_w = 0;
	for (i = 0; i < n; i++) {
		*sum_w += 1 / (v[i] + tau2);
		sum += y[i] / (v[i] + tau2);
	}
	*mean = sum / *sum_w;
	for (i = 0; i < n; i++)
		q += (y[i] - *mean) * (y[i] - *mean) / (v[i] + tau2);
	return q;
}

/* Moments of DerSimonian and Laird. */
static void between_hosts(struct stats_meta *m, const double *y,
			  const double *v, size_t n)
{
	double mean, sum_w, q = cochran(y, v, n, 0, &mean, &sum_w), sum_w2 = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum_w2 += 1 / (v[i] * v[i]);
	m->tau2 = fmax(0, (q - (n - 1)) / (sum_w - sum_w2 / sum_w));
	m->i2 = q > 0 ? fmax(0, (q - (n - 1)) / q) : 0;
}

struct stats_meta stats_meta_fixed(const double *y, const double *v,
				   const double *df, size_t n)
{
	struct stats_meta m = unknown;
	double sum = 0, squares = 0;
	size_t i;

	if (!sound(y, v, n))
		return m;
	between_hosts(&m, y, v, n);
	for (i = 0; i < n; i++) {
		sum += v[i];
		squares += v[i] * v[i] / df[i];
	}
	m.mean = stats_mean(y, n);
	m.se = sqrt(sum) / n;
	m.df = sum * sum / squares;
	m.p = 2 * stats_t_upper(fabs(m.mean) / m.se, m.df);
	return m;
}

struct stats_meta stats_meta_random(const double *y, const double *v, size_t n)
{
	struct stats_meta m = unknown;
	double sum_w, q;

	if (!sound(y, v, n))
		return m;
	between_hosts(&m, y, v, n);
	q = cochran(y, v, n, m.tau2, &m.mean, &sum_w);
	m.df = n - 1.0;
	/* Never narrower than the hosts' own errors make it (G. Knapp and J.
	 * Hartung, Statistics in Medicine 22 (2003) 2693). */
	m.se = sqrt(fmax(1, q / m.df) / sum_w);
	m.p = 2 * stats_t_upper(fabs(m.mean) / m.se, m.df);
	return m;
}
