// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/precise.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/compare.h"
#include "store/store.h"

/* The largest half-width over boots among primary figures of one side. */
static int widest_of(const struct obs_set *set, const char *alias,
		     double *widest)
{
	struct summary_row *rows = NULL;
	size_t n = 0, i;
	double half;
	int err = summarize(set, &rows, &n);

	for (i = 0; !err && i < n; i++) {
		if (!rows[i].id.metric.primary ||
		    strcmp(rows[i].id.host, alias) ||
		    rows[i].status != RUN_OK || !(rows[i].mid > 0))
			continue;
		/* One boot tells nothing of the next. */
		half = rows[i].boots < 2 ? INFINITY :
			(rows[i].hi / rows[i].lo - 1) / 2;
		if (!(half <= *widest))
			*widest = half;
	}
	free(rows);
	return err;
}

int precise_enough(const char *db, const char *alias,
		   const struct plan_file *file, double *widest)
{
	struct store_select sel = {
		.series = file->series, .patch = -1, .primary = 1,
	};
	struct store *store;
	struct obs_set set;
	int err, k, a;

	*widest = NAN;
	err = store_open(&store, db, STORE_READ);
	if (err)
		return err;
	for (k = 0; !err && k < file->nkernels; k++) {
		for (a = 0; !err && a < file->narms; a++) {
			sel.revision = file->kernel[k].name;
			sel.arm = file->arm[a].name;
			err = store_load(store, &sel, sel.revision, &set);
			if (err)
				break;
			err = widest_of(&set, alias, widest);
			obs_set_free(&set);
		}
	}
	store_close(store);
	return err ? err : *widest <= file->precision_pct / 100;
}
