// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Campaigns and their slots. A slot is committed as started before its run,
 * so that what a killed process was at can be read afterwards.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/arena.h"
#include "store/owner.h"
#include "store/sql.h"
#include "store/store.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

int store_campaign_begin(struct store *s, int64_t host, int64_t boot,
			 const char *plan, uint64_t seed,
			 struct store_campaign *c)
{
	struct owner o;
	int err;

	memset(c, 0, sizeof(*c));
	owner_self(&o);
	c->plan = strdup(plan);
	if (!c->plan)
		return -ENOMEM;
	c->seed = seed;
	strcpy(c->state, "running");
	err = uuid_make(c->uuid);
	if (!err)
		err = sql_tx_begin(s);
	if (!err) {
		err = sql_do(s, "INSERT INTO campaign (uuid, host, boot, "
			     "plan, seed, state, stop, started, owner_pid, "
			     "owner_start, owner_boot) VALUES (:uuid, :host, "
			     ":boot, :plan, :seed, 'running', '', :started, "
			     ":pid, :start, :owner_boot)",
			     SQL_ARGS(A_TEXT("uuid", c->uuid),
				      A_INT("host", host), A_INT("boot", boot),
				      A_TEXT("plan", plan),
				      A_INT("seed", (int64_t)seed),
				      A_REAL("started", now()),
				      A_INT("pid", o.pid),
				      A_INT("start", o.start),
				      A_TEXT("owner_boot", o.boot)));
		c->id = sqlite3_last_insert_rowid(s->db);
		err = sql_tx_end(s, err);
	}
	if (err)
		store_campaign_free(c);
	return err;
}

int store_campaign_end(struct store *s, int64_t id, const char *state,
		       const char *stop)
{
	int err = sql_tx_begin(s);

	if (err)
		return err;
	err = sql_do(s, "UPDATE campaign SET state = :state, stop = :stop "
		     "WHERE id = :id",
		     SQL_ARGS(A_TEXT("state", state), A_TEXT("stop", stop),
			      A_INT("id", id)));
	return sql_tx_end(s, err);
}

static void owner_from_row(sqlite3_stmt *row, int col, struct owner *o)
{
	o->pid = sqlite3_column_int64(row, col);
	o->start = sqlite3_column_int64(row, col + 1);
	snprintf(o->boot, sizeof(o->boot), "%s", sql_col_text(row, col + 2));
}

static int campaign_from_row(sqlite3_stmt *row, struct store_campaign *c)
{
	c->id = sqlite3_column_int64(row, 0);
	snprintf(c->uuid, sizeof(c->uuid), "%s", sql_col_text(row, 1));
	c->plan = strdup(sql_col_text(row, 2));
	c->seed = sqlite3_column_int64(row, 3);
	snprintf(c->state, sizeof(c->state), "%s", sql_col_text(row, 4));
	snprintf(c->stop, sizeof(c->stop), "%s", sql_col_text(row, 5));
	return c->plan ? 0 : -ENOMEM;
}

int store_campaign_resumable(struct store *s, int64_t boot,
			     struct store_campaign *c)
{
	sqlite3_stmt *row;
	struct owner o;
	int err;

	memset(c, 0, sizeof(*c));
	err = sql_open(s, "SELECT id, uuid, plan, seed, state, stop, "
		       "owner_pid, owner_start, owner_boot FROM campaign "
		       "WHERE boot = :boot AND state <> 'done' AND "
		       "id NOT IN (SELECT campaign FROM aa) "
		       "ORDER BY id DESC", SQL_ARGS(A_INT("boot", boot)),
		       &row);
	if (err)
		return err;
	while ((err = sql_step(s, row)) > 0) {
		owner_from_row(row, 6, &o);
		/* One that another process is at is not to be taken over. */
		if (strcmp(sql_col_text(row, 4), "running") ||
		    !owner_alive(&o))
			break;
	}
	if (!err)
		err = -ENOENT;
	else if (err > 0)
		err = campaign_from_row(row, c);
	sql_close(row);
	return err;
}

void store_campaign_free(struct store_campaign *c)
{
	free(c->plan);
	c->plan = NULL;
}

/* A slot in any state; the arm's state is what was last seen of it. */
static int slot_insert(struct store *s, const struct store_slot *slot,
		       const struct owner *o, const char *state,
		       const char *reason)
{
	return sql_do(s, "INSERT INTO slot (campaign, boot, label, arm, "
		      "arm_state, variant, mode, inject, block, ord, attempt, "
		      "state, reason, owner_pid, owner_start, owner_boot) "
		      "VALUES (:campaign, :boot, :label, :arm, "
		      "(SELECT max(id) FROM arm_state WHERE boot = :boot AND "
		      "arm = :arm), :variant, :mode, :inject, :block, :ord, "
		      ":attempt, :state, :reason, :pid, :start, :owner_boot)",
		      SQL_ARGS(A_INT("campaign", slot->campaign),
			       A_INT("boot", slot->boot),
			       A_INT("label", slot->label),
			       A_INT("arm", slot->arm),
			       A_INT("variant", slot->variant),
			       A_TEXT("mode", run_mode_name(slot->mode)),
			       A_INT("inject", (int64_t)slot->inject),
			       A_INT("block", slot->block),
			       A_INT("ord", slot->order),
			       A_INT("attempt", slot->attempt),
			       A_TEXT("state", state),
			       A_TEXT("reason", reason),
			       A_INT("pid", o->pid), A_INT("start", o->start),
			       A_TEXT("owner_boot", o->boot)));
}

/* Whoever starts a slot owns the campaign: --resume is another process. */
static int campaign_own(struct store *s, int64_t id, const struct owner *o)
{
	return sql_do(s, "UPDATE campaign SET state = 'running', stop = '', "
		      "owner_pid = :pid, owner_start = :start, "
		      "owner_boot = :boot WHERE id = :id AND "
		      "(state <> 'running' OR owner_pid <> :pid OR "
		      "owner_start <> :start OR owner_boot <> :boot)",
		      SQL_ARGS(A_INT("id", id), A_INT("pid", o->pid),
			       A_INT("start", o->start),
			       A_TEXT("boot", o->boot)));
}

int store_slot_start(struct store *s, const struct store_slot *slot,
		     int64_t *id)
{
	struct owner o;
	int err;

	owner_self(&o);
	err = sql_tx_begin(s);
	if (err)
		return err;
	err = slot_insert(s, slot, &o, "started", "");
	*id = sqlite3_last_insert_rowid(s->db);
	if (!err)
		err = campaign_own(s, slot->campaign, &o);
	return sql_tx_end(s, err);
}

int store_slot_skip(struct store *s, const struct store_slot *slot,
		    const char *reason)
{
	const struct owner nobody = { 0 };
	int64_t known;
	int err;

	err = sql_tx_begin(s);
	if (err)
		return err;
	err = sql_int(s, "SELECT id FROM slot WHERE campaign = :campaign AND "
		      "label = :label AND arm = :arm AND variant = :variant "
		      "AND mode = :mode AND state = 'skipped'",
		      SQL_ARGS(A_INT("campaign", slot->campaign),
			       A_INT("label", slot->label),
			       A_INT("arm", slot->arm),
			       A_INT("variant", slot->variant),
			       A_TEXT("mode", run_mode_name(slot->mode))),
		      &known);
	if (err == -ENOENT)
		err = slot_insert(s, slot, &nobody, "skipped", reason);
	return sql_tx_end(s, err);
}

struct orphans {
	int64_t *ids;
	size_t n;
	size_t room;
};

/* A row of (id, owner...) whose owner may be gone. */
static int add_orphan(void *arg, sqlite3_stmt *row)
{
	struct orphans *all = arg;
	struct owner o;
	int64_t *ids;

	owner_from_row(row, 1, &o);
	if (owner_alive(&o))
		return 0;
	ids = array_grow(all->ids, all->n, &all->room, sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	all->ids = ids;
	ids[all->n++] = sqlite3_column_int64(row, 0);
	return 0;
}

static int recover(struct store *s, const char *find, const char *update,
		   int *n)
{
	struct orphans all = { 0 };
	size_t i;
	int err;

	/* Looking takes no lock that would make a reader wait. */
	err = sql_each(s, find, NULL, add_orphan, &all);
	if (err || !all.n)
		goto out;
	err = sql_tx_begin(s);
	if (err)
		goto out;
	for (i = 0; !err && i < all.n; i++) {
		err = sql_do(s, update, SQL_ARGS(A_INT("id", all.ids[i])));
		*n += sqlite3_changes(s->db);
	}
	err = sql_tx_end(s, err);
out:
	free(all.ids);
	return err;
}

int store_slots_recover(struct store *s, int *n)
{
	int err, slots = 0, campaigns = 0;

	err = recover(s, "SELECT id, owner_pid, owner_start, owner_boot "
		      "FROM slot WHERE state = 'started'",
		      "UPDATE slot SET state = 'interrupted', reason = "
		      "'process ' || owner_pid || ' ended during the run' "
		      "WHERE id = :id AND state = 'started'", &slots);
	if (!err)
		err = recover(s, "SELECT id, owner_pid, owner_start, "
			      "owner_boot FROM campaign "
			      "WHERE state = 'running'",
			      "UPDATE campaign SET state = 'interrupted', "
			      "stop = 'killed' WHERE id = :id AND "
			      "state = 'running'", &campaigns);
	if (n)
		*n = slots;
	return err;
}

int store_campaign_progress(struct store *s, int64_t id, int *next_block,
			    double *seconds)
{
	sqlite3_stmt *row;
	int err;

	err = sql_first(s, "SELECT coalesce(max(slot.block) + 1, 0), "
		       "coalesce(sum(run.seconds), 0) FROM slot "
		       "LEFT JOIN run ON run.slot = slot.id "
		       "WHERE slot.campaign = :id",
		       SQL_ARGS(A_INT("id", id)), &row);
	if (err)
		return err;
	*next_block = sqlite3_column_int(row, 0);
	*seconds = sqlite3_column_double(row, 1);
	sql_close(row);
	return 0;
}
