// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/figures.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sides.h"
#include "lib/msg.h"

static int load_arm(struct store *s, const struct store_select *sel,
		    const struct store_revision *r, const char *arm,
		    struct figures *f)
{
	struct store_select one = *sel;
	int err;

	memset(f, 0, sizeof(*f));
	f->name = revision_name(r);
	f->arm = strdup(arm);
	one.series = r->series;
	one.revision = r->revision;
	one.patch = r->patch;
	one.label = r->id;
	one.arm = arm;
	err = f->name && f->arm ? store_load(s, &one, f->name, &f->set) :
		-ENOMEM;
	if (!err)
		err = summarize(&f->set, &f->rows, &f->n);
	return err;
}

static int load_revision(struct store *s, const struct store_select *sel,
			 const struct store_revision *r,
			 struct figures_list *list)
{
	int i, err = 0;

	for (i = 0; i < r->narms && !err; i++) {
		struct figures *v;

		if (sel->arm && strcmp(sel->arm, r->arm[i]))
			continue;
		v = reallocarray(list->v, list->n + 1, sizeof(*v));
		if (!v)
			return -ENOMEM;
		list->v = v;
		err = load_arm(s, sel, r, r->arm[i], &v[list->n++]);
	}
	return err;
}

int figures_load_last(struct store *s, const struct store_select *sel,
		      size_t last, struct figures_list *list)
{
	struct store_revision *rev;
	size_t n, i;
	int err;

	memset(list, 0, sizeof(*list));
	err = store_revisions(s, sel->series, &rev, &n);
	if (err)
		return err;
	for (i = last && n > last ? n - last : 0; i < n && !err; i++)
		err = load_revision(s, sel, &rev[i], list);
	if (!err && !list->n) {
		pr_err("%s: no results%s%s", store_path(s),
		       sel->arm ? " of arm " : "; asibench run makes some",
		       sel->arm ? sel->arm : "");
		err = -ENOENT;
	}
	store_revisions_free(rev, n);
	if (err)
		figures_free(list);
	return err;
}

int figures_load(struct store *s, const struct store_select *sel,
		 struct figures_list *list)
{
	return figures_load_last(s, sel, 0, list);
}

void figures_free(struct figures_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		free(list->v[i].name);
		free(list->v[i].arm);
		free(list->v[i].rows);
		obs_set_free(&list->v[i].set);
	}
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/**
 * struct seat - a figure on its way into a track
 */
struct seat {
	const struct figures *from;
	const struct summary_row *row;
};

int row_id_cmp(const struct obs_row *a, const struct obs_row *b)
{
	int d = strcmp(a->benchmark, b->benchmark);

	if (!d)
		d = strcmp(a->place, b->place);
	if (!d)
		d = strcmp(a->profile, b->profile);
	if (!d)
		d = strcmp(a->params, b->params);
	if (!d)
		d = !a->metric.primary - !b->metric.primary;
	if (!d)
		d = strcmp(a->metric.name, b->metric.name);
	if (!d)
		d = (int)a->mode - (int)b->mode;
	return d ? d : strcmp(a->host, b->host);
}

static int track_cmp(const struct seat *a, const struct seat *b)
{
	int d = row_id_cmp(&a->row->id, &b->row->id);

	return d ? d : strcmp(a->from->arm, b->from->arm);
}

static int seat_cmp(const void *a, const void *b)
{
	const struct seat *sa = a, *sb = b;
	int d = track_cmp(sa, sb);

	/* The list is in the order of revisions. */
	return d ? d : (sa->from > sb->from) - (sa->from < sb->from);
}

static size_t seats_take(const struct figures_list *list, struct seat *seat)
{
	size_t i, k, n = 0;

	for (i = 0; i < list->n; i++) {
		for (k = 0; k < list->v[i].n; k++) {
			if (!isfinite(list->v[i].rows[k].mid))
				continue;
			if (seat)
				seat[n] = (struct seat) {
					&list->v[i], &list->v[i].rows[k]
				};
			n++;
		}
	}
	return n;
}

static int track_fill(struct track *t, const struct seat *seat, size_t n)
{
	size_t i;

	t->id = &seat->row->id;
	t->arm = seat->from->arm;
	t->point = calloc(n, sizeof(*t->point));
	if (!t->point)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		t->point[i].revision = seat[i].from->name;
		t->point[i].set = &seat[i].from->set;
		t->point[i].row = seat[i].row;
	}
	t->n = n;
	return 0;
}

int tracks_make(const struct figures_list *list, struct track **v, size_t *n)
{
	size_t room = seats_take(list, NULL), i, end;
	struct seat *seat = calloc(room + 1, sizeof(*seat));
	int err = 0;

	*n = 0;
	*v = calloc(room + 1, sizeof(**v));
	if (!seat || !*v) {
		err = -ENOMEM;
		goto free_seats;
	}
	seats_take(list, seat);
	qsort(seat, room, sizeof(*seat), seat_cmp);
	for (i = 0; i < room && !err; i = end) {
		for (end = i + 1; end < room &&
		     !track_cmp(&seat[i], &seat[end]); end++)
			;
		err = track_fill(&(*v)[(*n)++], &seat[i], end - i);
	}
free_seats:
	free(seat);
	if (err) {
		tracks_free(*v, *n);
		*v = NULL;
		*n = 0;
	}
	return err;
}

void tracks_free(struct track *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(v[i].point);
	free(v);
}
