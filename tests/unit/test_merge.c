// SPDX-License-Identifier: GPL-2.0-or-later
/* Databases of others: taken in whole and once, or not at all. */
#include "tests/unit/store_fixture.h"

#include <fcntl.h>
#include <zstd.h>

#include "store/codec.h"
#include "store/sql.h"

#define COUNT_ALL							\
	"SELECT (SELECT count(*) FROM host) + (SELECT count(*) FROM "	\
	"build) + (SELECT count(*) FROM label) + (SELECT count(*) FROM "	\
	"boot) + (SELECT count(*) FROM arm) + (SELECT count(*) FROM "	\
	"arm_state) + (SELECT count(*) FROM variant) + (SELECT count(*) "	\
	"FROM metric) + (SELECT count(*) FROM campaign) + (SELECT "	\
	"count(*) FROM slot) + (SELECT count(*) FROM run) + (SELECT "	\
	"count(*) FROM value) + (SELECT count(*) FROM sample) + (SELECT "	\
	"count(*) FROM artifact) + (SELECT count(*) FROM fact) + (SELECT " \
	"count(*) FROM import) + (SELECT count(*) FROM audit)"

static struct store *open_db(const char *path)
{
	struct store *s;

	assert_int_equal(store_open(&s, path, STORE_CREATE), 0);
	return s;
}

static void test_merge(void **state)
{
	struct store_select sel = { .series = "asi", .revision = "v1",
				    .patch = -1 };
	struct scratch *d = *state;
	struct store_merge n;
	struct obs_set set;
	struct store *s;
	int64_t rows;
	char text[200];

	fix_db(d->db, "fp1", "boot-1", 3);
	fix_db(d->other, "fp2", "boot-2", 4);
	s = open_db(d->db);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	assert_int_equal(n.runs_new, 4);
	assert_int_equal(n.runs_known, 0);
	assert_int_equal(n.boots_new, 1);
	assert_int_equal(n.hosts_new, 1);
	assert_int_equal(store_load(s, &sel, "v1", &set), 0);
	assert_int_equal(set.n, 14);
	assert_int_equal(set.nboots, 2);
	assert_int_equal(set.nrows, 4);
	assert_string_equal(set.row[2].host, "lab-fp2");
	assert_int_equal(set.boot[1].state, STATE_VERIFIED);
	assert_non_null(facts_find(&set.boot[1].facts, "cpu.model"));
	assert_non_null(facts_find(&set.boot[1].facts, "cpu.governor"));
	obs_set_free(&set);
	fix_text(d->db, "SELECT group_concat(DISTINCT origin) FROM run", text,
		 sizeof(text));
	assert_string_equal(text, "own,merged from other.db");
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM artifact"), 7);
	/* Twice adds nothing, not even a row in the audit trail. */
	rows = fix_int(d->db, COUNT_ALL);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	assert_int_equal(n.runs_new + n.boots_new + n.hosts_new, 0);
	assert_int_equal(n.runs_known, 4);
	assert_int_equal(fix_int(d->db, COUNT_ALL), rows);
	SAYS(store_merge(s, d->db, &n), "into itself");
	SAYS(store_merge(s, "/nonexistent", &n), "no results yet");
	store_close(s);
	/* And back: they know theirs already. */
	s = open_db(d->other);
	assert_int_equal(store_merge(s, d->db, &n), 0);
	assert_int_equal(n.runs_known, 4);
	assert_int_equal(n.runs_new, 3);
	store_close(s);
}

/* A host measured into two files: one boot, and facts with their runs. */
static void test_same_boot(void **state)
{
	struct store_select sel = { .series = "asi", .revision = "v1",
				    .patch = -1 };
	struct scratch *d = *state;
	struct store_merge n;
	struct obs_set set;
	struct store *s;

	fix_db(d->db, "fp1", "boot-1", 2);
	fix_db(d->other, "fp1", "boot-1", 2);
	fix_sql(d->other, "UPDATE fact SET value = 'powersave' "
		"WHERE key = 'cpu.governor'");
	s = open_db(d->db);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	assert_int_equal(n.boots_new + n.hosts_new, 0);
	assert_int_equal(n.runs_new, 2);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	assert_int_equal(n.runs_known, 2);
	assert_int_equal(store_load(s, &sel, "v1", &set), 0);
	assert_int_equal(set.nboots, 1);
	assert_int_equal(set.n, 8);
	assert_string_equal(facts_find(&set.boot[0].facts,
				       "cpu.governor")->text,
			    "changed: performance, then powersave");
	obs_set_free(&set);
	store_close(s);
}

/* A campaign that went on after it was merged. */
static void test_grown(void **state)
{
	struct scratch *d = *state;
	struct store *s, *other;
	struct store_merge n;
	struct store_slot slot;
	struct store_run r = { .reason = "" };
	struct ids ids;
	char text[200];

	s = open_db(d->db);
	other = open_db(d->other);
	fix_ids(other, "fp1", "boot-1", &ids);
	assert_int_equal(fix_run(other, &ids, 1000), 0);
	fix_slot(&ids, &slot);
	assert_int_equal(store_slot_skip(other, &slot, "why"), 0);
	fix_slot(&ids, &slot);
	assert_int_equal(store_slot_start(other, &slot, &r.slot), 0);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	assert_int_equal(n.runs_new, 1);
	fix_text(d->db, "SELECT group_concat(state || ' ' || reason) FROM "
		 "slot", text, sizeof(text));
	assert_string_equal(text, "done ,skipped why,interrupted merged while "
			    "it ran");
	fix_text(d->db, "SELECT state FROM campaign", text, sizeof(text));
	assert_string_equal(text, "interrupted");
	assert_int_equal(store_run(other, &r, NULL), 0);
	assert_int_equal(store_campaign_end(other, ids.campaign, "done",
					    "precision"), 0);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	assert_int_equal(n.runs_new, 1);
	assert_int_equal(n.runs_known, 1);
	fix_text(d->db, "SELECT group_concat(state) FROM slot", text,
		 sizeof(text));
	assert_string_equal(text, "done,skipped,done");
	fix_text(d->db, "SELECT state || stop FROM campaign", text,
		 sizeof(text));
	assert_string_equal(text, "doneprecision");
	store_close(other);
	store_close(s);
}

/* Refused with one line, and nothing of it is here. */
static void refused(struct scratch *d, const char *why)
{
	struct store *s = open_db(d->db);
	int64_t rows = fix_int(d->db, COUNT_ALL);
	struct store_merge n;

	SAYS(store_merge(s, d->other, &n), why);
	assert_int_equal(n.runs_new, 0);
	assert_int_equal(fix_int(d->db, COUNT_ALL), rows);
	store_close(s);
}

/* The same run with something else in it. */
static void test_conflict(void **state)
{
	static const char *const changes[] = {
		"UPDATE value SET value = 1 WHERE run = 2",
		"UPDATE run SET status = 'invalid' WHERE id = 2",
		"DELETE FROM sample WHERE run = 2",
		"DELETE FROM fact WHERE scope = 'run' AND owner = 2",
		"UPDATE fact SET value = 9.5 WHERE key = 'witness.steal'",
		"UPDATE variant SET params = '{\"x\":1}'",
		"UPDATE metric SET unit = 'ns' WHERE name = 'p99'",
	};
	struct scratch *d = *state;
	struct store_merge n;
	struct store *s;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		fix_db(d->other, "fp2", "boot-2", 3);
		s = open_db(d->db);
		assert_int_equal(store_merge(s, d->other, &n), 0);
		store_close(s);
		fix_sql(d->other, changes[i]);
		refused(d, "is known here with other content");
		unlink(d->db);
		unlink(d->other);
	}
}

/* A label of theirs that is another build here. */
static void test_label(void **state)
{
	struct scratch *d = *state;

	fix_db(d->db, "fp1", "boot-1", 1);
	fix_db(d->other, "fp2", "boot-2", 1);
	fix_sql(d->other, "UPDATE build SET build_id = 'beef'");
	refused(d, "\"v1\" is already the name of 6.16.0 (build id "
		"aabbccddeeff), this is 6.16.0 (build id beef)");
}

/* What SQLite's own checks do not see, and what they do. */
static void test_hostile(void **state)
{
	static const struct { const char *sql, *why; } bad[] = {
		{ "UPDATE sample SET checksum = "
		  "'00000000000000000000000000000000' WHERE run = 2",
		  "samples are damaged" },
		{ "UPDATE sample SET count = count + 1", "samples are" },
		{ "UPDATE sample SET codec = iif(codec = 'delta', "
		  "'delta+zstd', 'delta')", "samples are damaged" },
		{ "UPDATE sample SET blob = zeroblob(1000000)",
		  "samples are damaged" },
		{ "UPDATE artifact SET size = 16777216", "artifact is" },
		{ "UPDATE artifact SET blob = x'7b7e'", "artifact is" },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM label",
		  "NOT NULL constraint failed" },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM build",
		  "without its build" },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM boot",
		  "NOT NULL constraint failed" },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM metric",
		  "NOT NULL constraint failed" },
		{ "CREATE TRIGGER evil AFTER INSERT ON host BEGIN DELETE "
		  "FROM run; END", "trigger evil" },
		{ "CREATE VIEW v AS SELECT * FROM run", "view v" },
		{ "PRAGMA user_version = 3", "newer asibench" },
		{ "PRAGMA application_id = 1", "another program" },
		{ "PRAGMA journal_mode = WAL", "write-ahead mode" },
		{ "PRAGMA ignore_check_constraints = ON; UPDATE label SET "
		  "revision = hex(zeroblob(500000))", "other.db: refused: "
		  "CHECK constraint failed: length(revision)" },
		{ "PRAGMA ignore_check_constraints = ON; UPDATE run SET "
		  "status = 'fine'", "CHECK constraint failed: status" },
		{ "PRAGMA ignore_check_constraints = ON; UPDATE sample SET "
		  "count = -1", "samples are damaged" },
		{ "PRAGMA ignore_check_constraints = ON; UPDATE sample SET "
		  "count = 1 << 40", "samples are damaged" },
		/* The schema's text replaced, its b-trees left as they are. */
		{ "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql "
		  "= replace(sql, 'CHECK', '-- CHECK') WHERE name = 'label'",
		  "" },
		{ "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
		  "rootpage = 99999 WHERE name = 'run'", "" },
		{ "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
		  "rootpage = (SELECT rootpage FROM sqlite_schema WHERE name "
		  "= 'sample') WHERE name = 'run'", "" },
	};
	struct scratch *d = *state;
	size_t i;

	fix_db(d->db, "fp1", "boot-1", 1);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		fix_db(d->other, "fp2", "boot-2", 3);
		fix_sql(d->other, bad[i].sql);
		refused(d, bad[i].why);
		unlink(d->other);
	}
}

/* A few kilobytes that promise, and would unpack to, gigabytes. */
static void test_bomb(void **state)
{
	const size_t size = 64 << 20;
	void *zero = calloc(1, size), *out = malloc(ZSTD_compressBound(size));
	struct scratch *d = *state;
	sqlite3_stmt *st;
	sqlite3 *db;
	size_t len;

	assert_non_null(zero);
	assert_non_null(out);
	len = ZSTD_compress(out, ZSTD_compressBound(size), zero, size, 3);
	fix_db(d->db, "fp1", "boot-1", 1);
	fix_db(d->other, "fp2", "boot-2", 1);
	assert_int_equal(sqlite3_open(d->other, &db), 0);
	assert_int_equal(sqlite3_prepare_v2(db, "UPDATE sample SET codec = "
			 "'delta+zstd', blob = ?", -1, &st, NULL), 0);
	sqlite3_bind_blob(st, 1, out, len, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	sqlite3_finalize(st);
	sqlite3_close(db);
	refused(d, "samples are damaged");
	/* As many as it says: decoded, within bounds, and found out. */
	fix_sql(d->other, "UPDATE sample SET count = 1000000");
	refused(d, "samples are damaged");
	free(zero);
	free(out);
}

/* Bytes of a good file changed at random: an error, or no harm. */
static void test_fuzz(void **state)
{
	struct scratch *d = *state;
	unsigned int seed = 12345;
	struct store *s;
	struct stat st;
	int i, k, fd, err, saved, fine = 0;

	fix_db(d->db, "fp1", "boot-1", 1);
	for (i = 0; i < 60; i++) {
		struct store_merge n;
		char said[4096];

		fix_db(d->other, "fp2", "boot-2", 2);
		fd = open(d->other, O_WRONLY);
		assert_true(fd >= 0);
		assert_int_equal(fstat(fd, &st), 0);
		for (k = 0; k < 1 + i % 20; k++) {
			unsigned char byte = rand_r(&seed);
			off_t at = rand_r(&seed) % st.st_size;

			assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		}
		close(fd);
		s = open_db(d->db);
		saved = said_begin();
		err = store_merge(s, d->other, &n);
		said_end(saved, said, sizeof(said));
		assert_true(!err || *said);
		fine += !err;
		store_close(s);
		unlink(d->other);
		assert_int_equal(fix_int(d->db, "SELECT count(*) FROM "
			"pragma_integrity_check WHERE integrity_check <> "
			"'ok'"), 0);
		assert_int_equal(fix_int(d->db, "SELECT count(*) FROM "
			"pragma_foreign_key_check"), 0);
	}
	assert_true(fine < 60);
}

/* Left by a writer that was killed: not whole without its journal's help. */
static void test_hot_journal(void **state)
{
	struct scratch *d = *state;
	char from[160], to[160], buf[65536];
	struct store_merge n;
	struct store *s;
	sqlite3 *db;
	ssize_t got;
	int in, out;

	fix_db(d->other, "fp2", "boot-2", 2);
	snprintf(from, sizeof(from), "%s-journal", d->other);
	snprintf(to, sizeof(to), "%s/file", d->dir);
	assert_int_equal(sqlite3_open(d->other, &db), 0);
	assert_int_equal(sqlite3_exec(db, "PRAGMA cache_size = 2; "
		"BEGIN IMMEDIATE; UPDATE run SET reason = hex(zeroblob(999)); "
		"UPDATE slot SET reason = hex(zeroblob(999))", NULL, NULL,
		NULL), 0);
	assert_int_equal(sqlite3_db_cacheflush(db), 0);
	in = open(from, O_RDONLY);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	got = read(in, buf, sizeof(buf));
	assert_true(got > 512);
	assert_int_equal(write(out, buf, got), got);
	close(in);
	close(out);
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(db);
	assert_int_equal(rename(to, from), 0);
	s = open_db(d->db);
	SAYS(store_merge(s, d->other, &n), "copied while it was being");
	store_close(s);
	/* Its owner opens it, for reading even, and it is whole again. */
	assert_int_equal(store_open(&s, d->other, STORE_READ), 0);
	store_close(s);
	s = open_db(d->db);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	assert_int_equal(n.runs_new, 2);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH(test_merge), SCRATCH(test_same_boot),
		SCRATCH(test_grown), SCRATCH(test_conflict),
		SCRATCH(test_label), SCRATCH(test_hostile),
		SCRATCH(test_bomb), SCRATCH(test_fuzz),
		SCRATCH(test_hot_journal),
	};

	return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
