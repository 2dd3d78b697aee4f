// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/contrast.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/stats.h"

struct contrast contrast(const struct contrast_cell *cell,
			 const double *weight, size_t n, double level)
{
	struct contrast c = { 0, NAN, NAN, NAN, NAN, NAN };
	double var = 0, sum = 0, v, half;
	size_t i;

	for (i = 0; i < n; i++) {
		if (weight[i] == 0)
			continue;
		c.value += weight[i] * cell[i].mean;
		v = weight[i] * weight[i] * cell[i].var / cell[i].n;
		if (cell[i].n < 2 || !(v >= 0))
			v = NAN;
		var += v;
		sum += v * v / (cell[i].n - 1.0);
	}
	if (!(var > 0) || !isfinite(c.value))
		return c;
	c.se = sqrt(var);
	c.df = var * var / sum;
	half = stats_t_quantile((1 + level) / 2, c.df) * c.se;
	c.lo = c.value - half;
	c.hi = c.value + half;
	c.p = 2 * stats_t_upper(fabs(c.value) / c.se, c.df);
	return c;
}

/* Covariance of two contrasts of the same cells. */
static double covariance(const struct contrast_cell *cell, const double *a,
			 const double *b, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (a[i] != 0 && b[i] != 0)
			sum += a[i] * b[i] * cell[i].var / cell[i].n;
	return sum;
}

double contrast_share(const struct contrast_cell *cell, const double *part,
		      const double *total, size_t n, double level,
		      double *lo, double *hi)
{
	struct contrast p = contrast(cell, part, n, level);
	struct contrast d = contrast(cell, total, n, level);
	double rest[n + 1], share = p.value / d.value, t2, a, b, c, root;
	size_t i;

	memset(rest, 0, sizeof(rest));
	*lo = *hi = NAN;
	if (!(d.lo > 0 || d.hi < 0) || !(p.se > 0))
		return NAN;
	for (i = 0; i < n; i++)
		rest[i] = part[i] - share * total[i];
	t2 = stats_t_quantile((1 + level) / 2,
			      contrast(cell, rest, n, level).df);
	/* The total is its own share, without an error. */
	if (isnan(t2))
		t2 = 0;
	t2 *= t2;
	a = d.value * d.value - t2 * d.se * d.se;
	b = p.value * d.value - t2 * covariance(cell, part, total, n);
	c = p.value * p.value - t2 * p.se * p.se;
	root = b * b - a * c;
	if (!(a > 0))
		return NAN;
	root = sqrt(fmax(root, 0));
	*lo = (b - root) / a;
	*hi = (b + root) / a;
	return share;
}

void contrast_term(struct contrast_want *want, const struct obs_set *set,
		   double weight, double total)
{
	size_t i;

	for (i = 0; i < want->n && want->set[i] != set; i++)
		;
	if (i == CONTRAST_SETS)
		return;
	if (i == want->n) {
		want->set[want->n++] = set;
		want->weight[i] = want->total[i] = 0;
	}
	want->weight[i] += weight;
	want->total[i] += total;
}

/* One family. */
static int holm(struct contrast_row *const *row, size_t n, int primary,
		double *p, double *adj)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++)
		p[i] = !!row[i]->id.metric.primary == primary ? row[i]->p :
			NAN;
	err = stats_holm(p, adj, n);
	for (i = 0; !err && i < n; i++)
		if (!!row[i]->id.metric.primary == primary)
			row[i]->p_holm = adj[i];
	return err;
}

int contrast_holm(struct contrast_row *const *row, size_t n)
{
	double *p = calloc(2 * n + 1, sizeof(*p));
	int err = p ? 0 : -ENOMEM, primary;

	for (primary = 0; !err && primary < 2; primary++)
		err = holm(row, n, primary, p, p + n);
	free(p);
	return err;
}
