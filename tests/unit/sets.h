/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of figures made by hand, for tests of what is done with them. */
#ifndef TESTS_UNIT_SETS_H
#define TESTS_UNIT_SETS_H

#include <stdlib.h>
#include <string.h>

#include "lib/obs.h"

/* One more element behind @n of @v; room doubles at powers of two. */
static inline void *set_grow(void *v, size_t n, size_t size)
{
	if (!n || !(n & (n - 1)))
		v = realloc(v, (n ? 2 * n : 1) * size);
	if (!v)
		abort();
	memset((char *)v + n * size, 0, size);
	return v;
}

static inline struct obs_set set_new(const char *name)
{
	struct obs_set s = { .name = name, .series = "asi",
			     .revision = name, .arm = "on", .commit = "",
			     .tree = "" };

	return s;
}

static inline int set_boot(struct obs_set *s, const char *uuid)
{
	s->boot = set_grow(s->boot, s->nboots, sizeof(*s->boot));
	s->boot[s->nboots] = (struct obs_boot){
		.uuid = uuid, .host = "lab1", .release = "6.1",
		.build_id = "", .state = STATE_VERIFIED, .evidence = "",
	};
	return s->nboots++;
}

static inline int set_row(struct obs_set *s, const char *benchmark)
{
	s->row = set_grow(s->row, s->nrows, sizeof(*s->row));
	s->row[s->nrows] = (struct obs_row){
		.benchmark = benchmark, .params = "{}", .place = "guest0",
		.profile = "minimal", .host = "lab1",
		.metric = { .name = "latency", .unit = "ns", .primary = 1 },
	};
	return s->nrows++;
}

static inline struct obs *set_run(struct obs_set *s, int row, int boot,
				  double value)
{
	s->v = set_grow(s->v, s->n, sizeof(*s->v));
	s->v[s->n] = (struct obs){ .boot = boot, .row = row, .value = value,
				   .n = 1000, .order = s->n };
	return &s->v[s->n++];
}

static inline void set_missing(struct obs_set *s, int row,
			       enum run_status status, const char *reason,
			       int n)
{
	s->missing = set_grow(s->missing, s->nmissing, sizeof(*s->missing));
	s->missing[s->nmissing++] = (struct obs_missing){ row, status, reason,
							  n };
}

static inline void set_free(struct obs_set *s)
{
	size_t i;

	for (i = 0; i < s->nboots; i++)
		facts_free(&s->boot[i].facts);
	free(s->boot);
	free(s->row);
	free(s->v);
	free(s->missing);
	memset(s, 0, sizeof(*s));
}

#endif
