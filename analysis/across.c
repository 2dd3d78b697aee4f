// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/sets.h"
#include "lib/meta.h"
#include "lib/stats.h"

#define HOSTS_SAMPLE	5	/* from so many on they stand for others */

/* The same row but for its host. */
static int order_hostless(const struct obs_row *a, const struct obs_row *b)
{
	struct obs_row x = *a, y = *b;

	x.host = y.host = NULL;
	return match_order(&x, &y);
}

static int order_row(const void *a, const void *b)
{
	const struct compare_row *x = *(const struct compare_row *const *)a;
	const struct compare_row *y = *(const struct compare_row *const *)b;
	int c = order_hostless(&x->id, &y->id);

	return c ? c : match_order(&x->id, &y->id);
}

/* @n rows of as many hosts; @room holds 3 @n. */
static void combine(struct compare_across *a,
		    const struct compare_row *const *row, size_t n,
		    double *room)
{
	double *y = room, *v = room + n, *df = room + 2 * n, half;
	struct stats_meta m;
	size_t i;

	for (i = 0; i < n; i++) {
		y[i] = row[i]->theta;
		v[i] = row[i]->se * row[i]->se;
		df[i] = row[i]->df;
	}
	m = n < HOSTS_SAMPLE ? stats_meta_fixed(y, v, df, n) :
		stats_meta_random(y, v, n);
	half = stats_t_quantile(0.975, m.df) * m.se;
	*a = (struct compare_across){
		.id = row[0]->id, .scope = row[0]->scope, .hosts = n,
		.sample = n >= HOSTS_SAMPLE, .ratio = exp(m.mean),
		.lo = exp(m.mean - half), .hi = exp(m.mean + half),
		.p = m.p, .i2 = m.i2,
	};
	a->id.host = "";
	for (i = 1; i < n; i++)
		if (row[i]->scope < a->scope)
			a->scope = row[i]->scope;
}

static bool combinable(const struct compare_row *r)
{
	return r->verdict != VERDICT_UNCHECKED && isfinite(r->ratio) &&
		r->se > 0 && r->id.metric.scale == SCALE_LOG;
}

int compare_across(struct comparison *out)
{
	const struct compare_row **row = calloc(out->nrows + 1, sizeof(*row));
	double *room = calloc(3 * out->nrows + 1, sizeof(*room));
	size_t i, k, n = 0;
	int err = -ENOMEM;

	out->across = calloc(out->nrows / 2 + 1, sizeof(*out->across));
	if (!row || !room || !out->across)
		goto free_room;
	err = 0;
	for (i = 0; i < out->nrows; i++)
		if (combinable(&out->row[i]))
			row[n++] = &out->row[i];
	if (n)
		qsort(row, n, sizeof(*row), order_row);
	for (i = 0; i < n; i = k) {
		for (k = i + 1; k < n; k++)
			if (order_hostless(&row[i]->id, &row[k]->id))
				break;
		if (k - i > 1)
			combine(&out->across[out->nacross++], row + i, k - i,
				room);
	}
free_room:
	free(room);
	free(row);
	return err;
}
