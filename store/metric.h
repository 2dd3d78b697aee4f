/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics in the database: a dictionary of what figures mean. */
#ifndef STORE_METRIC_H
#define STORE_METRIC_H

#include "lib/arena.h"
#include "lib/model.h"
#include "store/sql.h"

/* Columns that metric_from_row() reads, of the table alias "m". */
#define METRIC_COLUMNS							\
	"m.name, m.unit, m.better, m.scale, m.nature, m.is_primary"

int metric_id(struct store *s, const struct metric *m, int64_t *id);

/**
 * metric_from_row() - the six METRIC_COLUMNS from column @col on
 * @a:	where its strings go
 * Return: 0 or -ENOMEM.
 */
int metric_from_row(sqlite3_stmt *row, int col, struct arena *a,
		    struct metric *m);

#endif
