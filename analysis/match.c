// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/match.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pace.h"

struct id_ref {
	const struct obs_row *id;
	size_t row;		/* in its own set */
	int side;
};

struct run_ref {
	const struct obs *obs;
	size_t row;		/* in the match */
	int side;
};

static int order_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

int match_order(const struct obs_row *a, const struct obs_row *b)
{
	int c;

	if ((c = order_text(a->benchmark, b->benchmark)) ||
	    (c = order_text(a->place, b->place)) ||
	    (c = order_text(a->params, b->params)) ||
	    (c = order_text(a->metric.name, b->metric.name)) ||
	    (c = order_text(a->host, b->host)) ||
	    (c = order_text(a->profile, b->profile)))
		return c;
	return (a->mode > b->mode) - (a->mode < b->mode);
}

static int order_id_ref(const void *a, const void *b)
{
	const struct id_ref *x = a, *y = b;
	int c = match_order(x->id, y->id);

	if (c)
		return c;
	if (x->side != y->side)
		return x->side - y->side;
	return (x->row > y->row) - (x->row < y->row);
}

static int order_run_ref(const void *a, const void *b)
{
	const struct run_ref *x = a, *y = b;

	if (x->row != y->row)
		return x->row > y->row ? 1 : -1;
	if (x->side != y->side)
		return x->side - y->side;
	if (x->obs->boot != y->obs->boot)
		return x->obs->boot > y->obs->boot ? 1 : -1;
	return (x->obs->order > y->obs->order) -
		(x->obs->order < y->obs->order);
}

/* An array of @n, never NULL for want of elements. */
static void *room(size_t n, size_t size)
{
	return calloc(n ? n : 1, size);
}

/*
 * Give each distinct identity a row of the match; @at[side][row of the set]
 * tells which.
 */
static int match_ids(struct match *m, size_t *at[2])
{
	struct id_ref *ref;
	size_t n = 0, i;
	int s;

	for (s = 0; s < 2; s++)
		n += m->set[s] ? m->set[s]->nrows : 0;
	ref = room(n, sizeof(*ref));
	m->row = room(n, sizeof(*m->row));
	if (!ref || !m->row) {
		free(ref);
		return -ENOMEM;
	}
	for (s = 0, n = 0; s < 2; s++)
		for (i = 0; m->set[s] && i < m->set[s]->nrows; i++)
			ref[n++] = (struct id_ref){ &m->set[s]->row[i], i, s };
	qsort(ref, n, sizeof(*ref), order_id_ref);
	for (i = 0; i < n; i++) {
		struct match_row *row;

		if (!i || match_order(ref[i - 1].id, ref[i].id))
			m->row[m->nrows++].id = ref[i].id;
		row = &m->row[m->nrows - 1];
		if (!row->side[ref[i].side].id)
			row->side[ref[i].side].id = ref[i].id;
		at[ref[i].side][ref[i].row] = m->nrows - 1;
	}
	free(ref);
	return 0;
}

static bool run_disturbed(const struct obs_set *set, const struct obs *o)
{
	return pace_disturbed(o->pace, set->boot[o->boot].pace);
}

static bool run_placed(const struct obs_set *set, const struct obs *o)
{
	return o->row >= 0 && (size_t)o->row < set->nrows &&
		o->boot >= 0 && (size_t)o->boot < set->nboots;
}

/* Sides all of whose runs are disturbed keep them; others leave them out. */
static void count_disturbed(struct match *m, size_t *const at[2])
{
	size_t i;
	int s;

	for (s = 0; s < 2; s++) {
		const struct obs_set *set = m->set[s];

		for (i = 0; set && i < set->nrows; i++)
			m->row[at[s][i]].side[s].only_disturbed = 1;
		for (i = 0; set && i < set->n; i++) {
			const struct obs *o = &set->v[i];
			struct match_side *side;

			if (!run_placed(set, o))
				continue;
			side = &m->row[at[s][o->row]].side[s];
			if (run_disturbed(set, o))
				side->disturbed++;
			else
				side->only_disturbed = 0;
		}
		for (i = 0; set && i < set->nrows; i++)
			if (!m->row[at[s][i]].side[s].disturbed)
				m->row[at[s][i]].side[s].only_disturbed = 0;
	}
}

/* Sorted references to every run that counts. */
static struct run_ref *collect_runs(struct match *m, size_t *const at[2])
{
	struct run_ref *ref;
	size_t n = 0, i;
	int s;

	for (s = 0; s < 2; s++)
		n += m->set[s] ? m->set[s]->n : 0;
	ref = room(n, sizeof(*ref));
	if (!ref)
		return NULL;
	for (s = 0; s < 2; s++) {
		const struct obs_set *set = m->set[s];

		for (i = 0; set && i < set->n; i++) {
			const struct obs *o = &set->v[i];

			if (!run_placed(set, o))
				continue;
			if (run_disturbed(set, o) &&
			    !m->row[at[s][o->row]].side[s].only_disturbed)
				continue;
			ref[m->nruns++] = (struct run_ref){
				o, at[s][o->row], s };
		}
	}
	qsort(ref, m->nruns, sizeof(*ref), order_run_ref);
	return ref;
}

static int match_runs(struct match *m, size_t *const at[2])
{
	struct run_ref *ref;
	struct boot_group *group;
	size_t n, i;

	count_disturbed(m, at);
	ref = collect_runs(m, at);
	n = m->nruns;
	m->run = room(n, sizeof(*m->run));
	m->value = room(n, sizeof(*m->value));
	m->unit = room(n, sizeof(*m->unit));
	m->group = group = room(n, sizeof(*m->group));
	if (!ref || !m->run || !m->value || !m->unit || !m->group) {
		free(ref);
		return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		const struct obs *o = ref[i].obs;
		struct match_side *s = &m->row[ref[i].row].side[ref[i].side];

		m->run[i] = o;
		if (!s->n++) {
			s->first = i;
			s->group = group;
		}
		if (!s->boots || group[-1].boot != o->boot) {
			*group++ = (struct boot_group){ o->boot, i, 0, 0 };
			s->boots++;
		}
		group[-1].n++;
		group[-1].last = o->order;
	}
	free(ref);
	return 0;
}

static void match_missing(struct match *m, size_t *const at[2])
{
	size_t i;
	int s;

	for (s = 0; s < 2; s++) {
		const struct obs_set *set = m->set[s];

		for (i = 0; set && i < set->nmissing; i++) {
			const struct obs_missing *x = &set->missing[i];
			struct match_side *side;

			if (x->row < 0 || (size_t)x->row >= set->nrows)
				continue;
			side = &m->row[at[s][x->row]].side[s];
			if (x->status == RUN_INVALID ||
			    x->status == RUN_STUCK || x->status == RUN_FAILED)
				side->lost += x->n;
			if (!side->why || x->n > side->why->n)
				side->why = x;
		}
	}
}

/* The clock's step on each boot of a set. */
static double *read_ticks(const struct obs_set *set)
{
	size_t n = set ? set->nboots : 0, i;
	double *tick = room(n, sizeof(*tick));

	for (i = 0; tick && i < n; i++) {
		const struct fact *f = facts_find(&set->boot[i].facts,
						  "tsc.step");

		if (f && f->type == FACT_REAL)
			tick[i] = f->r;
		else if (f && f->type == FACT_INT)
			tick[i] = f->i;
	}
	return tick;
}

int match_sets(struct match *m, const struct obs_set *a,
	       const struct obs_set *b)
{
	size_t *at[2];
	int err = -ENOMEM;

	memset(m, 0, sizeof(*m));
	m->set[0] = a;
	m->set[1] = b;
	m->tick[0] = read_ticks(a);
	m->tick[1] = read_ticks(b);
	at[0] = room(a->nrows, sizeof(**at));
	at[1] = room(b ? b->nrows : 0, sizeof(**at));
	if (at[0] && at[1] && m->tick[0] && m->tick[1])
		err = match_ids(m, at);
	if (!err)
		err = match_runs(m, at);
	if (!err)
		match_missing(m, at);
	free(at[0]);
	free(at[1]);
	return err;
}

void match_free(struct match *m)
{
	free(m->row);
	free(m->run);
	free(m->value);
	free(m->unit);
	free(m->group);
	free(m->tick[0]);
	free(m->tick[1]);
	memset(m, 0, sizeof(*m));
}
