// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A comparison as test results, JUnit and TAP, for what runs tests and shows
 * them. A row that regressed fails; what was shown to be no regression passes;
 * what could not be told, judged or measured is skipped with its reason, for
 * silence is not a pass. A run that ended badly is an error in JUnit, and
 * fails in TAP, which has no third word.
 */
#include "analysis/report/view.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/escape.h"

enum outcome { OUT_PASS, OUT_FAIL, OUT_ERROR, OUT_SKIP };

/**
 * struct check - a row or a gap, as a test
 * @row:	NULL: not measured
 * @name:	of the row, malloc'ed
 * @why:	in words, malloc'ed
 */
struct check {
	const struct compare_row *row;
	enum outcome outcome;
	char *name;
	char *why;
};

static enum outcome row_outcome(const struct compare_row *r)
{
	switch (r->verdict) {
	case VERDICT_REGRESSED:
		return OUT_FAIL;
	case VERDICT_IMPROVED:
	case VERDICT_EQUIVALENT:
	case VERDICT_SMALL:
		return OUT_PASS;
	default:
		return OUT_SKIP;
	}
}

static enum outcome missing_outcome(enum run_status status)
{
	switch (status) {
	case RUN_STUCK:
	case RUN_FAILED:
	case RUN_INVALID:
		return OUT_ERROR;
	default:
		return OUT_SKIP;
	}
}

/* "1018 -> 1027 tsc, +0.88 %, 95 % interval ..., n 5/5; regressed; ..." */
static char *row_words(const struct compare_row *r)
{
	char base[32], now[32], change[32], interval[64], *text;
	char *flags = row_flags(r);
	int n;

	n = asprintf(&text, "%s -> %s %s (%s), %s, 95 %% interval %s, n %d/%d; %s: %s%s%s",
		     fmt_value(base, sizeof(base), r->base),
		     fmt_value(now, sizeof(now), r->now), r->id.metric.unit,
		     better_words(r->id.metric.better),
		     fmt_change(change, sizeof(change), r->ratio),
		     fmt_interval(interval, sizeof(interval), r->lo, r->hi),
		     r->n_base, r->n_new, verdict_name(r->verdict), r->reason,
		     flags ? "; marks: " : "", flags ? flags : "");
	free(flags);
	return n < 0 ? NULL : text;
}

static char *missing_words(const struct missing *m)
{
	static const char *const sides[] = {
		"", "of the base ", "of the new ", "",
	};
	char *text;

	if (asprintf(&text, "%snot measured, %s: %s", sides[m->sides & 3],
		     run_status_name(m->status),
		     *m->reason ? m->reason : "no reason was stored") < 0)
		return NULL;
	return text;
}

static void checks_free(struct check *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(v[i].name);
		free(v[i].why);
	}
	free(v);
}

/* The row of this name among the first @n checks. */
static const struct check *check_find(const struct check *v, size_t n,
				      const char *name)
{
	size_t i;

	for (i = 0; name && i < n; i++)
		if (v[i].name && !strcmp(v[i].name, name))
			return &v[i];
	return NULL;
}

/*
 * Runs that ended badly beside others with figures are a test of their own:
 * names must be unique.
 */
static char *gap_name(const char *name, bool beside)
{
	char *text;

	if (asprintf(&text, "%s%s", name,
		     beside ? " (runs without figures)" : "") < 0)
		return NULL;
	return text;
}

/*
 * A row without figures is told by what was not measured; what could not run
 * everywhere is told by the row that has figures.
 */
static int checks_make(const struct view *v, struct check **checks, size_t *n)
{
	struct check *all = calloc(v->c->nrows + v->nmissing + 1,
				   sizeof(*all));
	size_t i, rows;

	*n = 0;
	if (!all)
		return -ENOMEM;
	for (i = 0; i < v->c->nrows; i++) {
		const struct compare_row *r = &v->c->row[v->order[i]];

		if (!row_measured(r) && told_missing(v, &r->id))
			continue;
		all[(*n)++] = (struct check) {
			.row = r, .outcome = row_outcome(r),
			.name = view_name(v, &r->id), .why = row_words(r),
		};
	}
	rows = *n;
	for (i = 0; i < v->nmissing; i++) {
		const struct missing *m = &v->missing[i];
		enum outcome outcome = missing_outcome(m->status);
		bool beside = check_find(all, rows, m->name);

		if (beside && outcome != OUT_ERROR)
			continue;
		all[(*n)++] = (struct check) {
			.outcome = outcome, .name = gap_name(m->name, beside),
			.why = missing_words(m),
		};
	}
	for (i = 0; i < *n; i++) {
		if (all[i].name && all[i].why)
			continue;
		checks_free(all, *n);
		return -ENOMEM;
	}
	*checks = all;
	return 0;
}

static size_t outcomes(const struct check *v, size_t n, enum outcome outcome)
{
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		count += v[i].outcome == outcome;
	return count;
}

/* ---- JUnit ---- */

static void junit_property(FILE *out, const char *name, const char *value)
{
	fprintf(out, "      <property name=\"%s\" value=\"", name);
	xml_text(out, value);
	fputs("\"/>\n", out);
}

static void junit_properties(const struct view *v, FILE *out)
{
	char *verdict = view_verdict(v), *base = view_side(v, v->c->base);
	char *now = view_side(v, v->c->now);

	fputs("    <properties>\n", out);
	junit_property(out, "verdict", verdict ? verdict : "");
	junit_property(out, "base", base ? base : "");
	junit_property(out, "new", now ? now : "");
	fputs("    </properties>\n", out);
	free(verdict);
	free(base);
	free(now);
}

/* Test runners group by class: the benchmark's group, "vmexit". */
static void junit_class(FILE *out, const char *name)
{
	size_t n = strcspn(name, ". ");
	char *group = strndup(name, n);

	xml_printf(out, "asibench.%s", group ? group : "");
	free(group);
}

static void junit_case(const struct check *c, FILE *out)
{
	static const char *const element[] = {
		[OUT_FAIL] = "failure", [OUT_ERROR] = "error",
		[OUT_SKIP] = "skipped",
	};

	fputs("    <testcase classname=\"", out);
	junit_class(out, c->name);
	fputs("\" name=\"", out);
	xml_text(out, c->name);
	fputs("\">\n", out);
	if (c->outcome == OUT_PASS) {
		fputs("      <system-out>", out);
		xml_text(out, c->why);
		fputs("</system-out>\n", out);
	} else {
		fprintf(out, "      <%s%s message=\"", element[c->outcome],
			c->outcome == OUT_FAIL ? " type=\"regressed\"" :
			c->outcome == OUT_ERROR ? " type=\"not-measured\"" :
			"");
		xml_text(out, c->why);
		fputs("\"/>\n", out);
	}
	fputs("    </testcase>\n", out);
}

int report_junit(const struct comparison *c, const struct report_ctx *ctx,
		 FILE *out)
{
	struct check *all = NULL;
	struct view v;
	size_t n, i;
	int err = view_init(&v, c, ctx, false);

	if (err)
		return err;
	err = checks_make(&v, &all, &n);
	if (err)
		goto free_view;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
	      "  <testsuite name=\"", out);
	xml_printf(out, "%s: %s against %s", c->now->series, c->now->name,
		   c->base->name);
	fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
		n, outcomes(all, n, OUT_FAIL), outcomes(all, n, OUT_ERROR),
		outcomes(all, n, OUT_SKIP));
	junit_properties(&v, out);
	for (i = 0; i < n; i++)
		junit_case(&all[i], out);
	fputs("  </testsuite>\n</testsuites>\n", out);
	checks_free(all, n);
	err = stream_end(out);
free_view:
	view_free(&v);
	return err;
}

/* ---- TAP ---- */

static void tap_figure(FILE *out, const char *key, double v)
{
	if (isfinite(v))
		fprintf(out, "  %s: %.12g\n", key, v);
	else
		fprintf(out, "  %s: null\n", key);
}

static void tap_diagnostics(const struct check *c, FILE *out)
{
	fputs("  ---\n  message: ", out);
	yaml_text(out, c->why);
	fputc('\n', out);
	if (c->row) {
		char hash[ROW_HASH];

		row_hash(c->row, hash);
		fprintf(out, "  verdict: %s\n  id: '%s'\n",
			verdict_name(c->row->verdict), hash);
		tap_figure(out, "base", c->row->base);
		tap_figure(out, "new", c->row->now);
		tap_figure(out, "ratio", c->row->ratio);
		tap_figure(out, "lo", c->row->lo);
		tap_figure(out, "hi", c->row->hi);
	}
	fputs("  ...\n", out);
}

int report_tap(const struct comparison *c, const struct report_ctx *ctx,
	       FILE *out)
{
	struct check *all = NULL;
	struct view v;
	size_t n, i;
	char *verdict;
	int err = view_init(&v, c, ctx, false);

	if (err)
		return err;
	err = checks_make(&v, &all, &n);
	if (err)
		goto free_view;
	verdict = view_verdict(&v);
	fprintf(out, "TAP version 14\n1..%zu\n# %s\n", n,
		verdict ? verdict : "");
	free(verdict);
	for (i = 0; i < n; i++) {
		bool bad = all[i].outcome == OUT_FAIL ||
			all[i].outcome == OUT_ERROR;

		fprintf(out, "%sok %zu - ", bad ? "not " : "", i + 1);
		tap_text(out, all[i].name);
		if (all[i].outcome == OUT_SKIP) {
			fputs(" # SKIP ", out);
			tap_text(out, all[i].row ? all[i].row->reason :
				 all[i].why);
		}
		fputc('\n', out);
		tap_diagnostics(&all[i], out);
	}
	checks_free(all, n);
	err = stream_end(out);
free_view:
	view_free(&v);
	return err;
}
