// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/changepoint_path.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS_MOST	4096
#define RUNNING		7	/* values of a running median */

/**
 * struct trellis - the recursion at work
 * @low, @gap:	level g is low + g gap
 * @cost:	of the best path that ends on a level, less that of the best
 * @since:	first index of the stretch that it ends in
 * @table:	-log density at multiples of @gap, from its middle
 * @reach:	largest multiple in @table
 * @first, @last: levels at work are @first..@last - 1; others cost more than
 *		a change to them, and are as good as new
 * @best:	per index, the level of the best path up to the one before
 * @from:	and the first index of the stretch which that ends in
 */
struct trellis {
	double low;
	double gap;
	size_t levels;
	float *cost;
	uint32_t *since;
	float *table;
	size_t reach;
	size_t first;
	size_t last;
	uint32_t *best;
	uint32_t *from;
};

static double median7(const double *x)
{
	double v[RUNNING], t;
	int i, k;

	memcpy(v, x, sizeof(v));
	for (i = 1; i < RUNNING; i++)
		for (k = i; k > 0 && v[k - 1] > v[k]; k--) {
			t = v[k];
			v[k] = v[k - 1];
			v[k - 1] = t;
		}
	return v[RUNNING / 2];
}

/* Levels lie where running medians do: one wild value is none. */
static void level_range(const double *x, size_t n, double *lo, double *hi)
{
	size_t i;

	*lo = INFINITY;
	*hi = -INFINITY;
	for (i = 0; i + RUNNING <= n; i++) {
		double m = median7(x + i);

		*lo = fmin(*lo, m);
		*hi = fmax(*hi, m);
	}
}

static void fill_table(struct trellis *t, const struct noise *f)
{
	size_t i, near = 1.05 * f->span / t->gap;

	for (i = 0; i <= t->reach; i++) {
		/* Far out only the Cauchy part is left: smooth. */
		if (i > near && i % 8) {
			t->table[t->reach - i] = t->table[t->reach - i + 1];
			t->table[t->reach + i] = t->table[t->reach + i - 1];
			continue;
		}
		t->table[t->reach + i] = -noise_log(f, i * t->gap);
		t->table[t->reach - i] = -noise_log(f, -(i * t->gap));
	}
}

static int trellis_init(struct trellis *t, const double *x, size_t n,
			const struct noise *f)
{
	double lo, hi;

	memset(t, 0, sizeof(*t));
	level_range(x, n, &lo, &hi);
	lo -= f->scale;
	hi += f->scale;
	t->low = lo;
	t->gap = fmax(f->width / 2, (hi - lo) / (LEVELS_MOST - 2));
	t->levels = (hi - lo) / t->gap + 2;
	t->last = t->levels;
	t->reach = t->levels + 2 * f->span / t->gap;
	t->cost = calloc(t->levels, sizeof(*t->cost));
	t->since = calloc(t->levels, sizeof(*t->since));
	t->table = malloc((2 * t->reach + 1) * sizeof(*t->table));
	t->best = calloc(2 * n, sizeof(*t->best));
	if (!t->cost || !t->since || !t->table || !t->best)
		return -ENOMEM;
	t->from = t->best + n;
	fill_table(t, f);
	return 0;
}

static void trellis_free(struct trellis *t)
{
	free(t->cost);
	free(t->since);
	free(t->table);
	free(t->best);
}

/* The level of least cost, the cost of which becomes 0. */
static uint32_t least(struct trellis *t)
{
	float best = t->cost[t->first];
	size_t at = t->first, g;

	for (g = t->first + 1; g < t->last; g++)
		best = t->cost[g] < best ? t->cost[g] : best;
	while (t->cost[at] != best)
		at++;
	for (g = t->first; g < t->last; g++)
		t->cost[g] -= best;
	return at;
}

/* Levels worth a look: those not given up, and those near the next value. */
static void choose_levels(struct trellis *t, double at, float penalty)
{
	double near = (t->reach - t->levels) / 2;
	size_t lo = fmin(fmax(0, at - near), t->levels - 1.);
	size_t hi = fmin(fmax(1, at + near), t->levels);

	while (t->first < t->last && t->cost[t->first] > penalty)
		t->first++;
	while (t->first < t->last && t->cost[t->last - 1] > penalty)
		t->last--;
	if (t->first == t->last)
		t->first = t->last = lo;
	while (t->first > lo)
		t->cost[--t->first] = INFINITY;
	while (t->last < hi)
		t->cost[t->last++] = INFINITY;
}

/* One more value: stay on a level, or come to it from the best of all. */
static void advance(struct trellis *t, double x, uint32_t i, float penalty)
{
	double at = round((x - t->low) / t->gap);
	double far = t->reach - t->levels;
	const float *table;
	uint32_t *since = t->since;
	float *cost = t->cost;
	size_t g;

	at = fmin(fmax(at, -far), (double)t->levels + far - 1);
	choose_levels(t, at, penalty);
	/* The table is turned round, so that both run upwards. */
	table = t->table + t->reach - (long)at;
	for (g = t->first; g < t->last; g++) {
		bool jump = cost[g] > penalty;

		since[g] = jump ? i : since[g];
		cost[g] = (jump ? penalty : cost[g]) + table[g];
	}
}

static int backtrack(const struct trellis *t, uint32_t level, uint32_t since,
		     struct path *out)
{
	uint32_t start = since, g = level;
	size_t n = 1, i;

	for (; start; start = t->from[start])
		n++;
	out->start = malloc(n * sizeof(*out->start));
	out->level = malloc(n * sizeof(*out->level));
	if (!out->start || !out->level)
		return -ENOMEM;
	out->n = n;
	for (i = n, start = since; i-- > 0; start = t->from[start]) {
		out->start[i] = start;
		out->level[i] = t->low + g * t->gap;
		g = t->best[start];
	}
	return 0;
}

/* The table holds costs of x - level; turned round, of level - x. */
static void turn(struct trellis *t)
{
	size_t i, n = 2 * t->reach + 1;

	for (i = 0; i < n / 2; i++) {
		float v = t->table[i];

		t->table[i] = t->table[n - 1 - i];
		t->table[n - 1 - i] = v;
	}
}

int path_find(const double *x, size_t n, const struct noise *f,
	      double penalty, struct path *out)
{
	struct trellis t;
	uint32_t g = 0, i;
	int err;

	memset(out, 0, sizeof(*out));
	err = trellis_init(&t, x, n, f);
	if (err)
		goto free_trellis;
	turn(&t);
	for (i = 0; i < n; i++) {
		g = least(&t);
		t.best[i] = g;
		t.from[i] = t.since[g];
		advance(&t, x[i], i, i ? penalty : HUGE_VALF);
	}
	g = least(&t);
	err = backtrack(&t, g, t.since[g], out);
free_trellis:
	trellis_free(&t);
	if (err)
		path_free(out);
	return err;
}

void path_free(struct path *p)
{
	free(p->start);
	free(p->level);
	free(p->held);
	memset(p, 0, sizeof(*p));
}
