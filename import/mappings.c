// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Listings of page tables: what each region maps is an exact figure of its
 * revision. A region that is not mapped is 0, not missing, so that it is seen
 * to come and go.
 */
#include "import/import.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "listing/mappings.h"

static int take_region(struct import *im, const char *region,
		       const struct map_sum *sum)
{
	const struct store_value v[] = {
		{ .metric = { "mapped", "bytes", BETTER_LOWER, SCALE_LINEAR,
			      NATURE_EXACT, 1 },
		  .value = sum->bytes, .n = 1, .lo = NAN, .hi = NAN },
		{ .metric = { "entries", "entries", BETTER_LOWER, SCALE_LINEAR,
			      NATURE_EXACT, 0 },
		  .value = sum->entries, .n = 1, .lo = NAN, .hi = NAN },
	};
	char params[96];
	const struct import_run r = {
		.revision = import_options(im)->revision, .boot = "imported",
		.benchmark = "mappings", .params = params,
		.place = PLACE_HOST0, .value = v, .nvalues = 2,
	};

	snprintf(params, sizeof(params), "{\"region\":\"%s\"}", region);
	return import_run(im, &r);
}

int import_mappings(struct import *im, const char *file)
{
	const char *base = strrchr(file, '/');
	const char *symbols = import_options(im)->symbols;
	struct map_symbols s = { 0 };
	struct mappings *m = malloc(sizeof(*m));
	int err = m ? 0 : -ENOMEM, i;
	char *text = NULL;

	if (!err && symbols)
		err = symbols_read(&s, symbols);
	if (!err)
		err = import_read(im, file, base ? base + 1 : file, &text);
	free(text);
	if (!err)
		err = mappings_read(m, file, symbols ? &s : NULL);
	for (i = 0; i < NR_MAP_REGIONS && !err; i++)
		err = take_region(im, map_region_name(i), &m->region[i]);
	if (!err)
		err = take_region(im, "all", &m->all);
	free(m);
	return err;
}
