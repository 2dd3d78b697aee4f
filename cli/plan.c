// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench plan: what it takes to see a change. */
#include "cli/plan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/plan.h"
#include "cli/figures.h"
#include "lib/msg.h"

#define BOOT_SECONDS	300	/* where nothing is known of it */

static struct plan_options {
	const char *db;
	const char *base;
	double effect;
	double power;
	double boot_seconds;
	double budget;
	uint64_t boots;
	enum format format;
	struct store_select sel;
} o = {
	.effect = 1,
	.power = 80,
	.boots = 100,
	.sel = { .patch = -1, .primary = 1 },
};

static const struct opt opts[] = {
	{ "effect", OPT_REAL, &o.effect, "PCT",
	  "change that is to be seen (default 1)", 0.001, 1000 },
	{ "power", OPT_REAL, &o.power, "PCT",
	  "probability of seeing it (default 80)", 10, 99.9 },
	{ "select", OPT_TEXT, &o.sel.benchmark, "GLOB",
	  "benchmarks (default: all)" },
	{ "series", OPT_NAME, &o.sel.series, "NAME",
	  "series (default: that of the latest results)" },
	{ "base", OPT_TEXT, &o.base, "REV[@ARM]",
	  "take spread and cost from this revision alone (default: from all)" },
	{ "boots", OPT_U64, &o.boots, "N",
	  "boots a side that are possible (default 100)", 2, 10000 },
	{ "boot-seconds", OPT_REAL, &o.boot_seconds, "SECONDS",
	  "what a boot takes beside its runs (default: as it was, else 300)",
	  0.001, 1e6 },
	{ "budget", OPT_REAL, &o.budget, "SECONDS",
	  "time for both kernels (default: any)", 1, 1e9 },
	{ "db", OPT_TEXT, &o.db, "FILE", "results database" },
	FORMAT_OPT(o.format),
	{ 0 }
};

/* ---- sets ---- */

/* Is this the revision, and the arm, that --base names? */
static bool named(const struct figures *f)
{
	size_t n = strlen(f->name);

	if (!o.base)
		return true;
	if (strncmp(o.base, f->name, n))
		return false;
	return !o.base[n] || (o.base[n] == '@' && !strcmp(o.base + n + 1,
							  f->arm));
}

static int spreads_of(const struct figures_list *list,
		      struct plan_spread **rows, size_t *n)
{
	const struct obs_set **set = calloc(list->n + 1, sizeof(*set));
	size_t i, nsets = 0;
	int err = -ENOMEM;

	if (!set)
		return err;
	for (i = 0; i < list->n; i++)
		if (named(&list->v[i]))
			set[nsets++] = &list->v[i].set;
	err = plan_spreads(set, nsets, rows, n);
	free(set);
	if (err || *n)
		return err;
	free(*rows);
	*rows = NULL;
	if (nsets)
		pr_err("no times or rates that could be scored: asibench doctor says why");
	else
		pr_err("--base %s: series %s has no such revision or arm; see asibench revision list",
		       o.base, list->v[0].set.series);
	return -ENOENT;
}

/* ---- plans ---- */

static int boot_cost(struct store *store, struct plan_host *p)
{
	double stored;
	int err;

	p->boot_seconds = o.boot_seconds;
	p->boot_from = "given";
	if (o.boot_seconds > 0)
		return 0;
	err = store_boot_gap(store, p->host, &stored);
	p->boot_from = stored > 0 ? "stored" : "assumed";
	p->boot_seconds = stored > 0 ? stored : BOOT_SECONDS;
	return err;
}

static void solve(struct plan_host *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		p->line[i].effort = plan_solve(p->line[i].spread, &p->goal);
	plan_host_sum(p);
}

/* Fewer boots, if the budget does not buy those that are wanted. */
static void fit_budget(struct plan_host *p)
{
	double each = p->seconds / p->boots;

	if (!(o.budget > 0) || p->boots < 2 || p->seconds <= o.budget)
		return;
	p->bought = p->goal.boots = floor(o.budget / each);
	solve(p);
}

/* @rows: all of one host; a boot is shared by its benchmarks. */
static int plan_host(struct store *store, struct plan_spread *rows, size_t n,
		     const char *series, struct plan_host *p)
{
	size_t i;
	int err;

	*p = (struct plan_host) {
		.series = series, .host = rows->id.host, .n = n, .tests = n,
		.budget = o.budget, .bought = -1, .select = o.sel.benchmark,
		.goal = { o.effect / 100, o.power / 100,
			  compare_defaults.q / n, o.boots },
	};
	err = boot_cost(store, p);
	p->line = calloc(n, sizeof(*p->line));
	if (!p->line)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		rows[i].cost[PLAN_BOOT] = p->boot_seconds / n;
		p->line[i].spread = &rows[i];
	}
	solve(p);
	fit_budget(p);
	return err;
}

static int host_cmp(const void *a, const void *b)
{
	const struct plan_spread *x = a, *y = b;

	return strcmp(x->id.host, y->id.host);
}

/* One after the other, each host's rows; their order within stays. */
static void by_host(struct plan_spread *rows, size_t n)
{
	struct plan_spread one;
	size_t i, k;

	for (i = 1; i < n; i++) {
		one = rows[i];
		for (k = i; k && host_cmp(&rows[k - 1], &one) > 0; k--)
			rows[k] = rows[k - 1];
		rows[k] = one;
	}
}

static int plan_hosts(struct store *store, struct plan_spread *rows, size_t n,
		      const char *series)
{
	struct plan_host *v = calloc(n, sizeof(*v));
	size_t i, end, hosts = 0;
	int err = v ? 0 : -ENOMEM;

	by_host(rows, n);
	for (i = 0; i < n && !err; i = end) {
		for (end = i + 1; end < n && !host_cmp(&rows[i], &rows[end]);
		     end++)
			;
		err = plan_host(store, rows + i, end - i, series,
				&v[hosts++]);
	}
	if (!err)
		err = report_plan(o.format, v, hosts, stdout);
	for (i = 0; i < hosts; i++)
		free(v[i].line);
	free(v);
	return err;
}

static int plan(struct store *store)
{
	struct figures_list list;
	struct plan_spread *rows = NULL;
	int status = EXIT_USAGE, err;
	size_t n;

	if (figures_load(store, &o.sel, &list))
		return status;
	err = spreads_of(&list, &rows, &n);
	if (!err)
		status = output_status(plan_hosts(store, rows, n,
						  list.v[0].set.series));
	else if (err == -ENOMEM)
		status = output_status(err);
	free(rows);
	figures_free(&list);
	return status;
}

int cmd_plan(int argc, char **argv)
{
	struct store *store;
	int first, status;

	if (opts_parse(argc, argv, opts,
		       "  asibench plan --effect 1% --power 80\n"
		       "  asibench plan --effect 0.5% --select 'vmexit.*' --base v2@on\n",
		       &first, &status))
		return status;
	if (opts_no_more(argc, argv, first))
		return EXIT_USAGE;
	status = cli_store_open(&store, o.db, STORE_READ);
	if (status)
		return status;
	status = plan(store);
	store_close(store);
	return status;
}

/* ---- for explain ---- */

int plan_for_row(const struct sides *s, const struct compare_row *r,
		 struct plan_effort *e)
{
	const struct obs_set *const set[2] = { &s->base, &s->now };
	struct plan_goal goal = {
		s->opts.margin, s->opts.power, s->opts.q, o.boots,
	};
	struct plan_spread *rows;
	double gap = 0;
	size_t n, i, tests = 0;
	int err;

	*e = (struct plan_effort) { .answer = PLAN_UNKNOWN };
	err = plan_spreads(set, 2, &rows, &n);
	if (err)
		return err;
	for (i = 0; i < s->c.nrows; i++)
		tests += s->c.row[i].id.metric.primary &&
			!isnan(s->c.row[i].p);
	goal.alpha /= tests ? tests : 1;
	for (i = 0; i < n; i++) {
		if (match_order(&rows[i].id, &r->id))
			continue;
		err = store_boot_gap(s->store, r->id.host, &gap);
		rows[i].cost[PLAN_BOOT] = gap > 0 ? gap : BOOT_SECONDS;
		*e = plan_solve(&rows[i], &goal);
	}
	free(rows);
	return err;
}
