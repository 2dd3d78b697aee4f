// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/judged.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/history.h"

int summary_units(const struct summary_row *r)
{
	return r->scope == SCOPE_KERNEL ? r->boots : r->runs;
}

static const char *boot_fact(const struct track_point *p, const char *key)
{
	const struct obs_set *set = p->set;
	const struct fact *f;
	size_t i;

	for (i = 0; i < set->nboots; i++) {
		if (strcmp(set->boot[i].host, p->row->id.host))
			continue;
		f = facts_find(&set->boot[i].facts, key);
		if (f && f->type == FACT_TEXT)
			return f->text;
	}
	return NULL;
}

/* Did another compiler make this revision, or the program that measures? */
static bool boundary(const struct track_point *p)
{
	static const char *const key[] = { "kernel.toolchain",
					   "tool.compiler" };
	size_t i;

	for (i = 0; i < 2; i++) {
		const char *was = boot_fact(p - 1, key[i]);
		const char *is = boot_fact(p, key[i]);

		if (was && is && strcmp(was, is))
			return true;
	}
	return false;
}

/* Figures that are never scored are not judged either. */
static int fill_series(struct judged *j)
{
	const struct track *t = j->track;
	struct history_series *s = &j->series;
	size_t i;

	s->nature = t->id->metric.nature;
	s->scale = t->id->metric.scale;
	s->point = calloc(t->n + 1, sizeof(*s->point));
	if (!s->point)
		return -ENOMEM;
	for (i = 0; i < t->n; i++) {
		const struct summary_row *r = t->point[i].row;

		if (r->status != RUN_OK)
			continue;
		s->point[s->n++] = (struct history_point){
			t->point[i].revision, r->mid, r->lo, r->hi,
			summary_units(r), i > 0 && boundary(&t->point[i]) };
	}
	return 0;
}

int judged_make(struct judged *j, size_t n, uint64_t seed)
{
	struct history_series *s = calloc(n + 1, sizeof(*s));
	struct history_verdict *v = calloc(n + 1, sizeof(*v));
	size_t i;
	int err = s && v ? 0 : -ENOMEM;

	for (i = 0; !err && i < n; i++) {
		err = fill_series(&j[i]);
		s[i] = j[i].series;
	}
	if (!err)
		err = history_judge(s, n, HISTORY_Q, seed, v);
	for (i = 0; !err && i < n; i++)
		j[i].verdict = &v[i];
	if (err || !n)
		free(v);
	free(s);
	return err;
}

/* The verdicts are one array, the first track's. */
void judged_free(struct judged *j, size_t n)
{
	struct history_verdict *v = n ? j[0].verdict : NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		free(j[i].series.point);
		memset(&j[i].series, 0, sizeof(j[i].series));
		j[i].verdict = NULL;
	}
	if (v)
		history_verdicts_free(v, n);
	free(v);
}

const struct history_change *judged_change(const struct judged *j, size_t k)
{
	const struct history_verdict *v = j->verdict;
	size_t i;

	for (i = 0; i < v->nchanges; i++)
		if (j->series.point[v->change[i].index].revision ==
		    j->track->point[k].revision)
			return &v->change[i];
	return NULL;
}
