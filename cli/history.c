// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench history: a benchmark's value per revision, and where it changed. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/json.h"
#include "cli/figures.h"
#include "cli/history.h"
#include "cli/judged.h"
#include "cli/sides.h"
#include "lib/msg.h"

static const char *db;
static struct store_select sel = { .patch = -1, .primary = 1 };
static const char *mode;
static bool all;
static enum format format;
static const char *input;
static uint64_t seed = 1;

static const struct opt opts[] = {
	{ "input", OPT_TEXT, &input, "FILE",
	  "figures from a CSV file or JSON lines instead, - for standard input" },
	{ "series", OPT_NAME, &sel.series, "NAME",
	  "series (default: that of the latest results)" },
	{ "arm", OPT_NAME, &sel.arm, "NAME", "arm (default: all)" },
	{ "mode", OPT_TEXT, &mode, "MODE",
	  "timed (default), counted or injected runs" },
	{ "all", OPT_FLAG, &all, NULL,
	  "all metrics, not only the primary one of each" },
	{ "seed", OPT_U64, &seed, "N", "of permutations (default 1)", 0,
	  9007199254740991 },
	{ "db", OPT_TEXT, &db, "FILE", "results database" },
	FORMAT_OPT(format),
	{ 0 }
};

static void figure_row(struct table *t, const struct track *track, size_t i)
{
	const struct summary_row *r = track->point[i].row;
	const double first = track->point[0].row->mid;
	char value[32], lo[32], hi[32], change[32], n[32];

	snprintf(n, sizeof(n), "%d %s", summary_units(r),
		 r->scope == SCOPE_KERNEL ? "boots" : "runs");
	table_row(t, (const char *const []) {
		track->point[i].revision,
		fmt_value(value, sizeof(value), r->mid),
		fmt_value(lo, sizeof(lo), r->lo),
		fmt_value(hi, sizeof(hi), r->hi),
		fmt_change(change, sizeof(change), r->mid / first), n,
		r->status == RUN_OK ? "" : run_status_name(r->status) });
}

static int print_track(const struct judged *j)
{
	const struct track *track = j->track;
	static const char *const heads[] = {
		"revision", "value", "95 % from", "to", "to the first", "n",
		"",
	};
	char *name = row_name(track->id, NAME_HOST | NAME_PROFILE, false);
	char *unit = metric_words(&track->id->metric);
	char *arm = text_dup(track->arm, false);
	struct table *t = table_new(heads, "l....rl");
	int err = -ENOMEM;
	size_t i;

	if (!name || !unit || !arm)
		goto free_all;
	printf("%s, arm %s\n%s\n", name, arm, unit);
	for (i = 0; i < track->n; i++)
		figure_row(t, track, i);
	err = table_print(t, stdout);
	if (!err)
		history_lines(&j->series, j->verdict, stdout);
free_all:
	table_free(t);
	free(arm);
	free(unit);
	free(name);
	return err;
}

static int print_text(const struct judged *j, size_t n)
{
	size_t i;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		if (i)
			putchar('\n');
		err = print_track(&j[i]);
	}
	return err;
}

static double change_at(const struct judged *j, size_t k)
{
	const struct history_change *c = judged_change(j, k);

	return c ? c->ratio : NAN;
}

static int print_csv(const struct judged *j, size_t n)
{
	size_t i, k;

	puts("benchmark,params,where,metric,host,arm,unit,better,revision,scope,status,value,lo,hi,boots,runs,noisy,change,p_adj");
	for (i = 0; i < n; i++) {
		const struct track *track = j[i].track;
		const struct obs_row *id = track->id;

		for (k = 0; k < track->n; k++) {
			const struct track_point *p = &track->point[k];
			const struct summary_row *r = p->row;

			csv_line(stdout, (const char *const []) {
				id->benchmark, id->params, id->place,
				id->metric.name, id->host, track->arm,
				id->metric.unit,
				better_name(id->metric.better), p->revision,
				scope_name(r->scope),
				run_status_name(r->status) }, 11,
				(const double []) { r->mid, r->lo, r->hi,
				r->boots, r->runs, r->noisy,
				change_at(&j[i], k), j[i].verdict->p_adj }, 8);
		}
	}
	return 0;
}

static json_t *point_json(const struct track_point *p)
{
	const struct summary_row *r = p->row;

	return json_pack("{so ss ss so so so si si si}",
		"revision", json_text(p->revision),
		"scope", scope_name(r->scope),
		"status", run_status_name(r->status),
		"value", json_figure(r->mid),
		"lo", json_figure(r->lo),
		"hi", json_figure(r->hi),
		"boots", r->boots, "runs", r->runs, "noisy", r->noisy);
}

static json_t *track_json(const struct judged *j)
{
	const struct track *track = j->track;
	json_t *row = json_row(track->id), *points = json_array();
	char *name = row_name(track->id, NAME_PROFILE, false);
	size_t k;

	for (k = 0; k < track->n; k++)
		json_array_append_new(points, point_json(&track->point[k]));
	json_object_set_new(row, "series", json_text(name));
	json_object_set_new(row, "arm", json_text(track->arm));
	json_object_set_new(row, "revisions", points);
	history_members(row, &j->series, j->verdict);
	free(name);
	return row;
}

static int print_json(const struct judged *j, size_t n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(list, track_json(&j[i]));
	return json_print(json_pack("{so}", "series", list), stdout);
}

static int judge_and_print(struct judged *j, size_t n)
{
	static int (*const print[])(const struct judged *, size_t) = {
		[FORMAT_TEXT] = print_text,
		[FORMAT_JSON] = print_json,
		[FORMAT_CSV] = print_csv,
	};
	int err = judged_make(j, n, seed);

	if (!err)
		err = print[format](j, n);
	judged_free(j, n);
	return output_status(err);
}

static int print_history(const struct figures_list *list, char *const *glob)
{
	struct track *track;
	struct judged *some;
	size_t n, i, kept = 0;
	int status = EXIT_USAGE;

	if (tracks_make(list, &track, &n))
		return output_status(-ENOMEM);
	some = calloc(n + 1, sizeof(*some));
	for (i = 0; some && i < n; i++)
		if (history_wanted(track[i].id->benchmark, glob))
			some[kept++].track = &track[i];
	if (some && !kept)
		pr_err("no benchmark of that name has figures%s%s",
		       *glob ? ": " : "", *glob ? *glob : "");
	else if (some)
		status = judge_and_print(some, kept);
	free(some);
	tracks_free(track, n);
	return status;
}

int cmd_history(int argc, char **argv)
{
	struct figures_list list;
	struct store *store;
	int first, status, err;

	if (opts_parse(argc, argv, opts,
		       "  asibench history 'vmexit.*' --series asi\n"
		       "  asibench history --input nightly.csv --format json\n",
		       &first, &status))
		return status;
	if (input)
		return history_input(input, argv + first, seed, format);
	err = mode ? run_mode_parse(mode) : MODE_TIMED;
	if (err < 0) {
		pr_err("--mode %s: want timed, counted or injected", mode);
		return EXIT_USAGE;
	}
	sel.mode = err;
	sel.primary = !all;
	if (argc - first == 1)
		sel.benchmark = argv[first];
	if (cli_store_open(&store, db, STORE_READ))
		return EXIT_USAGE;
	status = EXIT_USAGE;
	if (!figures_load(store, &sel, &list)) {
		status = print_history(&list, argv + first);
		figures_free(&list);
	}
	store_close(store);
	return status;
}
