// SPDX-License-Identifier: GPL-2.0-or-later
/* What came through the door, as analysis takes it. */
#include <errno.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/door.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "lib/stats.h"

/**
 * struct sortable - a row with what it is sorted by
 */
struct sortable {
	uint64_t key;		/* series, revision */
	struct door_row row;
	uint32_t at;
};

static int order(const void *a, const void *b)
{
	const struct sortable *x = a, *y = b;

	if (x->key != y->key)
		return x->key > y->key ? 1 : -1;
	if (x->row.boot != y->row.boot)
		return x->row.boot > y->row.boot ? 1 : -1;
	if (x->row.run != y->row.run)
		return x->row.run > y->row.run ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

static int in_order(const struct door *d)
{
	size_t i;

	for (i = 1; i < d->n; i++) {
		const struct door_row *a = &d->row[i - 1], *b = &d->row[i];
		uint32_t ra = d->boot[a->boot].revision;
		uint32_t rb = d->boot[b->boot].revision;

		if (a->series != b->series ? a->series > b->series :
		    ra != rb ? ra > rb :
		    a->boot != b->boot ? a->boot > b->boot : a->run > b->run)
			return 0;
	}
	return 1;
}

int door_sort(struct door *d)
{
	struct sortable *p;
	size_t i;

	if (in_order(d))
		return 0;
	p = malloc(d->n * sizeof(*p));
	if (!p)
		return -ENOMEM;
	for (i = 0; i < d->n; i++) {
		const struct door_row *r = &d->row[i];

		p[i] = (struct sortable){ (uint64_t)r->series << 32 |
				       d->boot[r->boot].revision, *r, i };
	}
	qsort(p, d->n, sizeof(*p), order);
	for (i = 0; i < d->n; i++)
		d->row[i] = p[i].row;
	free(p);
	return 0;
}

static int same_run(const struct door_row *a, const struct door_row *b)
{
	return a->series == b->series && a->boot == b->boot &&
		a->run == b->run;
}

/* The median of @n rows of a run. */
static double median(const struct door_row *row, size_t n)
{
	double *v, m;
	size_t i;

	if (n == 1)
		return row->value;
	v = malloc(n * sizeof(*v));
	if (!v)
		return row->value;
	for (i = 0; i < n; i++)
		v[i] = row[i].value;
	m = stats_median(v, n);
	free(v);
	return m;
}

void door_runs(struct door *d)
{
	size_t i, end, n = 0;

	for (i = 0; i < d->n; i = end) {
		struct door_row one = d->row[i];

		for (end = i + 1; end < d->n &&
		     same_run(&d->row[i], &d->row[end]); end++)
			;
		one.value = median(&d->row[i], end - i);
		d->row[n++] = one;
	}
	d->n = n;
}

static void add_fact(struct fact_list *facts, const char *key,
		     enum fact_class class, const char *text)
{
	int64_t i;
	double r;

	if (!num_s64(text, INT64_MIN, INT64_MAX, &i))
		facts_int(facts, key, class, 1, i);
	else if (!num_real(text, -DBL_MAX, DBL_MAX, &r))
		facts_real(facts, key, class, 1, r);
	else
		facts_text(facts, key, class, 1, text);
}

void door_facts(const struct door *d, uint32_t boot, struct fact_list *facts)
{
	size_t f;

	for (f = 0; f < d->nfacts; f++)
		if (boot < d->room_value[f] &&
		    d->value[f][boot] != UINT32_MAX)
			add_fact(facts, d->fact[f].key, d->fact[f].class,
				 d->text.v[d->value[f][boot]]);
	facts_sort(facts);
}

static int find_revision(const struct door *d, const char *name,
			 uint32_t *out)
{
	char list[512] = "";
	size_t i, len = 0;

	for (i = 0; i < d->nrevisions; i++) {
		if (!strcmp(d->revision[i].name, name)) {
			*out = i;
			return 0;
		}
	}
	for (i = d->nrevisions; i-- > 0 && d->nrevisions - i <= 12 &&
	     len < sizeof(list); )
		len += snprintf(list + len, sizeof(list) - len, " %s",
				d->revision[i].name);
	pr_err("%s: there is no revision '%s'; the latest are:%s", d->path,
	       name, list);
	return -ENOENT;
}

/* Boots and series of a side get numbers of their own. */
struct numbering {
	uint32_t *boot;
	uint32_t *series;
};

static int add_boots(const struct door *d, uint32_t revision,
		     struct obs_set *set, struct numbering *n)
{
	size_t i;

	for (i = 0; i < d->nboots; i++)
		set->nboots += d->boot[i].revision == revision;
	set->boot = calloc(set->nboots + 1, sizeof(*set->boot));
	if (!set->boot)
		return -ENOMEM;
	set->nboots = 0;
	for (i = 0; i < d->nboots; i++) {
		struct obs_boot *b = &set->boot[set->nboots];

		if (d->boot[i].revision != revision)
			continue;
		n->boot[i] = set->nboots++;
		b->host = d->boot[i].host;
		b->release = b->build_id = "";
		b->state = STATE_UNVERIFIED;
		b->evidence = "figures from a file";
		door_facts(d, i, &b->facts);
		if (b->facts.err)
			return b->facts.err;
	}
	return 0;
}

static void add_row(struct obs_set *set, const struct door_series *s)
{
	set->row[set->nrows++] = (struct obs_row){
		.benchmark = s->name, .params = "{}", .place = "",
		.profile = "", .host = s->host,
		.metric = { "value", s->unit, s->better, SCALE_LOG,
			    s->nature, 1 },
	};
}

static int add_figures(const struct door *d, uint32_t revision,
		       struct obs_set *set, struct numbering *num)
{
	size_t i, n = 0;

	for (i = 0; i < d->n; i++)
		n += d->boot[d->row[i].boot].revision == revision;
	set->v = calloc(n + 1, sizeof(*set->v));
	set->row = calloc(d->nseries + 1, sizeof(*set->row));
	if (!set->v || !set->row)
		return -ENOMEM;
	for (i = 0; i < d->n; i++) {
		const struct door_row *r = &d->row[i];

		if (d->boot[r->boot].revision != revision)
			continue;
		if (num->series[r->series] == UINT32_MAX) {
			num->series[r->series] = set->nrows;
			add_row(set, &d->series[r->series]);
		}
		set->v[set->n] = (struct obs){
			.boot = num->boot[r->boot],
			.row = num->series[r->series], .value = r->value,
			.n = 1, .status = RUN_OK, .order = set->n,
		};
		set->n++;
	}
	return 0;
}

int door_set(const struct door *d, const char *revision, struct obs_set *set)
{
	struct numbering num;
	uint32_t id;
	int err;

	memset(set, 0, sizeof(*set));
	err = find_revision(d, revision, &id);
	if (err)
		return err;
	set->name = set->revision = d->revision[id].name;
	set->series = strrchr(d->path, '/') ? strrchr(d->path, '/') + 1 :
		d->path;
	set->arm = set->commit = set->tree = "";
	set->dirty = d->revision[id].dirty;
	num.boot = calloc(d->nboots + 1, sizeof(*num.boot));
	num.series = malloc((d->nseries + 1) * sizeof(*num.series));
	err = num.boot && num.series ? 0 : -ENOMEM;
	if (!err) {
		memset(num.series, 0xff, d->nseries * sizeof(*num.series));
		err = add_boots(d, id, set, &num);
	}
	if (!err)
		err = add_figures(d, id, set, &num);
	free(num.boot);
	free(num.series);
	if (err)
		obs_set_free(set);
	return err;
}
