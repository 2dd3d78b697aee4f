// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/schema.h"

#include <errno.h>
#include <string.h>

#include "lib/msg.h"

extern const char schema_sql[] __attribute__((visibility("hidden")));

__asm__(".pushsection .rodata\n"
	"schema_sql: .incbin \"store/schema.sql\"\n"
	".byte 0\n"
	".popsection\n");

/* What ANALYZE leaves is no part of the schema. */
#define OBJECTS								\
	"SELECT type, name, tbl_name, sql FROM sqlite_schema "		\
	"WHERE name NOT IN ('sqlite_stat1', 'sqlite_stat4') "		\
	"ORDER BY type, name, tbl_name"

/* By the order of OBJECTS, as strcmp() does. */
static int compare_objects(sqlite3_stmt *a, sqlite3_stmt *b)
{
	int i, diff = 0;

	for (i = 0; i < 3 && !diff; i++)
		diff = strcmp(sql_col_text(a, i), sql_col_text(b, i));
	return diff;
}

/* Step through both schemas together, until they part. */
static int schema_compare(struct store *s, sqlite3_stmt *want)
{
	const char *how;
	sqlite3_stmt *got, *odd;
	int diff, err, more, rc;

	err = sql_open(s, OBJECTS, NULL, &got);
	if (err)
		return err;
	do {
		more = sql_step(s, got);
		err = more < 0 ? more : 0;
		rc = sqlite3_step(want);
		if (err || (!more && rc == SQLITE_DONE))
			break;
		diff = !more ? 1 : rc != SQLITE_ROW ? -1 :
			compare_objects(got, want);
		if (!diff && !strcmp(sql_col_text(got, 3),
				     sql_col_text(want, 3)))
			continue;
		odd = diff > 0 ? want : got;
		how = diff > 0 ? "lacks" : diff < 0 ? "has" : "differs in";
		pr_err("%s: not a schema of asibench (%s %s %s): not touched; "
		       "use --db FILE", s->path, how, sql_col_text(odd, 0),
		       sql_col_text(odd, 1));
		err = -EBADMSG;
	} while (!err);
	sql_close(got);
	return err;
}

/* The schema as this SQLite keeps it, to compare with. */
static int schema_is_ours(struct store *s)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *want = NULL;
	int err = -ENOMEM;

	if (sqlite3_open(":memory:", &db) ||
	    sqlite3_exec(db, schema_sql, NULL, NULL, NULL) ||
	    sqlite3_prepare_v2(db, OBJECTS, -1, &want, NULL))
		pr_err("cannot make the schema in memory: %s",
		       sqlite3_errmsg(db));
	else
		err = schema_compare(s, want);
	sqlite3_finalize(want);
	sqlite3_close(db);
	return err;
}

static int schema_judge(struct store *s)
{
	int64_t app, version, objects;
	int err;

	err = sql_int(s, "PRAGMA application_id", NULL, &app);
	if (!err)
		err = sql_int(s, "PRAGMA user_version", NULL, &version);
	if (!err)
		err = sql_int(s, "SELECT count(*) FROM sqlite_schema", NULL,
			      &objects);
	if (err)
		return err;
	if (!app && !version && !objects)
		return 1;
	if (app != SCHEMA_APPLICATION) {
		pr_err("%s: a database of another program (application id "
		       "0x%08x): not touched; use --db FILE", s->path,
		       (unsigned int)app);
		return -EBADMSG;
	}
	if (version > SCHEMA_VERSION) {
		pr_err("%s: made by a newer asibench (format %lld, this one "
		       "knows %d): not touched; use the newer one", s->path,
		       (long long)version, SCHEMA_VERSION);
		return -EBADMSG;
	}
	return schema_is_ours(s);
}

int schema_check(struct store *s)
{
	int err, end;

	/* One snapshot: a creator may be at work. */
	err = sql_do(s, "BEGIN", NULL);
	if (err)
		return err;
	err = schema_judge(s);
	end = sql_do(s, "ROLLBACK", NULL);
	return err ? err : end;
}

static int schema_exec(struct store *s, const char *sql)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc ? sql_fail(s, rc) : 0;
}

int schema_create(struct store *s)
{
	char *ids;
	int err;

	err = schema_exec(s, "BEGIN EXCLUSIVE");
	if (err)
		return err;
	s->depth = 1;
	err = schema_judge(s);
	if (err == 1) {
		err = -ENOMEM;
		ids = sqlite3_mprintf("PRAGMA application_id = %d;"
				      "PRAGMA user_version = %d",
				      SCHEMA_APPLICATION, SCHEMA_VERSION);
		if (ids)
			err = schema_exec(s, schema_sql);
		if (!err)
			err = schema_exec(s, ids);
		sqlite3_free(ids);
	}
	return sql_tx_end(s, err);
}
