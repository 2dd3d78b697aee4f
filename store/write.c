// SPDX-License-Identifier: GPL-2.0-or-later
/* A run, with all that it brought, in one transaction. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "lib/hash.h"
#include "lib/msg.h"
#include "store/codec.h"
#include "store/facts.h"
#include "store/metric.h"
#include "store/owner.h"
#include "store/store.h"

static int write_value(struct store *s, int64_t run,
		       const struct store_value *v)
{
	const int known = v->lo != 0 || v->hi != 0;
	int64_t metric;
	int err;

	err = metric_id(s, &v->metric, &metric);
	if (err)
		return err;
	return sql_do(s, "INSERT INTO value (run, metric, value, n, lo, hi) "
		      "VALUES (:run, :metric, :value, :n, :lo, :hi)",
		      SQL_ARGS(A_INT("run", run), A_INT("metric", metric),
			       A_REAL("value", v->value),
			       A_INT("n", (int64_t)v->n),
			       A_REAL("lo", known ? v->lo : NAN),
			       A_REAL("hi", known ? v->hi : NAN)));
}

static int write_series(struct store *s, int64_t run,
			const struct store_series *series)
{
	char sum[CODEC_SUM];
	const char *codec;
	int64_t metric;
	size_t len;
	void *blob;
	int err;

	err = metric_id(s, &series->metric, &metric);
	if (err)
		return err;
	err = codec_encode(series->v, series->n, &codec, &blob, &len);
	if (err) {
		pr_err("%s: %s: %zu samples are too many to keep", s->path,
		       series->metric.name, series->n);
		return err;
	}
	codec_sum(series->v, series->n, sum);
	err = sql_do(s, "INSERT INTO sample (run, metric, batch, codec, "
		     "count, checksum, blob) VALUES (:run, :metric, :batch, "
		     ":codec, :count, :checksum, :blob)",
		     SQL_ARGS(A_INT("run", run), A_INT("metric", metric),
			      A_INT("batch", (int64_t)series->batch),
			      A_TEXT("codec", codec),
			      A_INT("count", (int64_t)series->n),
			      A_TEXT("checksum", sum),
			      A_BLOB("blob", blob, len)));
	free(blob);
	return err;
}

static int write_artifact(struct store *s, int64_t run, const char *name,
			  const void *data, size_t size)
{
	char hex[HASH_HEX];
	const char *codec;
	size_t len;
	void *blob;
	int err;

	err = codec_pack(data, size, &codec, &blob, &len);
	if (err) {
		pr_err("%s: %s: %zu bytes are too many to keep", s->path,
		       name, size);
		return err;
	}
	hash_hex(data, size, hex);
	err = sql_do(s, "INSERT INTO artifact (run, name, codec, size, "
		     "sha256, blob) VALUES (:run, :name, :codec, :size, "
		     ":sha256, :blob)",
		     SQL_ARGS(A_INT("run", run), A_TEXT("name", name),
			      A_TEXT("codec", codec),
			      A_INT("size", (int64_t)size),
			      A_TEXT("sha256", hex),
			      A_BLOB("blob", blob, len)));
	free(blob);
	return err;
}

/* What the slot said before is said once: copied from there. */
static int write_row(struct store *s, const struct store_run *r, int64_t *id)
{
	char uuid[UUID_TEXT];
	int err;

	err = uuid_make(uuid);
	if (err)
		return err;
	err = sql_do(s, "INSERT INTO run (uuid, slot, boot, label, arm, "
		     "arm_state, variant, origin, mode, inject, status, "
		     "reason, noisy, started, seconds, lost, pace) SELECT "
		     ":uuid, id, iif(:guest, :guest, boot), label, arm, "
		     "coalesce((SELECT max(t.id) FROM arm_state AS t WHERE "
		     "t.boot = :guest AND t.arm = slot.arm), arm_state), "
		     "variant, :origin, "
		     "mode, inject, :status, :reason, :noisy, :started, "
		     ":seconds, :lost, iif(:pace > 0, :pace, NULL) "
		     "FROM slot WHERE id = :slot",
		     SQL_ARGS(A_TEXT("uuid", uuid),
			      A_TEXT("origin", r->origin ? r->origin : "own"),
			      A_TEXT("status", run_status_name(r->status)),
			      A_TEXT("reason", r->reason),
			      A_INT("noisy", r->noisy),
			      A_REAL("started", r->started),
			      A_REAL("seconds", r->seconds),
			      A_INT("lost", (int64_t)r->lost),
			      A_REAL("pace", r->pace),
			      A_INT("guest", r->guest),
			      A_INT("slot", r->slot)));
	if (err)
		return err;
	if (!sqlite3_changes(s->db)) {
		pr_err("%s: a run of slot %lld, which is not there", s->path,
		       (long long)r->slot);
		return -ENOENT;
	}
	*id = sqlite3_last_insert_rowid(s->db);
	return sql_do(s, "UPDATE slot SET state = 'done', reason = :reason "
		      "WHERE id = :slot",
		      SQL_ARGS(A_TEXT("reason", r->reason),
			       A_INT("slot", r->slot)));
}

/* Facts of the boot that are no longer as they were when it was first seen. */
static int write_boot_facts(struct store *s, int64_t run)
{
	int64_t boot;
	int err;

	if (!s->boot_facts.n)
		return 0;
	err = sql_int(s, "SELECT coalesce(b.parent, b.id) FROM run AS r "
		      "JOIN boot AS b ON b.id = r.boot WHERE r.id = :id",
		      SQL_ARGS(A_INT("id", run)), &boot);
	if (err || boot != s->boot)
		return err;
	return facts_write(s, "run", run, s->boot_facts.v, s->boot_facts.n);
}

static int write_run(struct store *s, const struct store_run *r, int64_t *id)
{
	size_t i;
	int err;

	err = write_row(s, r, id);
	for (i = 0; !err && i < r->nvalues; i++)
		err = write_value(s, *id, &r->value[i]);
	for (i = 0; !err && i < r->nseries; i++)
		err = write_series(s, *id, &r->series[i]);
	if (!err)
		err = write_boot_facts(s, *id);
	if (!err)
		err = facts_write(s, "run", *id, r->fact, r->nfacts);
	if (!err && r->artifact_name)
		err = write_artifact(s, *id, r->artifact_name, r->artifact,
				     r->artifact_len);
	return err;
}

int store_run(struct store *s, const struct store_run *r, int64_t *id)
{
	int64_t own;
	int err = sql_tx_begin(s);

	if (err)
		return err;
	err = sql_tx_end(s, write_run(s, r, &own));
	if (!err && id)
		*id = own;
	return err;
}
