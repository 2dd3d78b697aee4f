// SPDX-License-Identifier: GPL-2.0-or-later
/* Sections that terminal text and mail share. */
#include "analysis/report/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void print_verdict(const struct view *v, FILE *out, size_t width)
{
	char *text = view_verdict(v);

	if (text)
		wrap(out, width, 0, 0, text);
	free(text);
}

static void print_side(const struct view *v, const char *lead,
		       const struct obs_set *set, FILE *out, size_t width)
{
	char *text = view_side(v, set);

	if (text)
		wrapf(out, width, 0, 6, "%s %s", lead, text);
	free(text);
}

void print_sides(const struct view *v, FILE *out, size_t width)
{
	fputc('\n', out);
	print_side(v, "base:", v->c->base, out, width);
	print_side(v, "new: ", v->c->now, out, width);
}

static void print_diff(const struct view *v, const struct compare_diff *d,
		       FILE *out, size_t width)
{
	char *key = text_dup(d->key, v->ascii);
	char *host = text_dup(d->host, v->ascii);
	char *base = text_dup(*d->base ? d->base : "(none)", v->ascii);
	char *now = text_dup(*d->now ? d->now : "(none)", v->ascii);

	if (key && host && base && now)
		wrapf(out, width, 2, 6, "%s (%s%s%s%s): %s -> %s", key,
		      fact_class_name(d->class),
		      d->allowed && d->class == FACT_ENVIRONMENT ?
		      ", allowed" : "",
		      v->hosts && *host ? ", on " : "",
		      v->hosts && *host ? host : "", base, now);
	free(key);
	free(host);
	free(base);
	free(now);
}

void print_diffs(const struct view *v, FILE *out, size_t width)
{
	const char *head = "\nDiffers between the sides\n";
	size_t i;

	for (i = 0; i < v->c->ndiffs; i++) {
		if (!diff_shown(v, &v->c->diff[i]))
			continue;
		fputs(head, out);
		head = "";
		print_diff(v, &v->c->diff[i], out, width);
	}
}

/**
 * struct said - something said of a thing: paragraphs of those of whom the
 * same is said
 */
struct said {
	char *lead;
	char *name;
};

static int said_cmp(const void *a, const void *b)
{
	return strcmp(((const struct said *)a)->lead,
		      ((const struct said *)b)->lead);
}

/* Names of equal leads in one paragraph. Takes what the entries hold. */
static void print_said(struct said *said, size_t n, FILE *out, size_t width)
{
	size_t i, end;

	for (i = 0; i < n; i = end) {
		char *names = NULL;
		size_t size;
		FILE *list = open_memstream(&names, &size);

		end = i + 1;
		if (!list)
			continue;
		fputs(said[i].name, list);
		for (; end < n && !said_cmp(&said[i], &said[end]); end++)
			fprintf(list, ", %s", said[end].name);
		wrapf(out, width, 2, 4, "%s:", said[i].lead);
		if (!fclose(list))
			wrap(out, width, 4, 4, names);
		free(names);
	}
	for (i = 0; i < n; i++) {
		free(said[i].lead);
		free(said[i].name);
	}
	free(said);
}

void print_unjudged(const struct view *v, FILE *out, size_t width)
{
	struct said *said = calloc(v->c->nrows + 1, sizeof(*said));
	size_t i, n = 0;

	for (i = 0; said && !v->c->refused && i < v->c->nrows; i++) {
		const struct compare_row *r = &v->c->row[v->order[i]];

		if (r->verdict != VERDICT_UNCHECKED)
			continue;
		said[n].lead = text_dup(r->reason, v->ascii);
		said[n].name = view_name(v, &r->id);
		if (!said[n].lead || !said[n].name)
			break;
		if (row_measured(r) || !told_missing(v, &r->id)) {
			n++;
			continue;
		}
		free(said[n].lead);
		free(said[n].name);
	}
	if (n)
		fputs("\nNot judged\n", out);
	if (said) {
		qsort(said, n, sizeof(*said), said_cmp);
		print_said(said, n, out, width);
	}
}

/* What cannot run is said once for both sides. */
static char *missing_lead(const struct missing *m)
{
	static const char *const sides[] = {
		"", ", base only", ", new only", "",
	};
	char *text;

	if (asprintf(&text, "%s%s: %s", run_status_name(m->status),
		     sides[m->sides & 3],
		     *m->reason ? m->reason : "no reason was stored") < 0)
		return NULL;
	return text;
}

void print_missing(const struct view *v, FILE *out, size_t width)
{
	struct said *said = calloc(v->nmissing + 1, sizeof(*said));
	size_t i, n = 0;

	for (i = 0; said && i < v->nmissing; i++) {
		said[n].lead = missing_lead(&v->missing[i]);
		said[n].name = strdup(v->missing[i].name);
		if (!said[n].lead || !said[n].name)
			break;
		n++;
	}
	if (n)
		fputs("\nNot measured\n", out);
	if (said) {
		qsort(said, n, sizeof(*said), said_cmp);
		print_said(said, n, out, width);
	}
}

/* One line per unit and direction, with the time that a tick takes. */
static void print_unit(const struct view *v, const struct metric *m,
		       FILE *out, size_t width)
{
	char *unit = text_dup(m->unit, v->ascii);
	char ns[96] = "";

	if (!strcmp(m->unit, "tsc") && v->ctx->tsc_khz)
		snprintf(ns, sizeof(ns), " (1 tick = %.4g ns)",
			 1e6 / v->ctx->tsc_khz);
	if (unit)
		wrapf(out, width, 2, 4, "%s: %s%s; %s", unit,
		      unit_words(unit), ns, better_words(m->better));
	free(unit);
}

static void print_unit_notes(const struct view *v, FILE *out, size_t width)
{
	const struct compare_row *row = v->c->row;
	size_t i, k;

	for (i = 0; i < v->c->nrows; i++) {
		const struct metric *m = &row[i].id.metric;

		for (k = 0; k < i; k++)
			if (!strcmp(row[k].id.metric.unit, m->unit) &&
			    row[k].id.metric.better == m->better)
				break;
		if (k == i && *m->unit)
			print_unit(v, m, out, width);
	}
}

/* Whose spread was not judged by its own boots alone. */
static void print_lent(const struct view *v, FILE *out, size_t width)
{
	size_t n[LENDER_ROWS + 1] = { 0 }, i;

	for (i = 0; i < v->c->nrows; i++)
		n[v->c->row[i].lender]++;
	if (n[LENDER_PAST])
		wrapf(out, width, 2, 4, "%zu judged with the spread of other "
		      "revisions' boots on the host", n[LENDER_PAST]);
	if (n[LENDER_ROWS])
		wrapf(out, width, 2, 4, "%zu judged with the spread of the "
		      "other benchmarks of these boots", n[LENDER_ROWS]);
}

void print_notes(const struct view *v, FILE *out, size_t width)
{
	const char *scope = view_scope_note(v);
	unsigned int flags = view_flags(v), bit;
	size_t withheld = view_withheld(v);

	fputs("\nNotes\n", out);
	if (scope)
		wrap(out, width, 2, 4, scope);
	print_unit_notes(v, out, width);
	print_lent(v, out, width);
	for (bit = 0; bit < NR_ROW_FLAGS; bit++)
		if (flags & 1u << bit)
			wrapf(out, width, 2, 4, "%s: %s", row_flag_name(bit),
			      row_flag_meaning(bit));
	if (v->c->zeros)
		wrapf(out, width, 2, 4, "%zu count%s 0 on both sides and not "
		      "shown (--all shows %s).", v->c->zeros,
		      v->c->zeros == 1 ? " is" : "s are",
		      v->c->zeros == 1 ? "it" : "them");
	if (withheld)
		wrapf(out, width, 2, 4, "%zu fact%s not for publication %s "
		      "withheld (--full shows %s).", withheld,
		      withheld == 1 ? "" : "s", withheld == 1 ? "is" : "are",
		      withheld == 1 ? "it" : "them");
}

/*
 * Where a line of a command may be broken: the last space outside of quotes
 * within @width, 0 if there is none.
 */
static size_t command_break(const char *s, size_t width)
{
	size_t i, at = 0;
	bool quoted = false;

	for (i = 0; s[i] && i < width; i++) {
		if (s[i] == '\'')
			quoted = !quoted;
		else if (s[i] == ' ' && !quoted)
			at = i;
	}
	return at;
}

static void print_command(const char *s, FILE *out, size_t width)
{
	size_t indent = 2, at;

	while (strlen(s) > width - indent) {
		at = command_break(s, width - indent - 2);
		if (!at)
			break;
		fprintf(out, "%*s%.*s \\\n", (int)indent, "", (int)at, s);
		s += at + 1;
		indent = 6;
	}
	/* A single word longer than a line cannot be pasted in any case. */
	wrap(out, width, indent, indent, s);
}

void print_reproduce(const struct view *v, FILE *out, size_t width)
{
	char *lines = v->ctx->command ? strdup(v->ctx->command) : NULL;
	char *at, *line, *clean;

	if (!lines)
		return;
	fputs("\nReproduce\n", out);
	for (at = lines; (line = strsep(&at, "\n")); ) {
		clean = *line ? text_dup(line, v->ascii) : NULL;
		if (clean)
			print_command(clean, out, width);
		free(clean);
	}
	free(lines);
}
