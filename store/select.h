/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what the user asked for to ids. */
#ifndef STORE_SELECT_H
#define STORE_SELECT_H

#include "store/label.h"
#include "store/store.h"

/**
 * struct pick - a struct store_select, resolved
 * @labels:	JSON array of label ids, for json_each(); malloc'ed
 * @label:	the only label, or 0 if there are several
 * @revision:	as shown: "v2", "v2 3/27"; "" for several
 * @glob:	of the benchmark
 */
struct pick {
	char series[NAME_BYTES];
	char revision[NAME_BYTES + 32];
	char arm[NAME_BYTES];
	char *labels;
	int64_t label;
	const char *glob;
	const char *mode;
};

/* 0, -ENOENT (said, with what there is) or another negative errno. */
int pick_resolve(struct store *s, const struct store_select *sel,
		 struct pick *p);
void pick_free(struct pick *p);

/*
 * Indices are named: with what ANALYZE finds out about a small database,
 * SQLite would rather read all runs there are.
 */
#define PICK_RUNS	"run AS r INDEXED BY run_by_label"
#define PICK_SLOTS	"slot AS r INDEXED BY slot_without_run"

/*
 * The condition on runs "r", of all benchmarks, of some, and what it needs
 * bound. Of some, only their part of the index is read.
 */
#define PICK_WHERE							\
	"r.label IN (SELECT value FROM json_each(:labels)) "		\
	"AND r.mode = :mode "						\
	"AND r.arm IN (SELECT id FROM arm WHERE name = :arm)"
#define PICK_SOME							\
	PICK_WHERE " AND r.variant IN (SELECT id FROM variant WHERE "	\
	"benchmark GLOB :glob)"
#define PICK_ARGS(p)							\
	A_TEXT("labels", (p)->labels), A_TEXT("mode", (p)->mode),	\
	A_TEXT("arm", (p)->arm), A_TEXT("glob", (p)->glob)

#endif
