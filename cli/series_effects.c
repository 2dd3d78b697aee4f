// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/series.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/patches.h"
#include "cli/label.h"
#include "lib/arena.h"

/* ---- points ---- */

static bool has_arm(const struct store_revision *r, const char *arm)
{
	int i;

	for (i = 0; i < r->narms; i++)
		if (!strcmp(r->arm[i], arm))
			return true;
	return false;
}

/* -1: the whole series, else its last patch, which is as much. */
static const struct store_revision *find_label(const struct series_work *w,
					       const char *name, int patch)
{
	const struct store_revision *last = NULL;
	size_t i;

	for (i = 0; name && i < w->nrev; i++) {
		const struct store_revision *r = &w->rev[i];

		if (strcmp(r->revision, name) || !r->narms)
			continue;
		if (r->patch == patch || (patch < 0 && !r->patch))
			return r;
		if (patch < 0 && r->patch == r->patches)
			last = r;
	}
	return last;
}

static int load_point(struct series_work *w, struct point *p)
{
	const struct store_select sel = {
		.series = p->rev->series, .revision = p->rev->revision,
		.patch = p->rev->patch, .arm = p->arm,
		.benchmark = w->select, .mode = w->mode, .primary = !w->all,
		.guest_boots = p->inside,
	};
	char *name = revision_name(p->rev);
	int err = -ENOMEM;

	if (name && asprintf(&p->name, "%s@%s", name, p->arm) >= 0)
		err = store_load(w->store, &sel, p->name, &p->set);
	free(name);
	return err;
}

/* NULL in @out: there is no such arm. */
static int point_of(struct series_work *w, const struct store_revision *r,
		    const char *arm, bool inside, const struct point **out)
{
	struct point *p, **v;
	size_t i;
	int err;

	*out = NULL;
	if (!r || !arm || !has_arm(r, arm))
		return 0;
	for (i = 0; i < w->npoints; i++) {
		p = w->point[i];
		if (p->rev == r && p->inside == inside &&
		    !strcmp(p->arm, arm)) {
			*out = p;
			return 0;
		}
	}
	v = array_grow(w->point, w->npoints, &w->room_points, sizeof(*v));
	p = v ? calloc(1, sizeof(*p)) : NULL;
	if (v)
		w->point = v;
	if (!p)
		return -ENOMEM;
	w->point[w->npoints++] = p;
	p->rev = r;
	p->arm = arm;
	p->inside = inside;
	err = load_point(w, p);
	*out = err ? NULL : p;
	return err;
}

/* For a contrast with another revision, whose guests other boots held. */
static int point(struct series_work *w, const struct store_revision *r,
		 const char *arm, const struct point **out)
{
	return point_of(w, r, arm, false, out);
}

/* A kernel without the series has no switch: off is what it is. */
static const char *base_arm(const struct series_work *w,
			    const struct store_revision *base,
			    const char *arm)
{
	if (!base || has_arm(base, arm))
		return arm;
	if (has_arm(base, w->off))
		return w->off;
	return base->narms == 1 ? base->arm[0] : NULL;
}

/* ---- effects ---- */

static struct effect *effect_new(struct series_work *w, enum effect_kind kind,
				 const struct point *from,
				 const struct point *to)
{
	struct effect *e;

	e = array_grow(w->out.v, w->out.n, &w->room, sizeof(*e));
	if (!e)
		return NULL;
	w->out.v = e;
	e += w->out.n++;
	memset(e, 0, sizeof(*e));
	e->kind = kind;
	e->from = strdup(from->name);
	e->to = strdup(to->name);
	return e->from && e->to ? e : NULL;
}

static int effect_rows(struct series_work *w, struct effect *e,
		       const struct contrast_want *want)
{
	return e ? contrast_rows(want, &w->opts, &e->row, &e->n) : -ENOMEM;
}

/* One point against another. */
static int add_cost(struct series_work *w, enum effect_kind kind,
		    const struct point *from, const struct point *to)
{
	struct contrast_want want = { .n = 0 };

	if (!from || !to || from == to)
		return 0;
	contrast_term(&want, &from->set, -1, 0);
	contrast_term(&want, &to->set, 1, 0);
	return effect_rows(w, effect_new(w, kind, from, to), &want);
}

/* One arm of a revision against its other one. */
static int add_enabling(struct series_work *w, enum effect_kind kind,
			const struct store_revision *r)
{
	const struct point *off, *on;
	int err = point_of(w, r, w->off, true, &off);

	if (!err)
		err = point_of(w, r, w->on, true, &on);
	return err ? err : add_cost(w, kind, off, on);
}

/* Difference in differences: (on - off) here against (on - off) there. */
static int add_change(struct series_work *w, const struct point *const now[2],
		      const struct point *const then[2])
{
	struct contrast_want want = { .n = 0 };

	if (!now[0] || !now[1] || !then[0] || !then[1])
		return 0;
	contrast_term(&want, &then[0]->set, 1, 0);
	contrast_term(&want, &then[1]->set, -1, 0);
	contrast_term(&want, &now[0]->set, -1, 0);
	contrast_term(&want, &now[1]->set, 1, 0);
	return effect_rows(w, effect_new(w, EFFECT_CHANGE, then[1], now[1]),
			   &want);
}

static int arms_of(struct series_work *w, const struct store_revision *r,
		   const struct point *p[2])
{
	int err = point(w, r, w->off, &p[0]);

	return err ? err : point(w, r, w->on, &p[1]);
}

/* What another revision cost, and what changed since, in either arm. */
static int add_since(struct series_work *w, const struct point *const now[2],
		     const struct point *const then[2])
{
	int err = then[0] ? add_enabling(w, EFFECT_WAS, then[0]->rev) : 0;

	if (!err)
		err = add_cost(w, EFFECT_OFF, then[0], now[0]);
	return err ? err : add_cost(w, EFFECT_ON, then[1], now[1]);
}

int series_add_costs(struct series_work *w)
{
	const struct store_revision *now = find_label(w, w->now, -1);
	const struct store_revision *base = find_label(w, w->base, -1);
	const struct store_revision *old = find_label(w, w->against ?
						w->against : w->base, -1);
	const struct point *p[2], *q[2], *b;
	int err;

	err = arms_of(w, now, p);
	if (!err)
		err = arms_of(w, old, q);
	if (!err)
		err = point(w, base, base_arm(w, base, w->off), &b);
	if (!err)
		err = add_cost(w, EFFECT_CARRYING, b, p[0]);
	if (!err)
		err = add_enabling(w, EFFECT_ENABLING, now);
	if (!err)
		err = add_cost(w, EFFECT_TOGETHER, b, p[1]);
	if (!err && w->against)
		err = add_since(w, p, q);
	return err ? err : add_change(w, p, q);
}

/* ---- patches ---- */

static const struct store_patch *known_patch(const struct series_work *w,
					     const char *rev, int patch)
{
	size_t i;

	for (i = 0; i < w->npatch; i++)
		if (w->patch[i].patch == patch &&
		    !strcmp(w->patch[i].revision, rev))
			return &w->patch[i];
	return NULL;
}

static void describe(const struct series_work *w, struct effect *e,
		     const char *arm, int first, int last, int of)
{
	const struct store_patch *p = known_patch(w, w->now, last);

	e->arm = arm;
	e->first = first;
	e->last = last;
	e->of = of;
	e->subject = p ? p->subject : "";
	e->patch_id = p ? p->patch_id : "";
}

/**
 * struct chain - the points that the patches of a revision lie between
 * @point:	[0] the base, of patch 0
 * @patch:	number of each
 */
struct chain {
	const struct point *point[2];
	int patch[2];
	int of;
};

/* How many patches @name has: as measured, else as listed. */
static int patches_of(const struct series_work *w, const char *name)
{
	size_t i;
	int n = 0;

	for (i = 0; i < w->nrev; i++)
		if (!strcmp(w->rev[i].revision, name) && w->rev[i].patches > n)
			n = w->rev[i].patches;
	for (i = 0; !n && i < w->npatch; i++)
		if (!strcmp(w->patch[i].revision, name) &&
		    w->patch[i].patches > n)
			n = w->patch[i].patches;
	return n;
}

/* The kernel with the first @k patches; the whole series is the last one. */
static int patch_point(struct series_work *w, const char *name, int k, int of,
		       const char *arm, const struct point **p)
{
	const struct store_revision *r, *base;
	int err;

	if (!k) {
		base = find_label(w, w->base, -1);
		return point(w, base, base_arm(w, base, arm), p);
	}
	r = find_label(w, name, k);
	err = point(w, r, arm, p);
	if (err || *p || k < of)
		return err;
	return point(w, find_label(w, name, 0), arm, p);
}

static int add_patch(struct series_work *w, const char *arm,
		     const struct chain *c, const struct point *first,
		     const struct point *last)
{
	struct contrast_want want = { .n = 0 };
	struct effect *e = effect_new(w, EFFECT_PATCH, c->point[0],
				      c->point[1]);

	if (!e)
		return -ENOMEM;
	describe(w, e, arm, c->patch[0] + 1, c->patch[1], c->of);
	contrast_term(&want, &c->point[0]->set, -1, 0);
	contrast_term(&want, &c->point[1]->set, 1, 0);
	contrast_term(&want, &first->set, 0, -1);
	contrast_term(&want, &last->set, 0, 1);
	return effect_rows(w, e, &want);
}

static int add_all_patches(struct series_work *w, const char *arm,
			   const struct point *first,
			   const struct point *last, int from, int to, int of)
{
	int err = add_cost(w, EFFECT_PATCHES, first, last);

	if (!err)
		describe(w, &w->out.v[w->out.n - 1], arm, from, to, of);
	return err;
}

/* From each measured patch to the next. */
static int add_patches(struct series_work *w, const char *arm)
{
	const struct point *first = NULL, *last = NULL, *p;
	struct chain c = { .of = patches_of(w, w->now) };
	int k, from = 0, to = 0, n = 0, err = 0;

	for (k = 0; !err && k <= c.of; k++) {
		err = patch_point(w, w->now, k, c.of, arm, &p);
		if (err || !p)
			continue;
		if (!first) {
			first = p;
			from = k + 1;
		}
		last = p;
		to = k;
		n++;
	}
	for (k = from; !err && n > 1 && k <= to; k++) {
		if (k == from) {
			c.point[0] = first;
			c.patch[0] = from - 1;
		}
		err = patch_point(w, w->now, k, c.of, arm, &p);
		if (err || !p)
			continue;
		c.point[1] = p;
		c.patch[1] = k;
		err = add_patch(w, arm, &c, first, last);
		c.point[0] = p;
		c.patch[0] = k;
	}
	if (!err && n > 2)
		err = add_all_patches(w, arm, first, last, from, to, c.of);
	return err;
}

/* ---- the same patch in another revision ---- */

/**
 * struct pairing - which patch of the other revision is which
 * @old:	1.., 0 none; of patch K at [K]
 */
struct pairing {
	int n;
	int *old;
	enum patch_match *how;
};

static void pairing_free(struct pairing *p)
{
	free(p->old);
	free(p->how);
}

static struct patch_name *names_of(const struct series_work *w,
				   const char *rev, int n)
{
	struct patch_name *v = calloc(n + 1, sizeof(*v));
	const struct store_patch *p;
	int k;

	for (k = 0; v && k < n; k++) {
		p = known_patch(w, rev, k + 1);
		v[k] = (struct patch_name) { p ? p->patch_id : "",
					     p ? p->subject : "" };
	}
	return v;
}

static int pairing_make(const struct series_work *w, struct pairing *p)
{
	int nold = patches_of(w, w->against), k;
	struct patch_name *old, *now;

	p->n = patches_of(w, w->now);
	p->old = calloc(p->n + 1, sizeof(*p->old));
	p->how = calloc(p->n + 1, sizeof(*p->how));
	old = names_of(w, w->against, nold);
	now = names_of(w, w->now, p->n);
	if (p->old && p->how && old && now) {
		patches_match(old, nold, now, p->n, p->old + 1, p->how + 1);
		for (k = 1; k <= p->n; k++)
			p->old[k]++;
		p->old[0] = 0;
	}
	free(old);
	free(now);
	return p->old && p->how && old && now ? 0 : -ENOMEM;
}

static int add_matched(struct series_work *w, const char *arm,
		       const struct pairing *pair, int k)
{
	int j = pair->old[k], of = patches_of(w, w->against), err = 0, i;
	struct contrast_want want = { .n = 0 };
	const struct point *p[4];
	struct effect *e;

	for (i = 0; i < 2 && !err; i++) {
		err = patch_point(w, w->now, k - i, pair->n, arm, &p[i]);
		if (!err)
			err = patch_point(w, w->against, j - i, of, arm,
					  &p[2 + i]);
	}
	if (err || !p[0] || !p[1] || !p[2] || !p[3])
		return err;
	contrast_term(&want, &p[1]->set, -1, 0);
	contrast_term(&want, &p[0]->set, 1, 0);
	contrast_term(&want, &p[3]->set, 1, 0);
	contrast_term(&want, &p[2]->set, -1, 0);
	e = effect_new(w, EFFECT_MATCHED, p[2], p[0]);
	if (!e)
		return -ENOMEM;
	describe(w, e, arm, k, k, pair->n);
	e->old = j;
	e->match = patch_match_name(pair->how[k]);
	return effect_rows(w, e, &want);
}

static int add_matches(struct series_work *w, const char *arm)
{
	struct pairing pair = { 0 };
	int err = pairing_make(w, &pair), k;

	for (k = 1; !err && k <= pair.n; k++)
		if (pair.old[k])
			err = add_matched(w, arm, &pair, k);
	pairing_free(&pair);
	return err;
}

/* Call @fn for every arm that a patch of the revision was measured in. */
static int each_arm(struct series_work *w,
		    int (*fn)(struct series_work *w, const char *arm))
{
	size_t i, k;
	int err = 0, a, b;

	for (i = 0; i < w->nrev && !err; i++) {
		const struct store_revision *r = &w->rev[i];

		for (a = 0; a < r->narms && !err; a++) {
			bool seen = !r->patch || strcmp(r->revision, w->now);

			for (k = 0; k < i && !seen; k++)
				for (b = 0; b < w->rev[k].narms; b++)
					seen |= w->rev[k].patch &&
						!strcmp(w->rev[k].revision,
							w->now) &&
						!strcmp(w->rev[k].arm[b],
							r->arm[a]);
			if (!seen)
				err = fn(w, r->arm[a]);
		}
	}
	return err;
}

int series_add_patches(struct series_work *w)
{
	return each_arm(w, add_patches);
}

int series_add_matches(struct series_work *w)
{
	return w->against ? each_arm(w, add_matches) : 0;
}

void series_free(struct series_work *w)
{
	size_t i;

	for (i = 0; i < w->out.n; i++) {
		free(w->out.v[i].from);
		free(w->out.v[i].to);
		free(w->out.v[i].row);
	}
	free(w->out.v);
	for (i = 0; i < w->npoints; i++) {
		obs_set_free(&w->point[i]->set);
		free(w->point[i]->name);
		free(w->point[i]);
	}
	free(w->point);
	store_revisions_free(w->rev, w->nrev);
	store_revision_free(w->patch, w->npatch);
}
