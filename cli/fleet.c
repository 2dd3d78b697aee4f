// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/fleet.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/hostconf.h"
#include "hosts/visit.h"
#include "lib/clock.h"
#include "lib/msg.h"
#include "lib/text.h"
#include "store/owner.h"
#include "store/store.h"

#define BEYOND	200.0	/* s: connecting, sending the suite, fetching */

struct visit *fleet_hosts(const char *const *names, size_t n)
{
	struct visit *v = visit_new(n ? n : 1);
	size_t i, k;

	if (!v) {
		pr_err("no memory for %zu hosts", n);
		return NULL;
	}
	for (i = 0; i < n; i++) {
		for (k = 0; k < i && strcmp(names[k], names[i]); k++)
			;
		if (k < i) {
			pr_err("host %s is named twice", names[i]);
			break;
		}
		if (host_conf_named(names[i], &v[i].conf) ||
		    uuid_make(v[i].id))
			break;
	}
	if (i == n)
		return v;
	visit_free(v, n);
	return NULL;
}

static void measure_one(struct visit *v)
{
	uint64_t start = clock_now();
	struct link l;

	if (visit_connect(v, &l))
		return;
	visit_measure(v, &l);
	link_close(&l);
	v->took = (clock_now() - start) / 1e9;
}

static const char *word_of(const struct visit *v)
{
	return v->err ? "failed" : v->rc == EXIT_NOTHING_RAN ?
		"nothing ran" : "done";
}

static void print_text(const struct visit *v, size_t n)
{
	static const char *const heads[] = {
		"host", "kernel", "state", "runs", "seconds", "beside", "at",
		"reason",
	};
	struct table *t = table_new(heads, "lllrrrll");
	char runs[16], took[16], beside[16];
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].nout)
			printf("== %s, Linux %s\n%s\n", v[i].conf.name,
			       v[i].release, v[i].out);
	for (i = 0; i < n; i++) {
		const char *const cells[] = {
			v[i].conf.name,
			v[i].release[0] ? v[i].release : NULL,
			word_of(&v[i]), runs, took,
			v[i].ran ? beside : NULL,
			v[i].err ? v[i].step : "",
			v[i].err ? v[i].why : "",
		};

		snprintf(runs, sizeof(runs), "%d", v[i].runs);
		snprintf(took, sizeof(took), "%.1f", v[i].took);
		snprintf(beside, sizeof(beside), "%.1f",
			 v[i].took - v[i].ran);
		table_row(t, cells);
	}
	table_print(t, stdout);
	table_free(t);
}

static void print_json(const struct visit *v, size_t n)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		json_t *result = json_loads(v[i].out, 0, NULL);

		json_array_append_new(all, json_pack(
			"{s:s, s:s?, s:s, s:s?, s:s?, s:i, s:f, s:o, s:o}",
			"host", v[i].conf.name,
			"release", v[i].release[0] ? v[i].release : NULL,
			"state", word_of(&v[i]),
			"step", v[i].err ? v[i].step : NULL,
			"reason", v[i].err ? v[i].why : NULL,
			"runs", v[i].runs, "seconds", v[i].took,
			"beside", v[i].ran ? json_real(v[i].took - v[i].ran) :
			json_null(),
			"result", result ? result : json_null()));
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

/* The hosts' own lines with a first column; their head once. */
static void print_csv(struct visit *v, size_t n)
{
	char *line, *save;
	int head = 0, first;
	size_t i;

	for (i = 0; i < n; i++) {
		first = 1;
		for (line = strtok_r(v[i].out, "\n", &save); line;
		     line = strtok_r(NULL, "\n", &save), first = 0) {
			if (first && head++)
				continue;
			printf("%s,%s\n", first ? "lab_host" :
			       v[i].conf.name, line);
		}
	}
}

static int status_of(const struct visit *v, size_t n)
{
	int status = EXIT_NOTHING_RAN;
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].err)
			return EXIT_USAGE;
		if (v[i].rc != EXIT_NOTHING_RAN)
			status = EXIT_FINE;
	}
	return status;
}

/* Nobody else keeps the console of a guest that we boot. */
static void keep_console(struct visit *v)
{
	char log[PATH_MAX + 80];

	snprintf(log, sizeof(log), "%s-console-%s", v->db, v->conf.name);
	if (!transport_of(&v->conf)->boots || v->conf.console_log[0])
		return;
	if (strlen(log) < sizeof(v->conf.console_log))
		strcpy(v->conf.console_log, log);
	else
		pr_warn("%s: its console is not kept: the name %s is too long",
			v->conf.name, log);
}

void fleet_prepare(struct visit *v, size_t n, const struct ship *ship,
		   const char *db)
{
	size_t i;

	for (i = 0; i < n; i++) {
		v[i].ship = ship;
		snprintf(v[i].db, sizeof(v[i].db), "%s", db);
		keep_console(&v[i]);
	}
}

int fleet_db(const char *db, char *path)
{
	struct store *store;
	int err = store_default_path(db, 1, path, PATH_MAX);

	if (!err)
		err = store_open(&store, path, STORE_CREATE);
	if (!err)
		store_close(store);
	return err;
}

static void say_kept(const struct visit *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].kept)
			pr_info("%s: results of %d earlier measurement%s wait there; asibench hosts collect %s takes them in",
				v[i].conf.name, v[i].kept,
				v[i].kept == 1 ? "" : "s", v[i].conf.name);
}

int fleet_run(const struct opt_list *hosts, const char *const *words,
	      size_t nwords, const char *db, double budget,
	      enum format format, const volatile int *stop)
{
	static const char *const forms[] = { "text", "json", "csv" };
	const char *argv[nwords + 4];
	char path[PATH_MAX];
	struct visit *v;
	struct ship ship;
	size_t i;
	int status;

	v = fleet_hosts(hosts->v, hosts->n);
	if (!v || fleet_db(db, path) || ship_make(&ship)) {
		visit_free(v, hosts->n);
		return EXIT_USAGE;
	}
	argv[0] = "run";
	memcpy(argv + 1, words, nwords * sizeof(*argv));
	argv[nwords + 1] = "--format";
	argv[nwords + 2] = forms[format];
	argv[nwords + 3] = NULL;
	fleet_prepare(v, hosts->n, &ship, path);
	for (i = 0; i < hosts->n; i++) {
		v[i].argv = argv;
		v[i].seconds = budget;
	}
	visit_all(v, hosts->n, measure_one, budget + BEYOND, stop);
	if (format == FORMAT_JSON)
		print_json(v, hosts->n);
	else if (format == FORMAT_CSV)
		print_csv(v, hosts->n);
	else
		print_text(v, hosts->n);
	say_kept(v, hosts->n);
	status = status_of(v, hosts->n);
	ship_free(&ship);
	visit_free(v, hosts->n);
	return status;
}
