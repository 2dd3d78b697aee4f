// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/changepoint.h"
#include "lib/stats.h"

/**
 * struct part - a stretch of a series without a boundary, at work
 * @x:		values, logs if @log
 * @ratios:	none is negative
 * @share:	of the parts of the series that are tested: its p counts so
 *		many times
 */
struct part {
	const struct history_series *s;
	struct history_verdict *v;
	size_t from;
	size_t n;
	const double *x;
	bool log;
	bool ratios;
	double share;
	double q;
	uint64_t seed;
};

const char *history_method_name(enum history_method m)
{
	static const char *const name[] = { "none", "changes", "pairs",
					    "exact" };

	return (unsigned int)m < 4 ? name[m] : "?";
}

static struct history_change *add_change(struct history_verdict *v)
{
	struct history_change *c;

	c = reallocarray(v->change, v->nchanges + 1, sizeof(*c));
	if (!c)
		return NULL;
	v->change = c;
	c += v->nchanges++;
	*c = (struct history_change){ .ratio = NAN, .lo = NAN, .hi = NAN,
				      .p = NAN, .p_adj = NAN };
	return c;
}

/* A step of the values as a ratio to the level before. */
static double as_ratio(const struct part *p, double from, double step)
{
	if (p->log)
		return exp(step);
	return p->ratios && from > 0 ? (from + step) / from : NAN;
}

/* ---- by change points ---- */

static int take_change(const struct part *p, const struct changepoint *c)
{
	struct history_change *h = add_change(p->v);

	if (!h)
		return -ENOMEM;
	h->index = p->from + c->index;
	h->first = p->from + c->first;
	h->last = p->from + c->last;
	h->from = p->log ? exp(c->before) : c->before;
	h->to = p->log ? exp(c->after) : c->after;
	h->ratio = as_ratio(p, c->before, c->step);
	h->lo = as_ratio(p, c->before, c->lo);
	h->hi = as_ratio(p, c->before, c->hi);
	h->p = c->p;
	return 0;
}

static int take_spikes(const struct part *p, const struct changepoints *c)
{
	struct history_verdict *v = p->v;
	size_t *more, i;

	more = reallocarray(v->spike, v->nspikes + c->nspikes + 1,
			    sizeof(*more));
	if (!more)
		return -ENOMEM;
	v->spike = more;
	for (i = 0; i < c->nspikes; i++)
		more[v->nspikes++] = p->from + c->spike[i];
	return 0;
}

static void take_creep(const struct part *p,
		       const struct changepoint_creep *c)
{
	struct history_verdict *v = p->v;
	double from = stats_mean(p->x, CHANGEPOINT_LEAST);

	if (!c->n || v->creep_n)
		return;
	v->creep_n = c->n;
	v->creep_ratio = as_ratio(p, from, c->step);
	v->creep_lo = as_ratio(p, from, c->lo);
	v->creep_hi = as_ratio(p, from, c->hi);
	v->creep_p = c->p;
}

static int judge_changes(const struct part *p)
{
	struct changepoints c;
	int err = changepoints_find(p->x, p->n, p->q / p->share, p->seed, &c);
	size_t i;

	if (err)
		return err;
	p->v->method = HISTORY_CHANGES;
	p->v->p = fmin(isnan(p->v->p) ? 1 : p->v->p,
		       fmin(1, c.p * p->share));
	p->v->rho = fmax(p->v->rho, c.rho);
	for (i = 0; !err && i < c.n; i++)
		err = take_change(p, &c.v[i]);
	if (!err)
		err = take_spikes(p, &c);
	if (!err && p->from == 0)
		take_creep(p, &c.creep);
	changepoints_free(&c);
	return err;
}

/* ---- by pairs ---- */

/* Variance of one unit, back from the interval of their mean. */
static double unit_variance(const struct history_point *h, bool logs)
{
	double t, half = logs ? log(h->hi / h->lo) / 2 : (h->hi - h->lo) / 2;

	if (h->units < 2)
		return NAN;
	t = stats_t_quantile(0.975, h->units - 1.0);
	return half * half / (t * t) * h->units;
}

static struct stats_welch pair(const struct part *p, size_t i)
{
	const struct history_point *a = &p->s->point[p->from + i - 1], *b = a + 1;

	return stats_welch(p->x[i - 1], unit_variance(a, p->log), a->units,
			   p->x[i], unit_variance(b, p->log), b->units);
}

static int take_pair(const struct part *p, size_t i, double holm)
{
	struct history_change *c = add_change(p->v);
	struct stats_welch w = pair(p, i);
	double half = stats_t_quantile(0.975, w.df) * w.se;

	if (!c)
		return -ENOMEM;
	c->index = c->first = c->last = p->from + i;
	c->from = p->s->point[c->index - 1].mid;
	c->to = p->s->point[c->index].mid;
	c->ratio = as_ratio(p, p->x[i - 1], w.diff);
	c->lo = as_ratio(p, p->x[i - 1], w.diff - half);
	c->hi = as_ratio(p, p->x[i - 1], w.diff + half);
	c->p = w.p;
	c->p_adj = holm;
	return 0;
}

static int judge_pairs(const struct part *p)
{
	double *w = calloc(2 * p->n + 1, sizeof(*w)), *holm = w + p->n;
	double least = NAN;
	size_t i;
	int err = w ? 0 : -ENOMEM;

	for (i = 1; !err && i < p->n; i++)
		w[i - 1] = pair(p, i).p;
	if (!err && p->n > 1)
		err = stats_holm(w, holm, p->n - 1);
	for (i = 1; !err && i < p->n; i++)
		least = fmin(least, holm[i - 1]);
	for (i = 1; !err && i < p->n; i++)
		if (holm[i - 1] <= p->q / p->share)
			err = take_pair(p, i, holm[i - 1] * p->share);
	free(w);
	if (err || isnan(least))
		return err;
	if (p->v->method == HISTORY_NONE)
		p->v->method = HISTORY_PAIRS;
	p->v->p = fmin(isnan(p->v->p) ? 1 : p->v->p,
		       fmin(1, least * p->share));
	return 0;
}

/* ---- a series ---- */

static int judge_exact(const struct history_series *s,
		       struct history_verdict *v)
{
	struct history_change *c;
	size_t i;

	v->method = HISTORY_EXACT;
	for (i = 1; i < s->n; i++) {
		const struct history_point *h = &s->point[i];

		if (h->mid == h[-1].mid || h->boundary)
			continue;
		c = add_change(v);
		if (!c)
			return -ENOMEM;
		c->index = c->first = c->last = i;
		c->from = h[-1].mid;
		c->to = h->mid;
		if (c->from > 0)
			c->ratio = c->lo = c->hi = c->to / c->from;
	}
	return 0;
}

static size_t part_end(const struct history_series *s, size_t from)
{
	size_t end = from + 1;

	while (end < s->n && !s->point[end].boundary)
		end++;
	return end;
}

static int judge_parts(const struct history_series *s, struct part *p,
		       const double *x)
{
	size_t end;
	int err = 0;

	p->share = 0;
	for (p->from = 0; p->from < s->n; p->from = end) {
		end = part_end(s, p->from);
		p->share += end - p->from > 1;
	}
	for (p->from = 0; !err && p->from < s->n; p->from = end) {
		end = part_end(s, p->from);
		p->n = end - p->from;
		p->x = x + p->from;
		if (p->n >= CHANGEPOINT_LEAST)
			err = judge_changes(p);
		else if (p->n > 1)
			err = judge_pairs(p);
	}
	return err;
}

static int judge_series(const struct history_series *s, double q,
			uint64_t seed, struct history_verdict *v)
{
	struct part p = { .s = s, .v = v, .q = q, .seed = seed };
	double *x;
	size_t i;
	int err;

	if (s->nature == NATURE_EXACT)
		return judge_exact(s, v);
	x = malloc((s->n + 1) * sizeof(*x));
	if (!x)
		return -ENOMEM;
	p.log = s->scale == SCALE_LOG;
	p.ratios = true;
	for (i = 0; i < s->n; i++) {
		p.log = p.log && s->point[i].mid > 0;
		p.ratios = p.ratios && s->point[i].mid >= 0;
	}
	for (i = 0; i < s->n; i++)
		x[i] = p.log ? log(s->point[i].mid) : s->point[i].mid;
	err = judge_parts(s, &p, x);
	free(x);
	if (!err && v->method == HISTORY_NONE)
		v->reason = s->n < 2 ? "one revision only" :
			"fewer than 10 revisions, and not several boots or runs of each";
	return err;
}

/* Holm within the series; never clearer than the series itself. */
static int adjust_changes(struct history_verdict *v)
{
	double *p = calloc(2 * v->nchanges + 1, sizeof(*p));
	size_t i;
	int err = p ? 0 : -ENOMEM;

	for (i = 0; !err && i < v->nchanges; i++)
		p[i] = v->change[i].p;
	if (!err)
		err = stats_holm(p, p + v->nchanges, v->nchanges);
	for (i = 0; !err && i < v->nchanges; i++) {
		struct history_change *c = &v->change[i];

		if (isnan(c->p_adj))
			c->p_adj = p[v->nchanges + i];
		c->p_adj = fmax(c->p_adj, v->p_adj);
	}
	free(p);
	return err;
}

int history_judge(const struct history_series *s, size_t n, double q,
		  uint64_t seed, struct history_verdict *v)
{
	double *p = calloc(2 * n + 1, sizeof(*p));
	size_t i;
	int err = p ? 0 : -ENOMEM;

	for (i = 0; i < n; i++)
		v[i] = (struct history_verdict){ .p = NAN, .p_adj = NAN,
						 .reason = "" };
	for (i = 0; !err && i < n; i++) {
		err = judge_series(&s[i], q, seed, &v[i]);
		p[i] = v[i].p;
	}
	if (!err)
		err = stats_bh(p, p + n, n);
	for (i = 0; !err && i < n; i++) {
		v[i].p_adj = p[n + i];
		/* One among many has to be clearer than one alone. */
		if (v[i].method != HISTORY_EXACT && !(v[i].p_adj <= q))
			v[i].nchanges = 0;
		err = adjust_changes(&v[i]);
	}
	free(p);
	if (err)
		history_verdicts_free(v, n);
	return err;
}

void history_verdicts_free(struct history_verdict *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(v[i].change);
		free(v[i].spike);
	}
	memset(v, 0, n * sizeof(*v));
}
