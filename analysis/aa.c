// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/aa.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/match.h"
#include "lib/stats.h"

#define LEVEL	0.95

static bool is(const struct aa_obs *o, enum verdict v)
{
	return !strcmp(o->verdict, verdict_name(v));
}

static bool is_called(const struct aa_obs *o)
{
	return is(o, VERDICT_REGRESSED) || is(o, VERDICT_IMPROVED);
}

/* Figures that are compared for equality have no p. */
static bool is_alarm(const struct aa_obs *o, double nominal)
{
	return isnan(o->p) ? !is(o, VERDICT_EQUIVALENT) : o->p <= nominal;
}

static int row_cmp(const void *a, const void *b)
{
	const struct aa_obs *x = *(const struct aa_obs *const *)a;
	const struct aa_obs *y = *(const struct aa_obs *const *)b;

	return match_order(&x->id, &y->id);
}

/* By host, then by comparison. */
static int pair_cmp(const void *a, const void *b)
{
	const struct aa_obs *x = *(const struct aa_obs *const *)a;
	const struct aa_obs *y = *(const struct aa_obs *const *)b;
	int d = strcmp(x->id.host, y->id.host);

	return d ? d : (x->pair > y->pair) - (x->pair < y->pair);
}

static void count_row(struct aa_rate *r, const struct aa_obs *o,
		      double nominal)
{
	double change = fabs(o->ratio - 1);

	if (is(o, VERDICT_UNCHECKED)) {
		r->unjudged++;
		return;
	}
	r->tests++;
	r->alarms += is_alarm(o, nominal);
	r->called += is_called(o);
	if (change > r->largest)
		r->largest = change;
}

static void count_rows(const struct aa_obs *const *v, size_t n,
		       struct aa_rates *out)
{
	struct aa_rate *r = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!i || row_cmp(&v[i - 1], &v[i])) {
			r = &out->row[out->nrows++];
			r->id = &v[i]->id;
		}
		count_row(r, v[i], out->nominal);
	}
	for (i = 0; i < out->nrows; i++) {
		r = &out->row[i];
		stats_binomial_interval(r->alarms, r->tests, LEVEL, &r->lo,
					&r->hi);
		r->quarantined = r->lo > out->nominal;
	}
}

/* One comparison: @n rows that stand together. */
static void count_pair(struct aa_host *h, const struct aa_obs *const *v,
		       size_t n, double nominal)
{
	bool judged = false, called = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!v[i]->id.metric.primary ||
		    is(v[i], VERDICT_UNCHECKED))
			continue;
		judged = true;
		called |= is_called(v[i]);
		h->tests++;
		h->alarms += is_alarm(v[i], nominal);
	}
	h->pairs += judged;
	h->alarmed += called;
}

static void count_hosts(const struct aa_obs *const *v, size_t n,
			struct aa_rates *out)
{
	struct aa_host *h = NULL;
	size_t i, end, k;

	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && !pair_cmp(&v[i], &v[end]); end++)
			;
		if (!h || strcmp(h->host, v[i]->id.host)) {
			h = &out->host[out->nhosts++];
			h->host = v[i]->id.host;
		}
		count_pair(h, v + i, end - i, out->nominal);
	}
	for (i = 0; i < out->nhosts; i++) {
		h = &out->host[i];
		stats_binomial_interval(h->alarmed, h->pairs, LEVEL, &h->lo,
					&h->hi);
		for (k = 0; k < out->nrows; k++)
			h->quarantined += out->row[k].quarantined &&
				!strcmp(out->row[k].id->host, h->host);
	}
}

int aa_rates(const struct aa_set *set, double nominal, struct aa_rates *out)
{
	const struct aa_obs **v = calloc(set->n + 1, sizeof(*v));
	size_t i;

	memset(out, 0, sizeof(*out));
	out->nominal = nominal;
	out->row = calloc(set->n + 1, sizeof(*out->row));
	out->host = calloc(set->n + 1, sizeof(*out->host));
	if (!v || !out->row || !out->host) {
		free(v);
		aa_rates_free(out);
		return -ENOMEM;
	}
	for (i = 0; i < set->n; i++)
		v[i] = &set->v[i];
	qsort(v, set->n, sizeof(*v), row_cmp);
	count_rows(v, set->n, out);
	qsort(v, set->n, sizeof(*v), pair_cmp);
	count_hosts(v, set->n, out);
	free(v);
	return 0;
}

void aa_rates_free(struct aa_rates *rates)
{
	free(rates->row);
	free(rates->host);
	memset(rates, 0, sizeof(*rates));
}

const struct aa_rate *aa_find(const struct aa_rates *rates,
			      const struct obs_row *id)
{
	size_t lo = 0, hi = rates->nrows, mid;
	int d;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		d = match_order(id, rates->row[mid].id);
		if (!d)
			return &rates->row[mid];
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

const struct aa_host *aa_find_host(const struct aa_rates *rates,
				   const char *host)
{
	size_t i;

	for (i = 0; i < rates->nhosts; i++)
		if (!strcmp(rates->host[i].host, host))
			return &rates->host[i];
	return NULL;
}

void aa_mark(const struct aa_rates *rates, struct comparison *c)
{
	const struct aa_rate *r;
	size_t i;

	for (i = 0; i < c->nrows; i++) {
		r = aa_find(rates, &c->row[i].id);
		if (r && r->quarantined)
			c->row[i].flags |= ROW_QUARANTINED;
	}
}
