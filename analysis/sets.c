// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/sets.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/stats.h"

/**
 * struct summing - a set on a host, while it is summed up
 * @member:	indices of its rows, @n of them, all of one scope
 * @out:	rows of the set that cannot be members: not judged, or judged
 *		within a boot where others are judged over boots
 * @cost:	members differ in what is better
 * @mean, @count: per boot of a side, @boots of them
 */
struct summing {
	const struct match *m;
	const struct comparison *c;
	const struct estimate *e;
	size_t *member;
	size_t n;
	size_t out;
	bool cost;
	double *mean;
	size_t *count;
};

static const char *host_of(const struct compare_row *r)
{
	return r->id.host ? r->id.host : "";
}

static bool is_in(const struct compare_row *r, const char *glob,
		  const char *host)
{
	return r->id.metric.primary && !strcmp(host_of(r), host) &&
		!fnmatch(glob, r->id.benchmark, 0);
}

static void gather(struct summing *s, const char *glob, const char *host)
{
	enum compare_scope scope = SCOPE_BOOT;
	size_t i, all = 0;

	s->n = s->out = 0;
	for (i = 0; i < s->c->nrows; i++) {
		const struct compare_row *r = &s->c->row[i];

		if (!is_in(r, glob, host))
			continue;
		all++;
		if (s->e[i].kind != ESTIMATE_T || !s->e[i].log)
			continue;
		if (s->n && r->scope < scope)
			continue;
		if (r->scope > scope)
			s->n = 0;
		scope = r->scope;
		s->member[s->n++] = i;
	}
	s->out = all - s->n;
	s->cost = false;
	for (i = 1; i < s->n; i++)
		s->cost |= s->c->row[s->member[i]].id.metric.better !=
			s->c->row[s->member[0]].id.metric.better;
}

/* Sign of a member's log in the mean. */
static double sign_of(const struct summing *s, size_t i)
{
	return s->cost && s->c->row[i].id.metric.better == BETTER_HIGHER ?
		-1 : 1;
}

/* Means over the members, of boots that have all; moved to the front. */
static size_t boot_means(const struct summing *s, int side)
{
	const size_t boots = s->m->set[side]->nboots;
	size_t i, k, n = 0;

	memset(s->mean, 0, boots * sizeof(*s->mean));
	memset(s->count, 0, boots * sizeof(*s->count));
	for (i = 0; i < s->n; i++) {
		const struct match_side *row =
			&s->m->row[s->member[i]].side[side];

		for (k = 0; k < row->boots; k++) {
			int boot = row->group[k].boot;

			s->mean[boot] += sign_of(s, s->member[i]) *
				s->m->unit[row->first + k];
			s->count[boot]++;
		}
	}
	for (k = 0; k < boots; k++)
		if (s->count[k] == s->n)
			s->mean[n++] = s->mean[k] / s->n;
	return n;
}

static bool over_boots(const struct summing *s, struct compare_row *r,
		       struct estimate *e)
{
	struct stats_welch w;
	double mean[2];
	size_t n[2];
	int side;

	for (side = 0; side < 2; side++) {
		n[side] = boot_means(s, side);
		mean[side] = stats_mean(s->mean, n[side]);
		*(side ? &e->vb : &e->va) = stats_var(s->mean, n[side]);
	}
	r->n_base = n[0];
	r->n_new = n[1];
	w = stats_welch(mean[0], e->va, n[0], mean[1], e->vb, n[1]);
	e->theta = w.diff;
	e->se = w.se;
	e->df = w.df;
	e->p = w.p;
	return n[0] > 1 && n[1] > 1;
}

/* Runs of one boot: the members' errors are independent. */
static bool over_runs(const struct summing *s, struct compare_row *r,
		      struct estimate *e)
{
	double var = 0, var2 = 0, va = 0, vb = 0;
	size_t i;

	e->theta = 0;
	r->n_base = r->n_new = 0;
	for (i = 0; i < s->n; i++) {
		const struct estimate *of = &s->e[s->member[i]];
		const struct compare_row *row = &s->c->row[s->member[i]];
		double v = of->se * of->se;

		e->theta += sign_of(s, s->member[i]) * of->theta / s->n;
		var += v;
		var2 += v * v / of->df;
		va += of->va;
		vb += of->vb;
		if (!i || row->n_base < r->n_base)
			r->n_base = row->n_base;
		if (!i || row->n_new < r->n_new)
			r->n_new = row->n_new;
	}
	e->se = sqrt(var) / s->n;
	e->df = var * var / var2;
	e->va = va / s->n / s->n;
	e->vb = vb / s->n / s->n;
	e->p = 2 * stats_t_upper(fabs(e->theta) / e->se, e->df);
	return true;
}

static void row_name_set(const struct summing *s, struct compare_row *r,
			 const char *name, const char *host)
{
	const struct compare_row *first = &s->c->row[s->member[0]];
	const struct obs_row id = {
		.benchmark = name, .params = "{}", .place = "", .profile = "",
		.host = host, .mode = first->id.mode,
		.metric = { .name = "geometric mean", .unit = "ratio",
			    .better = s->cost ? BETTER_LOWER :
				first->id.metric.better, .primary = 1 },
	};

	compare_row_unknown(r, &id);
	r->scope = first->scope;
}

static void sum_up(struct summing *s, struct compare_row *r,
		   struct estimate *e, const char *name, const char *host,
		   const struct compare_opts *opts)
{
	bool fine;

	row_name_set(s, r, name, host);
	*e = (struct estimate){ .log = true, .limit = log1p(opts->margin),
				.p = NAN, .p_beyond = NAN, .alpha = NAN };
	fine = r->scope == SCOPE_KERNEL ? over_boots(s, r, e) :
		over_runs(s, r, e);
	if (!fine || !(e->se > 0)) {
		e->p = NAN;
		snprintf(r->reason, sizeof(r->reason), fine ?
			 "no spread to judge by" :
			 "fewer than two boots a side have all %zu benchmarks",
			 s->n);
		return;
	}
	e->kind = ESTIMATE_T;
	r->p_raw = e->p;
	estimate_finish(e, r);
	if (s->out)
		snprintf(e->note, sizeof(e->note), "without %zu of %zu "
			 "benchmarks, not judged alike", s->out, s->out + s->n);
}

/* A set on every host that has rows of it; rows of one host come one by one. */
static void each_host(struct summing *s, const struct compare_set_opt *set,
		      const struct compare_opts *opts, struct comparison *out,
		      struct estimate *e)
{
	size_t i, k, first = out->nsets;

	for (i = 0; i < out->nrows; i++) {
		const char *host = host_of(&out->row[i]);

		for (k = first; k < out->nsets; k++)
			if (!strcmp(out->set[k].id.host, host))
				break;
		if (k < out->nsets || !is_in(&out->row[i], set->glob, host))
			continue;
		gather(s, set->glob, host);
		if (!s->n)
			continue;
		out->set_size[out->nsets] = s->n;
		sum_up(s, &out->set[out->nsets], &e[out->nsets], set->name,
		       host, opts);
		out->nsets++;
	}
}

static size_t most_boots(const struct comparison *c)
{
	return c->base->nboots > c->now->nboots ? c->base->nboots :
		c->now->nboots;
}

/* Hosts of the rows, at most; each may have a row of each set. */
static size_t most_hosts(const struct comparison *c)
{
	size_t i, k, n = 0;

	for (i = 0; i < c->nrows; i++) {
		for (k = 0; k < i; k++)
			if (!strcmp(host_of(&c->row[k]), host_of(&c->row[i])))
				break;
		n += k == i;
	}
	return n;
}

int compare_sets(const struct match *m, const struct estimate *e,
		 const struct compare_opts *opts, struct comparison *out)
{
	size_t most = opts->nsets * (opts->nsets ? most_hosts(out) : 0), i;
	struct estimate *mine = calloc(most + 1, sizeof(*mine));
	struct summing s = {
		.m = m, .c = out, .e = e,
		.member = calloc(out->nrows + 1, sizeof(*s.member)),
		.mean = calloc(most_boots(out) + 1, sizeof(*s.mean)),
		.count = calloc(most_boots(out) + 1, sizeof(*s.count)),
	};
	int err = -ENOMEM;

	out->set = calloc(most + 1, sizeof(*out->set));
	out->set_size = calloc(most + 1, sizeof(*out->set_size));
	if (mine && s.member && s.mean && s.count && out->set &&
	    out->set_size) {
		for (i = 0; i < opts->nsets; i++)
			each_host(&s, &opts->set[i], opts, out, mine);
		err = judge_rows(out->set, mine, out->nsets, opts);
	}
	free(s.member);
	free(s.mean);
	free(s.count);
	free(mine);
	return err;
}
