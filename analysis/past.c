// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/past.h"

#include <errno.h>
#include <stdlib.h>

#include "analysis/collapse.h"
#include "analysis/match.h"

/* While it is pooled, s2 holds the sum of squares. */
static void add_row(const struct match *m, const struct match_row *row,
		    struct compare_past *past, size_t *n)
{
	struct side side;

	side_collapse(&side, m, row, 0);
	if (side.boots < 2 || !side.log || side.bad || side.interpreted ||
	    side.m->only_disturbed || !(side.ss_boot >= 0))
		return;
	past[(*n)++] = (struct compare_past){ *row->id, side.ss_boot,
					      side.df_boot };
}

static int add_set(const struct obs_set *set, struct compare_past **past,
		   size_t *n)
{
	struct compare_past *more;
	struct match m;
	int err = match_sets(&m, set, NULL);
	size_t i;

	more = err ? NULL : reallocarray(*past, *n + m.nrows + 1,
					 sizeof(**past));
	if (more) {
		*past = more;
		for (i = 0; i < m.nrows; i++)
			add_row(&m, &m.row[i], more, n);
	}
	match_free(&m);
	return more ? 0 : -ENOMEM;
}

static int order(const void *a, const void *b)
{
	const struct compare_past *x = a, *y = b;

	return match_order(&x->id, &y->id);
}

int past_pool(const struct obs_set *set, size_t n,
	      struct compare_past **past, size_t *npast)
{
	struct compare_past *v = NULL;
	size_t i, all = 0, kept = 0;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = add_set(&set[i], &v, &all);
	if (!err && all)
		qsort(v, all, sizeof(*v), order);
	for (i = 0; !err && i < all; i++) {
		if (kept && !match_order(&v[kept - 1].id, &v[i].id)) {
			v[kept - 1].s2 += v[i].s2;
			v[kept - 1].df += v[i].df;
		} else {
			v[kept++] = v[i];
		}
	}
	for (i = 0; i < kept; i++)
		v[i].s2 /= v[i].df;
	if (err) {
		free(v);
		v = NULL;
	}
	*past = v;
	*npast = kept;
	return err;
}
