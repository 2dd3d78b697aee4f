// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench plan: what it takes to see a change. */
#include "cli/plan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/plan.h"
#include "cli/cli.h"
#include "cli/sides.h"
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
	.boots = PLAN_BOOTS,
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
		     const char *series, const struct plan_goal *goal,
		     struct plan_host *p)
{
	size_t i;
	int err;

	*p = (struct plan_host) {
		.series = series, .host = rows->id.host, .n = n, .tests = n,
		.budget = o.budget, .bought = -1, .select = o.sel.benchmark,
		.goal = *goal,
	};
	p->goal.alpha /= n;
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

int plan_table_make(struct store *store, const struct store_select *sel,
		    const struct plan_goal *goal, struct plan_table *t)
{
	size_t n = 0, i, end;
	int err;

	memset(t, 0, sizeof(*t));
	err = figures_load(store, sel, &t->list);
	if (err)
		return err;
	err = spreads_of(&t->list, &t->rows, &n);
	if (!err)
		t->host = calloc(n, sizeof(*t->host));
	if (!err && !t->host)
		err = -ENOMEM;
	if (!err)
		by_host(t->rows, n);
	for (i = 0; i < n && !err; i = end) {
		for (end = i + 1; end < n &&
		     !host_cmp(&t->rows[i], &t->rows[end]); end++)
			;
		err = plan_host(store, t->rows + i, end - i,
				t->list.v[0].set.series, goal,
				&t->host[t->nhosts++]);
	}
	if (err)
		plan_table_free(t);
	return err;
}

void plan_table_free(struct plan_table *t)
{
	size_t i;

	for (i = 0; i < t->nhosts; i++)
		free(t->host[i].line);
	free(t->host);
	free(t->rows);
	figures_free(&t->list);
	memset(t, 0, sizeof(*t));
}

const struct plan_line *plan_table_find(const struct plan_table *t,
					const struct obs_row *id,
					const struct plan_host **host)
{
	size_t i, k;

	for (i = 0; i < t->nhosts; i++)
		for (k = 0; k < t->host[i].n; k++) {
			if (match_order(&t->host[i].line[k].spread->id, id))
				continue;
			*host = &t->host[i];
			return &t->host[i].line[k];
		}
	return NULL;
}

static int plan(struct store *store)
{
	const struct plan_goal goal = { o.effect / 100, o.power / 100,
					compare_defaults.q, o.boots };
	struct plan_table t;
	int err = plan_table_make(store, &o.sel, &goal, &t);

	if (err && err != -ENOMEM)
		return EXIT_USAGE;
	if (!err)
		err = report_plan(o.format, t.host, t.nhosts, stdout);
	plan_table_free(&t);
	return output_status(err);
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
