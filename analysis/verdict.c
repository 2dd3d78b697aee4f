// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/msg.h"
#include "lib/stats.h"

#define NEED_MAX	1000
#define PROVISIONAL	5	/* boots a side */

double estimate_fraction(const struct estimate *e, double theta)
{
	return e->log ? expm1(theta) : theta;
}

/* ---- families ---- */

struct family {
	double *p, *bh, *holm, *beyond, *beyond_bh;
	size_t tests;
	size_t found;
};

/* Adjusted p values of one family; rows of the other one are NaN there. */
static int family_adjust(struct family *f, const struct compare_row *row,
			 const struct estimate *e, size_t n, int primary,
			 double q)
{
	size_t i;
	int err;

	f->tests = f->found = 0;
	for (i = 0; i < n; i++) {
		bool in = !!row[i].id.metric.primary == primary;

		f->p[i] = in ? e[i].p : NAN;
		f->beyond[i] = in ? e[i].p_beyond : NAN;
		f->tests += !isnan(f->p[i]);
	}
	err = stats_bh(f->p, f->bh, n);
	if (!err)
		err = stats_holm(f->p, f->holm, n);
	if (!err)
		err = stats_bh(f->beyond, f->beyond_bh, n);
	for (i = 0; i < n; i++)
		f->found += f->bh[i] <= q;
	return err;
}

static void family_store(const struct family *f, struct compare_row *row,
			 struct estimate *e, size_t n, double q)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (isnan(f->p[i]))
			continue;
		row[i].p = f->p[i];
		row[i].p_adj = f->bh[i];
		row[i].p_holm = f->holm[i];
		if (f->beyond_bh[i] <= q)
			row[i].flags |= ROW_BEYOND;
		/* Where Benjamini and Hochberg's line stands for this family:
		 * q/m for the first find, q R/m when R were found. */
		e[i].alpha = q * (f->found ? f->found : 1) / f->tests;
	}
}

static int adjust(struct compare_row *row, struct estimate *e, size_t n,
		  double q)
{
	double *room = calloc(5 * n + 1, sizeof(*room));
	struct family f = { room, room + n, room + 2 * n, room + 3 * n,
			    room + 4 * n, 0, 0 };
	int primary, err = room ? 0 : -ENOMEM;

	for (primary = 1; !err && primary >= 0; primary--) {
		err = family_adjust(&f, row, e, n, primary, q);
		if (!err)
			family_store(&f, row, e, n, q);
	}
	free(room);
	return err;
}

/* ---- words ---- */

struct words {
	char *buf;
	size_t size;
	size_t len;
};

static void __printf(2, 3) say(struct words *w, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(w->buf + w->len, w->size - w->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		w->len += (size_t)n < w->size - w->len ? (size_t)n :
			w->size - w->len - 1;
}

/* Percent with one decimal, two below one percent. */
static void say_percent(struct words *w, const char *sign, double fraction)
{
	double x = 100 * fraction;

	if (*sign && x >= 0)
		say(w, "%s", sign);
	if (fabs(x) < 1e6)
		say(w, "%.*f", fabs(x) < 0.995 ? 2 : 1, x);
	else
		say(w, "%.3g", x);
}

static void say_change(struct words *w, const struct compare_row *r)
{
	if (isnan(r->ratio)) {
		say(w, "%.6g, was %.6g", r->now, r->base);
		return;
	}
	say_percent(w, "+", r->ratio - 1);
	say(w, " %%");
	if (isnan(r->lo))
		return;
	say(w, " [");
	say_percent(w, "", r->lo - 1);
	say(w, ", ");
	say_percent(w, "", r->hi - 1);
	say(w, "]");
}

static void say_p(struct words *w, double p)
{
	if (p < 1e-4)
		say(w, ", adjusted p < 0.0001");
	else
		say(w, ", adjusted p %.2g", p);
}

static const char *units(const struct compare_row *r)
{
	return r->scope == SCOPE_KERNEL ? "boots" : "runs";
}

static void say_inconclusive(struct words *w, const struct compare_row *r,
			     const struct estimate *e, double margin)
{
	say(w, "no difference shown");
	if (isnan(r->mde))
		return;
	say(w, "; could have seen ");
	say_percent(w, "", r->mde);
	say(w, " %%");
	if (r->mde <= margin)
		say(w, ", but the interval passes %g %%", 100 * margin);
	else if (r->need)
		say(w, "; %d %s a side would see %g %%", r->need, units(r),
		    100 * margin);
	else
		say(w, "; %g %% is out of reach of %d %s a side",
		    100 * margin, NEED_MAX, units(r));
}

static void say_verdict(struct compare_row *r, const struct estimate *e,
			const struct compare_opts *opts)
{
	struct words w = { r->reason, sizeof(r->reason), 0 };

	switch (r->verdict) {
	case VERDICT_REGRESSED:
	case VERDICT_IMPROVED:
	case VERDICT_SMALL:
		say_change(&w, r);
		say_p(&w, r->p_adj);
		if (r->verdict == VERDICT_SMALL)
			say(&w, "; below %g %%", 100 * opts->margin);
		if (r->scope == SCOPE_BOOT)
			say(&w, "; on this boot, not attributed to the kernel");
		break;
	case VERDICT_EQUIVALENT:
		say(&w, "90 %% interval within %g %%", 100 * opts->margin);
		if (r->flags & ROW_NONZERO)
			say(&w, ", yet not 0");
		if (r->scope == SCOPE_BOOT)
			say(&w, "; on this boot");
		break;
	case VERDICT_INCONCLUSIVE:
		say_inconclusive(&w, r, e, opts->margin);
		break;
	case VERDICT_UNCHECKED:
		say_change(&w, r);
		say_p(&w, r->p_adj);
		say(&w, "; neither direction is called better");
		break;
	case NR_VERDICTS:
		break;
	}
	if (*e->note)
		say(&w, "; %s", e->note);
}

/* ---- verdicts ---- */

/* Would @n units a side find a change of the margin? */
static bool enough(const struct estimate *e, size_t n, double power)
{
	double likely = 1 / stats_var_median(e->df);
	struct stats_welch w = stats_welch(0, e->va * likely, n, 0,
					   e->vb * likely, n);

	return stats_power(e->limit, w.se, w.df + e->prior_df, e->alpha) >=
		power;
}

static int units_needed(const struct estimate *e, double power)
{
	int lo = 1, hi = NEED_MAX, mid;

	if (!(e->limit > 0) || !enough(e, hi, power))
		return 0;
	while (hi - lo > 1) {
		mid = (lo + hi) / 2;
		if (enough(e, mid, power))
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

static enum verdict direction(const struct compare_row *r, double theta)
{
	if (r->id.metric.better == BETTER_NEITHER)
		return VERDICT_UNCHECKED;
	return (theta > 0) == (r->id.metric.better == BETTER_LOWER) ?
		VERDICT_REGRESSED : VERDICT_IMPROVED;
}

/* The order of these rules is part of them. */
static enum verdict decide(const struct compare_row *r,
			   const struct estimate *e, double q)
{
	double half = stats_t_quantile(0.95, e->df) * e->se;

	if (e->limit > 0 && fabs(e->theta) + half < e->limit)
		return VERDICT_EQUIVALENT;
	if (r->p_adj <= q)
		return fabs(e->theta) >= e->limit ? direction(r, e->theta) :
			VERDICT_SMALL;
	return VERDICT_INCONCLUSIVE;
}

static void judge_test(struct compare_row *r, struct estimate *e,
		       const struct compare_opts *opts)
{
	r->verdict = decide(r, e, opts->q);
	if (e->kind == ESTIMATE_T) {
		/* As likely too large as too small. */
		r->mde = estimate_fraction(e, stats_mde(e->se /
				sqrt(stats_var_median(e->df)), e->df, e->alpha,
				opts->power));
		if (!(e->limit > 0) || isinf(r->mde))
			r->mde = NAN;
		r->need = units_needed(e, opts->power);
	}
	if (r->verdict == VERDICT_EQUIVALENT && r->p_adj <= opts->q)
		r->flags |= ROW_NONZERO;
	if (r->scope == SCOPE_KERNEL &&
	    (r->n_base < PROVISIONAL || r->n_new < PROVISIONAL))
		r->flags |= ROW_PROVISIONAL;
	say_verdict(r, e, opts);
}

static void judge_exact(struct compare_row *r, const struct estimate *e)
{
	struct words w = { r->reason, sizeof(r->reason), 0 };

	if (e->theta == 0) {
		r->verdict = VERDICT_EQUIVALENT;
		say(&w, "identical");
		return;
	}
	r->verdict = fabs(e->theta) >= e->limit ? direction(r, e->theta) :
		VERDICT_SMALL;
	say(&w, "exact: %.12g, was %.12g", r->now, r->base);
	if (!isnan(r->ratio)) {
		say(&w, " (");
		say_percent(&w, "+", r->ratio - 1);
		say(&w, " %%)");
	}
	if (r->verdict == VERDICT_UNCHECKED)
		say(&w, "; neither direction is called better");
}

int judge_rows(struct compare_row *row, struct estimate *e, size_t n,
	       const struct compare_opts *opts)
{
	int err = adjust(row, e, n, opts->q);
	size_t i;

	for (i = 0; !err && i < n; i++) {
		if (e[i].kind == ESTIMATE_NONE)
			continue;
		if (e[i].kind == ESTIMATE_EXACT)
			judge_exact(&row[i], &e[i]);
		else
			judge_test(&row[i], &e[i], opts);
		if (row[i].verdict == VERDICT_IMPROVED)
			row[i].flags |= ROW_SUSPECT;
	}
	return err;
}
