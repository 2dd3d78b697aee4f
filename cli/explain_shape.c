// SPDX-License-Identifier: GPL-2.0-or-later
/* The samples behind a row: where in their distribution it changed. */
#include "cli/explain_shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHAPE_RUNS	3	/* a side; fewer tell nothing of deciles */

/**
 * struct reading - runs of a side as their samples come
 * @row:	index of the row in @set
 */
struct reading {
	const struct obs_set *set;
	int row;
	struct shape_run *run;
	size_t n;
};

bool explain_same_row(const struct obs_row *a, const struct obs_row *b)
{
	return !strcmp(a->benchmark, b->benchmark) &&
		!strcmp(a->params, b->params) && !strcmp(a->place, b->place) &&
		!strcmp(a->profile, b->profile) && !strcmp(a->host, b->host) &&
		!strcmp(a->metric.name, b->metric.name);
}

static int add_run(void *arg, int64_t run, const double *v, size_t n)
{
	struct reading *r = arg;
	size_t i;
	int err;

	for (i = 0; i < r->set->n; i++)
		if (r->set->v[i].order == run && r->set->v[i].row == r->row)
			break;
	if (i == r->set->n || n < DECILES)
		return 0;
	err = shape_deciles(v, n, r->run[r->n].log);
	if (err)
		return err == -EINVAL ? 0 : err;
	r->run[r->n++].boot = r->set->v[i].boot;
	return 0;
}

static int order_run(const void *a, const void *b)
{
	const struct shape_run *x = a, *y = b;

	return (x->boot > y->boot) - (x->boot < y->boot);
}

static int read_side(const struct sides *s, const struct compare_row *r,
		     int side, struct reading *to)
{
	const struct obs_set *set = side ? &s->now : &s->base;
	struct store_select sel = s->select[side];
	size_t i;
	int err;

	to->set = set;
	to->row = -1;
	for (i = 0; i < set->nrows; i++)
		if (explain_same_row(&set->row[i], &r->id))
			to->row = i;
	to->run = calloc(set->n + 1, sizeof(*to->run));
	if (!to->run)
		return -ENOMEM;
	sel.benchmark = r->id.benchmark;
	err = store_samples_each(s->store, &sel, r->id.place, r->id.params,
				 r->id.metric.name, add_run, to);
	qsort(to->run, to->n, sizeof(*to->run), order_run);
	return err;
}

int explain_shape(const struct sides *s, const struct compare_row *r,
		  struct shape *shape)
{
	struct reading side[2] = { { 0 } };
	int err = -ENODATA;

	if (r->runs_base >= SHAPE_RUNS && r->runs_new >= SHAPE_RUNS &&
	    r->verdict != VERDICT_UNCHECKED)
		err = read_side(s, r, 0, &side[0]);
	if (!err)
		err = read_side(s, r, 1, &side[1]);
	if (!err && (side[0].n < SHAPE_RUNS || side[1].n < SHAPE_RUNS))
		err = -ENODATA;
	if (!err)
		err = shape_compare(side[0].run, side[0].n, side[1].run,
				    side[1].n, shape);
	free(side[0].run);
	free(side[1].run);
	return err;
}
