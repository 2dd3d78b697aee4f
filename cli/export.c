// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench export: figures of runs, for other tools. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/export.h"
#include "cli/cli.h"
#include "cli/label.h"
#include "cli/sides.h"
#include "lib/msg.h"
#include "store/store.h"

static const char *db, *mode, *to = "csv";
static struct store_select sel = { .patch = -1 };
static bool all;

static const struct opt opts[] = {
	{ "to", OPT_TEXT, &to, "FORMAT",
	  "csv (default), jsonl, or go: the text that benchstat reads" },
	{ "series", OPT_NAME, &sel.series, "NAME",
	  "series (default: that of the latest results)" },
	{ "arm", OPT_NAME, &sel.arm, "NAME", "arm (default: all)" },
	{ "select", OPT_TEXT, &sel.benchmark, "GLOB",
	  "benchmarks (default: all)" },
	{ "mode", OPT_TEXT, &mode, "MODE",
	  "timed (default), counted or injected runs" },
	{ "all", OPT_FLAG, &all, NULL,
	  "all metrics, and figures that are not scored" },
	{ "db", OPT_TEXT, &db, "FILE", "results database" },
	{ 0 }
};

typedef int (*exporter)(struct export *e, const struct obs_set *set);

static exporter exporter_of(const char *name)
{
	static const struct { const char *name; exporter write; } known[] = {
		{ "csv", export_csv }, { "jsonl", export_jsonl },
		{ "go", export_go },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(known[i].name, name))
			return known[i].write;
	pr_err("--to %s: want csv, jsonl or go", name);
	return NULL;
}

/* One side as a comparison would name it. */
static int export_arm(struct store *s, const struct store_revision *r,
		      const char *arm, exporter write, struct export *e)
{
	struct store_select one = sel;
	char *name = revision_name(r), *full = NULL;
	struct obs_set set = { 0 };
	int err = -ENOMEM;

	one.series = r->series;
	one.revision = r->revision;
	one.patch = r->patch;
	one.arm = arm;
	if (name && asprintf(&full, "%s%s%s", name,
			     strcmp(arm, "default") ? "@" : "",
			     strcmp(arm, "default") ? arm : "") >= 0)
		err = store_load(s, &one, full, &set);
	if (!err) {
		e->revision = full;
		err = write(e, &set);
	}
	obs_set_free(&set);
	free(full);
	free(name);
	return err;
}

/* Any of the names given; none is all. */
static bool named(const struct store_revision *r, char *const *name)
{
	char *own = revision_name(r);
	bool hit = !*name;

	for (; own && *name && !hit; name++)
		hit = !strcmp(own, *name);
	free(own);
	return hit;
}

static int export_revisions(struct store *s, char *const *name, exporter write,
			    size_t *sides)
{
	struct export e = { .out = stdout, .scored = !all };
	struct store_revision *rev;
	size_t n, i, hits = 0;
	int k, err = store_revisions(s, sel.series, &rev, &n);

	if (err)
		return err;
	for (i = 0; i < n; i++)
		hits += named(&rev[i], name) * rev[i].narms;
	e.revisions = hits > 1;
	for (i = 0; i < n && !err; i++) {
		if (!named(&rev[i], name))
			continue;
		for (k = 0; k < rev[i].narms && !err; k++) {
			if (sel.arm && strcmp(sel.arm, rev[i].arm[k]))
				continue;
			err = export_arm(s, &rev[i], rev[i].arm[k], write, &e);
			(*sides)++;
		}
	}
	store_revisions_free(rev, n);
	free(e.units);
	free(e.boot);
	return err;
}

int cmd_export(int argc, char **argv)
{
	struct store *store;
	size_t sides = 0;
	int first, status, err;
	exporter write;

	if (opts_parse(argc, argv, opts,
		       "  asibench export >figures.csv\n"
		       "  asibench export v2 --to go >v2.txt\n"
		       "  asibench export v3 --to go >v3.txt; benchstat v2.txt v3.txt\n",
		       &first, &status))
		return status;
	write = exporter_of(to);
	err = mode ? run_mode_parse(mode) : MODE_TIMED;
	if (err < 0)
		pr_err("--mode %s: want timed, counted or injected", mode);
	if (err < 0 || !write)
		return EXIT_USAGE;
	sel.mode = err;
	sel.primary = !all;
	if (cli_store_open(&store, db, STORE_READ))
		return EXIT_USAGE;
	err = export_revisions(store, argv + first, write, &sides);
	if (!err && !sides) {
		pr_err("%s: no revision of that name has results",
		       store_path(store));
		err = -ENOENT;
	}
	store_close(store);
	if (err == -ENOMEM)
		pr_err("out of memory");
	return err ? EXIT_USAGE : output_status(0);
}
