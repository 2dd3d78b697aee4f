// SPDX-License-Identifier: GPL-2.0-or-later
/* A copy of some revisions, without what is not for publication. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/msg.h"
#include "lib/redact.h"
#include "store/codec.h"
#include "store/sql.h"
#include "store/store.h"

#define KEPT	"SELECT id FROM label WHERE series = :series AND "	\
	"((revision = :revision0 AND patch = :patch0) OR "		\
	"(revision = :revision1 AND patch = :patch1))"

/* Without the name of its boot's host, if that is no everyday word. */
#define NAMELESS(column)						\
	"(SELECT iif(length(h.name) > 3, replace(" column ", h.name, "	\
	"h.alias), " column ") FROM boot AS b JOIN host AS h "		\
	"ON h.id = b.host WHERE b.id = boot)"

/*
 * In this order: what refers to something goes before it. A name tells of a
 * person or a machine: of hosts, in the audit trail, in files merged from.
 */
static const char *const steps[] = {
	"DELETE FROM run WHERE label NOT IN (" KEPT ")",
	"DELETE FROM slot WHERE label NOT IN (" KEPT ")",
	"DELETE FROM label WHERE id NOT IN (" KEPT ")",
	"DELETE FROM value WHERE run NOT IN (SELECT id FROM run)",
	"DELETE FROM sample WHERE run NOT IN (SELECT id FROM run)",
	/* How often the same hosts' same benchmarks alarm for nothing. */
	"DELETE FROM aa_result WHERE variant NOT IN (SELECT variant FROM run)",
	"DELETE FROM aa WHERE campaign NOT IN (SELECT campaign FROM aa_result) "
	"OR campaign NOT IN (SELECT id FROM campaign WHERE host IN (SELECT "
	"b.host FROM run AS r JOIN boot AS b ON b.id = r.boot))",
	"DELETE FROM aa_result WHERE campaign NOT IN (SELECT campaign FROM aa)",
	"DELETE FROM revision WHERE series <> :series OR "
	"revision NOT IN (:revision0, :revision1)",
	"DELETE FROM campaign WHERE id NOT IN (SELECT campaign FROM slot "
	"UNION SELECT campaign FROM aa)",
	"UPDATE campaign SET plan = '{}'",
	"DELETE FROM boot WHERE id NOT IN (SELECT boot FROM run UNION "
	"SELECT boot FROM slot UNION SELECT boot FROM campaign)",
	"UPDATE boot SET parent = NULL "
	"WHERE parent NOT IN (SELECT id FROM boot)",
	"DELETE FROM arm_state WHERE boot NOT IN (SELECT id FROM boot)",
	"DELETE FROM arm WHERE id NOT IN (SELECT arm FROM run UNION "
	"SELECT arm FROM slot UNION SELECT arm FROM arm_state)",
	"DELETE FROM host WHERE id NOT IN (SELECT host FROM boot UNION "
	"SELECT host FROM campaign)",
	"DELETE FROM build WHERE id NOT IN (SELECT build FROM boot UNION "
	"SELECT build FROM label)",
	"DELETE FROM variant WHERE id NOT IN (SELECT variant FROM run UNION "
	"SELECT variant FROM slot UNION SELECT variant FROM aa_result)",
	"DELETE FROM metric WHERE id NOT IN (SELECT metric FROM value UNION "
	"SELECT metric FROM sample UNION SELECT metric FROM aa_result)",
	"DELETE FROM fact WHERE NOT publish OR (scope = 'run' AND "
	"owner NOT IN (SELECT id FROM run)) OR (scope = 'boot' AND "
	"owner NOT IN (SELECT id FROM boot)) OR (scope = 'host' AND "
	"owner NOT IN (SELECT id FROM host))",
	"UPDATE run SET reason = redact_paths(" NAMELESS("reason") ") "
	"WHERE reason <> ''",
	"UPDATE slot SET reason = redact_paths(" NAMELESS("reason") ") "
	"WHERE reason <> ''",
	"UPDATE arm_state SET evidence = redact_paths(" NAMELESS("evidence")
	"), claim = redact_paths(claim)",
	"UPDATE build SET tree = redact_paths(tree)",
	"UPDATE host SET name = ''",
	"UPDATE run SET origin = 'merged' WHERE origin GLOB 'merged from *'",
};

static const char others[] =
	"SELECT name FROM sqlite_schema WHERE type = 'table' AND "
	"name NOT LIKE 'sqlite_%' AND name NOT IN ('host', 'build', 'label', "
	"'boot', 'arm', 'arm_state', 'variant', 'campaign', 'slot', 'run', "
	"'metric', 'value', 'sample', 'fact', 'aa', 'aa_result', 'revision')";

static int run_text(struct store *s, const char *sql)
{
	char *said = NULL;
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, &said);

	if (rc)
		pr_err("%s: %s", s->path, said ? said : sqlite3_errstr(rc));
	sqlite3_free(said);
	return rc ? -EIO : 0;
}

/* Tables that two revisions need nothing of. Their names are our own. */
static int empty_others(struct store *s)
{
	char name[16][64];
	sqlite3_stmt *row;
	int n = 0, i, err;

	err = sql_open(s, others, NULL, &row);
	if (err)
		return err;
	while (n < 16 && (err = sql_step(s, row)) == 1)
		snprintf(name[n++], sizeof(name[0]), "%s",
			 (const char *)sqlite3_column_text(row, 0));
	sql_close(row);
	for (i = 0; i < n && err >= 0; i++) {
		char *sql = sqlite3_mprintf("DELETE FROM \"%w\"", name[i]);

		err = sql ? run_text(s, sql) : -ENOMEM;
		sqlite3_free(sql);
	}
	return err < 0 ? err : 0;
}

static int cut(struct store *s, const char *series,
	       const struct store_revision *const rev[2])
{
	const struct sql_arg *args = SQL_ARGS(A_TEXT("series", series),
		A_TEXT("revision0", rev[0]->revision),
		A_INT("patch0", rev[0]->patch),
		A_TEXT("revision1", rev[1]->revision),
		A_INT("patch1", rev[1]->patch));
	size_t i;
	int err = empty_others(s);

	for (i = 0; i < sizeof(steps) / sizeof(*steps) && !err; i++)
		err = sql_do(s, steps[i], args);
	return err;
}

/* Nothing may refer to what is gone. */
static int whole(struct store *s)
{
	sqlite3_stmt *row;
	int err = sql_first(s, "PRAGMA foreign_key_check", NULL, &row);

	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	pr_err("%s: a row of %s refers to nothing", s->path,
	       (const char *)sqlite3_column_text(row, 0));
	sql_close(row);
	return -EBADMSG;
}

static void redact(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	const char *text = (const char *)sqlite3_value_text(*v);
	char *out = redact_paths(n && text ? text : "");

	if (out)
		sqlite3_result_text(ctx, out, -1, free);
	else
		sqlite3_result_error_nomem(ctx);
}

/* ---- raw output of other tools ---- */

struct artifacts {
	const struct store *s;
	int (*fn)(void *arg, const char *run, const char *name,
		  const char *data, size_t len);
	void *arg;
};

static int one_artifact(void *arg, sqlite3_stmt *row)
{
	const struct artifacts *a = arg;
	const int64_t size = sqlite3_column_int64(row, 3);
	const void *blob = sqlite3_column_blob(row, 4);
	void *data = NULL;
	int err = size < 0 || size > CODEC_BYTES_MAX ? -EBADMSG : 0;

	if (!err)
		err = codec_unpack(sql_col_text(row, 2), blob ? blob : "",
				   sqlite3_column_bytes(row, 4), size, &data);
	if (err == -EBADMSG)
		pr_err("%s: what is kept of run %s is damaged", a->s->path,
		       sql_col_text(row, 0));
	if (!err)
		err = a->fn(a->arg, sql_col_text(row, 0), sql_col_text(row, 1),
			    data, size);
	free(data);
	return err;
}

int store_artifacts_each(struct store *s,
			 const struct store_revision *const rev[2],
			 int (*fn)(void *arg, const char *run,
				   const char *name, const char *data,
				   size_t len), void *arg)
{
	struct artifacts a = { s, fn, arg };

	return sql_each(s, "SELECT r.uuid, x.name, x.codec, x.size, x.blob "
			"FROM run AS r JOIN artifact AS x ON x.run = r.id "
			"WHERE r.label IN (:label0, :label1) "
			"ORDER BY r.id, x.id",
			SQL_ARGS(A_INT("label0", rev[0]->id),
				 A_INT("label1", rev[1]->id)),
			one_artifact, &a);
}

/* ---- the slice ---- */

int store_slice(struct store *from, const char *path, const char *series,
		const struct store_revision *const rev[2])
{
	struct store *s;
	int err;

	err = sql_do(from, "PRAGMA query_only = OFF", NULL);
	if (!err)
		err = sql_do(from, "VACUUM INTO :path",
			     SQL_ARGS(A_TEXT("path", path)));
	if (!err)
		err = store_open(&s, path, 0);
	if (err)
		return err;
	err = run_text(s, "PRAGMA foreign_keys = OFF");
	if (!err && sqlite3_create_function(s->db, "redact_paths", 1,
					    SQLITE_UTF8 | SQLITE_DETERMINISTIC,
					    NULL, redact, NULL, NULL))
		err = -ENOMEM;
	if (!err)
		err = cut(s, series, rev);
	if (!err)
		err = whole(s);
	/* What was deleted is still in the file's free pages. */
	if (!err)
		err = run_text(s, "VACUUM");
	store_close(s);
	return err;
}
