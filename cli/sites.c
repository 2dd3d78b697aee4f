// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench sites: where a kernel leaves its isolation, and what is new. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/json.h"
#include "cli/sides.h"
#include "lib/msg.h"
#include "listing/sites.h"

/**
 * struct pair - a site in one listing or in two
 * @at:		its place in each, NULL: not there
 */
struct pair {
	const char *name;
	const struct site *at[2];
};

struct pairs {
	struct pair *v;
	size_t n;
	int files;
	struct sites s[2];
};

static int order_name(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->name,
		      ((const struct pair *)b)->name);
}

static uint64_t count_of(const struct site *s)
{
	return s ? s->count : 0;
}

/* By the newest listing, then by the older one. */
static int order_count(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int i;

	for (i = 1; i >= 0; i--)
		if (count_of(x->at[i]) != count_of(y->at[i]))
			return count_of(x->at[i]) < count_of(y->at[i]) ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int pair_up(struct pairs *p)
{
	size_t i, n = 0;
	int k;

	p->v = calloc(p->s[0].n + p->s[1].n + 1, sizeof(*p->v));
	if (!p->v)
		return -ENOMEM;
	for (k = 0; k < p->files; k++)
		for (i = 0; i < p->s[k].n; i++) {
			p->v[p->n].name = p->s[k].v[i].name;
			p->v[p->n++].at[k] = &p->s[k].v[i];
		}
	qsort(p->v, p->n, sizeof(*p->v), order_name);
	for (i = 0; i < p->n; i++) {
		if (n && !strcmp(p->v[n - 1].name, p->v[i].name))
			p->v[n - 1].at[1] = p->v[i].at[1];
		else
			p->v[n++] = p->v[i];
	}
	p->n = n;
	qsort(p->v, p->n, sizeof(*p->v), order_count);
	return 0;
}

static const char *verdict(const struct pairs *p, const struct pair *v)
{
	if (p->files < 2)
		return "";
	return !v->at[0] ? "new" : !v->at[1] ? "gone" : "";
}

static double share(const struct pairs *p, const struct pair *v, int k)
{
	return p->s[k].counted ?
		count_of(v->at[k]) / (double)p->s[k].counted : 0;
}

static void row_text(struct table *t, const struct pairs *p,
		     const struct pair *v)
{
	char number[2][24], part[2][24], change[32];
	const char *cells[7];
	int k, n = 0;

	cells[n++] = v->name;
	for (k = 0; k < p->files; k++) {
		snprintf(number[k], sizeof(number[k]), "%llu",
			 (unsigned long long)count_of(v->at[k]));
		snprintf(part[k], sizeof(part[k]), "%.2f", 100 * share(p, v, k));
		cells[n++] = v->at[k] ? number[k] : NULL;
		cells[n++] = v->at[k] ? part[k] : NULL;
	}
	if (p->files > 1) {
		cells[n++] = v->at[0] && v->at[1] && v->at[0]->count ?
			fmt_change(change, sizeof(change),
				   v->at[1]->count / (double)v->at[0]->count) :
			NULL;
		cells[n++] = verdict(p, v);
	}
	table_row(t, cells);
}

static void remarks(const struct sites *s, const char *name)
{
	printf("%s: %llu isolation exits at %zu sites", name,
	       (unsigned long long)s->counted, s->n);
	if (s->total)
		printf("; the tracer counted %llu",
		       (unsigned long long)s->total);
	if (s->lost)
		printf("; %llu events were lost", (unsigned long long)s->lost);
	if (s->full)
		printf("; its map was full: sites are missing");
	putchar('\n');
}

static int print_text(const struct pairs *p, char *const *name, size_t top)
{
	static const char *const one[] = { "site", "exits", "%", NULL };
	static const char *const two[] = {
		"site", "base", "%", "new", "%", "change", "", NULL
	};
	struct table *t = p->files > 1 ? table_new(two, "lrrrrrl") :
		table_new(one, "lrr");
	size_t i, shown = p->n < top ? p->n : top;
	int k;

	for (i = 0; i < shown; i++)
		row_text(t, p, &p->v[i]);
	/* What appeared or went away is shown however rare it is. */
	for (; i < p->n && p->files > 1; i++)
		if (*verdict(p, &p->v[i])) {
			row_text(t, p, &p->v[i]);
			shown++;
		}
	table_print(t, stdout);
	table_free(t);
	putchar('\n');
	if (shown < p->n)
		printf("%zu more sites: --top %zu shows them\n",
		       p->n - shown, p->n);
	for (k = 0; k < p->files; k++)
		remarks(&p->s[k], name[k]);
	return stream_end(stdout);
}

static json_t *json_count(const struct site *s)
{
	return s ? json_integer(s->count) : json_null();
}

static int print_json(const struct pairs *p, char *const *name, size_t top)
{
	static const char *const keys[] = { "base", "new" };
	json_t *rows = json_array(), *files = json_array();
	size_t i;
	int k;

	for (k = 0; k < p->files; k++)
		json_array_append_new(files, json_pack(
			"{s:o, s:I, s:o, s:I, s:b}", "file", json_text(name[k]),
			"exits", (json_int_t)p->s[k].counted, "total",
			p->s[k].total ? json_integer(p->s[k].total) :
			json_null(), "lost", (json_int_t)p->s[k].lost,
			"map_full", p->s[k].full));
	for (i = 0; i < p->n; i++) {
		json_t *o = json_pack("{s:o}", "site",
				      json_text(p->v[i].name));

		for (k = 0; k < p->files; k++)
			json_object_set_new(o, keys[p->files > 1 ? k : 1],
					    json_count(p->v[i].at[k]));
		json_array_append_new(rows, o);
	}
	return json_print(json_pack("{s:o, s:o}", "files", files, "sites",
				    rows), stdout);
}

static int print_csv(const struct pairs *p, char *const *name, size_t top)
{
	size_t i;
	int k;

	puts(p->files > 1 ? "site,base,new" : "site,new");
	for (i = 0; i < p->n; i++) {
		csv_field(stdout, p->v[i].name);
		for (k = 0; k < p->files; k++) {
			putchar(',');
			if (p->v[i].at[k])
				printf("%llu", (unsigned long long)
				       p->v[i].at[k]->count);
		}
		putchar('\n');
	}
	return stream_end(stdout);
}

int cmd_sites(int argc, char **argv)
{
	static int (*const print[])(const struct pairs *, char *const *,
				    size_t) = {
		[FORMAT_TEXT] = print_text,
		[FORMAT_JSON] = print_json,
		[FORMAT_CSV] = print_csv,
	};
	enum format format = FORMAT_TEXT;
	uint64_t top = 20;
	const struct opt opts[] = {
		{ "top", OPT_U64, &top, "N", "sites shown (default 20)", 1,
		  1e6 },
		{ "format", OPT_FORMAT, &format, "FORMAT",
		  "text, json or csv" },
		{ 0 }
	};
	struct pairs p = { 0 };
	int first, status, err = 0, k;

	if (opts_parse(argc, argv, opts,
		       "  asibench sites bpftrace.log\n"
		       "  asibench sites v2.log v3.log\n", &first, &status))
		return status;
	p.files = argc - first;
	if (p.files < 1 || p.files > 2) {
		pr_err("want a listing of isolation exits, or two to compare");
		return EXIT_USAGE;
	}
	for (k = 0; k < p.files && !err; k++)
		err = sites_read(&p.s[k], argv[first + k]);
	if (!err)
		err = pair_up(&p);
	if (!err)
		err = print[format](&p, argv + first, top);
	free(p.v);
	for (k = 0; k < 2; k++)
		sites_free(&p.s[k]);
	return err == -EBADMSG ? EXIT_USAGE : output_status(err);
}
