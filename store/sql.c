// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/sql.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/msg.h"

/*
 * What a refusal of the file system was: by errno, which SQLite keeps for
 * some failures only. @now: errno when the call came back.
 */
static int fail_files(struct store *s, int rc, int now)
{
	int sys = sqlite3_system_errno(s->db);

	if (!sys)
		sys = now;
	if (rc == SQLITE_FULL || sys == ENOSPC || sys == EDQUOT ||
	    sys == EFBIG) {
		pr_err("%s: no space left for it: free some and try "
		       "again; completed runs are kept", s->path);
		return -ENOSPC;
	}
	if (sys == EROFS || (access(s->path, W_OK) && errno == EROFS)) {
		pr_err("%s: the file system is read-only: use --db FILE",
		       s->path);
		return -EROFS;
	}
	if (rc == SQLITE_IOERR) {
		pr_err("%s: %s (%s)", s->path, sqlite3_errmsg(s->db),
		       strerror(sys));
		return -EIO;
	}
	pr_err("%s: cannot be written: it and its directory must be writable "
	       "by you; use --db FILE", s->path);
	return -EACCES;
}

int sql_fail(struct store *s, int rc)
{
	int now = errno;

	if (rc == SQLITE_READONLY_ROLLBACK) {
		pr_err("%s: copied while it was being written: let asibench "
		       "open the original, then copy it again", s->path);
		return -EBADMSG;
	}
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		pr_err("%s: another program has been writing to it for 10 s: "
		       "try again when that has ended", s->path);
		return -EBUSY;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return fail_files(s, rc & 0xff, now);
	case SQLITE_NOTADB:
		pr_err("%s: not a database: move it away or use --db FILE",
		       s->path);
		return -EBADMSG;
	case SQLITE_CORRUPT:
		pr_err("%s: damaged (%s): use a copy, or "
		       "`sqlite3 FILE .recover`", s->path,
		       sqlite3_errmsg(s->db));
		return -EBADMSG;
	case SQLITE_INTERRUPT:
		pr_err("%s: reading it takes too long: given up", s->path);
		return -ETIMEDOUT;
	case SQLITE_NOMEM:
		pr_err("%s: out of memory", s->path);
		return -ENOMEM;
	case SQLITE_TOOBIG:
		pr_err("%s: a value is too big", s->path);
		return -E2BIG;
	case SQLITE_CONSTRAINT:
		pr_err("%s: refused: %s", s->source ? s->source : s->path,
		       sqlite3_errmsg(s->db));
		return -EINVAL;
	default:
		pr_err("%s: %s", s->path, sqlite3_errmsg(s->db));
		return -EIO;
	}
}

static int prepare(struct store *s, const char *sql, sqlite3_stmt **stmt)
{
	size_t i;
	int rc;

	for (i = 0; i < s->ncached; i++) {
		if (s->cache[i].sql == sql) {
			*stmt = s->cache[i].stmt;
			return 0;
		}
	}
	if (s->ncached == SQL_CACHE) {
		pr_err("%s: too many statements", s->path);
		return -ENOMEM;
	}
	rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
				stmt, NULL);
	if (rc)
		return sql_fail(s, rc);
	s->cache[s->ncached].sql = sql;
	s->cache[s->ncached++].stmt = *stmt;
	return 0;
}

static int bind(sqlite3_stmt *stmt, int at, const struct sql_arg *a)
{
	switch (a->type) {
	case SQL_INT:
		return sqlite3_bind_int64(stmt, at, a->i);
	case SQL_REAL:
		return sqlite3_bind_double(stmt, at, a->r);
	case SQL_TEXT:
		return sqlite3_bind_text(stmt, at, a->p ? a->p : "",
					 a->n ? (int)a->n : -1, SQLITE_STATIC);
	case SQL_BLOB:
		/* A NULL pointer would be a NULL, not an empty blob. */
		return sqlite3_bind_blob64(stmt, at, a->p ? a->p : "", a->n,
					   SQLITE_STATIC);
	default:
		return sqlite3_bind_null(stmt, at);
	}
}

int sql_open(struct store *s, const char *sql, const struct sql_arg *args,
	     sqlite3_stmt **stmt)
{
	int at, bound = 0, err, rc;

	err = prepare(s, sql, stmt);
	if (err)
		return err;
	for (; args && args->type != SQL_END; args++) {
		at = sqlite3_bind_parameter_index(*stmt, args->name);
		if (!at)
			continue;
		rc = bind(*stmt, at, args);
		if (rc) {
			err = sql_fail(s, rc);
			sql_close(*stmt);
			return err;
		}
		bound++;
	}
	if (bound != sqlite3_bind_parameter_count(*stmt)) {
		pr_err("%s: unbound parameter in: %s", s->path, sql);
		sql_close(*stmt);
		return -EINVAL;
	}
	return 0;
}

int sql_step(struct store *s, sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : sql_fail(s, rc);
}

void sql_close(sqlite3_stmt *stmt)
{
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
}

int sql_do(struct store *s, const char *sql, const struct sql_arg *args)
{
	sqlite3_stmt *stmt;
	int err;

	err = sql_open(s, sql, args, &stmt);
	if (err)
		return err;
	do
		err = sql_step(s, stmt);
	while (err > 0);
	sql_close(stmt);
	return err;
}

int sql_first(struct store *s, const char *sql, const struct sql_arg *args,
	      sqlite3_stmt **row)
{
	int err;

	err = sql_open(s, sql, args, row);
	if (err)
		return err;
	err = sql_step(s, *row);
	if (err == 1)
		return 0;
	sql_close(*row);
	return err ? err : -ENOENT;
}

int sql_each(struct store *s, const char *sql, const struct sql_arg *args,
	     int (*fn)(void *arg, sqlite3_stmt *row), void *arg)
{
	sqlite3_stmt *row;
	int err;

	err = sql_open(s, sql, args, &row);
	if (err)
		return err;
	do {
		err = sql_step(s, row);
		if (err <= 0)
			break;
		err = fn(arg, row);
	} while (!err);
	sql_close(row);
	return err < 0 ? err : 0;
}

int sql_int(struct store *s, const char *sql, const struct sql_arg *args,
	    int64_t *out)
{
	sqlite3_stmt *stmt;
	int err;

	err = sql_first(s, sql, args, &stmt);
	if (err)
		return err;
	*out = sqlite3_column_int64(stmt, 0);
	sql_close(stmt);
	return 0;
}

int sql_text(struct store *s, const char *sql, const struct sql_arg *args,
	     char *buf, size_t size)
{
	sqlite3_stmt *stmt;
	int err;

	buf[0] = '\0';
	err = sql_first(s, sql, args, &stmt);
	if (err)
		return err;
	snprintf(buf, size, "%s", sql_col_text(stmt, 0));
	sql_close(stmt);
	return 0;
}

int sql_find_or_make(struct store *s, const char *find, const char *make,
		     const struct sql_arg *args, int64_t *id, int *made)
{
	int err;

	err = sql_int(s, find, args, id);
	if (made)
		*made = err == -ENOENT;
	if (err != -ENOENT)
		return err;
	err = sql_do(s, make, args);
	if (!err)
		*id = sqlite3_last_insert_rowid(s->db);
	return err;
}

static struct sql_arg column_arg(sqlite3_stmt *row, int i)
{
	struct sql_arg a = { .type = SQL_NULL };

	switch (sqlite3_column_type(row, i)) {
	case SQLITE_INTEGER:
		a.type = SQL_INT;
		a.i = sqlite3_column_int64(row, i);
		break;
	case SQLITE_FLOAT:
		a.type = SQL_REAL;
		a.r = sqlite3_column_double(row, i);
		break;
	case SQLITE_TEXT:
		a.type = SQL_TEXT;
		a.p = sqlite3_column_text(row, i);
		a.n = sqlite3_column_bytes(row, i);
		break;
	case SQLITE_BLOB:
		a.type = SQL_BLOB;
		a.p = sqlite3_column_blob(row, i);
		a.n = sqlite3_column_bytes(row, i);
		break;
	}
	return a;
}

int sql_row_args(sqlite3_stmt *row, struct sql_arg v[SQL_COLUMNS + 1],
		 char names[SQL_COLUMNS][24])
{
	int i, n = sqlite3_column_count(row);

	if (n > SQL_COLUMNS)
		return -E2BIG;
	for (i = 0; i < n; i++) {
		v[i] = column_arg(row, i);
		snprintf(names[i], sizeof(names[i]), ":%s",
			 sqlite3_column_name(row, i));
		v[i].name = names[i];
	}
	v[n] = (struct sql_arg){ .type = SQL_END };
	return 0;
}

const char *sql_col_text(sqlite3_stmt *stmt, int col)
{
	const char *t = (const char *)sqlite3_column_text(stmt, col);

	return t ? t : "";
}

double sql_col_real(sqlite3_stmt *stmt, int col)
{
	return sqlite3_column_type(stmt, col) == SQLITE_NULL ?
		NAN : sqlite3_column_double(stmt, col);
}

int sql_col(sqlite3_stmt *stmt, const char *name)
{
	int i, n = sqlite3_column_count(stmt);

	for (i = 0; i < n; i++)
		if (!strcmp(sqlite3_column_name(stmt, i), name))
			return i;
	return -1;
}

int sql_tx_begin(struct store *s)
{
	int err;

	if (!s->depth) {
		err = sql_do(s, "BEGIN IMMEDIATE", NULL);
		if (err)
			return err;
	}
	s->depth++;
	return 0;
}

int sql_tx_end(struct store *s, int err)
{
	if (--s->depth)
		return err;
	if (!err)
		err = sql_do(s, "COMMIT", NULL);
	/* A full disk may have ended the transaction already. */
	if (err && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return err;
}
