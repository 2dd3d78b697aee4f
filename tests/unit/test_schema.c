// SPDX-License-Identifier: GPL-2.0-or-later
/* A results.db of version 1: read as it is, merged, moved on writing. */
#include "tests/unit/store_fixture.h"

#include "lib/file.h"
#include "lib/hash.h"
#include "store/aa.h"

#define OLD_SCHEMA	"tests/data/schema-1.sql"

static const struct store_select v1_off = {
	.series = "asi", .revision = "v1", .patch = -1, .arm = "off",
};

/* Their rows under the schema of version 1, by SQLite alone. */
static void copy_rows(sqlite3 *db, const char *from)
{
	char *sql = NULL;
	sqlite3_stmt *st;

	sql = sqlite3_mprintf("ATTACH %Q AS new", from);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), 0);
	sqlite3_free(sql);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM "
			 "main.sqlite_schema WHERE type = 'table'", -1, &st,
			 NULL), 0);
	while (sqlite3_step(st) == SQLITE_ROW) {
		sql = sqlite3_mprintf("INSERT INTO main.%s SELECT * FROM "
				      "new.%s", sqlite3_column_text(st, 0),
				      sqlite3_column_text(st, 0));
		if (sqlite3_exec(db, sql, NULL, NULL, NULL))
			fail_msg("%s: %s", sql, sqlite3_errmsg(db));
		sqlite3_free(sql);
	}
	sqlite3_finalize(st);
}

/* As the version before this one left it, with @n runs. */
static void old_db(struct scratch *d, const char *path, const char *host,
		   const char *boot, int n)
{
	char *schema, fresh[128];
	sqlite3 *db;
	size_t len;

	snprintf(fresh, sizeof(fresh), "%s/file", d->dir);
	fix_db(fresh, host, boot, n);
	assert_int_equal(file_read(OLD_SCHEMA, 1 << 20, &schema, &len), 0);
	assert_int_equal(sqlite3_open(path, &db), 0);
	if (sqlite3_exec(db, schema, NULL, NULL, NULL))
		fail_msg("%s: %s", OLD_SCHEMA, sqlite3_errmsg(db));
	free(schema);
	copy_rows(db, fresh);
	sqlite3_exec(db, "PRAGMA application_id = 1095977282; "
		     "PRAGMA user_version = 1", NULL, NULL, NULL);
	sqlite3_close(db);
	unlink(fresh);
}

static void file_hash(const char *path, char hex[HASH_HEX])
{
	size_t len;
	char *data;

	assert_int_equal(file_read(path, 16 << 20, &data, &len), 0);
	hash_hex(data, len, hex);
	free(data);
}

static void test_read(void **state)
{
	char before[HASH_HEX], after[HASH_HEX];
	struct scratch *d = *state;
	struct store_revision *rev;
	struct obs_set set;
	struct aa_set aa;
	struct store *s;
	size_t n;

	old_db(d, d->db, "fp1", "b1", 3);
	file_hash(d->db, before);
	assert_int_equal(store_open(&s, d->db, STORE_READ), 0);
	assert_int_equal(store_load(s, &v1_off, NULL, &set), 0);
	assert_int_equal(set.n, 6);
	obs_set_free(&set);
	/* What version 1 did not know of is empty. */
	assert_int_equal(store_aa_load(s, 0, &aa), 0);
	assert_int_equal(aa.n, 0);
	store_aa_free(&aa);
	assert_int_equal(store_revisions(s, NULL, &rev, &n), 0);
	assert_int_equal(n, 1);
	store_revisions_free(rev, n);
	store_close(s);
	file_hash(d->db, after);
	assert_string_equal(before, after);
	assert_int_equal(fix_int(d->db, "PRAGMA user_version"), 1);
}

static void test_merged(void **state)
{
	char before[HASH_HEX], after[HASH_HEX];
	struct scratch *d = *state;
	struct store_merge n;
	struct store *s;

	old_db(d, d->other, "fp2", "b2", 4);
	file_hash(d->other, before);
	fix_db(d->db, "fp1", "b1", 2);
	assert_int_equal(store_open(&s, d->db, 0), 0);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	assert_int_equal(n.runs_new, 4);
	store_close(s);
	file_hash(d->other, after);
	assert_string_equal(before, after);
}

#define ROWS								\
	"SELECT (SELECT count(*) FROM run) * 1000 + (SELECT count(*) "	\
	"FROM value) + (SELECT total(value) FROM value) + "		\
	"(SELECT total(length(blob)) FROM sample)"

static void test_moved(void **state)
{
	struct scratch *d = *state;
	char said[512], what[64];
	struct obs_set set;
	struct store *s;
	int64_t rows;
	int saved;

	old_db(d, d->db, "fp1", "b1", 3);
	rows = fix_int(d->db, ROWS);
	saved = said_begin();
	assert_int_equal(store_open(&s, d->db, 0), 0);
	said_end(saved, said, sizeof(said));
	assert_non_null(strstr(said, "moved from format 1 to 2"));
	assert_int_equal(store_load(s, &v1_off, NULL, &set), 0);
	assert_int_equal(set.n, 6);
	obs_set_free(&set);
	store_close(s);
	assert_int_equal(fix_int(d->db, "PRAGMA user_version"), 2);
	assert_int_equal(fix_int(d->db, ROWS), rows);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM "
				 "pragma_foreign_key_check"), 0);
	fix_text(d->db, "SELECT what FROM audit ORDER BY id DESC", what,
		 sizeof(what));
	assert_string_equal(what, "format 1 to 2");
	/* Once, and from then on like one that was made so. */
	saved = said_begin();
	assert_int_equal(store_open(&s, d->db, 0), 0);
	said_end(saved, said, sizeof(said));
	assert_string_equal(said, "");
	store_close(s);
	assert_int_equal(store_open(&s, d->db, STORE_FOREIGN), 0);
	store_close(s);
}

/* An old one with something of its own is as foreign as a new one. */
static void test_not_ours(void **state)
{
	static const struct { const char *sql, *why; } bad[] = {
		{ "CREATE TRIGGER evil AFTER INSERT ON run BEGIN "
		  "DELETE FROM value; END", "trigger evil" },
		{ "CREATE TABLE aa (campaign INTEGER PRIMARY KEY)",
		  "table aa" },
		{ "DROP VIEW v_boot", "v_boot" },
		{ "PRAGMA user_version = 2", "lacks" },
	};
	struct scratch *d = *state;
	struct store *s;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		old_db(d, d->db, "fp1", "b1", 1);
		fix_sql(d->db, bad[i].sql);
		SAYS(store_open(&s, d->db, STORE_READ), bad[i].why);
		SAYS(store_open(&s, d->db, STORE_FOREIGN), bad[i].why);
		SAYS(store_open(&s, d->db, STORE_CREATE), bad[i].why);
		assert_int_equal(unlink(d->db), 0);
	}
}

/* Whoever comes second finds it done. */
static void test_race(void **state)
{
	struct scratch *d = *state;
	int i, status, bad = 0, saved;
	char said[4096];
	struct store *s;

	old_db(d, d->db, "fp1", "b1", 2);
	saved = said_begin();
	for (i = 0; i < 6; i++) {
		if (fork())
			continue;
		status = store_open(&s, d->db, i & 1 ? STORE_READ : 0);
		if (!status)
			store_close(s);
		_exit(!!status);
	}
	while (wait(&status) > 0)
		bad += !!status;
	said_end(saved, said, sizeof(said));
	assert_string_not_equal(said, "");
	if (bad)
		fail_msg("%d of 6: %s", bad, said);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM audit WHERE "
				 "what = 'format 1 to 2'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH(test_read),
		SCRATCH(test_merged),
		SCRATCH(test_moved),
		SCRATCH(test_not_ours),
		SCRATCH(test_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
