// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/collapse.h"

#include <math.h>
#include <string.h>

#include "lib/stats.h"

static void side_units(struct side *side)
{
	side->mean = stats_mean(side->unit, side->n);
	side->var = stats_var(side->unit, side->n);
	side->floored = false;
}

static bool logs_wanted(const struct metric *metric)
{
	return metric->scale == SCALE_LOG &&
		metric->nature == NATURE_REPLICATED;
}

static void count_run(struct side *side, const struct obs *o)
{
	side->runs++;
	side->interpreted += o->status == RUN_INTERPRETED;
	side->noisy += !!o->noisy;
	side->bad += !isfinite(o->value);
	side->nolog += logs_wanted(side->metric) && !(o->value > 0);
}

/* Means of boots, and the squares within them. */
static void sum_boots(struct side *side, double *unit)
{
	const struct boot_group *g = side->group;
	const double *v = side->value;
	int k;

	for (k = 0; k < side->boots; v += g[k++].n) {
		unit[k] = stats_mean(v, g[k].n);
		if (g[k].n < 2)
			continue;
		side->ss_run += stats_var(v, g[k].n) * (g[k].n - 1.0);
		side->df_run += g[k].n - 1.0;
	}
	if (side->boots > 1) {
		side->df_boot = side->boots - 1.0;
		side->ss_boot = stats_var(unit, side->boots) * side->df_boot;
	}
}

/* Fill in all that follows from the side's groups, which are neighbours. */
static void side_sum(struct side *side)
{
	const struct boot_group *last = &side->group[side->boots - 1];
	size_t first = side->group->first, end = last->first + last->n, i;
	double *value = side->match->value;

	for (i = first; i < end; i++)
		count_run(side, side->match->run[i]);
	side->log = logs_wanted(side->metric) && !side->nolog;
	for (i = first; i < end; i++) {
		value[i] = side->match->run[i]->value;
		if (side->log)
			value[i] = log(value[i]);
	}
	side->value = value + first;
	sum_boots(side, side->match->unit + first);
	if (side->boots > 1) {
		side->unit = side->match->unit + first;
		side->n = side->boots;
		side_units(side);
	} else {
		side_use_runs(side);
	}
}

void side_collapse(struct side *side, const struct match *match,
		   const struct match_row *row, int s)
{
	memset(side, 0, sizeof(*side));
	side->match = match;
	side->which = s;
	side->set = match->set[s];
	side->m = &row->side[s];
	side->metric = &(side->m->id ? side->m->id : row->id)->metric;
	side->group = side->m->group;
	side->boots = side->m->boots;
	side->mean = side->var = NAN;
	if (side->boots)
		side_sum(side);
}

void side_narrow(struct side *side, size_t k)
{
	side->group += k;
	side->boots = 1;
	side->runs = side->interpreted = side->noisy = 0;
	side->bad = side->nolog = 0;
	side->ss_run = side->df_run = side->ss_boot = side->df_boot = 0;
	side_sum(side);
}

void side_use_runs(struct side *side)
{
	side->unit = side->value;
	side->n = side->runs;
	side_units(side);
}

double side_tick(const struct side *side)
{
	const double *step = side->match->tick[side->which];
	double tick = 0;
	int k;

	if (strcmp(side->metric->unit, "tsc") ||
	    side->metric->nature != NATURE_REPLICATED)
		return 0;
	for (k = 0; k < side->boots; k++)
		tick = fmax(tick, step[side->group[k].boot]);
	return tick;
}

/* Operations behind one sample; 1 where batches mean nothing. */
static double run_batch(const struct obs *o)
{
	return o->batch ? o->batch : 1;
}

void side_floor(struct side *side, double tick)
{
	double batch = INFINITY, step, floor;
	int i;

	for (i = 0; i < side->runs; i++)
		batch = fmin(batch, run_batch(
			side->match->run[side->group->first + i]));
	step = tick / batch;
	if (side->log)
		step /= exp(side->mean);
	floor = step * step / 12;
	if (floor > 0 && side->var < floor) {
		side->var = floor;
		side->floored = true;
	}
}

double side_operations(const struct side *side, double *events)
{
	double sum = 0, ops;
	int i;

	*events = 0;
	for (i = 0; i < side->runs; i++) {
		const struct obs *o = side->match->run[side->group->first + i];

		ops = run_batch(o) * fmax(1, o->n);
		sum += ops;
		*events += o->value * ops;
	}
	return sum;
}

bool side_constant(const struct side *side)
{
	int i;

	for (i = 1; i < side->runs; i++)
		if (side->value[i] != side->value[0])
			return false;
	return side->runs > 0;
}

double side_typical(const struct side *side)
{
	if (!side->runs)
		return NAN;
	if (side->nolog)
		return stats_median(side->value, side->runs);
	return side->log ? exp(side->mean) : side->mean;
}
