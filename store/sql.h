/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little that the store needs on top of SQLite: cached statements, values
 * bound by name, errors as negative errnos that have been said.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/factlist.h"

#define SQL_CACHE	192

struct sql_cached {
	const char *sql;
	sqlite3_stmt *stmt;
};

/**
 * struct store - an open database
 * @path:	as said to the user
 * @source:	file that rows are being taken from, or NULL
 * @version:	of its schema, as found; 0 before that
 * @depth:	of nested sql_tx_begin()
 * @cache:	statements by the address of their text, a literal
 * @host, @host_facts: facts of the host that differ from those stored; they
 *		go to the next boot of it
 * @boot, @boot_facts: the same of a boot; they go to the runs that follow
 */
struct store {
	sqlite3 *db;
	char *path;
	const char *source;
	unsigned int flags;
	int version;
	int depth;
	struct sql_cached cache[SQL_CACHE];
	size_t ncached;
	int64_t host;
	struct fact_list host_facts;
	int64_t boot;
	struct fact_list boot_facts;
};

enum sql_type { SQL_END, SQL_INT, SQL_REAL, SQL_TEXT, SQL_BLOB, SQL_NULL };

/*
 * A value for the parameter called name. Use the macros. n is the length of a
 * blob; of a text too where it is not 0.
 */
struct sql_arg {
	const char *name;
	enum sql_type type;
	int64_t i;
	double r;
	const void *p;
	size_t n;
};

#define A_INT(k, v)	{ .name = ":" k, .type = SQL_INT, .i = (v) }
#define A_REAL(k, v)	{ .name = ":" k, .type = SQL_REAL, .r = (v) }
/* NULL is stored as "". */
#define A_TEXT(k, v)	{ .name = ":" k, .type = SQL_TEXT, .p = (v) }
#define A_BLOB(k, v, l)	{ .name = ":" k, .type = SQL_BLOB, .p = (v), .n = (l) }
#define A_NULL(k)	{ .name = ":" k, .type = SQL_NULL }
/* A reference; 0 is none. */
#define A_REF(k, v)							\
	{ .name = ":" k, .type = (v) ? SQL_INT : SQL_NULL, .i = (v) }

#define SQL_ARGS(...)							\
	((const struct sql_arg[]){ __VA_ARGS__, { .type = SQL_END } })

/**
 * sql_open() - the cached statement of @sql with @args bound
 * @args:	SQL_ARGS(...) or NULL. Every parameter of @sql must be among
 *		them; others are ignored, so that a find and an insert can
 *		share a list. What they point to must live until sql_close()
 */
int sql_open(struct store *s, const char *sql, const struct sql_arg *args,
	     sqlite3_stmt **stmt);

/* 1: a row; 0: the end; else a negative errno. */
int sql_step(struct store *s, sqlite3_stmt *stmt);
void sql_close(sqlite3_stmt *stmt);

/**
 * sql_first() - a statement at its first row
 * @row:	out; sql_close() it
 * Return: 0; -ENOENT (unsaid) if there is no row; another negative errno.
 */
int sql_first(struct store *s, const char *sql, const struct sql_arg *args,
	      sqlite3_stmt **row);

/**
 * sql_each() - call @fn for every row
 * @fn:	0: go on; 1: enough; a negative errno ends it with that
 */
int sql_each(struct store *s, const char *sql, const struct sql_arg *args,
	     int (*fn)(void *arg, sqlite3_stmt *row), void *arg);

/* Run to the end. */
int sql_do(struct store *s, const char *sql, const struct sql_arg *args);

/* First column of the first row; -ENOENT (unsaid) if there is none. */
int sql_int(struct store *s, const char *sql, const struct sql_arg *args,
	    int64_t *out);

/* The same as text in @buf; a longer one is cut. */
int sql_text(struct store *s, const char *sql, const struct sql_arg *args,
	     char *buf, size_t size);

/**
 * sql_find_or_make() - the id that @find selects, else that of a new row
 * @made:	out: 1 if the row is new; or NULL
 */
int sql_find_or_make(struct store *s, const char *find, const char *make,
		     const struct sql_arg *args, int64_t *id, int *made);

#define SQL_COLUMNS	32

/**
 * sql_row_args() - the columns of a row as parameters of the same names
 * @v:		room for SQL_COLUMNS and the end
 * @names:	room for what they are called
 *
 * Good until the row's statement is stepped. -E2BIG: too many columns.
 */
int sql_row_args(sqlite3_stmt *row, struct sql_arg v[SQL_COLUMNS + 1],
		 char names[SQL_COLUMNS][24]);

/* Never NULL. */
const char *sql_col_text(sqlite3_stmt *stmt, int col);
/* NaN for NULL. */
double sql_col_real(sqlite3_stmt *stmt, int col);
/* Position of a column by name; -1: there is none. */
int sql_col(sqlite3_stmt *stmt, const char *name);

/**
 * sql_tx_begin() - BEGIN IMMEDIATE, or one level deeper in one
 *
 * Immediate: a transaction that reads first and then wants to write cannot
 * wait for another writer, it can only fail.
 */
int sql_tx_begin(struct store *s);

/* Commit if @err is 0, else roll back. Returns @err or the commit's error. */
int sql_tx_end(struct store *s, int err);

/* Say what SQLite's @rc means for the user; returns it as negative errno. */
int sql_fail(struct store *s, int rc);

#endif
