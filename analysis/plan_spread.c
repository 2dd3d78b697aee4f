// SPDX-License-Identifier: GPL-2.0-or-later
/* What was measured, as spread and cost at each level. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/collapse.h"
#include "analysis/match.h"
#include "analysis/plan.h"
#include "lib/pace.h"
#include "lib/stats.h"

#define RUN_LEAST	0.005	/* seconds of a run beside its samples */

/**
 * struct pool - a benchmark's sums over sets
 * @ss_*, @df_*: squares within boots, and of boot means
 * @inverse:	sum of 1/runs over boots, for the mean variance of what runs
 *		bring into a boot's mean
 * @ss_sample:	sum of T^2 of samples over the runs that tell it
 * @seconds, @each: of runs, and of one of their samples; @n of both
 */
struct pool {
	struct plan_spread out;
	double ss_run;
	double ss_boot;
	double inverse;
	double ss_sample;
	int sampled;
	double samples;
	double *seconds;
	double *each;
	size_t n;
	size_t room;
};

/* TSC ticks a second of a boot, 0 unknown. */
static double boot_hz(const struct obs_boot *b)
{
	const struct fact *f = facts_find(&b->facts, "tsc.khz");

	return f && f->type == FACT_INT && f->i > 0 ? f->i * 1e3 : 0;
}

/* A sample: its operations, and the loop of known length before and after. */
static double sample_seconds(const struct side *side, const struct obs *o)
{
	double hz = boot_hz(&side->set->boot[o->boot]);

	if (!hz || strcmp(side->metric->unit, "tsc") || !o->batch)
		return NAN;
	return (o->value * o->batch + 2 * PACE_ITERATIONS *
		fmax(o->pace, 1)) / hz;
}

/* The interval of a run's figure is +- 1.96 standard errors of it. */
static void pool_samples(struct pool *p, const struct obs *o)
{
	double se = (o->hi - o->lo) / (2 * 1.96) / o->value;

	if (!(se >= 0) || !(o->hi > 0) || !o->n || !isfinite(se))
		return;
	p->ss_sample += se * se * o->n;
	p->sampled++;
}

static int pool_run(struct pool *p, const struct side *side,
		    const struct obs *o)
{
	if (p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 64;
		double *v = reallocarray(p->seconds, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		p->seconds = v;
		v = reallocarray(p->each, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		p->each = v;
		p->room = room;
	}
	pool_samples(p, o);
	p->samples += o->n;
	p->seconds[p->n] = o->seconds;
	p->each[p->n++] = sample_seconds(side, o);
	return 0;
}

static int pool_side(struct pool *p, const struct side *side)
{
	int i, k, err = 0;

	p->ss_run += side->ss_run;
	p->out.df_run += side->df_run;
	p->out.boots += side->boots;
	p->out.runs += side->runs;
	if (side->boots > 1) {
		p->ss_boot += side->ss_boot;
		p->out.df_boot += side->df_boot;
		/* Each boot weighs as it does in ss_boot. */
		for (k = 0; k < side->boots; k++)
			p->inverse += side->df_boot / side->boots /
				side->group[k].n;
	}
	for (i = 0; i < side->runs && !err; i++)
		err = pool_run(p, side,
			       side->match->run[side->group->first + i]);
	return err;
}

/* Figures that compare() would not take logs of, or not judge, are out. */
static bool usable(const struct match_row *row, const struct side *side)
{
	return side->runs && side->log && !side->bad && !side->interpreted &&
		!row->side[0].only_disturbed;
}

static void pool_end(struct pool *p)
{
	struct plan_spread *s = &p->out;
	double s2_run = p->ss_run / s->df_run;
	double each = stats_median(p->each, p->n);
	double all = stats_median(p->seconds, p->n);

	s->samples = p->n ? fmax(p->samples / p->n, 1) : NAN;
	s->t2[PLAN_SAMPLE] = p->sampled ? p->ss_sample / p->sampled : 0;
	s->t2[PLAN_RUN] = s->df_run > 0 ?
		fmax(s2_run - s->t2[PLAN_SAMPLE] / s->samples, 0) : NAN;
	/* Samples cannot scatter more than the runs that they make up. */
	if (s->df_run > 0)
		s->t2[PLAN_SAMPLE] = fmin(s->t2[PLAN_SAMPLE],
					  s2_run * s->samples);
	s->t2[PLAN_BOOT] = s->df_boot > 0 && s->df_run > 0 ?
		fmax(p->ss_boot / s->df_boot -
		     s2_run * p->inverse / s->df_boot, 0) : NAN;
	s->cost[PLAN_BOOT] = NAN;
	s->cost[PLAN_SAMPLE] = each;
	s->cost[PLAN_RUN] = isnan(each) ? all :
		fmax(all - each * s->samples, RUN_LEAST);
}

/* The pool of a row, by insertion: sets share most of their rows. */
static struct pool *find_pool(struct pool **v, size_t *n, size_t *room,
			      const struct obs_row *id)
{
	struct pool *p;
	size_t i;

	for (i = 0; i < *n; i++)
		if (!match_order(&(*v)[i].out.id, id))
			return &(*v)[i];
	if (*n == *room) {
		*room = *room ? 2 * *room : 32;
		p = reallocarray(*v, *room, sizeof(*p));
		if (!p)
			return NULL;
		*v = p;
	}
	p = &(*v)[(*n)++];
	memset(p, 0, sizeof(*p));
	p->out.id = *id;
	return p;
}

static int pool_set(const struct obs_set *set, struct pool **v, size_t *n,
		    size_t *room)
{
	struct match m;
	struct side side;
	struct pool *p;
	size_t i;
	int err = match_sets(&m, set, NULL);

	for (i = 0; i < m.nrows && !err; i++) {
		side_collapse(&side, &m, &m.row[i], 0);
		if (!usable(&m.row[i], &side))
			continue;
		p = find_pool(v, n, room, m.row[i].id);
		err = p ? pool_side(p, &side) : -ENOMEM;
	}
	match_free(&m);
	return err;
}

static int spread_cmp(const void *a, const void *b)
{
	const struct plan_spread *x = a, *y = b;

	return match_order(&x->id, &y->id);
}

int plan_spreads(const struct obs_set *const *set, size_t nsets,
		 struct plan_spread **rows, size_t *n)
{
	struct pool *pool = NULL;
	size_t npools = 0, room = 0, i;
	int err = 0;

	for (i = 0; i < nsets && !err; i++)
		err = pool_set(set[i], &pool, &npools, &room);
	*n = 0;
	*rows = err ? NULL : calloc(npools + 1, sizeof(**rows));
	if (!err && !*rows)
		err = -ENOMEM;
	for (i = 0; i < npools; i++) {
		if (!err) {
			pool_end(&pool[i]);
			(*rows)[(*n)++] = pool[i].out;
		}
		free(pool[i].seconds);
		free(pool[i].each);
	}
	free(pool);
	if (!err)
		qsort(*rows, *n, sizeof(**rows), spread_cmp);
	return err;
}
