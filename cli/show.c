// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench show: one run, with all its facts and witnesses. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/report/json.h"
#include "analysis/report/view.h"
#include "cli/sides.h"
#include "lib/msg.h"

static const char *db;
static enum format format;

static const struct opt opts[] = {
	{ "db", OPT_TEXT, &db, "FILE", "results database" },
	FORMAT_OPT(format),
	{ 0 }
};

/* Text of a run by name, in the order printed. */
struct field {
	const char *name;
	const char *text;
};

#define FIELDS	14
#define WIDTH	79

static void fields_of(const struct store_run_info *r, struct field *f)
{
	const struct field all[FIELDS] = {
		{ "run", r->uuid }, { "benchmark", r->benchmark },
		{ "where", r->place }, { "profile", r->profile },
		{ "series", r->series }, { "revision", r->revision },
		{ "arm", r->arm }, { "state", r->arm_state },
		{ "host", r->host }, { "boot", r->boot },
		{ "mode", r->mode }, { "status", r->status },
		{ "reason", r->reason }, { "started", r->started },
	};
	int i;

	for (i = 0; i < FIELDS; i++)
		f[i] = all[i];
}

static void noisy_words(const struct store_run_info *r, FILE *out)
{
	const char *sep = "";
	unsigned int bit;

	for (bit = 0; bit < NR_NOISY; bit++) {
		if (!(r->noisy & 1u << bit))
			continue;
		fprintf(out, "%s%s", sep, noisy_name(bit));
		sep = ", ";
	}
}

/* ---- text ---- */

static int print_fields(const struct store_run_info *r)
{
	struct table *t = table_new((const char *const []) { "", "" }, "ll");
	struct field f[FIELDS];
	char params[1024], number[64];
	int i, err;

	fields_of(r, f);
	snprintf(number, sizeof(number), "%lld", (long long)r->id);
	table_row(t, (const char *const []) { "number", number });
	for (i = 0; i < FIELDS; i++)
		if (*f[i].text)
			table_row(t, (const char *const []) {
				f[i].name, f[i].text });
	fmt_params(params, sizeof(params), r->params);
	if (*params)
		table_row(t, (const char *const []) { "params", params });
	snprintf(number, sizeof(number), "%.3g s", r->seconds);
	table_row(t, (const char *const []) { "took", number });
	if (r->lost) {
		snprintf(number, sizeof(number), "%llu",
			 (unsigned long long)r->lost);
		table_row(t, (const char *const []) { "samples lost",
						      number });
	}
	err = table_print(t, stdout);
	table_free(t);
	return err;
}

static bool is_count(const struct store_value *v)
{
	return v->metric.nature == NATURE_COUNT;
}

/* Times and rates, or counts: what is 0 or unknown of the latter is listed. */
static int print_values(const struct store_run_info *r, bool counts)
{
	const char *const heads[] = {
		counts ? "count" : "metric", counts ? "per op" : "value",
		"unit", "samples", "better",
	};
	struct table *t = table_new(heads, "l.lrl");
	char value[32], n[32];
	size_t i, rows = 0;
	int err = 0;

	for (i = 0; i < r->nvalues; i++) {
		const struct store_value *v = &r->value[i];

		if (is_count(v) != counts ||
		    (counts && (isnan(v->value) || v->value == 0)))
			continue;
		snprintf(n, sizeof(n), "%llu", (unsigned long long)v->n);
		table_row(t, (const char *const []) {
			v->metric.name,
			fmt_value(value, sizeof(value), v->value),
			v->metric.unit, n, better_name(v->metric.better) });
		rows++;
	}
	if (rows) {
		putchar('\n');
		err = table_print(t, stdout);
	}
	table_free(t);
	return err;
}

/* Names of counts that are 0, or of those that could not be counted. */
static int print_names(const struct store_run_info *r, const char *title,
		       bool zero)
{
	char *text = NULL;
	size_t size, i, n = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return -ENOMEM;
	for (i = 0; i < r->nvalues; i++) {
		const struct store_value *v = &r->value[i];

		if (is_count(v) && (zero ? v->value == 0 : isnan(v->value)))
			fprintf(f, "%s%s", n++ ? ", " : title,
				v->metric.name);
	}
	if (!fclose(f) && n) {
		char *clean = text_dup(text, false);

		if (clean) {
			putchar('\n');
			wrap(stdout, WIDTH, 0, 2, clean);
		}
		free(clean);
	}
	free(text);
	return 0;
}

static int print_counts(const struct store_run_info *r)
{
	int err = print_values(r, true);

	if (!err)
		err = print_names(r, "0: ", true);
	if (!err)
		err = print_names(r, "not counted (the facts say why): ", false);
	return err;
}

/* What may not be published is marked: this is for the user's own eyes. */
static int print_facts(const char *title, const struct fact_list *l)
{
	static const char *const heads[] = { "fact", "class", "value", "" };
	struct table *t = table_new(heads, "llll");
	char value[FACT_TEXT_MAX];
	size_t i;
	int err;

	for (i = 0; i < l->n; i++)
		table_row(t, (const char *const []) {
			l->v[i].key, fact_class_name(l->v[i].class),
			fact_format(&l->v[i], value, sizeof(value)),
			l->v[i].publish ? "" : "(not for publication)" });
	printf("\n%s\n", title);
	err = table_print(t, stdout);
	table_free(t);
	return err;
}

static int print_text(const struct store_run_info *r)
{
	int err = print_fields(r);

	if (r->noisy) {
		fputs("flagged by ", stdout);
		noisy_words(r, stdout);
		putchar('\n');
	}
	if (!err)
		err = print_values(r, false);
	if (!err)
		err = print_counts(r);
	if (!err && r->run_facts.n)
		err = print_facts("Of this run", &r->run_facts);
	if (!err && r->boot_facts.n)
		err = print_facts("Of its host and boot", &r->boot_facts);
	return err;
}

/* ---- json, csv ---- */

static json_t *facts_json(const struct fact_list *l)
{
	json_t *list = json_array();
	char value[FACT_TEXT_MAX];
	size_t i;

	for (i = 0; i < l->n; i++) {
		const struct fact *f = &l->v[i];
		json_t *v = f->type == FACT_INT ? json_integer(f->i) :
			f->type == FACT_REAL ? json_figure(f->r) :
			json_text(fact_format(f, value, sizeof(value)));

		json_array_append_new(list, json_pack("{so ss so sb}",
			"key", json_text(f->key),
			"class", fact_class_name(f->class), "value", v,
			"publish", f->publish));
	}
	return list;
}

static json_t *values_json(const struct store_run_info *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->nvalues; i++) {
		const struct store_value *v = &r->value[i];

		json_array_append_new(list, json_pack("{so so so ss sI sb}",
			"metric", json_text(v->metric.name),
			"unit", json_text(v->metric.unit),
			"value", json_figure(v->value),
			"better", better_name(v->metric.better),
			"n", (json_int_t)v->n,
			"primary", v->metric.primary));
	}
	return list;
}

static json_t *noisy_json(const struct store_run_info *r)
{
	json_t *list = json_array();
	unsigned int bit;

	for (bit = 0; bit < NR_NOISY; bit++)
		if (r->noisy & 1u << bit)
			json_array_append_new(list,
					      json_string(noisy_name(bit)));
	return list;
}

static int print_json(const struct store_run_info *r)
{
	json_t *j = json_object();
	struct field f[FIELDS];
	int i;

	fields_of(r, f);
	for (i = 0; i < FIELDS; i++)
		json_object_set_new(j, f[i].name, json_known(f[i].text));
	json_object_set_new(j, "params", json_params(r->params));
	json_object_set_new(j, "number", json_integer(r->id));
	json_object_set_new(j, "seconds", json_figure(r->seconds));
	json_object_set_new(j, "lost", json_integer(r->lost));
	json_object_set_new(j, "noisy", noisy_json(r));
	json_object_set_new(j, "values", values_json(r));
	json_object_set_new(j, "run_facts", facts_json(&r->run_facts));
	json_object_set_new(j, "boot_facts", facts_json(&r->boot_facts));
	return json_print(j, stdout);
}

static void csv_facts(const char *kind, const struct fact_list *l)
{
	char value[FACT_TEXT_MAX];
	size_t i;

	for (i = 0; i < l->n; i++)
		csv_line(stdout, (const char *const []) {
			kind, l->v[i].key,
			fact_format(&l->v[i], value, sizeof(value)),
			fact_class_name(l->v[i].class) }, 4, NULL, 0);
}

static int print_csv(const struct store_run_info *r)
{
	struct field f[FIELDS];
	char value[32];
	size_t i;

	puts("kind,key,value,note");
	fields_of(r, f);
	for (i = 0; i < FIELDS; i++)
		csv_line(stdout, (const char *const []) {
			"run", f[i].name, f[i].text, "" }, 4, NULL, 0);
	csv_line(stdout, (const char *const []) { "run", "params", r->params,
						  "" }, 4, NULL, 0);
	for (i = 0; i < r->nvalues; i++) {
		snprintf(value, sizeof(value), "%.12g", r->value[i].value);
		csv_line(stdout, (const char *const []) {
			"value", r->value[i].metric.name, value,
			r->value[i].metric.unit }, 4, NULL, 0);
	}
	csv_facts("run_fact", &r->run_facts);
	csv_facts("boot_fact", &r->boot_facts);
	return 0;
}

int cmd_show(int argc, char **argv)
{
	static int (*const print[])(const struct store_run_info *) = {
		[FORMAT_TEXT] = print_text,
		[FORMAT_JSON] = print_json,
		[FORMAT_CSV] = print_csv,
	};
	struct store_run_info info;
	struct store *store;
	int first, status;

	if (opts_parse(argc, argv, opts,
		       "  asibench show\n"
		       "  asibench show 17\n",
		       &first, &status))
		return status;
	if (argc - first > 1)
		return opts_no_more(argc, argv, first + 1);
	if (cli_store_open(&store, db, STORE_READ))
		return EXIT_USAGE;
	status = EXIT_USAGE;
	if (!store_run_info(store, first < argc ? argv[first] : "last",
			    &info)) {
		status = output_status(print[format](&info));
		store_run_info_free(&info);
	}
	store_close(store);
	return status;
}
