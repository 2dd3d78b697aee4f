// SPDX-License-Identifier: GPL-2.0-or-later
/* What A/A says of a host: beneath a comparison, and by itself. */
#include "analysis/report/aa.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/json.h"
#include "analysis/report/view.h"

static double share(int k, int n)
{
	return n ? (double)k / n : NAN;
}

/* "6 of 20, 30 %" */
static void print_count(FILE *out, int k, int n)
{
	char rate[32];

	fprintf(out, "%d of %d, %s", k, n,
		fmt_percent(rate, sizeof(rate), share(k, n)));
}

/* "0.1 to 25 %" */
static void print_bounds(FILE *out, double lo, double hi)
{
	char a[32], b[32];
	size_t n;

	fmt_percent(a, sizeof(a), lo);
	n = strlen(a);
	if (n > 2 && !strcmp(a + n - 2, " %"))
		a[n - 2] = '\0';
	fprintf(out, "%s to %s", a, fmt_percent(b, sizeof(b), hi));
}

static void write_host(const struct aa_rates *rates, const char *host,
		       FILE *out)
{
	const struct aa_host *h = aa_find_host(rates, host);
	char nominal[32];

	fprintf(out, "A/A on %s: ", host);
	if (h && !h->pairs) {
		fputs("of all comparisons none could be judged, so how often "
		      "this host alarms for nothing is not known (more time, "
		      "asibench aa --budget, brings more runs).", out);
		return;
	}
	if (!h) {
		fputs("none is stored, so how often this host alarms for "
		      "nothing is not known (asibench aa measures it).", out);
		return;
	}
	fmt_percent(nominal, sizeof(nominal), rates->nominal);
	fprintf(out, "%d of %d comparisons of a boot with itself called a "
		"difference, 95 %% bounds ", h->alarmed, h->pairs);
	print_bounds(out, h->lo, h->hi);
	fprintf(out, " (nominal %s). Of %d single tests %d had p of %s or "
		"less.", nominal, h->tests, h->alarms, nominal);
}

static char *host_words(const struct aa_rates *rates, const char *host,
			bool ascii)
{
	char *raw = NULL, *text = NULL;
	size_t size;
	FILE *out = open_memstream(&raw, &size);

	if (!out)
		return NULL;
	write_host(rates, host, out);
	if (!fclose(out))
		text = text_dup(raw, ascii);
	free(raw);
	return text;
}

/* The rows of @host in quarantine, in one paragraph; nothing if none is. */
static void print_quarantine(const struct aa_rates *rates, const char *host,
			     bool ascii, FILE *out, size_t width)
{
	char *raw = NULL, *name;
	const char *sep = "";
	size_t size, i;
	FILE *list = open_memstream(&raw, &size);

	if (!list)
		return;
	for (i = 0; i < rates->nrows; i++) {
		const struct aa_rate *r = &rates->row[i];

		if (!r->quarantined || strcmp(r->id->host, host))
			continue;
		name = row_name(r->id, 0, ascii);
		fprintf(list, "%s%s (", sep, name ? name : "?");
		print_count(list, r->alarms, r->tests);
		fputc(')', list);
		free(name);
		sep = ", ";
	}
	if (!fclose(list) && *sep)
		wrapf(out, width, 2, 4, "In quarantine, since the lower bound "
		      "of their own rate is above %g %%: %s.",
		      100 * rates->nominal, raw);
	free(raw);
}

/* Call @fn for each host of the comparison's rows, once. */
static void each_host(const struct comparison *c,
		      void (*fn)(void *arg, const char *host), void *arg)
{
	size_t i, k;

	for (i = 0; i < c->nrows; i++) {
		for (k = 0; k < i; k++)
			if (!strcmp(c->row[k].id.host, c->row[i].id.host))
				break;
		if (k == i)
			fn(arg, c->row[i].id.host);
	}
}

struct aa_printer {
	const struct view *v;
	FILE *out;
	size_t width;
};

static void print_host(void *arg, const char *host)
{
	const struct aa_printer *p = arg;
	char *text = host_words(p->v->ctx->aa, host, p->v->ascii);

	if (text)
		wrap(p->out, p->width, 2, 4, text);
	free(text);
	print_quarantine(p->v->ctx->aa, host, p->v->ascii, p->out, p->width);
}

void print_aa(const struct view *v, FILE *out, size_t width)
{
	struct aa_printer p = { v, out, width };

	if (!v->ctx->aa || !v->c->nrows)
		return;
	fputs("\nFalse alarms\n", out);
	each_host(v->c, print_host, &p);
}

/* ---- JSON ---- */

static json_t *rate_json(int k, int n, double lo, double hi)
{
	return json_pack("{so so so}", "rate", json_figure(share(k, n)),
			 "lo", json_figure(lo), "hi", json_figure(hi));
}

static json_t *quarantine_json(const struct aa_rates *rates, const char *host)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < rates->nrows; i++) {
		const struct aa_rate *r = &rates->row[i];
		char *name;

		if (!r->quarantined || strcmp(r->id->host, host))
			continue;
		name = row_name(r->id, 0, false);
		json_array_append_new(list, json_text(name ? name : "?"));
		free(name);
	}
	return list;
}

static json_t *host_json(const struct aa_rates *rates, const char *host)
{
	const struct aa_host none = { .lo = NAN, .hi = NAN };
	const struct aa_host *h = aa_find_host(rates, host);
	json_t *j, *rate;

	if (!h)
		h = &none;
	rate = rate_json(h->alarmed, h->pairs, h->lo, h->hi);
	j = json_pack("{so si si sf si si so}", "host", json_text(host),
		      "pairs", h->pairs, "alarmed", h->alarmed,
		      "nominal", rates->nominal, "tests", h->tests,
		      "alarms", h->alarms,
		      "quarantined", quarantine_json(rates, host));
	json_object_update(j, rate);
	json_decref(rate);
	return j;
}

struct aa_jsons {
	const struct aa_rates *rates;
	json_t *list;
};

static void add_host_json(void *arg, const char *host)
{
	const struct aa_jsons *j = arg;

	json_array_append_new(j->list, host_json(j->rates, host));
}

json_t *json_aa(const struct view *v)
{
	struct aa_jsons j = { v->ctx->aa, json_array() };

	each_host(v->c, add_host_json, &j);
	return j.list;
}

json_t *json_aa_rate(const struct aa_rate *r)
{
	json_t *j, *rate;

	if (!r)
		return json_null();
	rate = rate_json(r->alarms, r->tests, r->lo, r->hi);
	j = json_pack("{si si si si so sb}", "tests", r->tests,
		      "unjudged", r->unjudged, "alarms", r->alarms,
		      "called", r->called,
		      "largest", json_figure(r->largest),
		      "quarantined", r->quarantined);
	json_object_update(j, rate);
	json_decref(rate);
	return j;
}

/* ---- by itself ---- */

static int report_json(const struct aa_rates *rates, FILE *out)
{
	json_t *hosts = json_array(), *rows = json_array(), *row, *more;
	size_t i;

	for (i = 0; i < rates->nhosts; i++)
		json_array_append_new(hosts,
				host_json(rates, rates->host[i].host));
	for (i = 0; i < rates->nrows; i++) {
		row = json_row(rates->row[i].id);
		more = json_aa_rate(&rates->row[i]);
		json_object_update(row, more);
		json_decref(more);
		json_array_append_new(rows, row);
	}
	return json_print(json_pack("{sf so so}", "nominal", rates->nominal,
				    "hosts", hosts, "rows", rows), out);
}

static int report_csv(const struct aa_rates *rates, FILE *out)
{
	size_t i;

	fputs("benchmark,params,where,profile,metric,host,quarantined,tests,"
	      "unjudged,alarms,called,rate,lo,hi,largest\n", out);
	for (i = 0; i < rates->nrows; i++) {
		const struct aa_rate *r = &rates->row[i];

		csv_line(out, (const char *const []) {
			r->id->benchmark, r->id->params, r->id->place,
			r->id->profile, r->id->metric.name, r->id->host,
			r->quarantined ? "yes" : "no" }, 7,
			(const double []) { r->tests, r->unjudged, r->alarms,
			r->called, share(r->alarms, r->tests), r->lo, r->hi,
			r->largest }, 8);
	}
	return stream_end(out);
}

static void add_rate(struct table *t, const struct aa_rate *r)
{
	char tests[16], alarms[16], called[16], rate[32], lo[32], hi[32],
	     largest[32];
	char *name = row_name(r->id, 0, false);

	snprintf(tests, sizeof(tests), "%d", r->tests);
	snprintf(alarms, sizeof(alarms), "%d", r->alarms);
	snprintf(called, sizeof(called), "%d", r->called);
	table_row(t, (const char *const []) {
		name ? name : "?", tests, alarms,
		fmt_percent(rate, sizeof(rate), share(r->alarms, r->tests)),
		fmt_percent(lo, sizeof(lo), r->lo),
		fmt_percent(hi, sizeof(hi), r->hi), called,
		fmt_percent(largest, sizeof(largest),
			    r->tests ? r->largest : NAN),
		r->quarantined ? "quarantined" :
			r->tests ? "" : "never judged" });
	free(name);
}

static int report_host(const struct aa_rates *rates, const char *host,
		       FILE *out)
{
	static const char *const heads[] = {
		"benchmark", "tests", "alarms", "rate", "95 % from", "to",
		"called", "largest", "",
	};
	char *text = host_words(rates, host, false);
	struct table *t = table_new(heads, "lrrrrrrrl");
	size_t i;
	int err;

	table_spill(t, 40);
	for (i = 0; i < rates->nrows; i++)
		if (rates->row[i].id->metric.primary &&
		    !strcmp(rates->row[i].id->host, host))
			add_rate(t, &rates->row[i]);
	if (text)
		wrap(out, 80, 0, 0, text);
	fputc('\n', out);
	err = text ? table_print(t, out) : -ENOMEM;
	table_free(t);
	free(text);
	if (!err)
		fputc('\n', out);
	print_quarantine(rates, host, false, out, 80);
	return err;
}

static int report_text(const struct aa_rates *rates, FILE *out)
{
	size_t i;
	int err = 0;

	for (i = 0; i < rates->nhosts && !err; i++)
		err = report_host(rates, rates->host[i].host, out);
	wrapf(out, 80, 2, 4, "alarms: p of %g %% or less. called: said to "
	      "have regressed or improved, which also takes the correction "
	      "for many benchmarks and a change beyond the margin.",
	      100 * rates->nominal);
	return err ? err : stream_end(out);
}

int report_aa(enum format format, const struct aa_rates *rates, FILE *out)
{
	static int (*const writer[])(const struct aa_rates *, FILE *) = {
		[FORMAT_TEXT] = report_text,
		[FORMAT_JSON] = report_json,
		[FORMAT_CSV] = report_csv,
	};

	return writer[format](rates, out);
}
