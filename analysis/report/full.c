// SPDX-License-Identifier: GPL-2.0-or-later
/* The comparison, and everything that stands behind it. */
#include "analysis/report/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/json.h"

/* Where facts go: a table of those alike and one of those that differ. */
struct fact_tables {
	const struct view *v;
	struct table *alike;
	struct table *unlike;
	size_t nalike;
	size_t nunlike;
};

static int add_fact(void *arg, const char *host, const struct fact *f,
		    const char *base, const char *now)
{
	struct fact_tables *t = arg;
	const char *class = fact_class_name(f->class);

	if (!strcmp(base, now)) {
		table_row(t->alike, (const char *const []) {
			host, f->key, class, base });
		t->nalike++;
	} else {
		table_row(t->unlike, (const char *const []) {
			host, f->key, class, *base ? base : NULL,
			*now ? now : NULL });
		t->nunlike++;
	}
	return 0;
}

static int print_facts(const struct view *v, FILE *out)
{
	static const char *const alike[] = {
		"host", "fact", "class", "both sides",
	};
	static const char *const unlike[] = {
		"host", "fact", "class", "base", "new",
	};
	struct fact_tables t = {
		.v = v,
		.alike = table_new(alike, "llll"),
		.unlike = table_new(unlike, "lllll"),
	};
	int err = view_facts(v, " | ", add_fact, &t);

	if (t.nunlike && !err) {
		fputs("\nFacts that differ\n", out);
		err = table_print(t.unlike, out);
	}
	if (t.nalike && !err) {
		fputs("\nFacts alike on both sides\n", out);
		err = table_print(t.alike, out);
	}
	table_free(t.alike);
	table_free(t.unlike);
	return err;
}

static int print_noisy(const struct view *v, FILE *out)
{
	static const char *const heads[] = {
		"runs flagged by", "base", "new",
	};
	const struct obs_set *set[2] = { v->c->base, v->c->now };
	struct table *t = table_new(heads, "lrr");
	char cell[2][64];
	unsigned int rule;
	int err, s;

	for (rule = 0; rule < NR_NOISY; rule++) {
		for (s = 0; s < 2; s++)
			snprintf(cell[s], sizeof(cell[s]), "%zu of %zu",
				 set_noisy(set[s], rule), set[s]->n);
		table_row(t, (const char *const []) {
			noisy_name(rule), cell[0], cell[1] });
	}
	fputs("\nWitnesses\n", out);
	err = table_print(t, out);
	table_free(t);
	return err;
}

int report_full(const struct comparison *c, const struct report_ctx *ctx,
		FILE *out)
{
	struct view v;
	int err = report_compare_text(c, ctx, out);

	if (err)
		return err;
	err = view_init(&v, c, ctx, false);
	if (err)
		return err;
	err = ctx->counts ? report_counts(ctx->counts, out) : 0;
	if (!err)
		err = print_noisy(&v, out);
	if (!err)
		err = print_facts(&v, out);
	view_free(&v);
	return err ? err : stream_end(out);
}

/* One per line. */
static json_t *values_json(const char *values)
{
	json_t *list = json_array();
	char *copy = strdup(values), *at = *values ? copy : NULL, *value;

	while ((value = strsep(&at, "\n")))
		json_array_append_new(list, json_string(value));
	free(copy);
	return list;
}

static int add_fact_json(void *arg, const char *host, const struct fact *f,
			 const char *base, const char *now)
{
	json_t *fact = json_pack("{so ss so so so}",
		"key", json_text(f->key),
		"class", fact_class_name(f->class),
		"host", json_text(host),
		"base", values_json(base),
		"new", values_json(now));

	return json_array_append_new(arg, fact) ? -ENOMEM : 0;
}

static json_t *noisy_json(const struct comparison *c)
{
	const struct obs_set *set[2] = { c->base, c->now };
	json_t *list = json_array();
	unsigned int rule;
	int s;

	for (s = 0; s < 2; s++)
		for (rule = 0; rule < NR_NOISY; rule++)
			json_array_append_new(list,
				json_pack("{ss ss sI sI}",
				"side", s ? "new" : "base",
				"rule", noisy_name(rule), "runs",
				(json_int_t)set_noisy(set[s], rule),
				"of", (json_int_t)set[s]->n));
	return list;
}

/* The rows of the counts: [] where there are none. */
static json_t *counts_json(const struct report_ctx *ctx)
{
	json_t *all, *rows = NULL;
	struct view v;

	if (!ctx->counts)
		return json_array();
	if (view_init(&v, ctx->counts, ctx, false))
		return NULL;
	all = json_compare(&v);
	view_free(&v);
	rows = json_incref(json_object_get(all, "rows"));
	json_decref(all);
	return rows;
}

int report_full_json(const struct comparison *c,
		     const struct report_ctx *ctx, FILE *out)
{
	json_t *j, *facts = json_array();
	struct view v;
	int err = view_init(&v, c, ctx, false);

	if (err)
		goto drop_facts;
	j = json_compare(&v);
	err = view_facts(&v, "\n", add_fact_json, facts);
	view_free(&v);
	if (j && !err)
		err = json_object_set(j, "facts", facts) ||
			json_object_set_new(j, "counts", counts_json(ctx)) ||
			json_object_set_new(j, "noisy", noisy_json(c)) ?
			-ENOMEM : 0;
	if (err)
		json_decref(j);
	else
		err = json_print(j, out);
drop_facts:
	json_decref(facts);
	return err;
}
