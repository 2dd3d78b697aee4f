// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What counting runs found. Events per operation are told apart from times:
 * in tables of their own, and never next to a score.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/run.h"
#include "analysis/report/view.h"

#define NAME_WIDTH	40	/* a longer name stands above its row */

static void counts_row(struct table *t, const struct compare_row *r,
		       const char *name)
{
	char base[32], now[32], change[32], n[32];

	snprintf(n, sizeof(n), "%d/%d", r->runs_base, r->runs_new);
	table_row(t, (const char *const []) {
		name, r->id.metric.name, r->id.metric.unit,
		fmt_value(base, sizeof(base), r->base),
		fmt_value(now, sizeof(now), r->now),
		fmt_change(change, sizeof(change), r->ratio),
		n, verdict_name(r->verdict),
	});
}

static char *benchmark_name(const struct compare_row *r)
{
	struct obs_row id = r->id;

	/* Neither the metric nor the mode: both stand beside it. */
	id.metric.primary = 1;
	id.mode = MODE_TIMED;
	return row_name(&id, 0, false);
}

static int counts_table(const struct comparison *c, FILE *out)
{
	static const char *const heads[] = {
		"benchmark", "count", "unit", "base", "new", "change", "runs",
		"verdict", NULL,
	};
	struct table *t = table_new(heads, "lll..rrl");
	int err = 0;
	size_t i;

	table_spill(t, NAME_WIDTH);
	for (i = 0; i < c->nrows && !err; i++) {
		char *name = benchmark_name(&c->row[i]);

		if (name)
			counts_row(t, &c->row[i], name);
		else
			err = -ENOMEM;
		free(name);
	}
	if (!err)
		err = table_print(t, out);
	table_free(t);
	return err;
}

int report_counts(const struct comparison *c, FILE *out)
{
	int err;

	if (!c->nrows && !c->zeros)
		return 0;
	fputs("\nCounts per operation, from counting runs, which are never timed\n",
	      out);
	err = c->nrows ? counts_table(c, out) : 0;
	if (c->zeros)
		fprintf(out, "%s%zu more %s 0 on both sides.\n",
			c->nrows ? "" : "  ", c->zeros,
			c->zeros == 1 ? "is" : "are");
	return err;
}

/* ---- one side ---- */

static void summary_counts_row(struct table *t, const struct summary_row *r)
{
	char params[256], value[32], half[32] = "-", runs[16];

	fmt_params(params, sizeof(params), r->id.params);
	fmt_value(value, sizeof(value), r->mid);
	if (isfinite(r->lo) && r->mid > 0)
		snprintf(half, sizeof(half), "%.2f",
			 50 * (r->hi - r->lo) / r->mid);
	snprintf(runs, sizeof(runs), "%d", r->runs);
	table_row(t, (const char *const []) {
		r->id.benchmark, r->id.place, params, r->id.metric.name,
		value, r->id.metric.unit, half, runs,
		r->status == RUN_OK ? "" : run_status_name(r->status),
	});
}

void report_run_counts(const struct summary_row *rows, size_t n, FILE *out)
{
	static const char *const heads[] = {
		"benchmark", "where", "params", "count", "per op", "unit",
		"+-%", "runs", "note", NULL,
	};
	struct table *t = table_new(heads, "llll.lrrl");
	size_t i, zeros = 0, shown = 0;

	for (i = 0; i < n; i++) {
		if (rows[i].id.mode != MODE_COUNTED || !rows[i].runs)
			continue;
		if (rows[i].mid == 0) {
			zeros++;
			continue;
		}
		summary_counts_row(t, &rows[i]);
		shown++;
	}
	if (shown)
		table_print(t, out);
	if (zeros)
		fprintf(out, "%zu more counts are 0; what could not be counted is not among them: asibench show tells why.\n",
			zeros);
	table_free(t);
}
