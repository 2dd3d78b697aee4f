// SPDX-License-Identifier: GPL-2.0-or-later
/* A bound on the tail of one split, for where simulations do not reach. */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sf_gamma.h>

#include "lib/changepoint_scan.h"
#include "lib/ranks.h"

#define STEPS		60
#define TILT_MOST	200

/**
 * struct tilt - the bound's logarithm at one tilt, with its derivatives
 */
struct tilt {
	double value;
	double da, dl;
	double daa, dal, dll;
};

/* sum log(1 + exp(a + l s_i)) - a k - l t, convex in a and l. */
static struct tilt tilt_at(const double *s, size_t n, double k, double t,
			   double a, double l)
{
	struct tilt f = { -a * k - l * t, -k, -t, 0, 0, 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		double u = a + l * s[i], p, w;

		f.value += u > 0 ? u + log1p(exp(-u)) : log1p(exp(u));
		p = 1 / (1 + exp(-u));
		w = p * (1 - p);
		f.da += p;
		f.dl += p * s[i];
		f.daa += w;
		f.dal += w * s[i];
		f.dll += w * s[i] * s[i];
	}
	return f;
}

/* Newton's steps, halved where they lead up; any point is a bound. */
static double least(const double *s, size_t n, double k, double t)
{
	double a = log(k / (n - k)), l = 0, best, det, sa, sl, h;
	struct tilt f = tilt_at(s, n, k, t, a, l), g;
	int i;

	best = f.value;
	for (i = 0; i < STEPS && fabs(l) < TILT_MOST; i++) {
		det = f.daa * f.dll - f.dal * f.dal;
		if (!(det > 1e-12 * f.daa * f.dll))
			break;
		sa = (f.dll * f.da - f.dal * f.dl) / det;
		sl = (f.daa * f.dl - f.dal * f.da) / det;
		for (h = 1; h > 1e-6; h /= 2) {
			g = tilt_at(s, n, k, t, a - h * sa, l - h * sl);
			if (g.value < best)
				break;
		}
		if (!(g.value < best - 1e-6))
			return fmin(best, g.value);
		a -= h * sa;
		l -= h * sl;
		f = g;
		best = f.value;
	}
	return best;
}

double scan_bound(const double *x, size_t n, size_t k)
{
	double *score = malloc(2 * n * sizeof(*score)), *s = score + n;
	uint32_t *order = malloc(n * sizeof(*order));
	double sum = 0, bound = 0;
	size_t i;

	if (!score || !order || ranks_order(x, n, order))
		goto free_all;
	ranks_normal(score, n);
	ranks_scores(x, order, n, score, s);
	for (i = 0; i < k; i++)
		sum += s[i];
	bound = least(s, n, k, fabs(sum)) - gsl_sf_lnchoose(n, k);
free_all:
	free(order);
	free(score);
	/* Either side may be the higher one. */
	return fmin(1, 2 * exp(bound));
}
