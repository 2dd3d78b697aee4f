// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Listings of isolation exits by site: counts of a stretch whose length they do
 * not tell, so that they are counts of that boot, and no rate.
 */
#include "import/import.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "listing/sites.h"

#define SITES_MOST	10000u

static int take_site(struct import *im, const char *site, uint64_t count,
		     const struct fact *fact, size_t nfacts)
{
	const struct store_value v = {
		.metric = { "exits", "exits", BETTER_LOWER, SCALE_LINEAR,
			    NATURE_COUNT, 1 },
		.value = count, .n = 1, .lo = NAN, .hi = NAN,
	};
	char params[SITE_NAME_MAX + 32];
	const struct import_run r = {
		.revision = import_options(im)->revision, .boot = "imported",
		.benchmark = "isolation.exits", .params = params,
		.place = PLACE_HOST0, .mode = MODE_COUNTED, .value = &v,
		.nvalues = 1, .fact = fact, .nfacts = nfacts,
	};

	snprintf(params, sizeof(params), "{\"site\":\"%s\"}", site);
	return import_run(im, &r);
}

static struct fact number_fact(const char *key, uint64_t n)
{
	struct fact f = { .type = FACT_TEXT, .class = FACT_WITNESS,
			  .publish = 1 };

	snprintf(f.key, sizeof(f.key), "%s", key);
	snprintf(f.text, sizeof(f.text), "%llu", (unsigned long long)n);
	return f;
}

/* A name is put into JSON: a symbol's letters are all that it may have. */
static bool is_symbol(const char *name)
{
	return !name[strcspn(name, "\"\\")] && name[0];
}

int import_sites(struct import *im, const char *file)
{
	const char *base = strrchr(file, '/');
	struct sites s = { 0 };
	struct fact fact[2];
	char *text = NULL;
	size_t i;
	int err = import_read(im, file, base ? base + 1 : file, &text);

	free(text);
	if (!err)
		err = sites_read(&s, file);
	if (!err && s.n > SITES_MOST)
		err = import_bad(file, 0, "has %zu sites, at most %u are taken",
				 s.n, SITES_MOST);
	fact[0] = number_fact("isolation.exits_lost", s.lost);
	fact[1] = number_fact("isolation.map_full", s.full);
	for (i = 0; i < s.n && !err; i++) {
		if (!is_symbol(s.v[i].name))
			err = import_bad(file, 0, "has a site that is no symbol");
		else
			err = take_site(im, s.v[i].name, s.v[i].count, fact, 2);
	}
	if (!err)
		err = take_site(im, "all", s.counted, fact, 2);
	sites_free(&s);
	return err;
}
