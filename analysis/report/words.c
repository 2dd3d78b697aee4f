// SPDX-License-Identifier: GPL-2.0-or-later
/* The sentences of a report. */
#include "analysis/report/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *unit_words(const char *unit)
{
	static const char *const words[][2] = {
		{ "tsc", "TSC ticks per operation" },
		{ "ns", "nanoseconds per operation" },
		{ "1/s", "operations per second" },
		{ "exits", "VM exits per operation" },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(unit, words[i][0]))
			return words[i][1];
	return unit;
}

const char *better_words(enum better better)
{
	return better == BETTER_LOWER ? "lower is better" :
	       better == BETTER_HIGHER ? "higher is better" :
	       "neither direction is better";
}

char *metric_words(const struct metric *m)
{
	char *raw, *clean;

	if (!*m->unit)
		return strdup("no figure");
	if (asprintf(&raw, "%s, %s", unit_words(m->unit),
		     better_words(m->better)) < 0)
		return NULL;
	clean = text_dup(raw, false);
	free(raw);
	return clean;
}

/*
 * "benchmark" where each row is one; with several metrics or hosts a row is
 * less than that.
 */
static const char *view_noun(const struct view *v, size_t n)
{
	if (v->hosts || v->secondary)
		return n == 1 ? "figure" : "figures";
	return n == 1 ? "benchmark" : "benchmarks";
}

/* "10 runs", "8 to 10 runs": units a side of the rows with a verdict. */
static void print_units(const struct view *v, enum verdict verdict, FILE *out)
{
	enum compare_scope scope = SCOPE_BOOT;
	int lo = 0, hi = 0;
	size_t i;

	for (i = 0; i < v->c->nrows; i++) {
		const struct compare_row *r = &v->c->row[i];
		int n = r->n_base < r->n_new ? r->n_base : r->n_new;

		if (r->verdict != verdict)
			continue;
		if (!hi || n < lo)
			lo = n;
		if (n > hi)
			hi = n;
		scope = r->scope;
	}
	if (lo < hi)
		fprintf(out, "%d to ", lo);
	fprintf(out, "%d %s%s a side", hi,
		scope == SCOPE_BOOT ? "run" : "boot", hi == 1 ? "" : "s");
}

/* Rows with figures and without a verdict. */
static size_t unjudged(const struct view *v)
{
	return v->c->count[VERDICT_UNCHECKED] -
		(v->c->nrows - v->measured);
}

static void print_rest(const struct view *v, const char *margin, FILE *out)
{
	const int *count = v->c->count;

	if (count[VERDICT_IMPROVED])
		fprintf(out, "; %d improved", count[VERDICT_IMPROVED]);
	if (count[VERDICT_SMALL])
		fprintf(out, "; %d changed by less than %s",
			count[VERDICT_SMALL], margin);
	if (count[VERDICT_EQUIVALENT])
		fprintf(out, "; %d equivalent", count[VERDICT_EQUIVALENT]);
	if (count[VERDICT_INCONCLUSIVE]) {
		fprintf(out, "; %d cannot be told with ",
			count[VERDICT_INCONCLUSIVE]);
		print_units(v, VERDICT_INCONCLUSIVE, out);
	}
	if (unjudged(v))
		fprintf(out, "; %zu not judged", unjudged(v));
}

static void write_verdict(const struct view *v, const struct obs_set *set,
			  FILE *out)
{
	const struct comparison *c = v->c;
	size_t judged = v->measured - unjudged(v);
	char margin[32];

	fmt_percent(margin, sizeof(margin), v->margin);
	if (c->refused) {
		fprintf(out, "Not compared: %s.", c->refusal);
		return;
	}
	if (!v->measured)
		fputs("Nothing to compare: no benchmark has figures", out);
	else if (c->count[VERDICT_REGRESSED])
		fprintf(out, "%d of %zu %s regressed beyond %s",
			c->count[VERDICT_REGRESSED], judged,
			view_noun(v, judged), margin);
	else if (!judged)
		fprintf(out, "None of %zu %s could be judged", v->measured,
			view_noun(v, v->measured));
	else
		fprintf(out, "No regression beyond %s was shown in %zu %s",
			margin, judged, view_noun(v, judged));
	if (judged)
		print_rest(v, margin, out);
	if (v->measured < c->nrows)
		fprintf(out, "; %zu not measured", c->nrows - v->measured);
	fputc('.', out);
}

/* What a printer into a stream wrote, cleaned. */
static char *memstream_text(FILE *out, char **raw, bool ascii)
{
	char *text = NULL;

	if (!fclose(out))
		text = text_dup(*raw, ascii);
	free(*raw);
	return text;
}

static char *written(const struct view *v, const struct obs_set *set,
		     void (*write)(const struct view *v,
				   const struct obs_set *set, FILE *out))
{
	char *raw = NULL;
	size_t size;
	FILE *out = open_memstream(&raw, &size);

	if (!out)
		return NULL;
	write(v, set, out);
	return memstream_text(out, &raw, v->ascii);
}

char *view_verdict(const struct view *v)
{
	return written(v, NULL, write_verdict);
}

const char *view_scope_note(const struct view *v)
{
	size_t i, judged = 0, boot = 0;

	for (i = 0; i < v->c->nrows; i++) {
		if (v->c->row[i].verdict == VERDICT_UNCHECKED)
			continue;
		judged++;
		boot += v->c->row[i].scope == SCOPE_BOOT;
	}
	if (!boot)
		return NULL;
	return boot == judged ?
		"One boot a side: what differs, differs on this boot; not "
		"attributed to the kernel without more boots." :
		"Rows judged over runs have one boot a side: what differs "
		"there, differs on this boot; not attributed to the kernel "
		"without more boots.";
}

const char *set_state(const struct obs_set *set)
{
	size_t i;

	if (!set->nboots)
		return arm_state_name(STATE_UNVERIFIED);
	for (i = 1; i < set->nboots; i++)
		if (set->boot[i].state != set->boot[0].state)
			return "mixed";
	return arm_state_name(set->boot[0].state);
}

/* Distinct values of a string member over boots, "a, b". */
static void print_distinct(FILE *out, const struct obs_set *set,
			   const char *lead, size_t member, size_t digits)
{
	size_t i, k;

	for (i = 0; i < set->nboots; i++) {
		const char *s = *(const char *const *)
			((const char *)&set->boot[i] + member);

		for (k = 0; k < i; k++)
			if (!strcmp(s, *(const char *const *)
				    ((const char *)&set->boot[k] + member)))
				break;
		if (k < i || !*s)
			continue;
		fprintf(out, "%s%.*s", lead, (int)digits, s);
		lead = ", ";
	}
}

#define PRINT_DISTINCT(out, set, lead, member, digits)			\
	print_distinct(out, set, lead, offsetof(struct obs_boot, member), \
		       digits)

static int order_cmp(const void *a, const void *b)
{
	int64_t oa = *(const int64_t *)a, ob = *(const int64_t *)b;

	return oa < ob ? -1 : oa > ob;
}

/* The figures of one run share its place in the order. */
static size_t set_runs(const struct obs_set *set)
{
	int64_t *order = calloc(set->n + 1, sizeof(*order));
	size_t i, runs = 0;

	if (!order)
		return 0;
	for (i = 0; i < set->n; i++)
		order[i] = set->v[i].order;
	qsort(order, set->n, sizeof(*order), order_cmp);
	for (i = 0; i < set->n; i++)
		runs += !i || order[i] != order[i - 1];
	free(order);
	return runs;
}

static void write_side(const struct view *v, const struct obs_set *set,
		       FILE *out)
{
	size_t runs = set_runs(set);

	fprintf(out, "%s, series %s, revision %s, arm %s (state %s", set->name,
		set->series, set->revision, *set->arm ? set->arm : "-",
		set_state(set));
	PRINT_DISTINCT(out, set, ": ", evidence, 240);
	fputs(")", out);
	PRINT_DISTINCT(out, set, ", Linux ", release, 128);
	PRINT_DISTINCT(out, set, ", build ", build_id, 12);
	if (*set->commit)
		fprintf(out, ", commit %.12s", set->commit);
	if (*set->tree)
		fprintf(out, ", tree %s", set->tree);
	if (set->dirty)
		fputs(", built with uncommitted changes", out);
	fprintf(out, "; %zu boot%s, %zu run%s", set->nboots,
		set->nboots == 1 ? "" : "s", runs, runs == 1 ? "" : "s");
}

char *view_side(const struct view *v, const struct obs_set *set)
{
	return written(v, set, write_side);
}

char *row_flags(const struct compare_row *r)
{
	char *raw = NULL;
	const char *sep = "";
	unsigned int bit;
	size_t size;
	FILE *out;

	if (!r->flags)
		return NULL;
	out = open_memstream(&raw, &size);
	if (!out)
		return NULL;
	for (bit = 0; bit < NR_ROW_FLAGS; bit++) {
		if (!(r->flags & 1u << bit))
			continue;
		fprintf(out, "%s%s", sep, row_flag_name(bit));
		sep = ", ";
	}
	return memstream_text(out, &raw, true);
}

unsigned int view_flags(const struct view *v)
{
	unsigned int flags = 0;
	size_t i;

	for (i = 0; i < v->c->nrows; i++)
		flags |= v->c->row[i].flags;
	return flags;
}

const char *row_flag_meaning(unsigned int bit)
{
	static const char *const meaning[NR_ROW_FLAGS] = {
		"fewer than 5 boots a side",
		"equivalent, though a difference was shown",
		"faster than the baseline: look for what was not done",
		"more than a tenth of the runs were flagged",
		"by a test against the margin itself, not against zero",
		"the spread is the clock's step: the data show less",
		"a fifth of the runs were left out, the core was shared",
		"found changes too often when nothing had changed (A/A)",
		"the median difference tells otherwise: a few outlying units",
		"boots (or runs) gather in two places, on both sides",
	};

	return bit < NR_ROW_FLAGS ? meaning[bit] : "?";
}
