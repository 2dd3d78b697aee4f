// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/msg.h"
#include "store/label.h"

#define SCHEMA_STEP(name, file)						\
	extern const char name[] __attribute__((visibility("hidden")));	\
	__asm__(".pushsection .rodata\n"				\
		#name ": .incbin \"" file "\"\n"				\
		".byte 0\n"						\
		".popsection\n")

SCHEMA_STEP(schema_1, "store/schema.sql");
SCHEMA_STEP(schema_2, "store/schema-2.sql");

/* Version N is what the first N steps make, in a new file as in an old one. */
static const char *const steps[SCHEMA_VERSION] = { schema_1, schema_2 };

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

/**
 * schema_with() - call @fn with a query of our own schema
 * @version:	as this SQLite keeps it in a file of that version
 */
static int schema_with(struct store *s, int version, const char *sql,
		       int (*fn)(struct store *s, sqlite3_stmt *want))
{
	sqlite3 *db = NULL;
	sqlite3_stmt *want = NULL;
	int err = -ENOMEM, i, rc;

	rc = sqlite3_open(":memory:", &db);
	for (i = 0; !rc && i < version; i++)
		rc = sqlite3_exec(db, steps[i], NULL, NULL, NULL);
	if (rc || sqlite3_prepare_v2(db, sql, -1, &want, NULL))
		pr_err("cannot make the schema in memory: %s",
		       sqlite3_errmsg(db));
	else
		err = fn(s, want);
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
	s->version = version < 1 ? 1 : version;
	return schema_with(s, s->version, OBJECTS, schema_compare);
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

static int schema_steps(struct store *s)
{
	char *ids = sqlite3_mprintf("PRAGMA application_id = %d;"
				    "PRAGMA user_version = %d",
				    SCHEMA_APPLICATION, SCHEMA_VERSION);
	int err = ids ? 0 : -ENOMEM, i;

	for (i = s->version; !err && i < SCHEMA_VERSION; i++)
		err = schema_exec(s, steps[i]);
	if (!err)
		err = schema_exec(s, ids);
	sqlite3_free(ids);
	return err;
}

static int note_move(struct store *s, int from)
{
	char what[64];

	snprintf(what, sizeof(what), "format %d to %d", from, SCHEMA_VERSION);
	return store_audit(s, what);
}

int schema_settle(struct store *s)
{
	int err, from;

	err = schema_exec(s, "BEGIN EXCLUSIVE");
	if (err)
		return err;
	s->depth = 1;
	s->version = 0;
	/* Somebody else may have been here since the caller looked. */
	err = schema_judge(s);
	from = s->version;
	if (err >= 0 && from < SCHEMA_VERSION) {
		err = schema_steps(s);
		if (!err && from)
			err = note_move(s, from);
	}
	err = sql_tx_end(s, err);
	if (err)
		return err;
	if (from && from < SCHEMA_VERSION)
		pr_info("%s: moved from format %d to %d; an older asibench no longer reads it",
			s->path, from, SCHEMA_VERSION);
	s->version = SCHEMA_VERSION;
	return 0;
}

/* Tables that the file lacks, as "CREATE TABLE name (...)". */
static int stand_in(struct store *s, sqlite3_stmt *want)
{
	static const char create[] = "CREATE TABLE ";
	const char *name, *sql;
	sqlite3_stmt *there;
	char *temp;
	int err = 0;

	while (!err && sqlite3_step(want) == SQLITE_ROW) {
		name = sql_col_text(want, 0);
		sql = sql_col_text(want, 1);
		err = sql_first(s, "SELECT 1 FROM main.sqlite_schema WHERE "
				"type = 'table' AND name = :name",
				SQL_ARGS(A_TEXT("name", name)), &there);
		if (!err)
			sql_close(there);
		if (err != -ENOENT)
			continue;
		temp = sqlite3_mprintf("CREATE TEMP TABLE %s",
				       sql + sizeof(create) - 1);
		err = temp ? schema_exec(s, temp) : -ENOMEM;
		sqlite3_free(temp);
	}
	return err;
}

int schema_stand_ins(struct store *s)
{
	if (s->version == SCHEMA_VERSION)
		return 0;
	return schema_with(s, SCHEMA_VERSION, "SELECT name, sql FROM "
			   "sqlite_schema WHERE type = 'table' AND name NOT "
			   "LIKE 'sqlite!_%' ESCAPE '!'", stand_in);
}
