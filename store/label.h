/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which label is meant. */
#ifndef STORE_LABEL_H
#define STORE_LABEL_H

#include "store/sql.h"

#define NAME_BYTES	804	/* 200 characters of up to 4 bytes */

/* How a label of the table alias "l" is shown: "v2", "v2 3/27". */
#define LABEL_SHOWN							\
	"l.revision || iif(l.patch = 0, '', "				\
	"' ' || l.patch || '/' || l.patches)"

/**
 * label_series() - @series, or the series of the newest run if it is NULL
 * @buf:	of NAME_BYTES
 * Return: 0 or -ENOENT (said): no results at all, or none of this series.
 */
int label_series(struct store *s, const char *series, char *buf);

/**
 * label_list() - up to 8 texts of a query's first column: "a, b, c"
 *
 * The query gives the latest first; they are listed the other way round.
 */
int label_list(struct store *s, const char *sql, const struct sql_arg *args,
	       char *buf, size_t size);

/* A row in the audit trail: who did @what, now. */
int store_audit(struct store *s, const char *what);

#endif
