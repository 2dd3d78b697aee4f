// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures of one side alone. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/collapse.h"
#include "analysis/compare.h"
#include "lib/stats.h"

static void say_missing(struct summary_row *r, const struct match_side *m)
{
	const struct obs_missing *why = m->why;
	const char *reason = why && why->reason ? why->reason : "";

	if (m->only_disturbed)
		snprintf(r->reason, sizeof(r->reason), "the core was shared "
			 "with another thread during every run");
	else if (!m->n)
		snprintf(r->reason, sizeof(r->reason), "%s",
			 why ? reason : "no run");
	else if (why)
		snprintf(r->reason, sizeof(r->reason), "%d more %s%s%s",
			 why->n, run_status_name(why->status),
			 *reason ? ": " : "", reason);
}

static void set_interval(struct summary_row *r, struct side *side)
{
	double half = NAN;

	r->mid = side_typical(side);
	if (side->nolog || side->bad)
		return;
	if (side->metric->nature == NATURE_EXACT) {
		if (side_constant(side))
			r->lo = r->hi = r->mid;
		return;
	}
	side_floor(side, side_tick(side));
	if (side->n > 1)
		half = stats_t_quantile(0.975, side->n - 1.0) *
			sqrt(side->var / side->n);
	r->lo = side->mean - half;
	r->hi = side->mean + half;
	if (side->log) {
		r->lo = exp(r->lo);
		r->hi = exp(r->hi);
	}
}

static void summarize_row(struct summary_row *r, const struct match *m,
			  const struct match_row *row)
{
	struct side side;

	*r = (struct summary_row){ .id = *row->id, .mid = NAN, .lo = NAN,
				   .hi = NAN };
	side_collapse(&side, m, row, 0);
	r->boots = side.boots;
	r->runs = side.runs;
	r->noisy = side.noisy;
	r->disturbed = side.m->only_disturbed ? 0 : side.m->disturbed;
	r->scope = side.boots > 1 ? SCOPE_KERNEL : SCOPE_BOOT;
	say_missing(r, side.m);
	if (!side.runs) {
		r->status = side.m->why ? side.m->why->status : RUN_SKIPPED;
		return;
	}
	r->status = side.interpreted ? RUN_INTERPRETED :
		side.m->only_disturbed ? RUN_DISTURBED : RUN_OK;
	set_interval(r, &side);
}

int summarize(const struct obs_set *set, struct summary_row **rows, size_t *n)
{
	struct match m;
	int err = match_sets(&m, set, NULL);
	size_t i;

	*rows = NULL;
	*n = 0;
	if (err)
		goto free_match;
	*rows = calloc(m.nrows + 1, sizeof(**rows));
	if (!*rows) {
		err = -ENOMEM;
		goto free_match;
	}
	*n = m.nrows;
	for (i = 0; i < m.nrows; i++)
		summarize_row(&(*rows)[i], &m, &m.row[i]);
free_match:
	match_free(&m);
	return err;
}
