// SPDX-License-Identifier: GPL-2.0-or-later
/* A copy of some revisions, without what is not for publication. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/msg.h"
#include "store/sql.h"
#include "store/store.h"

#define KEPT	"SELECT id FROM label WHERE series = :series AND "	\
	"((revision = :revision0 AND patch = :patch0) OR "		\
	"(revision = :revision1 AND patch = :patch1))"

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
	"DELETE FROM campaign WHERE id NOT IN (SELECT campaign FROM slot)",
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
	"SELECT variant FROM slot)",
	"DELETE FROM metric WHERE id NOT IN (SELECT metric FROM value UNION "
	"SELECT metric FROM sample)",
	"DELETE FROM fact WHERE NOT publish OR (scope = 'run' AND "
	"owner NOT IN (SELECT id FROM run)) OR (scope = 'boot' AND "
	"owner NOT IN (SELECT id FROM boot)) OR (scope = 'host' AND "
	"owner NOT IN (SELECT id FROM host))",
	"UPDATE host SET name = ''",
	"UPDATE run SET origin = 'merged' WHERE origin GLOB 'merged from *'",
};

static const char others[] =
	"SELECT name FROM sqlite_schema WHERE type = 'table' AND "
	"name NOT LIKE 'sqlite_%' AND name NOT IN ('host', 'build', 'label', "
	"'boot', 'arm', 'arm_state', 'variant', 'campaign', 'slot', 'run', "
	"'metric', 'value', 'sample', 'fact')";

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
