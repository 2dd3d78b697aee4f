// SPDX-License-Identifier: GPL-2.0-or-later
/* How much did a row change, and how sure is that? By its metric's nature. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "analysis/row.h"
#include "lib/modes.h"
#include "lib/rank.h"
#include "lib/stats.h"

#define RANKS_LEAST	4	/* units a side for an interval by ranks */

/* Below this many events on a side no error of a ratio is estimated. */
#define EVENTS_FEW	5


/* Against the nearer end of [-limit, limit]; the far tail is included. */
static double p_beyond(const struct estimate *e)
{
	double far = fabs(e->theta);

	return fmin(1, stats_t_upper((far - e->limit) / e->se, e->df) +
		    stats_t_upper((far + e->limit) / e->se, e->df));
}

void estimate_finish(struct estimate *e, struct compare_row *row)
{
	double half = stats_t_quantile(0.975, e->df) * e->se;

	e->p_beyond = p_beyond(e);
	row->theta = e->theta;
	row->se = e->se;
	row->df = e->df;
	if (!e->log && !(e->limit > 0))
		return;
	row->ratio = 1 + estimate_fraction(e, e->theta);
	row->lo = 1 + estimate_fraction(e, e->theta - half);
	row->hi = 1 + estimate_fraction(e, e->theta + half);
}

static void finish_t(struct work *w)
{
	struct estimate *e = w->e;

	if (!(e->se > 0)) {
		row_unchecked(w, "every unit gave the same figure: no spread to "
			  "judge by");
		return;
	}
	e->kind = ESTIMATE_T;
	w->row->p_raw = e->p;
	estimate_finish(e, w->row);
}

/* What ranks say of the same units; they hardly see a few outlying ones. */
static void second_opinion(struct work *w, double scale)
{
	const struct side *a = &w->side[0], *b = &w->side[1];
	const struct estimate *e = w->e;
	struct compare_row *r = w->row;
	double half = stats_t_quantile(0.975, e->df) * e->se;
	struct stats_shift s;
	double far;

	if (a->n < RANKS_LEAST || b->n < RANKS_LEAST ||
	    (!e->log && !(e->limit > 0)))
		return;
	s = stats_hodges_lehmann(a->unit, a->n, b->unit, b->n, 0.95);
	r->ranks = 1 + estimate_fraction(e, s.mid / scale);
	r->ranks_lo = 1 + estimate_fraction(e, s.lo / scale);
	r->ranks_hi = 1 + estimate_fraction(e, s.hi / scale);
	/* Ties make intervals by ranks very narrow: the distance counts too. */
	far = fabs(s.mid / scale - e->theta);
	if (far > half || (far > half / 4 && (e->theta < s.lo / scale ||
					      e->theta > s.hi / scale)))
		r->flags |= ROW_RANKS;
}

/*
 * Do the units of both sides together gather in two places? If the sides are
 * the places, that is a change; if not, it is noise of a kind that t knows
 * nothing of: with few units all of one side may be dealt to one place, with
 * no spread to show for it.
 */
static void look_for_modes(struct work *w, double scale)
{
	const struct side *a = &w->side[0], *b = &w->side[1];
	size_t n = a->n + b->n, low[2] = { 0, 0 }, uneven, i;
	double *v = malloc(n * sizeof(*v));
	struct stats_modes m;

	if (!v)
		return;
	memcpy(v, a->unit, a->n * sizeof(*v));
	memcpy(v + a->n, b->unit, b->n * sizeof(*v));
	m = stats_modes(v, n);
	for (i = 0; i < n; i++)
		low[i >= a->n] += v[i] <= m.split;
	free(v);
	if (!m.likely)
		return;
	w->e->mixed = !((low[0] == a->n && !low[1]) ||
			(!low[0] && low[1] == b->n));
	uneven = low[0] + b->n - low[1];
	uneven = uneven > n - uneven ? uneven : n - uneven;
	w->e->p_modes = fmin(1, 2 * gsl_cdf_binomial_Q(uneven - 1, 0.5, n));
	/* Modes closer than half the margin are nobody's business. */
	if (!m.sure || !w->e->mixed ||
	    m.high - m.low < scale * w->e->limit / 2)
		return;
	w->row->flags |= ROW_MODES;
	w->row->mode_low = a->log ? exp(m.low) : m.low;
	w->row->mode_high = a->log ? exp(m.high) : m.high;
}

/*
 * On a linear scale the difference is divided by the mean of base, taken as
 * known: the interval is that of the difference.
 */
static void estimate_replicated(struct work *w)
{
	struct side *a = &w->side[0], *b = &w->side[1];
	struct estimate *e = w->e;
	struct stats_welch t;
	double scale = 1;

	side_floor(a, side_tick(a));
	side_floor(b, side_tick(b));
	if (a->floored || b->floored)
		w->row->flags |= ROW_FLOORED;
	e->log = a->log;
	if (!e->log && a->mean > 0)
		scale = a->mean;
	e->limit = e->log ? log1p(w->opts->margin) :
		a->mean > 0 ? w->opts->margin : 0;
	e->va = a->var / (scale * scale);
	e->vb = b->var / (scale * scale);
	t = stats_welch(a->mean / scale, e->va, a->n, b->mean / scale, e->vb,
			b->n);
	e->theta = t.diff;
	e->se = t.se;
	e->df = t.df;
	e->p = t.p;
	e->na = a->n;
	e->nb = b->n;
	e->lendable = e->log && w->row->scope == SCOPE_KERNEL && !a->floored &&
		!b->floored;
	finish_t(w);
	if (e->kind != ESTIMATE_T)
		return;
	w->row->sd_raw = w->row->sd_used =
		e->se / sqrt(1.0 / e->na + 1.0 / e->nb);
	/* Steps of the clock are no distribution. */
	if (a->floored || b->floored)
		return;
	second_opinion(w, scale);
	look_for_modes(w, scale);
}

static void estimate_exact(struct work *w)
{
	struct compare_row *r = w->row;
	int s;

	for (s = 0; s < 2; s++)
		if (!side_constant(&w->side[s])) {
			row_unchecked(w, "exact metric varies within %s",
				  w->side[s].set->name);
			return;
		}
	w->e->kind = ESTIMATE_EXACT;
	w->e->limit = log1p(w->opts->margin);
	r->base = w->side[0].value[0];
	r->now = w->side[1].value[0];
	if (r->base > 0 && r->now >= 0)
		r->ratio = r->now / r->base;
	if (r->base == r->now)
		w->e->theta = 0;
	else if (r->ratio > 0)
		w->e->theta = log(r->ratio);
	else
		w->e->theta = r->now > r->base ? INFINITY : -INFINITY;
}

/*
 * Few events: the difference, by the exact conditional test, and by Welch so
 * that events which come in bursts are not taken for independent ones; the
 * larger p counts.
 */
static void estimate_rare(struct work *w, double exact)
{
	struct side *a = &w->side[0], *b = &w->side[1];
	struct stats_welch t = stats_welch(a->mean, a->var, a->n, b->mean,
					   b->var, b->n);

	w->e->kind = ESTIMATE_RARE;
	w->e->p = t.se > 0 ? fmax(t.p, exact) : 1;
	if (isinf(w->e->theta))
		return;
	w->row->ratio = exp(w->e->theta);
}

static void estimate_count(struct work *w)
{
	struct side *a = &w->side[0], *b = &w->side[1];
	double events[2], ops[2];
	struct stats_rates t;

	if (side_constant(a) && side_constant(b)) {
		estimate_exact(w);
		return;
	}
	t = stats_quasi_poisson(a->unit, a->n, b->unit, b->n);
	if (isnan(t.diff)) {
		row_unchecked(w, "a count is negative");
		return;
	}
	ops[0] = side_operations(a, &events[0]);
	ops[1] = side_operations(b, &events[1]);
	w->e->log = true;
	w->e->limit = log1p(w->opts->margin);
	w->e->theta = t.diff;
	if (events[0] < EVENTS_FEW || events[1] < EVENTS_FEW) {
		estimate_rare(w, stats_poisson_exact(events[0], ops[0],
						     events[1], ops[1]));
		return;
	}
	w->e->va = t.va;
	w->e->vb = t.vb;
	w->e->se = t.se;
	w->e->df = t.df;
	w->e->p = t.p;
	finish_t(w);
}

void row_estimate(struct work *w)
{
	switch (w->side[0].metric->nature) {
	case NATURE_REPLICATED:
		estimate_replicated(w);
		break;
	case NATURE_EXACT:
		estimate_exact(w);
		break;
	case NATURE_COUNT:
		estimate_count(w);
		break;
	}
}
