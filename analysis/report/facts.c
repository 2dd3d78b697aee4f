// SPDX-License-Identifier: GPL-2.0-or-later
/* The facts behind a comparison, by host and key, over both sides' boots. */
#include "analysis/report/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct seat - where a key of a host was seen first
 */
struct seat {
	const char *host;
	const struct fact *fact;
};

struct seats {
	struct seat *v;
	size_t n;
};

static const struct obs_set *side(const struct view *v, int s)
{
	return s ? v->c->now : v->c->base;
}

static int seat_cmp(const void *a, const void *b)
{
	const struct seat *sa = a, *sb = b;
	int d = strcmp(sa->host, sb->host);

	return d ? d : strcmp(sa->fact->key, sb->fact->key);
}

/* Every key of every host, sorted, once. */
static int seats_collect(const struct view *v, struct seats *seats)
{
	size_t room = 0, i, k, kept = 0;
	int s;

	memset(seats, 0, sizeof(*seats));
	for (s = 0; s < 2; s++)
		for (i = 0; i < side(v, s)->nboots; i++)
			room += side(v, s)->boot[i].facts.n;
	seats->v = calloc(room + 1, sizeof(*seats->v));
	if (!seats->v)
		return -ENOMEM;
	for (s = 0; s < 2; s++) {
		for (i = 0; i < side(v, s)->nboots; i++) {
			const struct obs_boot *boot = &side(v, s)->boot[i];

			for (k = 0; k < boot->facts.n; k++)
				seats->v[seats->n++] = (struct seat) {
					boot->host, &boot->facts.v[k]
				};
		}
	}
	qsort(seats->v, seats->n, sizeof(*seats->v), seat_cmp);
	for (i = 0; i < seats->n; i++)
		if (!kept || seat_cmp(&seats->v[kept - 1], &seats->v[i]))
			seats->v[kept++] = seats->v[i];
	seats->n = kept;
	return 0;
}

/* Has an earlier boot of this host the same value? */
static bool value_seen(const struct obs_set *set, size_t boot,
		       const struct fact *f)
{
	size_t i;

	for (i = 0; i < boot; i++) {
		const struct fact *o;

		if (strcmp(set->boot[i].host, set->boot[boot].host))
			continue;
		o = facts_find(&set->boot[i].facts, f->key);
		if (o && fact_same(o, f))
			return true;
	}
	return false;
}

/* Distinct values over a side's boots, each clean. */
static char *side_values(const struct view *v, const struct obs_set *set,
			 const struct seat *seat, const char *between)
{
	char *raw = NULL, *clean, buf[FACT_TEXT_MAX];
	const char *sep = "";
	size_t size, i;
	FILE *out = open_memstream(&raw, &size);

	if (!out)
		return NULL;
	for (i = 0; i < set->nboots; i++) {
		const struct fact *f;

		if (strcmp(set->boot[i].host, seat->host))
			continue;
		f = facts_find(&set->boot[i].facts, seat->fact->key);
		if (!f || value_seen(set, i, f))
			continue;
		clean = text_dup(fact_format(f, buf, sizeof(buf)), v->ascii);
		fprintf(out, "%s%s", sep, clean ? clean : "");
		free(clean);
		sep = between;
	}
	if (!fclose(out))
		return raw;
	free(raw);
	return NULL;
}

int view_facts(const struct view *v, const char *between,
	       int (*fn)(void *arg, const char *host, const struct fact *f,
			 const char *base, const char *now),
	       void *arg)
{
	struct seats seats;
	size_t i;
	int err = seats_collect(v, &seats);

	for (i = 0; !err && i < seats.n; i++) {
		const struct seat *seat = &seats.v[i];
		char *base, *now;

		if (!seat->fact->publish && !v->ctx->full)
			continue;
		base = side_values(v, v->c->base, seat, between);
		now = side_values(v, v->c->now, seat, between);
		err = base && now ?
			fn(arg, seat->host, seat->fact, base, now) : -ENOMEM;
		free(base);
		free(now);
	}
	free(seats.v);
	return err;
}

size_t view_withheld(const struct view *v)
{
	struct seats seats;
	size_t i, n = 0;

	if (v->ctx->full || seats_collect(v, &seats))
		return 0;
	for (i = 0; i < seats.n; i++)
		n += !seats.v[i].fact->publish;
	for (i = 0; i < v->c->ndiffs; i++) {
		const struct compare_diff *d = &v->c->diff[i];
		struct fact f;
		struct seat seat = { d->host, &f };

		/* Most differences come from the facts counted above. */
		strcpy(f.key, d->key);
		if (!d->publish && !bsearch(&seat, seats.v, seats.n,
					    sizeof(seat), seat_cmp))
			n++;
	}
	free(seats.v);
	return n;
}

size_t set_noisy(const struct obs_set *set, unsigned int rule)
{
	size_t i, n = 0;

	for (i = 0; i < set->n; i++)
		n += !!(set->v[i].noisy & 1u << rule);
	return n;
}

const struct fact *set_fact(const struct obs_set *set, const char *host,
			    const char *key)
{
	size_t i;

	for (i = 0; i < set->nboots; i++) {
		const struct fact *f;

		if (strcmp(set->boot[i].host, host))
			continue;
		f = facts_find(&set->boot[i].facts, key);
		if (f)
			return f;
	}
	return NULL;
}
