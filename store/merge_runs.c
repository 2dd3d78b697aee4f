// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs of others: decoded and compared before they count as taken in. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/msg.h"
#include "store/codec.h"
#include "store/digest.h"
#include "store/facts.h"
#include "store/merge.h"

/* A run being copied: their id and ours. */
struct run_pair {
	int64_t theirs;
	int64_t ours;
	const char *uuid;
};

static int damaged(struct merge *m, const struct run_pair *r, const char *what)
{
	pr_err("%s: run %s: %s damaged: nothing was taken in", m->f->path,
	       r->uuid, what);
	return -EBADMSG;
}

/* Insert a row of theirs, with our run in place of theirs. */
static int copy_row(struct merge *m, sqlite3_stmt *row,
		    const struct run_pair *r, const char *sql)
{
	struct sql_arg args[SQL_COLUMNS + 1];
	char names[SQL_COLUMNS][24];
	int err;

	err = sql_row_args(row, args, names);
	if (err)
		return err;
	args[sql_col(row, "run")].i = r->ours;
	return sql_do(m->s, sql, args);
}

static int value_row(struct merge *m, sqlite3_stmt *row, void *arg)
{
	return copy_row(m, row, arg, "INSERT INTO value (run, metric, value, "
			"n, lo, hi) VALUES (:run, " OURS("metric", ":metric")
			", :value, :n, :lo, :hi)");
}

static int sample_row(struct merge *m, sqlite3_stmt *row, void *arg)
{
	const struct run_pair *r = arg;
	const int64_t count = sqlite3_column_int64(row, 4);
	const void *blob = sqlite3_column_blob(row, 6);
	uint64_t *v;
	int err;

	if (count < 0 || count > CODEC_VALUES_MAX)
		return damaged(m, r, "its samples are");
	err = codec_decode(sql_col_text(row, 3), blob ? blob : "",
			   sqlite3_column_bytes(row, 6), count,
			   sql_col_text(row, 5), &v);
	if (err == -EBADMSG)
		return damaged(m, r, "its samples are");
	if (err)
		return err;
	free(v);
	return copy_row(m, row, r, "INSERT INTO sample (run, metric, batch, "
			"codec, count, checksum, blob) VALUES (:run, "
			OURS("metric", ":metric") ", :batch, :codec, :count, "
			":checksum, :blob)");
}

static int artifact_row(struct merge *m, sqlite3_stmt *row, void *arg)
{
	const struct run_pair *r = arg;
	const int64_t size = sqlite3_column_int64(row, 3);
	const void *blob = sqlite3_column_blob(row, 5);
	char hex[HASH_HEX];
	void *data;
	int err;

	if (size < 0 || size > CODEC_BYTES_MAX)
		return damaged(m, r, "its artifact is");
	err = codec_unpack(sql_col_text(row, 2), blob ? blob : "",
			   sqlite3_column_bytes(row, 5), size, &data);
	if (err == -EBADMSG)
		return damaged(m, r, "its artifact is");
	if (err)
		return err;
	hash_hex(data, size, hex);
	free(data);
	if (strcmp(hex, sql_col_text(row, 4)))
		return damaged(m, r, "its artifact is");
	return copy_row(m, row, r, "INSERT INTO artifact (run, name, codec, "
			"size, sha256, blob) VALUES (:run, :name, :codec, "
			":size, :sha256, :blob)");
}

/*
 * What they have of the boot otherwise than we do, for instance another
 * governor at another time of the same boot, goes with the runs.
 */
static int boot_overrides(struct merge *m, int64_t theirs)
{
	struct fact_list a = { 0 }, b = { 0 };
	const char *const host_of = "SELECT host FROM boot WHERE id = :id";
	int64_t ours, host_a, host_b;
	int err;

	if (m->over_of == theirs)
		return 0;
	facts_free(&m->over);
	m->over_of = theirs;
	err = map_get(m, "boot", theirs, &ours);
	if (!err)
		err = sql_int(m->f, host_of, SQL_ARGS(A_INT("id", theirs)),
			      &host_a);
	if (!err)
		err = sql_int(m->s, host_of, SQL_ARGS(A_INT("id", ours)),
			      &host_b);
	if (!err)
		err = facts_read(m->f, "host", host_a, &a);
	if (!err)
		err = facts_read(m->f, "boot", theirs, &a);
	if (!err)
		err = facts_read(m->s, "host", host_b, &b);
	if (!err)
		err = facts_read(m->s, "boot", ours, &b);
	if (!err)
		facts_differing(&m->over, &a, &b);
	facts_free(&a);
	facts_free(&b);
	return err ? err : m->over.err;
}

static int copy_run_facts(struct merge *m, const struct run_pair *r,
			  int64_t boot)
{
	struct fact_list own = { 0 };
	int err;

	err = boot_overrides(m, boot);
	if (!err)
		err = facts_write(m->s, "run", r->ours, m->over.v, m->over.n);
	if (!err)
		err = facts_read(m->f, "run", r->theirs, &own);
	if (!err)
		err = facts_write(m->s, "run", r->ours, own.v, own.n);
	facts_free(&own);
	return err;
}

static int copy_run(struct merge *m, sqlite3_stmt *row, struct run_pair *r)
{
	const struct sql_arg *args = SQL_ARGS(A_INT("run", r->theirs));
	struct sql_arg cols[SQL_COLUMNS + 1];
	char names[SQL_COLUMNS][24], origin[300];
	int err;

	err = sql_row_args(row, cols, names);
	if (err)
		return err;
	if (!strcmp(sql_col_text(row, sql_col(row, "origin")), "own")) {
		snprintf(origin, sizeof(origin), "merged from %s", m->file);
		cols[sql_col(row, "origin")].p = origin;
		cols[sql_col(row, "origin")].n = strlen(origin);
	}
	err = sql_do(m->s, "INSERT INTO run (uuid, slot, boot, label, arm, "
		     "arm_state, variant, origin, mode, inject, status, "
		     "reason, noisy, started, seconds, lost, pace) VALUES (:uuid, "
		     OURS("slot", ":slot") ", " OURS("boot", ":boot") ", "
		     OURS("label", ":label") ", " OURS("arm", ":arm") ", "
		     OURS("arm_state", ":arm_state") ", "
		     OURS("variant", ":variant") ", :origin, :mode, :inject, "
		     ":status, :reason, :noisy, :started, :seconds, :lost, "
		     ":pace)",
		     cols);
	if (err)
		return err;
	r->ours = sqlite3_last_insert_rowid(m->s->db);
	m->n->runs_new++;
	err = merge_each(m, "SELECT run, metric, value, n, lo, hi FROM value "
			 "WHERE run = :run", args, value_row, r);
	if (!err)
		err = merge_each(m, "SELECT run, metric, batch, codec, count, "
				 "checksum, blob FROM sample "
				 "WHERE run = :run ORDER BY id", args,
				 sample_row, r);
	if (!err)
		err = merge_each(m, "SELECT run, name, codec, size, sha256, "
				 "blob FROM artifact WHERE run = :run "
				 "ORDER BY id", args, artifact_row, r);
	if (!err)
		err = copy_run_facts(m, r, sqlite3_column_int64(row,
				     sql_col(row, "boot")));
	return err;
}

/* A hash over hashes: the old one and the next. */
static void chain(char content[HASH_HEX], const char *next)
{
	char both[2 * HASH_HEX];

	snprintf(both, sizeof(both), "%s%s", content, next);
	hash_hex(both, strlen(both), content);
}

static int run_row(struct merge *m, sqlite3_stmt *row, void *content)
{
	char theirs[HASH_HEX], ours[HASH_HEX];
	struct run_pair r = {
		.theirs = sqlite3_column_int64(row, 0),
		.uuid = sql_col_text(row, 1),
	};
	int err, known;

	err = sql_int(m->s, "SELECT id FROM run WHERE uuid = :uuid",
		      SQL_ARGS(A_TEXT("uuid", r.uuid)), &r.ours);
	known = !err;
	if (known)
		m->n->runs_known++;
	else if (err == -ENOENT)
		err = copy_run(m, row, &r);
	if (!err)
		err = run_digest(m->f, r.theirs, theirs);
	if (!err)
		err = run_digest(m->s, r.ours, ours);
	if (err)
		return err;
	chain(content, theirs);
	if (!strcmp(theirs, ours))
		return 0;
	if (!known)
		return damaged(m, &r, "it is");
	pr_err("%s: run %s is known here with other content: one of the two "
	       "was altered; nothing was taken in", m->f->path, r.uuid);
	return -EBADMSG;
}

int merge_runs(struct merge *m, char *content)
{
	hash_hex("", 0, content);
	return merge_each(m, "SELECT id, uuid, slot, boot, label, arm, "
			  "arm_state, variant, origin, mode, inject, status, "
			  "reason, noisy, started, seconds, lost, pace FROM run "
			  "ORDER BY id", NULL, run_row, content);
}
