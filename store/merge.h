/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying rows from a database of others into our own. */
#ifndef STORE_MERGE_H
#define STORE_MERGE_H

#include "store/sql.h"
#include "store/store.h"

/**
 * struct merge - a merge under way
 * @s:		ours, in a transaction
 * @f:		theirs, read-only
 * @file:	its name without directories
 * @n:		what was done so far
 * @over_of:	their boot that @over is about, 0: none
 * @over:	facts that they have of the boot and we have otherwise
 */
struct merge {
	struct store *s;
	struct store *f;
	const char *file;
	struct store_merge *n;
	int64_t over_of;
	struct fact_list over;
};

/* Our id of their row, in SQL. "kind" is the table. */
#define OURS(kind, theirs)						\
	"(SELECT ours FROM temp.map WHERE kind = '" kind "' AND "	\
	"theirs = " theirs ")"

int map_put(struct merge *m, const char *kind, int64_t theirs, int64_t ours);
/* -ENOENT: their row refers to one that is not there. Unsaid. */
int map_get(struct merge *m, const char *kind, int64_t theirs, int64_t *ours);

/**
 * merge_each() - call @row for every row of a query on theirs
 */
int merge_each(struct merge *m, const char *sql, const struct sql_arg *args,
	       int (*row)(struct merge *m, sqlite3_stmt *row, void *arg),
	       void *arg);

/* Hosts, builds, labels, boots, arms, variants, metrics, campaigns, slots. */
int merge_identities(struct merge *m);

/* Runs with values, samples, artifacts and facts. @content: their hash. */
int merge_runs(struct merge *m, char *content);

#endif
