// SPDX-License-Identifier: GPL-2.0-or-later
/* Below the panels: differences, gaps, witnesses, facts, notes. */
#include "analysis/report/html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/escape.h"
#include "lib/text.h"

#define WIDTH	100	/* of preformatted text */
#define WORD	16	/* columns of a cell that is not broken into lines */

static void table_begin(FILE *out, const char *title,
			const char *const *head, size_t n)
{
	size_t i;

	fprintf(out, "<section>\n<h2>%s</h2>\n<table>\n<thead><tr>", title);
	for (i = 0; i < n; i++)
		fprintf(out, "<th scope=\"col\">%s</th>", head[i]);
	fputs("</tr></thead>\n<tbody>\n", out);
}

static void table_end(FILE *out)
{
	fputs("</tbody>\n</table>\n</section>\n", out);
}

/* Cells of foreign text: only what is long may be broken anywhere. */
static void put_row(FILE *out, const char *const *cell,
		    const char *const *head, size_t n)
{
	size_t i;

	fputs("<tr>", out);
	for (i = 0; i < n; i++) {
		fprintf(out, "<td%s data-l=\"%s\">",
			text_width(cell[i]) <= WORD ? " class=\"word\"" : "",
			head[i]);
		html_bdi(out, cell[i]);
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

static void put_diffs(const struct view *v, FILE *out)
{
	static const char *const head[] = {
		"host", "fact", "class", "base", "new",
	};
	size_t i, shown = 0;

	for (i = 0; i < v->c->ndiffs; i++) {
		const struct compare_diff *d = &v->c->diff[i];
		bool allowed = d->allowed && d->class == FACT_ENVIRONMENT;
		char class[64];

		if (!diff_shown(v, d))
			continue;
		if (!shown++)
			table_begin(out, "What differs between the sides",
				    head, 5);
		snprintf(class, sizeof(class), "%s%s",
			 fact_class_name(d->class),
			 allowed ? ", allowed" : "");
		put_row(out, (const char *const []) { d->host, d->key, class,
			d->base, d->now }, head, 5);
	}
	if (shown)
		table_end(out);
}

static void put_missing(const struct view *v, FILE *out)
{
	static const char *const head[] = {
		"benchmark", "side", "ended as", "reason",
	};
	static const char *const side[] = { "?", "base", "new", "both" };
	size_t i;

	if (!v->nmissing)
		return;
	table_begin(out, "Not measured", head, 4);
	for (i = 0; i < v->nmissing; i++) {
		const struct missing *m = &v->missing[i];

		put_row(out, (const char *const []) { m->name,
			side[m->sides & 3], run_status_name(m->status),
			*m->reason ? m->reason : "no reason was stored" },
			head, 4);
	}
	table_end(out);
}

static void put_witnesses(const struct view *v, FILE *out)
{
	static const char *const head[] = { "runs flagged by", "base", "new" };
	const struct obs_set *set[2] = { v->c->base, v->c->now };
	char cell[2][64];
	unsigned int rule;
	int s;

	table_begin(out, "Witnesses", head, 3);
	for (rule = 0; rule < NR_NOISY; rule++) {
		for (s = 0; s < 2; s++)
			snprintf(cell[s], sizeof(cell[s]), "%zu of %zu",
				 set_noisy(set[s], rule), set[s]->n);
		put_row(out, (const char *const []) { noisy_name(rule),
			cell[0], cell[1] }, head, 3);
	}
	table_end(out);
}

/**
 * struct facts - facts on their way into a table
 * @n:		rows so far
 */
struct facts {
	FILE *out;
	size_t n;
};

static int put_fact(void *arg, const char *host, const struct fact *f,
		    const char *base, const char *now)
{
	static const char *const head[] = {
		"host", "fact", "class", "base", "new",
	};
	struct facts *facts = arg;
	bool same = !strcmp(base, now);

	if (!facts->n++)
		table_begin(facts->out, "Facts", head, 5);
	put_row(facts->out, (const char *const []) { host, f->key,
		fact_class_name(f->class), base, same ? "the same" : now },
		head, 5);
	return 0;
}

static int put_facts(const struct view *v, FILE *out)
{
	struct facts facts = { .out = out };
	int err = view_facts(v, " | ", put_fact, &facts);

	if (facts.n)
		table_end(out);
	return err;
}

/* The sections that every text has, as they are there. */
static int put_notes(const struct view *v, FILE *out)
{
	char *text = NULL;
	const char *at;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int err;

	if (!f)
		return -ENOMEM;
	err = v->ctx->counts ? report_counts(v->ctx->counts, f) : 0;
	if (!err)
		err = print_hosts(v, f, WIDTH);
	print_notes(v, f, WIDTH);
	print_reproduce(v, f, WIDTH);
	if (fclose(f))
		err = -ENOMEM;
	fputs("<section>\n<h2>Counts, hosts, notes, how to reproduce</h2>\n<pre>",
	      out);
	for (at = text && *text == '\n' ? text + 1 : text; at && *at; ) {
		size_t len = strcspn(at, "\n");

		xml_printf(out, "%.*s", (int)len, at);
		fputc('\n', out);
		at += len + (at[len] == '\n');
	}
	fputs("</pre>\n</section>\n", out);
	free(text);
	return err;
}

int html_rest(const struct view *v, FILE *out)
{
	int err;

	put_diffs(v, out);
	put_missing(v, out);
	put_witnesses(v, out);
	err = put_notes(v, out);
	return err ? err : put_facts(v, out);
}
