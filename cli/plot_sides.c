// SPDX-License-Identifier: GPL-2.0-or-later
/* Pictures of two revisions. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plot.h"

/* ---- distributions ---- */

static int load_samples(const struct sides *s, const struct compare_row *r,
			int side, const char *metric, double **v, size_t *n)
{
	struct store_select sel = s->select[side];

	sel.benchmark = r->id.benchmark;
	return store_samples(s->store, &sel, r->id.place, r->id.params,
			     metric ? metric : r->id.metric.name, v, n);
}

static int draw_one(int (*plot)(const struct plot_ecdf *p, const char *stem),
		    const char *kind, const struct plot_ecdf *p)
{
	char *stem = plot_stem(kind, p->title);
	int err = stem ? plot_said(plot(p, stem), stem) : -ENOMEM;

	free(stem);
	return err;
}

static int draw_samples(const struct sides *s, const struct compare_row *r,
			unsigned int kinds, const char *metric)
{
	struct plot_ecdf p = { .name = { s->base.name, s->now.name } };
	char *name = row_name(&r->id, NAME_PROFILE, false);
	char *unit = metric_words(&r->id.metric), *title = NULL;
	double *v[2] = { NULL, NULL };
	int err = -ENOMEM, i;

	if (!name || !unit)
		goto free_all;
	if (asprintf(&title, "%s%s%s%s", name, metric ? " " : "",
		     metric ? metric : "",
		     r->verdict == VERDICT_UNCHECKED ? ", not judged" :
		     "") < 0)
		goto free_all;
	for (i = 0, err = 0; i < 2 && !err; i++) {
		err = load_samples(s, r, i, metric, &v[i], &p.n[i]);
		p.v[i] = v[i];
	}
	p.title = title;
	p.unit = unit;
	if (!err && kinds & KIND_ECDF)
		err = draw_one(plot_ecdf, "ecdf", &p);
	if (!err && kinds & KIND_HISTOGRAM)
		err = draw_one(plot_histogram, "histogram", &p);
free_all:
	free(v[0]);
	free(v[1]);
	free(title);
	free(unit);
	free(name);
	return err;
}

/* ---- rows by name ---- */

/**
 * struct rows - rows of a comparison as arrays
 */
struct rows {
	const char **name;
	double *ratio, *lo, *hi;
	double *run, *boot;
	enum verdict *verdict;
	char count[64];
	size_t n;
	int least, most;
};

static void rows_free(struct rows *rows)
{
	size_t i;

	for (i = 0; i < rows->n; i++)
		free((void *)rows->name[i]);
	free(rows->name);
	free(rows->ratio);
	free(rows->verdict);
	memset(rows, 0, sizeof(*rows));
}

static int rows_new(struct rows *rows, size_t room)
{
	memset(rows, 0, sizeof(*rows));
	rows->name = calloc(room + 1, sizeof(*rows->name));
	rows->ratio = calloc(5 * room + 1, sizeof(*rows->ratio));
	rows->verdict = calloc(room + 1, sizeof(*rows->verdict));
	if (!rows->name || !rows->ratio || !rows->verdict) {
		rows_free(rows);
		return -ENOMEM;
	}
	rows->lo = rows->ratio + room;
	rows->hi = rows->lo + room;
	rows->run = rows->hi + room;
	rows->boot = rows->run + room;
	return 0;
}

/* Takes @name. */
static int rows_add(struct rows *rows, const struct compare_row *r, char *name)
{
	int n = r->n_base < r->n_new ? r->n_base : r->n_new;
	char least[24] = "";

	if (!name)
		return -ENOMEM;
	rows->name[rows->n] = name;
	rows->ratio[rows->n] = r->ratio;
	rows->lo[rows->n] = r->lo;
	rows->hi[rows->n] = r->hi;
	rows->run[rows->n] = r->sd_run;
	rows->boot[rows->n] = r->sd_boot;
	rows->verdict[rows->n] = r->verdict;
	if (!rows->n++ || n < rows->least)
		rows->least = n;
	if (n > rows->most)
		rows->most = n;
	if (rows->least < rows->most)
		snprintf(least, sizeof(least), "%d to ", rows->least);
	snprintf(rows->count, sizeof(rows->count), "%s%d %s a side", least,
		 rows->most, r->scope == SCOPE_KERNEL ? "boots" : "runs");
	return 0;
}

static char *sides_title(const struct sides *s, const char *what)
{
	char *title;

	if (asprintf(&title, "%s%s%s against %s", what, *what ? ": " : "",
		     s->now.name, s->base.name) < 0)
		return NULL;
	return title;
}

static int draw_forest(const struct sides *s, const struct rows *rows,
		       const char *kind, const char *what)
{
	char *title = sides_title(s, what), *stem = NULL;
	struct plot_forest p = {
		.title = title, .name = rows->name, .ratio = rows->ratio,
		.lo = rows->lo, .hi = rows->hi, .verdict = rows->verdict,
		.count = rows->count, .margin = s->opts.margin, .n = rows->n,
	};
	int err = -ENOMEM;

	if (title)
		stem = plot_stem(kind, title);
	if (stem)
		err = plot_said(plot_forest(&p, stem), stem);
	free(stem);
	free(title);
	return err;
}

static int draw_spread(const struct sides *s, const struct rows *rows)
{
	char *title = sides_title(s, "variance by level"), *stem = NULL;
	struct plot_spread p = {
		.title = title, .name = rows->name, .run = rows->run,
		.boot = rows->boot, .count = rows->count, .n = rows->n,
	};
	int err = -ENOMEM;

	if (title)
		stem = plot_stem("variance", title);
	if (stem)
		err = plot_said(plot_spread(&p, stem), stem);
	free(stem);
	free(title);
	return err;
}

static bool several_hosts(const struct comparison *c)
{
	size_t i;

	for (i = 1; i < c->nrows; i++)
		if (strcmp(c->row[i].id.host, c->row[0].id.host))
			return true;
	return false;
}

/* Every benchmark that has figures on both sides, by name. */
static int draw_all(const struct sides *s, unsigned int kinds, size_t *drawn)
{
	unsigned int parts = NAME_PROFILE |
		(several_hosts(&s->c) ? NAME_HOST : 0);
	struct rows rows;
	size_t i;
	int err = rows_new(&rows, s->c.nrows);

	for (i = 0; i < s->c.nrows && !err; i++) {
		const struct compare_row *r = &s->c.row[i];

		if (isfinite(r->ratio) || isfinite(r->sd_run))
			err = rows_add(&rows, r, row_name(&r->id, parts,
							  false));
	}
	if (!err && rows.n && kinds & KIND_FOREST) {
		err = draw_forest(s, &rows, "forest", "");
		(*drawn)++;
	}
	if (!err && rows.n && kinds & KIND_VARIANCE) {
		err = draw_spread(s, &rows);
		(*drawn)++;
	}
	rows_free(&rows);
	return err;
}

/* Rows are sorted by benchmark, then by host: those of one stand together. */
static bool same_but_host(const struct obs_row *a, const struct obs_row *b)
{
	struct obs_row other = *b;

	other.host = a->host;
	return !row_id_cmp(a, &other);
}

static int draw_hosts(const struct sides *s, size_t *drawn)
{
	size_t i, end;
	int err = 0;

	for (i = 0; i < s->c.nrows && !err; i = end) {
		const struct obs_row *id = &s->c.row[i].id;
		struct rows rows;
		char *name;

		for (end = i; end < s->c.nrows &&
		     same_but_host(id, &s->c.row[end].id); end++)
			;
		if (end - i < 2)
			continue;
		err = rows_new(&rows, end - i);
		for (; i < end && !err; i++)
			if (isfinite(s->c.row[i].ratio))
				err = rows_add(&rows, &s->c.row[i],
					text_dup(s->c.row[i].id.host, false));
		name = row_name(id, NAME_PROFILE, false);
		if (!err && name && rows.n > 1) {
			err = draw_forest(s, &rows, "hosts", name);
			(*drawn)++;
		}
		free(name);
		rows_free(&rows);
	}
	return err;
}

int plot_sides(const struct sides *s, unsigned int kinds, const char *metric,
	       size_t *drawn)
{
	size_t i;
	int err = 0;

	for (i = 0; i < s->c.nrows && !err; i++) {
		const struct compare_row *r = &s->c.row[i];

		if (!(kinds & (KIND_ECDF | KIND_HISTOGRAM)) ||
		    !r->runs_base || !r->runs_new)
			continue;
		err = draw_samples(s, r, kinds, metric);
		(*drawn)++;
	}
	if (!err)
		err = draw_all(s, kinds, drawn);
	if (!err && kinds & KIND_HOSTS)
		err = draw_hosts(s, drawn);
	return err;
}
