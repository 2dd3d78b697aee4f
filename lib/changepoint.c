// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/changepoint.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "lib/changepoint_path.h"
#include "lib/changepoint_place.h"
#include "lib/changepoint_ties.h"
#include "lib/ranks.h"
#include "lib/stats.h"

#define VALUES_MOST	((size_t)1 << 24)
#define BOUND_BELOW	0.02
#define BOUND_MOST	1024	/* values of a window */
#define SEED_TAIL	0.3	/* of the scan, for a first idea of the levels */
#define SEED_ROUNDS	3
#define ROUNDS		3
#define TEMPLATE_LEAST	20	/* values */
#define RHO_MOST	0.95
#define TEMPLATE_QUANTILES 5
#define SPIKE		5	/* scales */
#define CREEP_ENDS	10
#define CREEP_FIRST	32

static const double template_p[TEMPLATE_QUANTILES] = {
	0.1, 0.25, 0.5, 0.75, 0.9,
};

/**
 * struct search - a series at work
 * @seed:	first indices of the stretches between the scan's points
 * @residual:	what is left without the levels
 */
struct search {
	const double *x;
	size_t n;
	double alpha;
	struct scan scan;
	struct ties ties;
	uint32_t *seed;
	double *residual;
};

/* Too few different values for a density: ranks place the changes. */
static bool coarse(const struct search *s)
{
	return s->scan.distinct < 12 && s->scan.distinct < s->n / 2;
}

/* ---- autocorrelation ---- */

/*
 * AR(1) noise makes sums of residuals vary by (1 + rho) / (1 - rho) more. Of
 * what fits, one part in n is lost per level.
 */
static double inflation(double rho)
{
	return sqrt((1 + rho) / (1 - rho));
}

static double residual_rho(const struct search *s, size_t n, size_t levels)
{
	const double *r = s->residual;
	double rho;

	/* Ranks of residuals of few values would mirror the levels. */
	rho = coarse(s) ? gsl_stats_lag1_autocorrelation(r, 1, n) :
		ranks_autocorrelation(r, n);
	if (isnan(rho))
		return 0;
	rho += (double)levels / n;

	return fmin(fmax(rho, 0), RHO_MOST);
}

/*
 * Residuals from the medians of the stretches between the scan's points; from
 * the means where a median could only be one of a few values.
 */
static size_t seed_residuals(struct search *s, size_t n, double least)
{
	size_t k = scan_points(&s->scan, n, least, s->seed), i, t, from, to;

	for (i = 0; i <= k; i++) {
		double level;

		from = i ? s->seed[i - 1] : 0;
		to = i < k ? s->seed[i] : n;
		level = coarse(s) ? stats_mean(s->x + from, to - from) :
			stats_median(s->x + from, to - from);
		for (t = from; t < to; t++)
			s->residual[t] = s->x[t] - level;
	}
	return k + 1;
}

/*
 * The autocorrelation of the first @n values. Points that it explains have
 * hidden some of it, so it is asked again without them.
 */
static double seed_rho(struct search *s, size_t n, int rounds, size_t *levels)
{
	double least = fmax(SCAN_KEEP, ties_quantile(&s->ties, scan_horizon(n),
						     SEED_TAIL));
	double rho = 0;
	int round;

	for (round = 0; round < rounds; round++) {
		*levels = seed_residuals(s, n, least * inflation(rho));
		rho = fmax(rho, residual_rho(s, n, *levels));
		if (!(rho > 0))
			break;
	}
	return rho;
}

/* ---- did anything change? ---- */

/*
 * A horizon's windows are judged with the autocorrelation of what came before
 * them, so that nothing which is appended takes a finding back.
 */
static double horizon_inflation(struct search *s, int h)
{
	size_t n = (size_t)1 << (h == HORIZON_FIRST ? h : h - 1), levels;

	n = n < s->n ? n : s->n;
	return inflation(seed_rho(s, n, SEED_ROUNDS, &levels));
}

/*
 * Chance of the largest z of a horizon. Simulated tails end at a thousandth,
 * and those of short windows fall faster from there than a normal one.
 */
static double horizon_tail(struct search *s, int h, double inflated)
{
	const struct scan_window *w = &s->scan.best[h];
	double p = ties_tail(&s->ties, h, s->scan.z[h] / inflated);

	if (p > BOUND_BELOW || w->len > BOUND_MOST)
		return p;
	/* With autocorrelation so many values count as fewer. */
	return fmin(p, scan_splits(h) *
		    pow(scan_bound(s->x + w->from, w->len, w->at - w->from),
			1 / (inflated * inflated)));
}

/* p of the series; @at: a change that stands for it. */
static double series_p(struct search *s, uint32_t *at)
{
	double best = 1, p;
	int last = scan_horizon(s->n), h;

	*at = s->n / 2;
	for (h = HORIZON_FIRST; h <= last; h++) {
		if (!(s->scan.z[h] > 0))
			continue;
		p = horizon_tail(s, h, 1) / scan_weight(h);
		if (p >= best)
			continue;
		p = horizon_tail(s, h, horizon_inflation(s, h)) /
			scan_weight(h);
		if (p < best) {
			best = p;
			*at = s->scan.best[h].at;
		}
	}
	return best;
}

/* ---- where, and how often? ---- */

/* Median gap between neighbouring values, where many are equal: a clock. */
static int value_step(const struct search *s, double *step)
{
	uint32_t *order;
	double *gap;
	size_t i, k = 0;

	*step = 0;
	if (10 * s->scan.distinct >= 8 * s->n)
		return 0;
	order = malloc(s->n * sizeof(*order));
	gap = malloc(s->n * sizeof(*gap));
	if (!order || !gap || ranks_order(s->x, s->n, order)) {
		free(order);
		free(gap);
		return -ENOMEM;
	}
	for (i = 1; i < s->n; i++)
		if (s->x[order[i]] > s->x[order[i - 1]])
			gap[k++] = s->x[order[i]] - s->x[order[i - 1]];
	*step = k ? stats_median(gap, k) : 0;
	free(order);
	free(gap);
	return 0;
}

static size_t stretch_length(const struct search *s, const struct path *path,
			     size_t k)
{
	return (k + 1 < path->n ? path->start[k + 1] : s->n) - path->start[k];
}

static void path_residuals(struct search *s, const struct path *path)
{
	size_t i, k;

	for (k = 0; k < path->n; k++)
		for (i = 0; i < stretch_length(s, path, k); i++)
			s->residual[path->start[k] + i] =
				s->x[path->start[k] + i] - path->level[k];
}

/* The level that lays a stretch on a template, quantile on quantile. */
static double best_level(const double *x, size_t n, double level,
			 const double *quantile, const struct noise *f)
{
	double best = noise_likelihood(f, x, n, level), l, at;
	double found = level;
	size_t q;

	for (q = 0; q < TEMPLATE_QUANTILES; q++) {
		at = stats_quantile(x, n, template_p[q]) - quantile[q];
		l = noise_likelihood(f, x, n, at);
		if (l > best) {
			best = l;
			found = at;
		}
	}
	return found;
}

/*
 * Stretches that were laid on one another wrongly, the one mode of noise on
 * the other, bear each other out. So each is laid on the longest by itself.
 */
static int relevel(struct search *s, struct path *path, double least,
		   struct noise *f)
{
	double quantile[TEMPLATE_QUANTILES];
	struct noise one;
	size_t k, q, longest = 0;
	int err;

	for (k = 1; k < path->n; k++)
		if (stretch_length(s, path, k) >
		    stretch_length(s, path, longest))
			longest = k;
	if (stretch_length(s, path, longest) < TEMPLATE_LEAST)
		return 0;
	err = noise_estimate(s->residual + path->start[longest],
			     stretch_length(s, path, longest), least, &one);
	if (err)
		return err == -EDOM ? 0 : err;
	for (q = 0; q < TEMPLATE_QUANTILES; q++)
		quantile[q] = stats_quantile(s->residual + path->start[longest],
					     stretch_length(s, path, longest),
					     template_p[q]);
	for (k = 0; k < path->n; k++)
		path->level[k] = best_level(s->x + path->start[k],
					    stretch_length(s, path, k),
					    path->level[k], quantile, &one);
	path_residuals(s, path);
	return noise_estimate(s->residual, s->n, least, f);
}

/* Levels and noise in turn, each by the other. */
static int fit_path(struct search *s, struct noise *f, struct path *path,
		    double *rho)
{
	size_t levels;
	double step, inflated;
	int round, err = value_step(s, &step);

	*rho = seed_rho(s, s->n, 1, &levels);
	for (round = 0; !err && round < ROUNDS; round++) {
		if (round)
			*rho = residual_rho(s, s->n, levels);
		inflated = inflation(*rho);
		err = noise_estimate(s->residual, s->n, 0.6 * step, f);
		if (err)
			break;
		path_free(path);
		err = path_find(s->x, s->n, f, (1 + log(s->n)) * inflated *
				inflated, path);
		if (!err)
			path_residuals(s, path);
		levels = path->n;
	}
	if (!err && path->n > 1)
		err = relevel(s, path, 0.6 * step, f);
	return err;
}

/* The scan's own points, where there is no noise to speak of. */
static int rank_path(struct search *s, uint32_t at, struct path *path)
{
	int h = scan_horizon(s->n);
	size_t k = scan_points(&s->scan, s->n, fmax(SCAN_KEEP,
			ties_quantile(&s->ties, h, 0.05)), s->seed), i;

	if (!k)
		s->seed[k++] = at;
	path->n = k + 1;
	path->start = calloc(k + 1, sizeof(*path->start));
	path->level = calloc(k + 1, sizeof(*path->level));
	if (!path->start || !path->level)
		return -ENOMEM;
	for (i = 0; i < k; i++)
		path->start[i + 1] = s->seed[i];
	return 0;
}

static int split_at(struct path *path, uint32_t at)
{
	uint32_t *start = realloc(path->start, 2 * sizeof(*start));
	double *level;

	if (!start)
		return -ENOMEM;
	path->start = start;
	level = realloc(path->level, 2 * sizeof(*level));
	if (!level)
		return -ENOMEM;
	path->level = level;
	start[1] = at;
	level[1] = level[0];
	path->n = 2;
	return 0;
}

static int find_spikes(const struct search *s, const struct noise *f,
		       struct changepoints *out)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		n += fabs(s->residual[i] - f->centre) > SPIKE * f->scale;
	out->spike = calloc(n + 1, sizeof(*out->spike));
	if (!out->spike)
		return -ENOMEM;
	for (i = 0; i < s->n; i++)
		if (fabs(s->residual[i] - f->centre) > SPIKE * f->scale)
			out->spike[out->nspikes++] = i;
	return 0;
}

static int find_changes(struct search *s, uint32_t at,
			struct changepoints *out)
{
	struct path path = { 0 };
	struct noise f;
	bool alarm = out->p <= s->alpha;
	int err;

	err = coarse(s) ? -EDOM : fit_path(s, &f, &path, &out->rho);
	if (err == -EDOM) {
		path_free(&path);
		if (!alarm)
			return 0;
		err = rank_path(s, at, &path);
		if (!err)
			err = place_by_ranks(s->x, s->n, &path,
					     inflation(out->rho), out);
	} else if (!err) {
		out->scale = f.scale;
		err = find_spikes(s, &f, out);
		if (!err && alarm && path.n < 2)
			err = split_at(&path, at);
		if (!err && alarm)
			err = place_by_noise(s->x, s->n, &f, &path,
					     inflation(out->rho), out);
	}
	path_free(&path);
	return err;
}

/* ---- drift ---- */

/*
 * Each doubling of the length is one look; the looks share alpha as horizons
 * do. Asked only where no step explains what there is.
 */
static void find_creep(const struct search *s, struct changepoints *out)
{
	size_t n;

	for (n = CREEP_FIRST; n <= s->n && !out->n; n *= 2) {
		const double *a = s->x, *b = s->x + n - CREEP_ENDS;
		double inflated = inflation(out->rho), half;
		double var = inflated * inflated;
		struct stats_welch w = stats_welch(
			stats_mean(a, CREEP_ENDS),
			var * stats_var(a, CREEP_ENDS), CREEP_ENDS,
			stats_mean(b, CREEP_ENDS),
			var * stats_var(b, CREEP_ENDS), CREEP_ENDS);

		if (!(w.p <= s->alpha * scan_weight(scan_horizon(n))))
			continue;
		half = stats_t_quantile(0.975, w.df) * w.se;
		out->creep = (struct changepoint_creep){
			n, w.diff, w.diff - half, w.diff + half, w.p };
		return;
	}
}

int changepoints_find(const double *x, size_t n, double alpha, uint64_t seed,
		      struct changepoints *out)
{
	struct search s = { .x = x, .n = n, .alpha = alpha };
	uint32_t at;
	int err;

	*out = (struct changepoints){ .p = NAN, .scale = NAN };
	if (n < CHANGEPOINT_LEAST)
		return 0;
	if (n > VALUES_MOST)
		return -E2BIG;
	s.seed = malloc((n / 2 + 2) * sizeof(*s.seed));
	s.residual = malloc(n * sizeof(*s.residual));
	err = s.seed && s.residual ? scan_series(x, n, &s.scan) : -ENOMEM;
	if (!err)
		err = ties_permute(x, &s.scan, seed, &s.ties);
	if (!err) {
		out->p = series_p(&s, &at);
		err = find_changes(&s, at, out);
	}
	if (!err)
		find_creep(&s, out);
	ties_free(&s.ties);
	scan_free(&s.scan);
	free(s.residual);
	free(s.seed);
	if (err)
		changepoints_free(out);
	return err;
}

void changepoints_free(struct changepoints *c)
{
	free(c->v);
	free(c->spike);
	memset(c, 0, sizeof(*c));
}
