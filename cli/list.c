// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench list: the benchmarks, and what of them can run here. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "drivers/variant.h"
#include "lib/msg.h"

/* The entries of one benchmark in one place: [first, end) of the list. */
struct span {
	const struct variant_entry *first;
	const struct variant_entry *end;
};

static struct span span_at(const struct variant_list *l, size_t i)
{
	struct span s = { &l->v[i], &l->v[i] };

	while (s.end < l->v + l->n && s.end->v.bench == s.first->v.bench &&
	       s.end->v.place == s.first->v.place)
		s.end++;
	return s;
}

static int available(struct span s)
{
	const struct variant_entry *e;
	int n = 0;

	for (e = s.first; e < s.end; e++)
		n += !e->reason[0];
	return n;
}

/* The commonest case is one reason for all of them. */
static const char *reason(struct span s)
{
	const struct variant_entry *e;

	for (e = s.first; e < s.end; e++)
		if (e->reason[0])
			return e->reason;
	return "";
}

static const struct metric *metrics_of(const struct bench *b, int *n)
{
	static struct metric usual[3];

	*n = 0;
	if (!b->metrics) {
		usual[0] = metric_latency;
		usual[1] = metric_median;
		usual[2] = metric_p99;
		*n = 3;
		return usual;
	}
	while (b->metrics[*n].name)
		(*n)++;
	return b->metrics;
}

static json_t *span_json(struct span s)
{
	const struct bench *b = s.first->v.bench;
	const struct bench_param *p;
	json_t *metrics = json_array(), *params = json_object();
	const struct metric *m;
	int n, i;

	m = metrics_of(b, &n);
	for (i = 0; i < n; i++)
		json_array_append_new(metrics,
			json_pack("{s:s, s:s, s:s}", "metric", m[i].name,
				  "unit", m[i].unit,
				  "better", better_name(m[i].better)));
	for (p = b->params; p && p->name; p++)
		json_object_set_new(params, p->name, json_string(p->values));
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:s?}",
			 "name", b->name, "desc", b->desc,
			 "where", place_name(s.first->v.place),
			 "metrics", metrics, "params", params,
			 "available", available(s) > 0,
			 "reason", reason(s)[0] ? reason(s) : NULL);
}

static void list_json(const struct variant_list *l)
{
	json_t *all = json_array();
	struct span s;
	size_t i;

	for (i = 0; i < l->n; i += s.end - s.first) {
		s = span_at(l, i);
		json_array_append_new(all, span_json(s));
	}
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static void span_cells(struct span s, char *params, size_t size,
		       const char *cells[5])
{
	const struct bench_param *p;
	size_t used = 0;

	params[0] = '\0';
	for (p = s.first->v.bench->params; p && p->name; p++)
		used += snprintf(params + used, size - used, "%s%s=%s",
				 used ? " " : "", p->name, p->values);
	cells[0] = s.first->v.bench->name;
	cells[1] = place_name(s.first->v.place);
	cells[2] = params;
	cells[3] = available(s) == s.end - s.first ? "yes" :
		available(s) ? "part" : "no";
	cells[4] = reason(s)[0] ? reason(s) : s.first->v.bench->desc;
}

static void list_text(const struct variant_list *l)
{
	static const char *const heads[] = {
		"benchmark", "where", "params", "here", "what, or why not",
		NULL,
	};
	struct table *t = table_new(heads, "lllll");
	const char *cells[5];
	char params[256];
	struct span s;
	size_t i;

	for (i = 0; i < l->n; i += s.end - s.first) {
		s = span_at(l, i);
		span_cells(s, params, sizeof(params), cells);
		table_row(t, cells);
	}
	table_print(t, stdout);
	table_free(t);
}

static void list_csv(const struct variant_list *l)
{
	const char *cells[5];
	char params[256];
	struct span s;
	size_t i;
	int k;

	puts("benchmark,where,params,available,note");
	for (i = 0; i < l->n; i += s.end - s.first) {
		s = span_at(l, i);
		span_cells(s, params, sizeof(params), cells);
		for (k = 0; k < 5; k++) {
			if (k)
				putchar(',');
			csv_field(stdout, cells[k]);
		}
		putchar('\n');
	}
}

int cmd_list(int argc, char **argv)
{
	enum format format = FORMAT_TEXT;
	const struct opt opts[] = {
		{ "format", OPT_FORMAT, &format, "FORMAT",
		  "text, json or csv" },
		{ 0 }
	};
	const char *const every = "*";
	struct variant_list list;
	struct host host;
	int first, status;

	if (opts_parse(argc, argv, opts, "  asibench list 'vmexit.*'\n",
		       &first, &status))
		return status;
	if (host_init(&host))
		return EXIT_USAGE;
	status = EXIT_FINE;
	if (variants_expand(&host, first < argc ?
			    (const char *const *)argv + first : &every,
			    first < argc ? argc - first : 1, &list)) {
		pr_err("out of memory");
		status = EXIT_USAGE;
		goto out;
	}
	if (!list.n) {
		pr_err("no benchmark is named like that; asibench list shows all");
		status = EXIT_USAGE;
	} else if (format == FORMAT_JSON) {
		list_json(&list);
	} else if (format == FORMAT_CSV) {
		list_csv(&list);
	} else {
		list_text(&list);
	}
	variants_free(&list);
out:
	host_exit(&host);
	return status;
}
