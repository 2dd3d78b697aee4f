// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Taking in a database of others: through its own read-only connection, row
 * by row, in one transaction. It is never attached: nothing of its schema
 * comes near our file.
 */
#include "store/merge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/hash.h"
#include "lib/msg.h"
#include "store/label.h"

int map_put(struct merge *m, const char *kind, int64_t theirs, int64_t ours)
{
	return sql_do(m->s, "INSERT INTO temp.map (kind, theirs, ours) "
		      "VALUES (:kind, :theirs, :ours)",
		      SQL_ARGS(A_TEXT("kind", kind), A_INT("theirs", theirs),
			       A_INT("ours", ours)));
}

int map_get(struct merge *m, const char *kind, int64_t theirs, int64_t *ours)
{
	return sql_int(m->s, "SELECT ours FROM temp.map WHERE kind = :kind "
		       "AND theirs = :theirs",
		       SQL_ARGS(A_TEXT("kind", kind),
				A_INT("theirs", theirs)), ours);
}

struct each {
	struct merge *m;
	int (*row)(struct merge *m, sqlite3_stmt *row, void *arg);
	void *arg;
};

static int each_row(void *arg, sqlite3_stmt *row)
{
	const struct each *each = arg;

	return each->row(each->m, row, each->arg);
}

int merge_each(struct merge *m, const char *sql, const struct sql_arg *args,
	       int (*row)(struct merge *m, sqlite3_stmt *row, void *arg),
	       void *arg)
{
	struct each each = { m, row, arg };

	return sql_each(m->f, sql, args, each_row, &each);
}

static int note_import(struct merge *m, const char *content)
{
	char what[512];
	int err;

	err = sql_do(m->s, "INSERT INTO import (content, format, file) "
		     "VALUES (:content, 'asibench', :file) "
		     "ON CONFLICT (content) DO NOTHING",
		     SQL_ARGS(A_TEXT("content", content),
			      A_TEXT("file", m->file)));
	if (err || !m->n->runs_new)
		return err;
	snprintf(what, sizeof(what), "merge %.300s: %d runs", m->file,
		 m->n->runs_new);
	return store_audit(m->s, what);
}

static int merge_do(struct merge *m)
{
	char content[HASH_HEX];
	int err;

	err = sql_do(m->s, "CREATE TEMP TABLE map (kind TEXT, theirs INTEGER, "
		     "ours INTEGER, PRIMARY KEY (kind, theirs)) "
		     "WITHOUT ROWID", NULL);
	if (!err)
		err = merge_identities(m);
	if (!err)
		err = merge_runs(m, content);
	if (!err)
		err = note_import(m, content);
	if (!err)
		err = sql_do(m->s, "DROP TABLE temp.map", NULL);
	facts_free(&m->over);
	return err;
}

static int same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino;
}

int store_merge(struct store *s, const char *file, struct store_merge *n)
{
	struct merge m = { .s = s, .n = n };
	const char *slash = strrchr(file, '/');
	int err;

	memset(n, 0, sizeof(*n));
	m.file = slash ? slash + 1 : file;
	/* Also: to close a file of ours would drop our locks on it. */
	if (same_file(s->path, file)) {
		pr_err("%s: cannot be merged into itself", file);
		return -EINVAL;
	}
	err = store_open(&m.f, file, STORE_FOREIGN);
	if (err)
		return err;
	s->source = file;
	err = sql_do(m.f, "BEGIN", NULL);
	if (!err)
		err = sql_tx_begin(s);
	if (!err)
		err = sql_tx_end(s, merge_do(&m));
	s->source = NULL;
	store_close(m.f);
	if (err)
		memset(n, 0, sizeof(*n));
	return err;
}
