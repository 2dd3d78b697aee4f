// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/report/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/json.h"
#include "lib/text.h"

static json_t *row_json(const struct summary_row *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "benchmark", json_text(r->id.benchmark));
	json_object_set_new(o, "params", json_params(r->id.params));
	json_object_set_new(o, "where", json_text(r->id.place));
	if (r->arm)
		json_object_set_new(o, "arm", json_text(r->arm));
	json_object_set_new(o, "metric", json_text(r->id.metric.name));
	json_object_set_new(o, "unit", json_text(r->id.metric.unit));
	json_object_set_new(o, "status",
			    json_text(run_status_name(r->status)));
	json_object_set_new(o, "reason", json_known(r->reason));
	json_object_set_new(o, "runs", json_integer(r->runs));
	json_object_set_new(o, "noisy", json_integer(r->noisy));
	json_object_set_new(o, "disturbed", json_integer(r->disturbed));
	json_object_set_new(o, "n", json_integer(r->runs));
	json_object_set_new(o, "median", json_figure(r->runs ? r->mid : NAN));
	json_object_set_new(o, "lo", json_figure(r->lo));
	json_object_set_new(o, "hi", json_figure(r->hi));
	return o;
}

static int run_json(const char *uuid, const char *host,
		    const struct summary_row *rows, size_t n, FILE *out)
{
	json_t *results = json_array(), *top = json_object();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(results, row_json(&rows[i]));
	json_object_set_new(top, "run", json_text(uuid));
	json_object_set_new(top, "host", json_text(host));
	json_object_set_new(top, "results", results);
	return json_print(top, out);
}

static void run_csv(const struct summary_row *rows, size_t n, FILE *out)
{
	size_t i;

	fputs("benchmark,params,where,metric,unit,status,reason,runs,median,lo,hi,arm\n",
	      out);
	for (i = 0; i < n; i++) {
		const struct summary_row *r = &rows[i];
		const char *text[] = {
			r->id.benchmark, r->id.params, r->id.place,
			r->id.metric.name, r->id.metric.unit,
			run_status_name(r->status), r->reason,
		};
		size_t k;

		for (k = 0; k < sizeof(text) / sizeof(*text); k++) {
			csv_field(out, text[k] ? text[k] : "");
			fputc(',', out);
		}
		fprintf(out, "%d,", r->runs);
		csv_number(out, r->runs ? r->mid : NAN);
		fputc(',', out);
		csv_number(out, r->lo);
		fputc(',', out);
		csv_number(out, r->hi);
		fputc(',', out);
		csv_field(out, r->arm ? r->arm : "");
		fputc('\n', out);
	}
}

/* Half the width of the interval, as a percentage of the figure. */
static void spread(char *buf, size_t size, const struct summary_row *r)
{
	if (isfinite(r->lo) && r->mid > 0)
		snprintf(buf, size, "%.2f",
			 50 * (r->hi - r->lo) / r->mid);
	else
		snprintf(buf, size, "-");
}

static void nanoseconds(char *buf, size_t size, const struct summary_row *r,
			uint64_t tsc_khz)
{
	if (tsc_khz && !strcmp(r->id.metric.unit, "tsc"))
		fmt_value(buf, size, r->mid * 1e6 / tsc_khz);
	else
		snprintf(buf, size, "-");
}

static void note(char *buf, size_t size, const struct summary_row *r)
{
	if (r->status == RUN_INTERPRETED || r->status == RUN_DISTURBED)
		snprintf(buf, size, "%s: not scored",
			 run_status_name(r->status));
	else if (r->status != RUN_OK)
		snprintf(buf, size, "%s", run_status_name(r->status));
	else if (r->disturbed)
		snprintf(buf, size, "and %d disturbed", r->disturbed);
	else
		buf[0] = '\0';
}

static void figures(const struct summary_row *rows, size_t n,
		    uint64_t tsc_khz, FILE *out)
{
	static const char *const heads[] = {
		"benchmark", "where", "params", "value", "unit", "+-%", "ns",
		"runs", "note", "arm", NULL,
	};
	static const char *const without[] = {
		"benchmark", "where", "params", "value", "unit", "+-%", "ns",
		"runs", "note", NULL,
	};
	bool arms = n && rows[0].arm;
	struct table *t = arms ? table_new(heads, "lllrlrrrll") :
		table_new(without, "lllrlrrrl");
	size_t i;

	for (i = 0; i < n; i++) {
		const struct summary_row *r = &rows[i];
		char params[256], value[32], half[32], ns[32], runs[16],
		     text[64];
		const char *cells[] = {
			r->id.benchmark, r->id.place, params, value,
			r->id.metric.unit, half, ns, runs, text,
			r->arm,
		};

		if (!r->runs || !r->id.metric.primary)
			continue;
		fmt_params(params, sizeof(params), r->id.params);
		fmt_value(value, sizeof(value), r->mid);
		spread(half, sizeof(half), r);
		nanoseconds(ns, sizeof(ns), r, tsc_khz);
		snprintf(runs, sizeof(runs), "%d", r->runs);
		note(text, sizeof(text), r);
		table_row(t, cells);
	}
	table_print(t, out);
	table_free(t);
}

static int same_reason(const struct summary_row *a,
		       const struct summary_row *b)
{
	return a->status == b->status && !strcmp(a->reason, b->reason);
}

/* Each reason once, with the names it holds for. */
static void reasons(const struct summary_row *rows, size_t n, FILE *out)
{
	char *told = calloc(n + 1, 1), clean[512], params[256];
	size_t i, k, lines = 0;

	for (i = 0; told && i < n; i++) {
		if (told[i] || rows[i].status == RUN_OK || !rows[i].reason[0])
			continue;
		if (!rows[i].id.metric.primary)
			continue;
		if (!lines++)
			fputs("\nNot scored:\n", out);
		fprintf(out, "  %s: %s\n   ", run_status_name(rows[i].status),
			text_clean(clean, sizeof(clean), rows[i].reason));
		for (k = i; k < n; k++) {
			if (told[k] || !same_reason(&rows[i], &rows[k]) ||
			    !rows[k].id.metric.primary)
				continue;
			told[k] = 1;
			fmt_params(params, sizeof(params), rows[k].id.params);
			fprintf(out, " %s/%s%s%s%s", rows[k].id.benchmark,
				rows[k].id.place, params[0] ? "[" : "",
				params, params[0] ? "]" : "");
		}
		fputc('\n', out);
	}
	free(told);
}

int report_run(enum format format, const char *uuid, const char *host,
	       uint64_t tsc_khz, const struct summary_row *rows, size_t n,
	       FILE *out)
{
	switch (format) {
	case FORMAT_JSON:
		return run_json(uuid, host, rows, n, out);
	case FORMAT_CSV:
		run_csv(rows, n, out);
		break;
	default:
		if (n && rows[0].id.mode == MODE_COUNTED)
			report_run_counts(rows, n, out);
		else
			figures(rows, n, tsc_khz, out);
		reasons(rows, n, out);
		break;
	}
	return ferror(out) ? -1 : 0;
}
