// SPDX-License-Identifier: GPL-2.0-or-later
/* From sets of figures to the cells of contrasts, row by row. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/collapse.h"
#include "analysis/contrast.h"
#include "analysis/match.h"

#define LEVEL	0.95

/**
 * struct contrast_work - sets matched, and compared with one of them
 * @ref:	the set that the others were compared with: every reason not to
 *		compare a set with it is one not to take it into the contrast
 * @judged:	[ref] is of nobody
 */
struct contrast_work {
	const struct contrast_want *want;
	const struct compare_opts *opts;
	size_t ref;
	struct match match[CONTRAST_SETS];
	struct comparison judged[CONTRAST_SETS];
};

static bool wanted(const struct contrast_work *w, size_t s)
{
	return w->want->weight[s] != 0;
}

/* The baseline: what is subtracted. */
static size_t reference(const struct contrast_want *want)
{
	size_t s;

	for (s = 0; s < want->n; s++)
		if (want->weight[s] < 0)
			return s;
	return 0;
}

static int work_begin(struct contrast_work *w)
{
	size_t s;
	int err = 0;

	for (s = 0; s < w->want->n && !err; s++) {
		err = match_sets(&w->match[s], w->want->set[s], NULL);
		if (!err && s != w->ref)
			err = compare(w->want->set[w->ref], w->want->set[s],
				      w->opts, &w->judged[s]);
	}
	return err;
}

static void work_end(struct contrast_work *w)
{
	size_t s;

	for (s = 0; s < w->want->n; s++) {
		match_free(&w->match[s]);
		comparison_free(&w->judged[s]);
	}
}

static const struct match_row *find_row(const struct match *m,
					const struct obs_row *id)
{
	size_t i;

	for (i = 0; i < m->nrows; i++)
		if (!match_order(m->row[i].id, id))
			return m->row[i].side[0].n ? &m->row[i] : NULL;
	return NULL;
}

/* Why this set cannot be compared with the reference, or NULL. */
static const char *objection(const struct contrast_work *w, size_t s,
			     const struct obs_row *id)
{
	const struct comparison *c = &w->judged[s];
	size_t i;

	for (i = 0; s != w->ref && i < c->nrows; i++)
		if (!match_order(&c->row[i].id, id))
			return c->row[i].verdict == VERDICT_UNCHECKED &&
				isnan(c->row[i].p) ? c->row[i].reason : NULL;
	return NULL;
}

/* ---- one boot of each ---- */

static const char *boot_uuid(const struct side *side, int k)
{
	return side->set->boot[side->group[k].boot].uuid;
}

/*
 * Of several boots that which another set's only boot is, else that with most
 * runs, the latest of equals: a rule that does not look at figures.
 */
static void narrow(struct side *many, const char *only)
{
	int best = 0, k;

	for (k = 0; k < many->boots; k++) {
		const struct boot_group *g = &many->group[k];
		const struct boot_group *b = &many->group[best];

		if (only && boot_uuid(many, k) &&
		    !strcmp(only, boot_uuid(many, k))) {
			best = k;
			break;
		}
		if (g->n > b->n || (g->n == b->n && g->last > b->last))
			best = k;
	}
	side_narrow(many, best);
}

static void choose_units(struct contrast_row *r, struct side *side,
			 const bool *in, size_t n)
{
	const char *only = NULL;
	size_t s;

	r->scope = SCOPE_KERNEL;
	for (s = 0; s < n; s++) {
		if (!in[s] || side[s].boots > 1)
			continue;
		r->scope = SCOPE_BOOT;
		if (!only)
			only = boot_uuid(&side[s], 0);
	}
	for (s = 0; s < n; s++) {
		if (!in[s])
			continue;
		if (side[s].metric->nature == NATURE_EXACT)
			side_use_runs(&side[s]);
		else if (r->scope == SCOPE_BOOT && side[s].boots > 1)
			narrow(&side[s], only);
		side_floor(&side[s], side_tick(&side[s]));
		if (!r->least || (int)side[s].n < r->least)
			r->least = side[s].n;
		if ((int)side[s].n > r->most)
			r->most = side[s].n;
	}
}

/* ---- rows ---- */

static void no_estimate(struct contrast_row *r, const char *why)
{
	snprintf(r->reason, sizeof(r->reason), "%s", why);
}

/* Compared for equality: a figure has no error. */
static void exact_row(struct contrast_row *r, const struct side *side,
		      const struct contrast_want *want, const bool *in)
{
	double theta = 0;
	size_t s;

	for (s = 0; s < want->n; s++) {
		if (want->weight[s] == 0 || !in[s])
			continue;
		if (!side_constant(&side[s]) || !(side[s].value[0] > 0)) {
			no_estimate(r, "an exact metric that varies, or is 0");
			return;
		}
		theta += want->weight[s] * log(side[s].value[0]);
	}
	r->theta = theta;
	r->se = 0;
	r->ratio = r->lo = r->hi = exp(theta);
}

static void estimate(struct contrast_row *r, const struct side *side,
		     const struct contrast_want *want, const bool *in,
		     const struct compare_opts *opts)
{
	struct contrast_cell cell[CONTRAST_SETS] = { { 0 } };
	int least = r->scope == SCOPE_KERNEL ? opts->min_boots :
		opts->min_runs;
	struct contrast c;
	bool all = true;
	size_t s;

	for (s = 0; s < want->n; s++) {
		all = all && in[s];
		if (!in[s])
			continue;
		if (!side[s].log) {
			no_estimate(r, "only times and rates have contrasts");
			return;
		}
		if (want->weight[s] != 0 && (int)side[s].n < least) {
			snprintf(r->reason, sizeof(r->reason),
				 "%zu %s of %s, %d needed", side[s].n,
				 r->scope == SCOPE_KERNEL ? "boots" : "runs",
				 side[s].set->name, least);
			return;
		}
		cell[s] = (struct contrast_cell) { side[s].mean, side[s].var,
						   side[s].n };
	}
	c = contrast(cell, want->weight, want->n, LEVEL);
	if (!(c.se > 0)) {
		no_estimate(r, "every unit gave the same figure: no spread to judge by");
		return;
	}
	r->theta = c.value;
	r->se = c.se;
	r->df = c.df;
	r->ratio = exp(c.value);
	r->lo = exp(c.lo);
	r->hi = exp(c.hi);
	r->p = c.p;
	if (all)
		r->share = contrast_share(cell, want->weight, want->total,
					  want->n, LEVEL, &r->share_lo,
					  &r->share_hi);
}

static void one_row(const struct contrast_work *w, const struct obs_row *id,
		    struct contrast_row *r)
{
	const struct contrast_want *want = w->want;
	struct side side[CONTRAST_SETS];
	bool in[CONTRAST_SETS];
	size_t s;

	*r = (struct contrast_row){ .id = *id, .theta = NAN, .se = NAN,
		.df = NAN, .ratio = NAN, .lo = NAN, .hi = NAN, .p = NAN,
		.p_holm = NAN, .share = NAN, .share_lo = NAN,
		.share_hi = NAN };
	for (s = 0; s < want->n; s++) {
		const struct match_row *row = find_row(&w->match[s], id);
		const char *why = row ? objection(w, s, id) : NULL;

		in[s] = row && !why;
		if (row)
			side_collapse(&side[s], &w->match[s], row, 0);
		if (in[s] || !wanted(w, s))
			continue;
		if (why)
			no_estimate(r, why);
		else
			snprintf(r->reason, sizeof(r->reason),
				 "not measured in %s", want->set[s]->name);
	}
	if (*r->reason)
		return;
	choose_units(r, side, in, want->n);
	if (id->metric.nature == NATURE_EXACT)
		exact_row(r, side, want, in);
	else
		estimate(r, side, want, in, w->opts);
}

/* Is the row measured in one set at least that has a say? */
static bool any_figures(const struct contrast_work *w,
			const struct obs_row *id)
{
	size_t s;

	for (s = 0; s < w->want->n; s++)
		if (wanted(w, s) && find_row(&w->match[s], id))
			return true;
	return false;
}

int contrast_rows(const struct contrast_want *want,
		  const struct compare_opts *opts, struct contrast_row **rows,
		  size_t *n)
{
	struct contrast_work *w = calloc(1, sizeof(*w));
	const struct match *ref;
	size_t i;
	int err = -ENOMEM;

	*rows = NULL;
	*n = 0;
	if (!w)
		return err;
	w->want = want;
	w->opts = opts ? opts : &compare_defaults;
	w->ref = reference(want);
	err = work_begin(w);
	if (err)
		goto free_work;
	ref = &w->match[w->ref];
	*rows = calloc(ref->nrows + 1, sizeof(**rows));
	if (!*rows)
		err = -ENOMEM;
	for (i = 0; !err && i < ref->nrows; i++)
		if (any_figures(w, ref->row[i].id))
			one_row(w, ref->row[i].id, &(*rows)[(*n)++]);
free_work:
	work_end(w);
	free(w);
	return err;
}
