// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Borrowed variance. A few boots tell little of how boots spread, and a test
 * by their own spread alone either finds nothing or is fooled by it; the same
 * benchmark's boots of other revisions, or the other benchmarks of the same
 * boots, know more.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/match.h"
#include "analysis/verdict.h"
#include "lib/borrow.h"

#define LEND_ROWS	20	/* fewer benchmarks tell too little */
#define PAST_DF_LEAST	4
#define PAST_DF_MOST	16	/* the past fades: no more weight than this */

/* What a row's own data say: variance of a unit, and its worth. */
static double own_variance(const struct estimate *e, double *df)
{
	*df = e->na + e->nb - 2.0;
	return ((e->na - 1) * e->va + (e->nb - 1) * e->vb) / *df;
}

static void lend(struct compare_row *row, struct estimate *e,
		 struct stats_prior prior, enum lender lender)
{
	double df, s2 = own_variance(e, &df), used;
	struct stats_welch w;

	if (!stats_prior_fits(&prior, s2, df))
		return;
	w = stats_borrow(0, e->va, e->na, e->theta, e->vb, e->nb, &prior,
			 &used);
	e->se = w.se;
	e->df = w.df;
	e->p = w.p;
	e->va = e->vb = used;
	e->prior_df = prior.df;
	row->lender = lender;
	row->lent_df = prior.df;
	row->sd_used = sqrt(used);
	estimate_finish(e, row);
}

static int order_past(const void *key, const void *elem)
{
	const struct compare_past *past = elem;

	return match_order(key, &past->id);
}

static bool lend_past(struct compare_row *row, struct estimate *e,
		      const struct compare_opts *opts)
{
	const struct compare_past *past = !opts->npast ? NULL :
		bsearch(&row->id, opts->past, opts->npast,
			sizeof(*opts->past), order_past);
	struct stats_prior prior;

	if (!past || !(past->s2 > 0) || past->df < PAST_DF_LEAST)
		return false;
	prior.s2 = past->s2;
	prior.df = fmin(past->df, PAST_DF_MOST);
	lend(row, e, prior, LENDER_PAST);
	return true;
}

/* ---- across benchmarks ---- */

/**
 * struct lenders - the rows of one host that can lend
 * @at:		indices of the rows
 * @s2, @df:	their own variances
 */
struct lenders {
	size_t *at;
	double *s2;
	double *df;
	size_t n;
	size_t mixed;
};

static bool same_host(const struct obs_row *a, const struct obs_row *b)
{
	return !strcmp(a->host ? a->host : "", b->host ? b->host : "");
}

static void gather(struct lenders *l, const struct compare_row *row,
		   const struct estimate *e, size_t n, size_t first,
		   char *done)
{
	size_t i;

	l->n = l->mixed = 0;
	for (i = first; i < n; i++) {
		if (done[i] || !same_host(&row[i].id, &row[first].id))
			continue;
		done[i] = 1;
		l->at[l->n] = i;
		l->s2[l->n] = own_variance(&e[i], &l->df[l->n]);
		l->mixed += e[i].mixed;
		l->n++;
	}
}

/*
 * Share of the benchmarks whose boots gather in two places. One in twenty
 * looks so by chance; only what is three standard deviations more counts.
 */
static double share_modal(const struct lenders *l)
{
	const double chance = 0.05;
	double share = l->mixed / (double)l->n;

	if (share <= chance + 3 * sqrt(chance * (1 - chance) / l->n))
		return 0;
	return (share - chance) / (1 - chance);
}

/*
 * The weight of the other rows is at most that of the row itself: they say how
 * boots spread in general, and a benchmark may be unlike the others.
 */
static void lend_host(const struct lenders *l, struct compare_row *row,
		      struct estimate *e, const struct compare_opts *opts)
{
	struct stats_prior fit = stats_prior_fit(l->s2, l->df, l->n), prior;
	double modal = share_modal(l);
	size_t i, k;

	for (k = 0; k < l->n; k++) {
		i = l->at[k];
		prior.s2 = fit.s2;
		prior.df = fmin(fit.df, l->df[k]);
		if (!lend_past(&row[i], &e[i], opts) && l->n >= LEND_ROWS)
			lend(&row[i], &e[i], prior, LENDER_ROWS);
		/* Where boots have two modes, each row may have met them
		 * unevenly; no spread within a side tells of that. */
		if (l->n >= LEND_ROWS && modal > 0) {
			e[i].p = fmin(1, e[i].p + modal * e[i].p_modes);
			e[i].p_beyond = fmin(1, e[i].p_beyond +
					     modal * e[i].p_modes);
		}
	}
}

int lend_rows(struct compare_row *row, struct estimate *e, size_t n,
	      const struct compare_opts *opts)
{
	double *room = calloc(2 * n + 1, sizeof(*room));
	char *done = calloc(n + 1, 1);
	struct lenders l = { .at = calloc(n + 1, sizeof(*l.at)),
			     .s2 = room, .df = room + n };
	int err = room && done && l.at ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; !err && i < n; i++)
		done[i] = e[i].kind != ESTIMATE_T || !e[i].lendable ||
			!row[i].id.metric.primary;
	for (i = 0; !err && i < n; i++) {
		if (done[i])
			continue;
		gather(&l, row, e, n, i, done);
		lend_host(&l, row, e, opts);
	}
	free(l.at);
	free(done);
	free(room);
	return err;
}
