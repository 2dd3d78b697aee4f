// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of rows, their names, and what was not measured. */
#include "analysis/report/view.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"

int verdict_rank(enum verdict v)
{
	static const int rank[NR_VERDICTS] = {
		[VERDICT_REGRESSED] = 0,
		[VERDICT_IMPROVED] = 1,
		[VERDICT_SMALL] = 2,
		[VERDICT_INCONCLUSIVE] = 3,
		[VERDICT_EQUIVALENT] = 4,
		[VERDICT_UNCHECKED] = 5,
	};

	return rank[v];
}

/* The larger change first where a change is claimed, else as they came. */
static int row_cmp(const void *a, const void *b, void *arg)
{
	size_t ia = *(const size_t *)a, ib = *(const size_t *)b;
	const struct compare_row *row = arg, *ra = &row[ia], *rb = &row[ib];
	int d = verdict_rank(ra->verdict) - verdict_rank(rb->verdict);

	if (d)
		return d;
	if (verdict_rank(ra->verdict) <= verdict_rank(VERDICT_SMALL)) {
		double ca = fabs(log(ra->ratio)), cb = fabs(log(rb->ratio));

		if (ca > cb)
			return -1;
		if (ca < cb)
			return 1;
	}
	return ia < ib ? -1 : ia > ib;
}

/* Does any of the rows differ from the first in its host, its profile? */
static void view_dimensions(struct view *v, const struct obs_row *first,
			    const struct obs_row *id)
{
	if (strcmp(first->host, id->host))
		v->hosts = true;
	if (strcmp(first->profile, id->profile) && *id->profile &&
	    *first->profile)
		v->profiles = true;
	if (!id->metric.primary)
		v->secondary = true;
}

static void view_survey(struct view *v)
{
	const struct comparison *c = v->c;
	const struct obs_set *set[2] = { c->base, c->now };
	const struct obs_row *first = NULL, *profiled = NULL;
	size_t i, s;

	for (s = 0; s < 2; s++) {
		for (i = 0; set[s] && i < set[s]->nrows; i++) {
			const struct obs_row *id = &set[s]->row[i];

			if (!first)
				first = id;
			if (!profiled && *id->profile)
				profiled = id;
			view_dimensions(v, first, id);
			if (profiled && *id->profile &&
			    strcmp(profiled->profile, id->profile))
				v->profiles = true;
		}
	}
	for (i = 0; i < c->nrows; i++) {
		view_dimensions(v, first ? first : &c->row[0].id,
				&c->row[i].id);
		v->measured += row_measured(&c->row[i]);
	}
}

static int missing_cmp(const void *a, const void *b)
{
	const struct missing *ma = a, *mb = b;
	int d = strcmp(ma->reason, mb->reason);

	if (!d)
		d = (int)ma->status - (int)mb->status;
	if (!d)
		d = (int)ma->sides - (int)mb->sides;
	return d ? d : strcmp(ma->name, mb->name);
}

static struct missing *missing_find(struct view *v, const struct missing *m)
{
	size_t i;

	for (i = 0; i < v->nmissing; i++) {
		struct missing *o = &v->missing[i];

		if (o->status == m->status && !strcmp(o->name, m->name) &&
		    !strcmp(o->reason, m->reason))
			return o;
	}
	return NULL;
}

static int missing_add(struct view *v, const struct obs_set *set,
		       const struct obs_missing *om, unsigned int side)
{
	struct missing m = {
		.name = view_name(v, &set->row[om->row]),
		.reason = text_dup(om->reason ? om->reason : "", v->ascii),
		.status = om->status,
		.sides = side,
		.runs = om->n,
	}, *old;

	if (!m.name || !m.reason) {
		free(m.name);
		free(m.reason);
		return -ENOMEM;
	}
	old = missing_find(v, &m);
	if (old) {
		old->sides |= side;
		old->runs += m.runs;
		free(m.name);
		free(m.reason);
	} else {
		v->missing[v->nmissing++] = m;
	}
	return 0;
}

static int view_missing(struct view *v)
{
	const struct obs_set *set[2] = { v->c->base, v->c->now };
	size_t room = 0, i, s;
	int err = 0;

	for (s = 0; s < 2; s++)
		room += set[s] ? set[s]->nmissing : 0;
	v->missing = calloc(room + 1, sizeof(*v->missing));
	if (!v->missing)
		return -ENOMEM;
	for (s = 0; s < 2; s++)
		for (i = 0; set[s] && i < set[s]->nmissing && !err; i++)
			err = missing_add(v, set[s], &set[s]->missing[i],
					  1u << s);
	qsort(v->missing, v->nmissing, sizeof(*v->missing), missing_cmp);
	return err;
}

int view_init(struct view *v, const struct comparison *c,
	      const struct report_ctx *ctx, bool ascii)
{
	size_t i;
	int err;

	memset(v, 0, sizeof(*v));
	v->c = c;
	v->ctx = ctx;
	v->ascii = ascii;
	v->margin = ctx->margin > 0 ? ctx->margin : compare_defaults.margin;
	v->order = calloc(c->nrows + 1, sizeof(*v->order));
	if (!v->order)
		return -ENOMEM;
	for (i = 0; i < c->nrows; i++)
		v->order[i] = i;
	qsort_r(v->order, c->nrows, sizeof(*v->order), row_cmp, c->row);
	view_survey(v);
	err = view_missing(v);
	if (err)
		view_free(v);
	return err;
}

void view_free(struct view *v)
{
	size_t i;

	for (i = 0; i < v->nmissing; i++) {
		free(v->missing[i].name);
		free(v->missing[i].reason);
	}
	free(v->missing);
	free(v->order);
	memset(v, 0, sizeof(*v));
}

char *row_name(const struct obs_row *id, unsigned int parts, bool ascii)
{
	char *raw = NULL, *params, *name = NULL;
	size_t size;
	FILE *out = open_memstream(&raw, &size);

	if (!out)
		return NULL;
	params = params_dup(id->params && *id->params ? id->params : "{}",
			    ascii);
	fprintf(out, "%s %s", id->benchmark, id->place);
	if (parts & NAME_PROFILE && *id->profile)
		fprintf(out, " %s", id->profile);
	if (params && *params)
		fprintf(out, " %s", params);
	if (!id->metric.primary)
		fprintf(out, " [%s]", id->metric.name);
	if (id->mode != MODE_TIMED)
		fprintf(out, " (%s)", run_mode_name(id->mode));
	if (parts & NAME_HOST)
		fprintf(out, " on %s", id->host);
	if (!fclose(out) && params)
		name = text_dup(raw, ascii);
	free(params);
	free(raw);
	return name;
}

char *view_name(const struct view *v, const struct obs_row *id)
{
	return row_name(id, (v->hosts ? NAME_HOST : 0) |
			(v->profiles ? NAME_PROFILE : 0), v->ascii);
}

bool told_missing(const struct view *v, const struct obs_row *id)
{
	char *name = view_name(v, id);
	bool told;
	size_t i;

	for (i = 0; name && i < v->nmissing; i++)
		if (!strcmp(v->missing[i].name, name))
			break;
	told = name && i < v->nmissing;
	free(name);
	return told;
}

void row_hash(const struct compare_row *r, char hash[ROW_HASH])
{
	const struct obs_row *id = &r->id;
	char hex[HASH_HEX] = "", *text;
	int n;

	/* Unit separators: no name can hold one. */
	n = asprintf(&text, "%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f%s\x1f"
		     "%.9g\x1f%.9g\x1f%.9g\x1f%.9g\x1f%.9g\x1f%d\x1f%d\x1f%s",
		     id->benchmark, id->params, id->place, id->profile,
		     id->host, id->metric.name, run_mode_name(id->mode),
		     r->base, r->now, r->ratio, r->lo, r->hi, r->n_base,
		     r->n_new, verdict_name(r->verdict));
	if (n >= 0) {
		hash_hex(text, n, hex);
		free(text);
	}
	snprintf(hash, ROW_HASH, "%.8s", hex);
}
