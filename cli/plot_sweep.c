// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which figures make a sweep: those of one benchmark whose parameters differ
 * in one number of many values. The rest of the parameters name the lines.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plot.h"
#include "lib/factlist.h"
#include "lib/msg.h"

#define STEPS_LEAST	4	/* values of a parameter that make a sweep */
#define REVISIONS	2	/* drawn over each other, the latest ones */
#define MARKS		8
#define LINE_KIB	64	/* KiB walked per KiB of data cache */

/**
 * struct item - a figure that may become a point
 */
struct item {
	const struct figures *from;
	const struct summary_row *row;
	json_t *params;
	double x;
	char *line;
};

struct items {
	struct item *v;
	size_t n;
};

static void items_free(struct items *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		json_decref(l->v[i].params);
		free(l->v[i].line);
	}
	free(l->v);
}

static int item_add(struct items *l, const struct figures *from,
		    const struct summary_row *row)
{
	struct item *v = reallocarray(l->v, l->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->v = v;
	v[l->n] = (struct item) {
		.from = from, .row = row,
		.params = json_loads(row->id.params, 0, NULL),
	};
	return v[l->n++].params ? 0 : -ENOMEM;
}

static bool same_picture(const struct obs_row *a, const struct obs_row *b)
{
	return !strcmp(a->benchmark, b->benchmark) &&
	       !strcmp(a->metric.name, b->metric.name) &&
	       !strcmp(a->host, b->host) && !strcmp(a->profile, b->profile) &&
	       a->mode == b->mode;
}

/* All figures that belong into one picture with @id. */
static int collect(const struct figures_list *list, const struct obs_row *id,
		   struct items *l)
{
	size_t first = list->n > REVISIONS ? list->n - REVISIONS : 0, i, k;
	int err = 0;

	for (i = first; i < list->n; i++)
		for (k = 0; k < list->v[i].n && !err; k++) {
			const struct summary_row *r = &list->v[i].rows[k];

			if (same_picture(&r->id, id) && isfinite(r->mid))
				err = item_add(l, &list->v[i], r);
		}
	return err;
}

/* How many values of parameter @key there are; 0 unless all are numbers. */
static size_t steps_of(const struct items *l, const char *key)
{
	size_t i, k, n = 0;

	for (i = 0; i < l->n; i++) {
		json_t *v = json_object_get(l->v[i].params, key);

		if (!json_is_integer(v) || json_integer_value(v) <= 0)
			return 0;
		for (k = 0; k < i; k++)
			if (json_equal(v, json_object_get(l->v[k].params,
							  key)))
				break;
		n += k == i;
	}
	return n;
}

/* The parameter with the most steps; NULL if none has enough. */
static const char *sweep_key(const struct items *l)
{
	const char *key, *best = NULL;
	size_t n, most = STEPS_LEAST - 1;
	json_t *v;

	if (!l->n)
		return NULL;
	json_object_foreach(l->v[0].params, key, v) {
		n = steps_of(l, key);
		if (n > most) {
			most = n;
			best = key;
		}
	}
	return best;
}

/* What the x axis says of a parameter. */
static const char *axis_name(const char *key)
{
	static const char *const names[][2] = {
		{ "ws", "working set, KiB" }, { "mib", "MiB" },
		{ "spaces", "address spaces" }, { "size", "bytes" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i][0], key))
			return names[i][1];
	return key;
}

/* Is a parameter the same everywhere? */
static bool is_common(const struct items *l, const char *name)
{
	const json_t *v = json_object_get(l->v[0].params, name);
	size_t i;

	for (i = 1; i < l->n; i++)
		if (!json_equal(v, json_object_get(l->v[i].params, name)))
			return false;
	return true;
}

/* Those but @key that are, or that are not: @before, then " page=4 mmu=ept". */
static void write_params(FILE *f, const struct items *l,
			 const struct item *item, const char *key, bool common,
			 const char *before)
{
	const char *name;
	json_t *v;

	json_object_foreach(item->params, name, v) {
		if (!strcmp(name, key) || is_common(l, name) != common)
			continue;
		if (json_is_string(v))
			fprintf(f, "%s %s=%s", before, name,
				json_string_value(v));
		else
			fprintf(f, "%s %s=%" JSON_INTEGER_FORMAT, before, name,
				json_integer_value(v));
		before = "";
	}
}

static bool one_place(const struct items *l)
{
	size_t i;

	for (i = 1; i < l->n; i++)
		if (strcmp(l->v[i].row->id.place, l->v[0].row->id.place))
			return false;
	return true;
}

/*
 * What tells a line from the others: "page=4", the place and the revision. Of
 * a single line its parameters all the same.
 */
static char *line_name(const struct items *l, const struct item *item,
		       const char *key)
{
	bool revisions = false;
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	for (i = 0; i < l->n; i++)
		revisions |= l->v[i].from != item->from;
	if (!one_place(l))
		fprintf(f, " %s", item->row->id.place);
	write_params(f, l, item, key, false, "");
	if (revisions)
		fprintf(f, " %s@%s", item->from->name, item->from->arm);
	if (!ftell(f))
		write_params(f, l, item, key, true, "");
	if (!ftell(f))
		fputs(" all", f);
	return fclose(f) ? NULL : text;
}

/* The benchmark, where it ran if that was no process, and what all share. */
static char *title_of(const struct items *l, const char *key, bool whole)
{
	const struct obs_row *id = &l->v[0].row->id;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f, "%s over %s", id->benchmark, key);
	if (one_place(l) && strcmp(id->place, place_name(PLACE_USER)))
		fprintf(f, ", %s", id->place);
	fprintf(f, ", %s", id->host);
	if (whole && l->n && strcmp(l->v[0].line, l->v[l->n - 1].line))
		write_params(f, l, &l->v[0], key, true, ",");
	return fclose(f) ? NULL : text;
}

/* What the figures are, and what they are not. */
static char *unit_of(const struct items *l)
{
	char *unit = metric_words(&l->v[0].row->id.metric), *text = NULL;
	bool interpreted = false;
	size_t i;

	for (i = 0; i < l->n; i++)
		interpreted |= l->v[i].row->status == RUN_INTERPRETED;
	if (!unit || !interpreted)
		return unit;
	if (asprintf(&text, "%s; interpreted: an emulator's figures, never scored",
		     unit) < 0)
		text = NULL;
	free(unit);
	return text;
}

static int order_item(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int d = strcmp(x->line, y->line);

	return d ? d : (x->x > y->x) - (x->x < y->x);
}

/* Sorted by line, then by x. */
static int arrange(struct items *l, const char *key)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		struct item *item = &l->v[i];

		item->x = json_integer_value(json_object_get(item->params,
							     key));
		item->line = line_name(l, item, key);
		if (!item->line)
			return -ENOMEM;
	}
	qsort(l->v, l->n, sizeof(*l->v), order_item);
	return 0;
}

/* ---- what the knees should be at ---- */

struct marks {
	struct sweep_mark v[MARKS];
	char name[MARKS][48];
	size_t n;
};

static void mark(struct marks *m, const struct fact_list *facts,
		 const char *key, double kib, const char *what)
{
	const struct fact *f = facts_find(facts, key);

	if (!f || f->i <= 0 || m->n == MARKS)
		return;
	snprintf(m->name[m->n], sizeof(m->name[0]), what, f->i);
	m->v[m->n].x = f->i * kib;
	m->v[m->n].name = m->name[m->n];
	m->n++;
}

/* Does a benchmark read so many pages, a line of each? */
static bool reads_pages(const char *benchmark)
{
	return !strncmp(benchmark, "tlb.refill", strlen("tlb.refill")) ||
	       !strncmp(benchmark, "isolation.model.set",
			strlen("isolation.model.set"));
}

/* An emulator looks pages up in tables of its own. */
static bool emulated(const struct obs_row *id)
{
	return !strcmp(id->place, "guest-os") &&
		strstr(id->params, "\"accel\":\"tcg\"");
}

/* A walk loads a line of each 4 KiB: both kinds of memory of it end there. */
static void marks_of(const struct items *l, const char *key, struct marks *m)
{
	const struct obs_set *set = &l->v[l->n - 1].from->set;
	bool pages = !strcmp(key, "pages") &&
		reads_pages(l->v[0].row->id.benchmark);
	const struct fact_list *facts;

	m->n = 0;
	if ((strcmp(key, "ws") && !pages) || !set->nboots ||
	    emulated(&l->v[0].row->id))
		return;
	facts = &set->boot[set->nboots - 1].facts;
	mark(m, facts, "tlb.l1d_4k", pages ? 1 : 4, "L1 dTLB, %lld of 4 KiB");
	mark(m, facts, "tlb.l2_4k", pages ? 1 : 4, "L2 TLB, %lld of 4 KiB");
	if (pages)
		return;
	mark(m, facts, "topo.cache.l1d_kib", LINE_KIB, "L1d, %lld KiB");
	mark(m, facts, "topo.cache.l2_kib", LINE_KIB, "L2, %lld KiB");
}

/* ---- the picture ---- */

static int fill_lines(const struct items *l, struct plot_sweep *p,
		      struct sweep_point *point)
{
	size_t i;

	p->n = 0;
	for (i = 0; i < l->n; i++) {
		const struct summary_row *r = l->v[i].row;

		if (!i || strcmp(l->v[i].line, l->v[i - 1].line)) {
			p->line[p->n].name = l->v[i].line + 1;
			p->line[p->n].point = &point[i];
			p->line[p->n++].n = 0;
		}
		p->line[p->n - 1].n++;
		point[i] = (struct sweep_point) {
			l->v[i].x, r->mid, r->lo, r->hi,
			r->scope == SCOPE_KERNEL ? r->boots : r->runs,
		};
	}
	return 0;
}

static int draw_items(const struct items *l, const char *key)
{
	struct sweep_line *line = calloc(l->n, sizeof(*line));
	struct sweep_point *point = calloc(l->n, sizeof(*point));
	char *unit = unit_of(l), *title = title_of(l, key, true);
	char *name = title_of(l, key, false), *stem = NULL;
	struct marks marks;
	int err = -ENOMEM;

	if (name)
		stem = plot_stem("sweep", name);
	if (line && point && unit && title && stem) {
		struct plot_sweep p = {
			.title = title, .unit = unit, .x = axis_name(key),
			.line = line,
			.of = l->v[0].row->scope == SCOPE_KERNEL ? "boots" :
				"runs",
			.mark = marks.v,
		};

		marks_of(l, key, &marks);
		p.nmarks = marks.n;
		fill_lines(l, &p, point);
		err = plot_said(plot_sweep(&p, stem), stem);
	}
	free(stem);
	free(name);
	free(title);
	free(unit);
	free(point);
	free(line);
	return err;
}

int plot_sweeps(const struct figures_list *list, size_t *drawn)
{
	const struct figures *last = &list->v[list->n - 1];
	size_t i, k;
	int err = 0;

	for (i = 0; i < last->n && !err; i++) {
		struct items l = { 0 };
		const char *key;

		/* The first row of a picture stands for it. */
		for (k = 0; k < i; k++)
			if (same_picture(&last->rows[k].id, &last->rows[i].id))
				break;
		if (k < i)
			continue;
		err = collect(list, &last->rows[i].id, &l);
		key = err ? NULL : sweep_key(&l);
		if (key) {
			err = arrange(&l, key);
			if (!err)
				err = draw_items(&l, key);
			(*drawn)++;
		}
		items_free(&l);
	}
	return err;
}
