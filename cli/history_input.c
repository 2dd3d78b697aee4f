// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench history --input: change points of figures from a file. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/json.h"
#include "cli/history.h"
#include "cli/sides.h"
#include "import/door.h"
#include "lib/msg.h"
#include "lib/stats.h"

/**
 * struct input - a file on its way to verdicts
 * @id:		what each series is called
 * @toolchain:	columns that tell one, @ntoolchain
 */
struct input {
	struct door door;
	const struct door_series **id;
	struct history_series *series;
	struct history_verdict *verdict;
	size_t n;
	size_t toolchain[2];
	size_t ntoolchain;
	double *unit;
};

static void find_toolchain(struct input *in)
{
	size_t f;

	for (f = 0; f < in->door.nfacts && in->ntoolchain < 2; f++)
		if (!strcmp(in->door.fact[f].key, "kernel.toolchain") ||
		    !strcmp(in->door.fact[f].key, "tool.compiler"))
			in->toolchain[in->ntoolchain++] = f;
}

static uint32_t fact_of(const struct door *d, size_t f, uint32_t boot)
{
	return boot < d->room_value[f] ? d->value[f][boot] : UINT32_MAX;
}

/* Were these two boots' kernels made by different tools? Both must tell. */
static bool boundary(const struct input *in, uint32_t a, uint32_t b)
{
	size_t i;

	for (i = 0; i < in->ntoolchain; i++) {
		uint32_t x = fact_of(&in->door, in->toolchain[i], a);
		uint32_t y = fact_of(&in->door, in->toolchain[i], b);

		if (x != UINT32_MAX && y != UINT32_MAX && x != y)
			return true;
	}
	return false;
}

/* Boot means, or the runs of one boot; their mean with its interval. */
static void fill_point(struct input *in, const struct door_row *row, size_t n,
		       bool logs, struct history_point *p)
{
	double sum = 0;
	size_t i, runs = 0, boots = 0;

	for (i = 0; i < n; i++) {
		double v = logs ? log(row[i].value) : row[i].value;

		sum += v;
		runs++;
		if (i + 1 < n && row[i + 1].boot == row[i].boot)
			continue;
		in->unit[boots++] = sum / runs;
		sum = runs = 0;
	}
	if (boots == 1)
		for (i = 0; i < n; i++)
			in->unit[i] = logs ? log(row[i].value) : row[i].value;
	p->units = boots > 1 ? boots : n;
	p->mid = stats_mean(in->unit, p->units);
	if (p->units > 1)
		stats_interval(in->unit, p->units, 0.95, &p->lo, &p->hi);
	else
		p->lo = p->hi = NAN;
	if (logs) {
		p->mid = exp(p->mid);
		p->lo = exp(p->lo);
		p->hi = exp(p->hi);
	}
}

static uint32_t revision_of(const struct door *d, size_t i)
{
	return d->boot[d->row[i].boot].revision;
}

static int fill_series(struct input *in, struct history_series *s,
		       size_t from, size_t to)
{
	const struct door *d = &in->door;
	enum nature nature = d->series[d->row[from].series].nature;
	bool logs = nature == NATURE_REPLICATED;
	size_t i, end, n = 0;

	for (i = from; i < to; i++) {
		logs = logs && d->row[i].value > 0;
		n += i == from || revision_of(d, i) != revision_of(d, i - 1);
	}
	*s = (struct history_series){
		.nature = nature, .scale = logs ? SCALE_LOG : SCALE_LINEAR };
	s->point = calloc(n, sizeof(*s->point));
	if (!s->point)
		return -ENOMEM;
	for (i = from; i < to; i = end) {
		struct history_point *p = &s->point[s->n++];

		for (end = i + 1; end < to &&
		     revision_of(d, end) == revision_of(d, i); end++)
			;
		fill_point(in, &d->row[i], end - i, logs, p);
		p->revision = d->revision[revision_of(d, i)].name;
		p->boundary = i > from &&
			boundary(in, d->row[i - 1].boot, d->row[i].boot);
	}
	return 0;
}

static int make_series(struct input *in, char *const *glob)
{
	const struct door *d = &in->door;
	size_t i, end;
	int err = 0;

	in->id = calloc(d->nseries + 1, sizeof(*in->id));
	in->series = calloc(d->nseries + 1, sizeof(*in->series));
	in->verdict = calloc(d->nseries + 1, sizeof(*in->verdict));
	in->unit = malloc((d->n + 1) * sizeof(*in->unit));
	if (!in->id || !in->series || !in->verdict || !in->unit)
		return -ENOMEM;
	find_toolchain(in);
	for (i = 0; i < d->n && !err; i = end) {
		const struct door_series *id = &d->series[d->row[i].series];

		for (end = i + 1; end < d->n &&
		     d->row[end].series == d->row[i].series; end++)
			;
		if (!history_wanted(id->name, glob))
			continue;
		in->id[in->n] = id;
		err = fill_series(in, &in->series[in->n++], i, end);
	}
	return err;
}

/* ---- printing ---- */

static int print_text(const struct input *in)
{
	size_t i, changed = 0, judged = 0;

	for (i = 0; i < in->n; i++) {
		const struct history_verdict *v = &in->verdict[i];
		char *name, *host;

		changed += v->nchanges > 0;
		judged += v->method != HISTORY_NONE;
		if (in->n > 1 && !v->nchanges && !v->creep_n)
			continue;
		name = text_dup(in->id[i]->name, false);
		host = text_dup(in->id[i]->host, false);
		printf("%s%s%s\n", name ? name : "?", host && *host ? " on " :
		       "", host ? host : "");
		free(name);
		free(host);
		history_lines(&in->series[i], v, stdout);
	}
	if (in->n == 1)
		return 0;
	printf("%zu of %zu series changed", changed, in->n);
	if (judged < in->n)
		printf("; %zu could not be judged", in->n - judged);
	putchar('\n');
	return 0;
}

static void csv_row(const struct input *in, size_t i,
		    const struct history_change *c)
{
	static const struct history_change none = {
		0, 0, 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
	const struct history_point *p = in->series[i].point;

	csv_line(stdout, (const char *const []) {
		in->id[i]->name, in->id[i]->host,
		c ? p[c->index].revision : "", c ? p[c->first].revision : "",
		c ? p[c->last].revision : "" }, 5, (const double []) {
		in->series[i].n, in->verdict[i].p, in->verdict[i].p_adj,
		c ? c->index : NAN, (c ? c : &none)->from, (c ? c : &none)->to,
		(c ? c : &none)->ratio, (c ? c : &none)->lo,
		(c ? c : &none)->hi, (c ? c : &none)->p,
		(c ? c : &none)->p_adj }, 11);
}

static int print_csv(const struct input *in)
{
	size_t i, k;

	puts("series,host,revision,first,last,n,p,p_adj,index,from,to,ratio,lo,hi,change_p,change_p_adj");
	for (i = 0; i < in->n; i++) {
		for (k = 0; k < in->verdict[i].nchanges; k++)
			csv_row(in, i, &in->verdict[i].change[k]);
		if (!k)
			csv_row(in, i, NULL);
	}
	return 0;
}

static int print_json(const struct input *in)
{
	json_t *list = json_array(), *row;
	size_t i;

	for (i = 0; i < in->n; i++) {
		row = json_pack("{so so so ss}",
			"series", json_text(in->id[i]->name),
			"host", json_known(in->id[i]->host),
			"unit", json_known(in->id[i]->unit),
			"better", better_name(in->id[i]->better));
		history_members(row, &in->series[i], &in->verdict[i]);
		json_array_append_new(list, row);
	}
	return json_print(json_pack("{so}", "series", list), stdout);
}

static void input_free(struct input *in)
{
	size_t i;

	history_verdicts_free(in->verdict, in->verdict ? in->n : 0);
	for (i = 0; in->series && i < in->n; i++)
		free(in->series[i].point);
	free(in->verdict);
	free(in->series);
	free(in->id);
	free(in->unit);
	door_free(&in->door);
}

int history_input(const char *path, char *const *glob, uint64_t seed,
		  enum format format)
{
	static int (*const print[])(const struct input *) = {
		[FORMAT_TEXT] = print_text,
		[FORMAT_JSON] = print_json,
		[FORMAT_CSV] = print_csv,
	};
	struct input in = { .n = 0 };
	int err, status = EXIT_USAGE;

	if (door_read(path, &in.door))
		return EXIT_USAGE;
	err = door_sort(&in.door);
	if (!err) {
		door_runs(&in.door);
		err = make_series(&in, glob);
	}
	if (!err && !in.n)
		pr_err("%s: no series of that name: %s", in.door.path, *glob);
	else if (!err)
		err = history_judge(in.series, in.n, HISTORY_Q, seed,
				    in.verdict);
	if (err == -ENOMEM)
		pr_err("out of memory");
	else if (err)
		pr_err("%s: a series is too long", in.door.path);
	else if (in.n)
		status = output_status(print[format](&in));
	input_free(&in);
	return status;
}
