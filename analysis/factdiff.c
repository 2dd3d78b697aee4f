// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/factdiff.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REAL_TOLERANCE	0.01

/* One boot's value of a fact. */
struct fact_ref {
	const char *host;
	const struct fact *f;
	int side;
};

/* Stands for a boot itself, so that one without any fact is seen. */
static const struct fact presence = { .class = FACT_WITNESS };

struct refs {
	struct fact_ref *v;
	size_t n;
};

static int order_value(const struct fact *a, const struct fact *b)
{
	if (a->type != b->type)
		return a->type > b->type ? 1 : -1;
	switch (a->type) {
	case FACT_INT:
		return (a->i > b->i) - (a->i < b->i);
	case FACT_REAL:
		if (isnan(a->r) || isnan(b->r))
			return !!isnan(b->r) - !!isnan(a->r);
		return (a->r > b->r) - (a->r < b->r);
	case FACT_TEXT:
		break;
	}
	return strcmp(a->text, b->text);
}

static int order_ref(const void *a, const void *b)
{
	const struct fact_ref *x = a, *y = b;
	int c;

	if ((c = strcmp(x->host, y->host)) ||
	    (c = strcmp(x->f->key, y->f->key)))
		return c;
	if (x->side != y->side)
		return x->side - y->side;
	return order_value(x->f, y->f);
}

static const char *host_of(const struct obs_boot *b)
{
	return b->host ? b->host : "";
}

/* Facts of the boots that have figures. */
static int collect_set(struct refs *r, const struct obs_set *set, int side)
{
	char *used = calloc(set->nboots + 1, 1);
	struct fact_ref *v;
	size_t i, k, n = 0;

	if (!used)
		return -ENOMEM;
	for (i = 0; i < set->n; i++)
		if (set->v[i].boot >= 0 &&
		    (size_t)set->v[i].boot < set->nboots)
			used[set->v[i].boot] = 1;
	for (i = 0; i < set->nboots; i++)
		n += used[i] ? set->boot[i].facts.n + 1 : 0;
	v = realloc(r->v, (r->n + n + 1) * sizeof(*v));
	if (!v) {
		free(used);
		return -ENOMEM;
	}
	r->v = v;
	for (i = 0; i < set->nboots; i++) {
		const struct obs_boot *b = &set->boot[i];

		if (!used[i])
			continue;
		v[r->n++] = (struct fact_ref){ host_of(b), &presence, side };
		for (k = 0; k < b->facts.n; k++)
			v[r->n++] = (struct fact_ref){ host_of(b),
						       &b->facts.v[k], side };
	}
	free(used);
	return 0;
}

static double number(const struct fact *f)
{
	return f->type == FACT_INT ? f->i : f->r;
}

/* Do @n values of one fact differ? */
static bool differ(const struct fact_ref *v, size_t n)
{
	double lo = INFINITY, hi = -INFINITY;
	bool same = true, strict = false, real = false;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct fact *f = v[i].f;

		same = same && !order_value(v[0].f, f);
		real = real || f->type == FACT_REAL;
		if (f->type == FACT_TEXT || isnan(number(f))) {
			strict = true;
			continue;
		}
		lo = fmin(lo, number(f));
		hi = fmax(hi, number(f));
	}
	if (same || strict || !real)
		return !same;
	return !(hi - lo <= REAL_TOLERANCE * fmax(fabs(lo), fabs(hi)));
}

/* The distinct values of one side, "absent" without any. */
static void list_values(char *buf, size_t size, const struct fact_ref *v,
			size_t n)
{
	char one[FACT_TEXT_MAX];
	size_t i, len = 0;

	if (!n)
		snprintf(buf, size, "absent");
	for (i = 0; i < n && len < size; i++) {
		if (i && !order_value(v[i - 1].f, v[i].f))
			continue;
		len += snprintf(buf + len, size - len, "%s%s", i ? ", " : "",
				fact_format(v[i].f, one, sizeof(one)));
	}
	if (len >= size)
		strcpy(buf + size - 4, "...");
}

static int allowed(const struct compare_opts *opts, const char *key)
{
	size_t i, len;

	for (i = 0; i < opts->nallow; i++) {
		const char *a = opts->allow[i];

		len = strlen(a);
		if (len && a[len - 1] == '*' ? !strncmp(a, key, len - 1) :
		    !strcmp(a, key))
			return 1;
	}
	return 0;
}

/*
 * One fact of one host: @v holds @n values, those of base first, of which
 * there are @nbase. True if @d was filled.
 */
static bool diff_one(struct compare_diff *d, const struct fact_ref *v,
		     size_t nbase, size_t n, const struct compare_opts *opts)
{
	bool absent = !nbase || nbase == n;
	size_t i;

	memset(d, 0, sizeof(*d));
	d->class = FACT_WITNESS;
	d->publish = 1;
	for (i = 0; i < n; i++) {
		if (v[i].f->class < d->class)
			d->class = v[i].f->class;
		d->publish &= !!v[i].f->publish;
	}
	if (d->class == FACT_WITNESS || !(absent || differ(v, n)))
		return false;
	if (absent && d->class == FACT_ENVIRONMENT && !differ(v, n))
		d->class = FACT_IDENTITY;
	snprintf(d->key, sizeof(d->key), "%s", v->f->key);
	snprintf(d->host, sizeof(d->host), "%s", v->host);
	d->allowed = d->class != FACT_ENVIRONMENT || allowed(opts, d->key);
	list_values(d->base, sizeof(d->base), v, nbase);
	list_values(d->now, sizeof(d->now), v + nbase, n - nbase);
	return true;
}

static int order_diff(const void *a, const void *b)
{
	const struct compare_diff *x = a, *y = b;
	int c;

	if (x->class != y->class)
		return x->class > y->class ? 1 : -1;
	if (x->allowed != y->allowed)
		return x->allowed - y->allowed;
	c = strcmp(x->host, y->host);
	return c ? c : strcmp(x->key, y->key);
}

/* Hosts whose boots stand on one side only have nothing to be compared. */
static bool both_sides(const struct fact_ref *v, size_t n)
{
	bool side[2] = { false, false };
	size_t i;

	for (i = 0; i < n; i++)
		side[v[i].side] = true;
	return side[0] && side[1];
}

static void diff_host(struct comparison *out, const struct fact_ref *v,
		      size_t n, const struct compare_opts *opts)
{
	size_t i, end, base;

	if (!both_sides(v, n))
		return;
	for (i = 0; i < n; i = end) {
		base = 0;
		for (end = i; end < n &&
		     !strcmp(v[end].f->key, v[i].f->key); end++)
			base += !v[end].side;
		if (diff_one(&out->diff[out->ndiffs], v + i, base, end - i,
			     opts))
			out->ndiffs++;
	}
}

static void say_refusal(struct comparison *out)
{
	const struct compare_diff *d = out->diff;
	char values[116] = "", more[32] = "";
	size_t n = 0;

	while (n < out->ndiffs && d[n].class == FACT_ENVIRONMENT &&
	       !d[n].allowed)
		n++;
	if (!n)
		return;
	out->refused = true;
	if (d->publish)
		snprintf(values, sizeof(values), " (%.48s against %.48s)",
			 d->base, d->now);
	if (n > 1)
		snprintf(more, sizeof(more), " and %zu more", n - 1);
	snprintf(out->refusal, sizeof(out->refusal),
		 "environment differs: %.63s%s%s", d->key, values,
		 more);
}

int factdiff(const struct obs_set *base, const struct obs_set *now,
	     const struct compare_opts *opts, struct comparison *out)
{
	struct refs r = { NULL, 0 };
	size_t i, end, n = 0;
	int err;

	err = collect_set(&r, base, 0);
	if (!err)
		err = collect_set(&r, now, 1);
	if (err)
		goto free_refs;
	qsort(r.v, r.n, sizeof(*r.v), order_ref);
	for (i = 0; i < r.n; i++)
		n += !i || strcmp(r.v[i].f->key, r.v[i - 1].f->key) ||
			strcmp(r.v[i].host, r.v[i - 1].host);
	out->diff = calloc(n + 1, sizeof(*out->diff));
	if (!out->diff) {
		err = -ENOMEM;
		goto free_refs;
	}
	for (i = 0; i < r.n; i = end) {
		for (end = i; end < r.n &&
		     !strcmp(r.v[end].host, r.v[i].host); end++)
			;
		diff_host(out, r.v + i, end - i, opts);
	}
	if (out->ndiffs)
		qsort(out->diff, out->ndiffs, sizeof(*out->diff), order_diff);
	say_refusal(out);
free_refs:
	free(r.v);
	return err;
}
