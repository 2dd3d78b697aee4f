// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening: our own database for writing, those of others with suspicion. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/msg.h"
#include "store/place.h"
#include "store/schema.h"
#include "store/store.h"

#define SQLITE_NEEDED	3038000
#define BUSY_MS		10000
#define FOREIGN_SECONDS	60	/* to read a database of others */
#define OPS_PER_LOOK	100000	/* virtual machine steps between looks */

static int configure(struct store *s)
{
	sqlite3 *db = s->db;

	if (sqlite3_libversion_number() < SQLITE_NEEDED) {
		pr_err("%s: needs SQLite 3.38 or newer (strict tables, JSON), "
		       "this is %s", s->path, sqlite3_libversion());
		return -EOPNOTSUPP;
	}
	sqlite3_extended_result_codes(db, 1);
	if (sqlite3_busy_timeout(db, BUSY_MS) ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL) ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL) ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL) ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL)) {
		pr_err("%s: this SQLite (%s) lacks a setting that is needed",
		       s->path, sqlite3_libversion());
		return -EOPNOTSUPP;
	}
	return 0;
}

static int too_long(void *deadline)
{
	return time(NULL) > *(time_t *)deadline;
}

/*
 * Bounds before the first statement, since that one parses the schema. The
 * deadline is one for all foreign files of the process: they are read once.
 */
static int configure_foreign(struct store *s)
{
	static time_t deadline;

	deadline = time(NULL) + FOREIGN_SECONDS;
	sqlite3_progress_handler(s->db, OPS_PER_LOOK, too_long, &deadline);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, 256 << 20);
	sqlite3_limit(s->db, SQLITE_LIMIT_SQL_LENGTH, 1 << 16);
	sqlite3_limit(s->db, SQLITE_LIMIT_COLUMN, 64);
	sqlite3_limit(s->db, SQLITE_LIMIT_EXPR_DEPTH, 64);
	sqlite3_limit(s->db, SQLITE_LIMIT_COMPOUND_SELECT, 8);
	sqlite3_limit(s->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(s->db, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
	sqlite3_limit(s->db, SQLITE_LIMIT_WORKER_THREADS, 0);
	return sql_do(s, "PRAGMA cell_size_check = ON", NULL);
}

/*
 * A foreign file is looked at before SQLite is, which in write-ahead mode
 * would make files beside it even for reading.
 */
static int foreign_header(const char *real, const char *path)
{
	unsigned char head[100];
	struct stat st;
	int err = 0, fd;
	ssize_t n = 0;

	fd = open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		err = -errno;
	else if (S_ISREG(st.st_mode))
		n = read(fd, head, sizeof(head));
	if (fd >= 0)
		close(fd);
	if (err) {
		pr_err("%s: %s", path, strerror(-err));
		return err;
	}
	if (n != sizeof(head) || memcmp(head, "SQLite format 3", 16)) {
		pr_err("%s: not an SQLite database", path);
		return -EBADMSG;
	}
	if (head[18] != 1 || head[19] != 1) {
		pr_err("%s: in write-ahead mode, as asibench never leaves it: "
		       "let its owner run `sqlite3 FILE "
		       "'PRAGMA journal_mode=DELETE'`", path);
		return -EBADMSG;
	}
	return 0;
}

/*
 * B-trees and column types. CHECK constraints are not among it, SQLite drops
 * them on a read-only connection: ours applies them to every row it takes.
 */
static int foreign_whole(struct store *s)
{
	char verdict[200];
	int err;

	err = sql_text(s, "PRAGMA quick_check(1)", NULL, verdict,
		       sizeof(verdict));
	if (!err && strcmp(verdict, "ok")) {
		pr_err("%s: damaged: %s", s->path, verdict);
		err = -EBADMSG;
	}
	return err;
}

/*
 * Delete mode: one file, which can be copied and never lacks its tail. Extra:
 * the directory is synced too, since a kernel under test may well panic after
 * a commit.
 */
static int settle_writer(struct store *s, const char *real, int created)
{
	char mode[16];
	int err;

	err = place_writable(real, s->path);
	if (!err && sqlite3_db_readonly(s->db, "main") > 0)
		err = sql_fail(s, SQLITE_READONLY);
	if (!err)
		err = schema_check(s);
	if (err == 1 && !created) {
		pr_err("%s: empty: `asibench run` makes results", s->path);
		return -ENOENT;
	}
	if (err == 1 || (!err && s->version < SCHEMA_VERSION))
		err = schema_settle(s);
	if (!err)
		err = sql_text(s, "PRAGMA journal_mode = DELETE", NULL, mode,
			       sizeof(mode));
	if (!err)
		err = sql_do(s, "PRAGMA synchronous = EXTRA", NULL);
	if (!err)
		err = sql_do(s, "PRAGMA temp_store = MEMORY", NULL);
	return err;
}

static int settle_reader(struct store *s)
{
	int err;

	err = schema_check(s);
	if (err == 1) {
		pr_err("%s: empty: `asibench run` makes results", s->path);
		return -ENOENT;
	}
	if (!err && (s->flags & STORE_FOREIGN))
		err = foreign_whole(s);
	if (!err)
		err = sql_do(s, "PRAGMA temp_store = MEMORY", NULL);
	if (!err)
		err = schema_stand_ins(s);
	if (!err)
		err = sql_do(s, "PRAGMA query_only = ON", NULL);
	return err;
}

static int open_db(struct store *s, const char *path)
{
	int create = s->flags & STORE_CREATE, foreign = s->flags & STORE_FOREIGN;
	int err, rc, mode = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	char real[PATH_MAX];

	err = place_prepare(path, create, real, sizeof(real));
	if (!err && foreign)
		err = foreign_header(real, path);
	if (err)
		return err;
	/*
	 * A reader of our own opens for writing where it may: only so can it
	 * roll back what a killed writer left.
	 */
	mode |= foreign ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	rc = sqlite3_open_v2(real, &s->db, mode, NULL);
	if (!s->db)
		return -ENOMEM;
	if (rc)
		return sql_fail(s, rc);
	err = configure(s);
	if (!err && foreign)
		err = configure_foreign(s);
	if (err)
		return err;
	return s->flags & (STORE_READ | STORE_FOREIGN) ?
		settle_reader(s) : settle_writer(s, real, create);
}

int store_open(struct store **out, const char *path, unsigned int flags)
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	*out = NULL;
	if (!s)
		return -ENOMEM;
	s->flags = flags;
	if (flags & (STORE_READ | STORE_FOREIGN))
		s->flags &= ~STORE_CREATE;
	s->path = strdup(path);
	err = s->path ? open_db(s, path) : -ENOMEM;
	if (err) {
		store_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->ncached; i++)
		sqlite3_finalize(s->cache[i].stmt);
	sqlite3_close(s->db);
	facts_free(&s->host_facts);
	facts_free(&s->boot_facts);
	free(s->path);
	free(s);
}

const char *store_path(const struct store *s)
{
	return s->path;
}
