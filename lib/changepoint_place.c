// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/changepoint_place.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ranks.h"
#include "lib/stats.h"

#define LOSS_NOISE	3.68	/* log likelihood, 95 % */
#define LOSS_RANKS	6	/* z^2 */
#define SPLIT_P		0.05
#define SIDE_LEAST	2

double split_tail(double z, size_t n)
{
	double h, p;

	if (!(z > 1) || n < 4)
		return 1;
	/* The share of splits left out at each end. */
	h = fmax(SIDE_LEAST - 0.5, pow(log(n), 1.5)) / n;
	h = fmin(h, 0.45);
	p = z * exp(-z * z / 2) / sqrt(2 * M_PI) *
		((1 - 1 / (z * z)) * 2 * log((1 - h) / h) + 4 / (z * z));
	return fmin(1, p);
}

static size_t stretch_end(const struct path *path, size_t k, size_t n)
{
	return k + 1 < path->n ? path->start[k + 1] : n;
}

static int room_for(const struct path *path, struct changepoints *out)
{
	out->v = calloc(path->n, sizeof(*out->v));
	out->n = 0;
	return out->v ? 0 : -ENOMEM;
}

/* ---- by noise ---- */

/*
 * Log likelihood of each split of from..to between two levels into
 * @sum[1..to - from - 1]; the best one is returned.
 */
static size_t split_noise(const double *x, size_t from, size_t to,
			  const struct noise *f, const double level[2],
			  double *sum)
{
	double best = -INFINITY, total = 0;
	size_t at = from + 1, i;

	for (i = from; i < to; i++) {
		sum[i - from] = total;
		if (i > from && total > best) {
			best = total;
			at = i;
		}
		total += noise_log(f, x[i] - level[0]) -
			noise_log(f, x[i] - level[1]);
	}
	return at;
}

/* All splits that are nearly as good as the change's, or better. */
static void nearly_as_good(struct changepoint *c, const double *sum,
			   size_t from, size_t to, double loss)
{
	double least = sum[c->index - from] - loss;
	size_t i;

	c->first = c->last = c->index;
	for (i = from + 1; i < to; i++) {
		if (sum[i - from] < least)
			continue;
		c->first = i < c->first ? i : c->first;
		c->last = i > c->last ? i : c->last;
	}
}

/* The grid's level bettered by a parabola through its neighbours. */
static double better_level(const double *x, size_t n, const struct noise *f,
			   double level)
{
	double gap = f->width / 2, low, mid, high, bend;

	low = noise_likelihood(f, x, n, level - gap);
	mid = noise_likelihood(f, x, n, level);
	high = noise_likelihood(f, x, n, level + gap);
	bend = low - 2 * mid + high;
	if (!(bend < 0))
		return level;
	return level + fmax(-gap, fmin(gap, gap * (low - high) / (2 * bend)));
}

static void size_noise(struct changepoint *c, const struct noise *f, size_t na,
		       size_t nb, double inflation)
{
	double se = inflation * sqrt((1. / na + 1. / nb) / f->information);
	double half = stats_t_quantile(0.975, fmax(1, na + nb - 2.)) * se;

	c->step = c->after - c->before;
	c->lo = c->step - half;
	c->hi = c->step + half;
	c->p = split_tail(fabs(c->step) / se, na + nb);
}

static void better_levels(const double *x, size_t n, const struct noise *f,
			  struct path *path)
{
	size_t k, from;

	for (k = 0; k < path->n; k++) {
		from = path->start[k];
		path->level[k] = better_level(x + from, stretch_end(path, k, n)
					      - from, f, path->level[k]);
	}
}

int place_settle(const double *x, size_t n, const struct noise *f,
		 struct path *path)
{
	double *sum = malloc(n * sizeof(*sum));
	size_t k;

	if (!sum)
		return -ENOMEM;
	better_levels(x, n, f, path);
	for (k = 1; k < path->n; k++)
		if (!path->held || !path->held[k])
			path->start[k] = split_noise(x, path->start[k - 1],
						     stretch_end(path, k, n), f,
						     path->level + k - 1, sum);
	free(sum);
	return 0;
}

int place_by_noise(const double *x, size_t n, const struct noise *f,
		   struct path *path, double inflation,
		   struct changepoints *out)
{
	double *sum = malloc(n * sizeof(*sum));
	double loss = LOSS_NOISE * inflation * inflation;
	size_t k, from, to;
	int err = sum ? room_for(path, out) : -ENOMEM;

	if (!err)
		better_levels(x, n, f, path);
	for (k = 1; !err && k < path->n; k++) {
		struct changepoint *c = &out->v[out->n++];

		from = path->start[k - 1];
		to = stretch_end(path, k, n);
		c->index = path->start[k];
		split_noise(x, from, to, f, path->level + k - 1, sum);
		nearly_as_good(c, sum, from, to, loss);
		c->before = path->level[k - 1] + f->centre;
		c->after = path->level[k] + f->centre;
		size_noise(c, f, c->index - from, to - c->index, inflation);
	}
	free(sum);
	return err;
}

/* ---- by ranks ---- */

/* z of every split of @n values into @z[1..n-1]. */
static int split_zs(const double *x, size_t n, double *z)
{
	uint32_t *order = malloc(n * sizeof(*order));
	double *score = malloc(2 * n * sizeof(*score)), *a = score + n;
	double sum = 0, square = 0;
	size_t i;

	if (!order || !score || ranks_order(x, n, order)) {
		free(order);
		free(score);
		return -ENOMEM;
	}
	ranks_normal(score, n);
	ranks_scores(x, order, n, score, a);
	for (i = 0; i < n; i++)
		square += a[i] * a[i];
	for (i = 1; i < n; i++) {
		sum += a[i - 1];
		z[i] = square > RANKS_SQUARES ? fabs(sum) / sqrt((double)i * (n - i) /
					(n * (n - 1.)) * square) : 0;
	}
	free(order);
	free(score);
	return 0;
}

static bool constant(const double *x, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (x[i] != x[0])
			return false;
	return true;
}

static int split_ranks(const double *x, size_t from, size_t to,
		       double inflation, double *z, struct changepoint *c)
{
	double best = 0, loss = LOSS_RANKS * inflation * inflation;
	size_t n = to - from, i;
	int err = split_zs(x + from, n, z);

	if (err)
		return err;
	for (i = 1; i < n; i++)
		if (z[i] > best) {
			best = z[i];
			c->index = from + i;
		}
	c->first = c->last = c->index;
	for (i = 1; i < n; i++) {
		if (best * best - z[i] * z[i] > loss)
			continue;
		c->first = from + i < c->first ? from + i : c->first;
		c->last = from + i > c->last ? from + i : c->last;
	}
	/* Two levels without any noise leave no doubt. */
	if (constant(x + from, c->index - from) &&
	    constant(x + c->index, to - c->index))
		c->first = c->last = c->index;
	c->p = split_tail(best / inflation, n);
	return 0;
}

static void size_means(const double *x, size_t from, size_t to,
		       double inflation, struct changepoint *c)
{
	size_t na = c->index - from, nb = to - c->index;
	const double *a = x + from, *b = x + c->index;
	double var = inflation * inflation, half;
	struct stats_welch w;

	c->before = stats_mean(a, na);
	c->after = stats_mean(b, nb);
	c->step = c->after - c->before;
	w = stats_welch(c->before, var * stats_var(a, na), na,
			c->after, var * stats_var(b, nb), nb);
	half = w.se > 0 ? stats_t_quantile(0.975, w.df) * w.se : w.se;
	c->lo = c->step - half;
	c->hi = c->step + half;
}

static void drop(struct path *path, size_t k)
{
	memmove(path->start + k, path->start + k + 1,
		(path->n - k - 1) * sizeof(*path->start));
	path->n--;
}

/* Split between neighbours; the weakest that does not stand out goes. */
static int prune(const double *x, size_t n, struct path *path,
		 double inflation, double *z, struct changepoints *out)
{
	size_t k, worst;
	int err;

	do {
		worst = 0;
		for (k = 1; k < path->n; k++) {
			struct changepoint *c = &out->v[k - 1];

			c->index = path->start[k];
			err = split_ranks(x, path->start[k - 1],
					  stretch_end(path, k, n), inflation,
					  z, c);
			if (err)
				return err;
			path->start[k] = c->index;
			if (c->p > SPLIT_P &&
			    (!worst || c->p > out->v[worst - 1].p))
				worst = k;
		}
		if (worst && path->n > 2)
			drop(path, worst);
	} while (worst && path->n > 2);
	out->n = path->n - 1;
	return 0;
}

int place_by_ranks(const double *x, size_t n, struct path *path,
		   double inflation, struct changepoints *out)
{
	double *z = malloc(n * sizeof(*z));
	size_t k;
	int err = z ? room_for(path, out) : -ENOMEM;

	if (!err)
		err = prune(x, n, path, inflation, z, out);
	for (k = 1; !err && k < path->n; k++)
		size_means(x, path->start[k - 1], stretch_end(path, k, n),
			   inflation, &out->v[k - 1]);
	free(z);
	return err;
}
