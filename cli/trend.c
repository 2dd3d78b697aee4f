// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/trend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Boots only where every revision has several. */
static const char *trend_units(const struct track *t)
{
	size_t i, boots = 0;

	for (i = 0; i < t->n; i++)
		boots += t->point[i].row->scope == SCOPE_KERNEL;
	return boots == t->n ? "boots" : boots ? "boots or runs" : "runs";
}

bool trend_interpreted(const struct track *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->point[i].row->status == RUN_INTERPRETED)
			return true;
	return false;
}

/* No level where nothing changed: it would say that nothing did. */
static int trend_levels(const struct judged *j, struct plot_trend *p)
{
	const struct history_verdict *v = j->verdict;
	const struct history_change *c;
	struct plot_level *level;
	size_t i, n = 0;

	if (!v || !v->nchanges)
		return 0;
	level = calloc(v->nchanges + 1, sizeof(*level));
	if (!level)
		return -ENOMEM;
	level[0] = (struct plot_level) { .value = v->change[0].from,
					 .ratio = NAN };
	for (i = 0; i < j->track->n; i++) {
		c = judged_change(j, i);
		if (c && i && n < v->nchanges)
			level[++n] = (struct plot_level) { i, i, c->to,
							   c->ratio };
		level[n].last = i;
	}
	p->level = level;
	p->nlevels = n + 1;
	return 0;
}

int trend_make(const struct judged *j, struct plot_trend *p)
{
	const struct track *t = j->track;
	const char **revision = calloc(t->n, sizeof(*revision));
	double *v = calloc(3 * t->n, sizeof(*v));
	int *units = calloc(t->n, sizeof(*units));
	bool *disturbed = calloc(t->n, sizeof(*disturbed));
	size_t i;

	if (!revision || !v || !units || !disturbed) {
		free(revision);
		free(v);
		free(units);
		free(disturbed);
		return -ENOMEM;
	}
	for (i = 0; i < t->n; i++) {
		const struct summary_row *r = t->point[i].row;

		revision[i] = t->point[i].revision;
		v[i] = r->mid;
		v[t->n + i] = r->lo;
		v[2 * t->n + i] = r->hi;
		units[i] = summary_units(r);
		disturbed[i] = r->status == RUN_DISTURBED;
	}
	p->of = trend_units(t);
	p->revision = revision;
	p->mid = v;
	p->lo = v + t->n;
	p->hi = v + 2 * t->n;
	p->units = units;
	p->disturbed = disturbed;
	p->n = t->n;
	return trend_levels(j, p);
}

void trend_free(struct plot_trend *p)
{
	free((void *)p->revision);
	free((void *)p->mid);
	free((void *)p->units);
	free((void *)p->disturbed);
	free((void *)p->level);
	memset(p, 0, sizeof(*p));
}
