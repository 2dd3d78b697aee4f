// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/compare.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/factdiff.h"
#include "analysis/row.h"
#include "analysis/sets.h"
#include "lib/stats.h"

const struct compare_opts compare_defaults = {
	.margin = 0.01,
	.q = 0.05,
	.power = 0.80,
	.min_runs = 5,
	.min_boots = 2,
};

const char *verdict_name(enum verdict v)
{
	static const char *const names[NR_VERDICTS] = {
		"regressed", "improved", "equivalent", "small",
		"inconclusive", "unchecked",
	};

	return (unsigned int)v < NR_VERDICTS ? names[v] : "?";
}

const char *scope_name(enum compare_scope scope)
{
	return scope == SCOPE_KERNEL ? "kernel" : "boot";
}

const char *row_flag_name(unsigned int bit)
{
	static const char *const names[NR_ROW_FLAGS] = {
		"provisional", "nonzero", "suspect", "noisy",
		"beyond margin", "floored", "disturbed", "quarantined",
		"ranks differ", "two modes",
	};

	return bit < NR_ROW_FLAGS ? names[bit] : "?";
}

const char *lender_name(enum lender lender)
{
	return lender == LENDER_PAST ? "past" :
	       lender == LENDER_ROWS ? "benchmarks" : "none";
}

/* ---- units ---- */

/* Is this boot among the other side's? Its number there, or -1. */
static int boot_of(const struct side *side, const char *uuid)
{
	int k;

	for (k = 0; uuid && k < side->boots; k++) {
		const char *other =
			side->set->boot[side->group[k].boot].uuid;

		if (other && !strcmp(uuid, other))
			return k;
	}
	return -1;
}

/*
 * One boot against several: the runs of several boots are no units, and one
 * boot shows no spread between boots. One boot of the several is taken, the
 * very same if it is there, else that with most runs, the latest of equals:
 * a rule that does not look at the figures.
 */
static void narrow(struct work *w, struct side *many, const struct side *one)
{
	int boots = many->boots, best, k;
	bool same;

	best = boot_of(many, one->set->boot[one->group->boot].uuid);
	same = best >= 0;
	for (k = 0; !same && k < boots; k++) {
		const struct boot_group *g = &many->group[k];

		if (best < 0 || g->n > many->group[best].n ||
		    (g->n == many->group[best].n &&
		     g->last > many->group[best].last))
			best = k;
	}
	side_narrow(many, best);
	snprintf(w->e->note, sizeof(w->e->note),
		 "of %d boots of %.30s the one %s was used", boots,
		 many->set->name, same ? "shared" : "with most runs");
}

static void choose_units(struct work *w)
{
	struct side *a = &w->side[0], *b = &w->side[1];

	w->row->scope = a->boots > 1 && b->boots > 1 ? SCOPE_KERNEL :
		SCOPE_BOOT;
	if (w->row->scope == SCOPE_KERNEL || !a->runs || !b->runs)
		return;
	if (a->metric->nature == NATURE_EXACT) {
		side_use_runs(a);
		side_use_runs(b);
	} else if (a->boots > 1) {
		narrow(w, a, b);
	} else if (b->boots > 1) {
		narrow(w, b, a);
	}
}

/* ---- rows ---- */

static double spread(double ss, double df, const struct side *a)
{
	double sd = df > 0 ? sqrt(ss / df) : NAN;

	return a->log ? sd : a->mean > 0 ? sd / a->mean : NAN;
}

static void row_figures(struct work *w)
{
	struct side *a = &w->side[0], *b = &w->side[1];
	struct compare_row *r = w->row;

	r->base = side_typical(a);
	r->now = side_typical(b);
	r->n_base = a->n;
	r->n_new = b->n;
	r->runs_base = a->runs;
	r->runs_new = b->runs;
	r->noisy_base = a->noisy;
	r->noisy_new = b->noisy;
	r->disturbed_base = a->m->disturbed;
	r->disturbed_new = b->m->disturbed;
	if (4 * a->m->disturbed > a->runs || 4 * b->m->disturbed > b->runs)
		r->flags |= ROW_DISTURBED;
	r->sd_run = spread(a->ss_run + b->ss_run, a->df_run + b->df_run, a);
	r->sd_boot = spread(a->ss_boot + b->ss_boot, a->df_boot + b->df_boot,
			    a);
	if (10 * a->noisy > a->runs || 10 * b->noisy > b->runs)
		r->flags |= ROW_NOISY;
}

void compare_row_unknown(struct compare_row *r, const struct obs_row *id)
{
	*r = (struct compare_row){
		.id = *id, .verdict = VERDICT_UNCHECKED,
		.base = NAN, .now = NAN, .ratio = NAN, .lo = NAN, .hi = NAN,
		.p = NAN, .p_adj = NAN, .p_holm = NAN, .mde = NAN,
		.sd_run = NAN, .sd_boot = NAN, .theta = NAN, .se = NAN,
		.df = NAN, .sd_raw = NAN, .sd_used = NAN, .p_raw = NAN,
		.ranks = NAN, .ranks_lo = NAN, .ranks_hi = NAN,
		.mode_low = NAN, .mode_high = NAN,
	};
}

static void row_init(struct work *w)
{
	struct compare_row *r = w->row;

	compare_row_unknown(r, w->match->id);
	*w->e = (struct estimate){
		.theta = NAN, .se = NAN, .df = NAN, .va = NAN, .vb = NAN,
		.p = NAN, .p_beyond = NAN, .alpha = NAN,
	};
}

static void row_work(struct work *w, const struct match *m)
{
	int s;

	row_init(w);
	for (s = 0; s < 2; s++)
		side_collapse(&w->side[s], m, w->match, s);
	choose_units(w);
	row_figures(w);
	if (!row_gate(w))
		row_estimate(w);
}

static int compare_rows(const struct match *m, const struct compare_opts *opts,
			struct comparison *out)
{
	struct estimate *e = calloc(m->nrows + 1, sizeof(*e));
	size_t i;
	int err = -ENOMEM;

	out->row = calloc(m->nrows + 1, sizeof(*out->row));
	if (!e || !out->row)
		goto free_estimates;
	out->nrows = m->nrows;
	for (i = 0; i < m->nrows; i++) {
		struct work w = { .out = out, .opts = opts,
				  .match = &m->row[i], .row = &out->row[i],
				  .e = &e[i] };

		row_work(&w, m);
	}
	err = lend_rows(out->row, e, out->nrows, opts);
	if (!err)
		err = judge_rows(out->row, e, out->nrows, opts);
	for (i = 0; i < out->nrows; i++)
		out->count[out->row[i].verdict]++;
	if (!err)
		err = compare_sets(m, e, opts, out);
	if (!err)
		err = compare_across(out);
free_estimates:
	free(e);
	return err;
}

int compare(const struct obs_set *base, const struct obs_set *now,
	    const struct compare_opts *opts, struct comparison *out)
{
	struct match m;
	int err;

	opts = opts ? opts : &compare_defaults;
	memset(out, 0, sizeof(*out));
	out->base = base;
	out->now = now;
	err = factdiff(base, now, opts, out);
	if (err)
		goto free_out;
	err = match_sets(&m, base, now);
	if (!err)
		err = compare_rows(&m, opts, out);
	match_free(&m);
	if (!err)
		return 0;
free_out:
	comparison_free(out);
	return err;
}

void comparison_drop_zeros(struct comparison *c)
{
	size_t i, kept = 0;

	for (i = 0; i < c->nrows; i++) {
		const struct compare_row *r = &c->row[i];

		if (r->id.metric.nature != NATURE_REPLICATED &&
		    r->base == 0 && r->now == 0) {
			c->count[r->verdict]--;
			c->zeros++;
		} else {
			c->row[kept++] = *r;
		}
	}
	c->nrows = kept;
}

void comparison_free(struct comparison *c)
{
	free(c->row);
	free(c->diff);
	free(c->set);
	free(c->set_size);
	free(c->across);
	memset(c, 0, sizeof(*c));
}
