/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of one load of a struct obs_set. */
#ifndef STORE_LOAD_H
#define STORE_LOAD_H

#include <stdbool.h>

#include "lib/arena.h"
#include "lib/obs.h"
#include "store/sql.h"

/* What makes a row, by the database's ids. */
struct load_row {
	int64_t variant;
	int64_t host;
	int64_t metric;
	enum run_mode mode;
};

/**
 * struct load_boot - a boot being loaded
 * @state:	id of the arm's state that was looked at last
 * @over:	facts that the first run had in place of the boot's
 */
struct load_boot {
	int64_t id;
	int64_t host;
	int64_t state;
	struct fact_list over;
};

/**
 * struct load - a set being filled
 * @bare:	without facts and states
 * @room_*:	elements that fit into the arrays, the set's and these
 * @hint:	row found last; the next is likely near
 * @last:	run of the figure added last
 */
struct load {
	struct store *s;
	struct obs_set *set;
	struct arena *arena;
	struct load_row *row;
	struct load_boot *boot;
	size_t room_v;
	size_t room_row[2];
	size_t room_boot[2];
	size_t room_missing;
	size_t hint;
	int64_t last;
	int bare;
};

/**
 * load_boot() - index of boot @id, loaded when it is met first
 * @run:	the run it is met by, whose own facts outweigh the boot's
 * @own:	it has such facts
 * @state:	id of the state of the arm the run ran under, 0: unknown
 * Return: 0 or a negative errno.
 */
int load_boot(struct load *l, int64_t id, int64_t run, bool own,
	      int64_t state, int *index);

/* Index of @key among the set's rows, a new one if it is not there: 0 or a
 * negative errno. */
int load_row(struct load *l, const struct load_row *key, int *index);

/* The first @n columns as strings of the set: const char **, one for each. */
int load_texts(struct load *l, sqlite3_stmt *row, int n, ...);

/* Once all runs are in: facts of the runs are put in place. */
int load_boots_end(struct load *l);

#endif
