// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/trend.h"

#include <errno.h>
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

int trend_make(const struct track *t, struct plot_trend *p)
{
	const char **revision = calloc(t->n, sizeof(*revision));
	double *v = calloc(3 * t->n, sizeof(*v));
	int *units = calloc(t->n, sizeof(*units));
	size_t i;

	if (!revision || !v || !units) {
		free(revision);
		free(v);
		free(units);
		return -ENOMEM;
	}
	for (i = 0; i < t->n; i++) {
		const struct summary_row *r = t->point[i].row;

		revision[i] = t->point[i].revision;
		v[i] = r->mid;
		v[t->n + i] = r->lo;
		v[2 * t->n + i] = r->hi;
		units[i] = r->scope == SCOPE_KERNEL ? r->boots : r->runs;
	}
	p->of = trend_units(t);
	p->revision = revision;
	p->mid = v;
	p->lo = v + t->n;
	p->hi = v + 2 * t->n;
	p->units = units;
	p->n = t->n;
	return 0;
}

void trend_free(struct plot_trend *p)
{
	free((void *)p->revision);
	free((void *)p->mid);
	free((void *)p->units);
	memset(p, 0, sizeof(*p));
}
