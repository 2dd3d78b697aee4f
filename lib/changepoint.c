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
#include "lib/changepoint_stay.h"
#include "lib/changepoint_ties.h"
#include "lib/ranks.h"
#include "lib/stats.h"

#define VALUES_MOST	((size_t)1 << 24)
#define BOUND_BELOW	0.02
#define Z_MOST		1e3
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
static double horizon_tail(const struct search *s, int h, double inflated)
{
	const struct scan_window *w = &s->scan.best[h];
	double p = ties_tail(&s->ties, h, s->scan.z[h] / inflated);

	if (p > BOUND_BELOW || w->len > SCAN_BOUND_MOST)
		return p;
	/* With autocorrelation so many values count as fewer. */
	return fmin(p, scan_splits(h) *
		    pow(scan_bound(s->x + w->from, w->len, w->at - w->from),
			1 / (inflated * inflated)));
}

/*
 * p of the series; @inflated: per horizon, 1 where nothing stands out that
 * autocorrelation could explain.
 */
static double series_p(struct search *s, double *inflated)
{
	double best = 1, p;
	int last = scan_horizon(s->n), h;

	for (h = HORIZON_FIRST; h <= last; h++) {
		inflated[h] = 1;
		if (!(s->scan.z[h] > 0))
			continue;
		p = horizon_tail(s, h, 1) / scan_weight(h);
		if (p >= fmax(best, s->alpha))
			continue;
		inflated[h] = horizon_inflation(s, h);
		p = horizon_tail(s, h, inflated[h]) / scan_weight(h);
		best = fmin(best, p);
	}
	return best;
}

/* The z that a horizon reaches with chance @p. */
static double horizon_z(const struct search *s, int h, double p)
{
	double lo = 0, hi = Z_MOST, mid;

	while (hi - lo > 1e-9) {
		mid = (lo + hi) / 2;
		if (ties_tail(&s->ties, h, mid) > p)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

/* The windows that alarm are those that make the series' p so small. */
static int find_stays(const struct search *s, const double *inflated,
		      struct stays *out)
{
	struct alarm alarm[HORIZON_LAST + 1];
	int last = scan_horizon(s->n), h;

	for (h = HORIZON_FIRST; h <= last; h++) {
		double p = s->alpha * scan_weight(h);

		alarm[h] = (struct alarm){ .z = Z_MOST, .bounded = Z_MOST };
		if (horizon_tail(s, h, inflated[h]) > p)
			continue;
		alarm[h] = (struct alarm){
			.z = inflated[h] * horizon_z(s, h, p),
			.bounded = inflated[h] *
				horizon_z(s, h, BOUND_BELOW),
			.p = p / scan_splits(h),
			.power = 1 / (inflated[h] * inflated[h]),
		};
	}
	return stays_find(s->x, &s->scan, alarm, out);
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

/* Is there a change in this window? @k: out, the stretch that @at lies in. */
static bool changes_in(const struct path *path, const struct scan_window *w,
		       size_t *k)
{
	size_t i;

	*k = 0;
	for (i = 1; i < path->n; i++) {
		if (path->start[i] > w->from &&
		    path->start[i] < w->from + w->len)
			return true;
		if (path->start[i] <= w->at)
			*k = i;
	}
	return false;
}

/* Each window that alarmed has its change, whatever the likelihood says. */
static int hold_on(struct path *path, const struct stays *stays)
{
	size_t room = path->n + stays->n, i, k;
	uint32_t *start = realloc(path->start, room * sizeof(*start));
	double *level;

	if (!start)
		return -ENOMEM;
	path->start = start;
	level = realloc(path->level, room * sizeof(*level));
	if (!level)
		return -ENOMEM;
	path->level = level;
	path->held = calloc(room, 1);
	if (!path->held)
		return -ENOMEM;
	for (i = 0; i < stays->n; i++) {
		if (changes_in(path, &stays->v[i], &k))
			continue;
		memmove(start + k + 2, start + k + 1,
			(path->n - k - 1) * sizeof(*start));
		memmove(level + k + 2, level + k + 1,
			(path->n - k - 1) * sizeof(*level));
		memmove(path->held + k + 2, path->held + k + 1,
			path->n - k - 1);
		start[k + 1] = stays->v[i].at;
		level[k + 1] = level[k];
		path->held[k + 1] = 1;
		path->n++;
	}
	return 0;
}

/* Values after the @n that were fitted, on the last level. */
static void follow(struct search *s, const struct path *path, size_t n)
{
	size_t i;

	for (i = n; i < s->n; i++)
		s->residual[i] = s->x[i] - path->level[path->n - 1];
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

static int place_path(struct search *s, const struct stays *stays,
		      const struct noise *f, struct path *path,
		      struct changepoints *out)
{
	int err = hold_on(path, stays);

	if (!err)
		err = place_settle(s->x, stays->fit, f, path);
	if (!err)
		err = place_by_noise(s->x, s->n, f, path,
				     inflation(out->rho), out);
	return err;
}

static int place_ranks(struct search *s, const struct stays *stays,
		       struct path *path, struct changepoints *out)
{
	int err = rank_path(s, stays->v[0].at, path);

	if (!err)
		err = place_by_ranks(s->x, s->n, path, inflation(out->rho),
				     out);
	return err;
}

static int find_changes(struct search *s, const struct stays *stays,
			struct changepoints *out)
{
	struct search fit = *s;
	struct path path = { 0 };
	struct noise f;
	int err;

	fit.n = stays->n ? stays->fit : s->n;
	err = coarse(s) ? -EDOM : fit_path(&fit, &f, &path, &out->rho);
	if (err == -EDOM) {
		path_free(&path);
		err = stays->n ? place_ranks(s, stays, &path, out) : 0;
	} else if (!err) {
		out->scale = f.scale;
		follow(s, &path, fit.n);
		err = find_spikes(s, &f, out);
		if (!err && stays->n)
			err = place_path(s, stays, &f, &path, out);
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
	double inflated[HORIZON_LAST + 1];
	struct stays stays = { 0 };
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
		out->p = series_p(&s, inflated);
		err = find_stays(&s, inflated, &stays);
	}
	if (!err)
		err = find_changes(&s, &stays, out);
	if (!err)
		find_creep(&s, out);
	stays_free(&stays);
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
