// SPDX-License-Identifier: GPL-2.0-or-later
/* Their identities become ours: found by what they are, else copied. */
#include <errno.h>
#include <string.h>

#include "lib/msg.h"
#include "store/facts.h"
#include "store/merge.h"

/**
 * struct merge_table - a table whose rows are known by their content
 * @rows:	query on theirs; a column is a parameter of the others, "id"
 *		is theirs
 * @find:	query on ours
 * @make:	insert into ours
 * @facts:	its facts are copied with a new row
 * @after:	on our row of that id, or NULL
 */
struct merge_table {
	const char *kind;
	const char *rows;
	const char *find;
	const char *make;
	const char *after;
	int facts;
};

/* Enough of the fingerprint to keep aliases apart. */
#define NEW_ALIAS							\
	"iif(EXISTS (SELECT 1 FROM host WHERE alias = :alias), "	\
	":alias || '-' || substr(:fingerprint, 1, 8), :alias)"

static const struct merge_table first[] = {
	{ .kind = "host", .facts = 1,
	  .rows = "SELECT id, fingerprint, alias, name FROM host ORDER BY id",
	  .find = "SELECT id FROM host WHERE fingerprint = :fingerprint",
	  .make = "INSERT INTO host (fingerprint, alias, name) VALUES "
		  "(:fingerprint, " NEW_ALIAS ", :name)" },
	{ .kind = "arm",
	  .rows = "SELECT id, name, switches FROM arm ORDER BY id",
	  .find = "SELECT id FROM arm WHERE name = :name AND "
		  "switches = :switches",
	  .make = "INSERT INTO arm (name, switches) VALUES "
		  "(:name, :switches)" },
	{ .kind = "variant",
	  .rows = "SELECT id, benchmark, params, place, profile FROM variant "
		  "ORDER BY id",
	  .find = "SELECT id FROM variant WHERE benchmark = :benchmark AND "
		  "params = :params AND place = :place AND "
		  "profile = :profile",
	  .make = "INSERT INTO variant (benchmark, params, place, profile) "
		  "VALUES (:benchmark, :params, :place, :profile)" },
	{ .kind = "metric",
	  .rows = "SELECT id, name, unit, better, scale, nature, is_primary "
		  "FROM metric ORDER BY id",
	  .find = "SELECT id FROM metric WHERE name = :name AND unit = :unit "
		  "AND better = :better AND scale = :scale AND "
		  "nature = :nature AND is_primary = :is_primary",
	  .make = "INSERT INTO metric (name, unit, better, scale, nature, "
		  "is_primary) VALUES (:name, :unit, :better, :scale, "
		  ":nature, :is_primary)" },
};

static const struct merge_table later[] = {
	{ .kind = "boot", .facts = 1,
	  .rows = "SELECT id, uuid, host, parent, build, kind, boot_id, seen "
		  "FROM boot ORDER BY parent IS NOT NULL, id",
	  .find = "SELECT id FROM boot WHERE host = " OURS("host", ":host")
		  " AND boot_id = :boot_id AND kind = :kind",
	  .make = "INSERT INTO boot (uuid, host, parent, build, kind, "
		  "boot_id, seen) VALUES (:uuid, " OURS("host", ":host") ", "
		  OURS("boot", ":parent") ", " OURS("build", ":build") ", "
		  ":kind, :boot_id, :seen)" },
	{ .kind = "arm_state",
	  .rows = "SELECT id, boot, arm, claim, state, evidence "
		  "FROM arm_state ORDER BY id",
	  .find = "SELECT id FROM arm_state WHERE boot = "
		  OURS("boot", ":boot") " AND arm = " OURS("arm", ":arm")
		  " AND claim = :claim AND state = :state AND "
		  "evidence = :evidence",
	  .make = "INSERT INTO arm_state (boot, arm, claim, state, evidence) "
		  "VALUES (" OURS("boot", ":boot") ", " OURS("arm", ":arm")
		  ", :claim, :state, :evidence)" },
	/* What was under way there is not under way here. */
	{ .kind = "campaign",
	  .rows = "SELECT id, uuid, host, boot, plan, seed, "
		  "iif(state = 'running', 'interrupted', state) AS state, "
		  "iif(state = 'running', 'merged while running', stop) "
		  "AS stop, started, owner_pid, owner_start, owner_boot "
		  "FROM campaign ORDER BY id",
	  .find = "SELECT id FROM campaign WHERE uuid = :uuid",
	  .make = "INSERT INTO campaign (uuid, host, boot, plan, seed, state, "
		  "stop, started, owner_pid, owner_start, owner_boot) VALUES "
		  "(:uuid, " OURS("host", ":host") ", "
		  OURS("boot", ":boot") ", :plan, :seed, :state, :stop, "
		  ":started, :owner_pid, :owner_start, :owner_boot)",
	  .after = "UPDATE campaign SET state = :state, stop = :stop "
		   "WHERE id = " OURS("campaign", ":id") " AND "
		   "state = 'interrupted' AND :state = 'done'" },
	{ .kind = "slot",
	  .rows = "SELECT id, campaign, boot, label, arm, arm_state, variant, "
		  "mode, inject, block, ord, attempt, "
		  "iif(state = 'started', 'interrupted', state) AS state, "
		  "iif(state = 'started', 'merged while it ran', reason) "
		  "AS reason, owner_pid, owner_start, owner_boot FROM slot "
		  "ORDER BY id",
	  .find = "SELECT id FROM slot WHERE campaign = "
		  OURS("campaign", ":campaign") " AND variant = "
		  OURS("variant", ":variant") " AND block = :block AND "
		  "ord = :ord AND attempt = :attempt AND boot = "
		  OURS("boot", ":boot") " AND label = "
		  OURS("label", ":label") " AND arm = " OURS("arm", ":arm")
		  " AND mode = :mode AND inject = :inject AND "
		  "(state = 'skipped') = (:state = 'skipped')",
	  .make = "INSERT INTO slot (campaign, boot, label, arm, arm_state, "
		  "variant, mode, inject, block, ord, attempt, state, reason, "
		  "owner_pid, owner_start, owner_boot) VALUES ("
		  OURS("campaign", ":campaign") ", " OURS("boot", ":boot")
		  ", " OURS("label", ":label") ", " OURS("arm", ":arm") ", "
		  OURS("arm_state", ":arm_state") ", "
		  OURS("variant", ":variant") ", :mode, :inject, :block, "
		  ":ord, :attempt, :state, :reason, :owner_pid, "
		  ":owner_start, :owner_boot)",
	  .after = "UPDATE slot SET state = :state, reason = :reason WHERE "
		   "id = " OURS("slot", ":id") " AND state = 'interrupted' "
		   "AND :state = 'done'" },
	{ .kind = "aa",
	  .rows = "SELECT campaign AS id FROM aa ORDER BY id",
	  .find = "SELECT campaign FROM aa WHERE campaign = "
		  OURS("campaign", ":id"),
	  .make = "INSERT INTO aa (campaign) VALUES ("
		  OURS("campaign", ":id") ")" },
	/* The same pair with another result is refused: it is unique. */
	{ .kind = "aa_result",
	  .rows = "SELECT id, campaign, variant, metric, n_a, n_b, ratio, p, "
		  "verdict FROM aa_result ORDER BY id",
	  .find = "SELECT id FROM aa_result WHERE campaign = "
		  OURS("campaign", ":campaign") " AND variant = "
		  OURS("variant", ":variant") " AND metric = "
		  OURS("metric", ":metric") " AND n_a = :n_a AND n_b = :n_b "
		  "AND ratio IS :ratio AND p IS :p AND verdict = :verdict",
	  .make = "INSERT INTO aa_result (campaign, variant, metric, n_a, "
		  "n_b, ratio, p, verdict) VALUES ("
		  OURS("campaign", ":campaign") ", "
		  OURS("variant", ":variant") ", " OURS("metric", ":metric")
		  ", :n_a, :n_b, :ratio, :p, :verdict)" },
	/* Ours stay where they are, what is new to us comes after. */
	{ .kind = "revision",
	  .rows = "SELECT id, series, revision, patch, patches, place, "
		  "commit_id, patch_id, subject FROM revision "
		  "ORDER BY place IS NULL, place, id",
	  .find = "SELECT id FROM revision WHERE series = :series AND "
		  "revision = :revision AND patch = :patch",
	  .make = "INSERT INTO revision (series, revision, patch, patches, "
		  "place, commit_id, patch_id, subject) VALUES (:series, "
		  ":revision, :patch, :patches, iif(:place IS NULL, NULL, "
		  "(SELECT coalesce(max(place), 0) + 1 FROM revision WHERE "
		  "series = :series)), :commit_id, :patch_id, :subject)" },
};

/*
 * Facts of a new row. A boot of a host that we know otherwise also gets what
 * they have of the host.
 */
static int copy_facts(struct merge *m, sqlite3_stmt *row, const char *kind,
		      int64_t theirs, int64_t ours)
{
	struct fact_list host = { 0 }, all = { 0 };
	int64_t known;
	int err = 0;

	if (!strcmp(kind, "boot")) {
		err = facts_read(m->f, "host", sqlite3_column_int64(row,
				 sql_col(row, "host")), &all);
		if (!err)
			err = map_get(m, "host", sqlite3_column_int64(row,
				      sql_col(row, "host")), &known);
		if (!err)
			err = facts_read(m->s, "host", known, &host);
	}
	if (!err) {
		struct fact_list differ = { 0 };

		facts_differing(&differ, &all, &host);
		err = differ.err ? differ.err :
			facts_read(m->f, kind, theirs, &differ);
		if (!err)
			err = facts_write(m->s, kind, ours, differ.v,
					  differ.n);
		facts_free(&differ);
	}
	facts_free(&host);
	facts_free(&all);
	return err;
}

static void count_new(struct merge *m, const char *kind)
{
	if (!strcmp(kind, "host"))
		m->n->hosts_new++;
	else if (!strcmp(kind, "boot"))
		m->n->boots_new++;
}

static int table_row(struct merge *m, sqlite3_stmt *row, void *arg)
{
	const struct merge_table *t = arg;
	struct sql_arg args[SQL_COLUMNS + 1];
	char names[SQL_COLUMNS][24];
	int64_t theirs, ours;
	int err, made;

	theirs = sqlite3_column_int64(row, sql_col(row, "id"));
	err = sql_row_args(row, args, names);
	if (!err)
		err = sql_find_or_make(m->s, t->find, t->make, args, &ours,
				       &made);
	if (!err)
		err = map_put(m, t->kind, theirs, ours);
	if (!err && made)
		count_new(m, t->kind);
	if (!err && made && t->facts)
		err = copy_facts(m, row, t->kind, theirs, ours);
	if (!err && !made && t->after)
		err = sql_do(m->s, t->after, args);
	return err;
}

static int tables(struct merge *m, const struct merge_table *t, size_t n)
{
	int err = 0;

	for (; !err && n--; t++)
		err = merge_each(m, t->rows, NULL, table_row, (void *)t);
	return err;
}

static int build_row(struct merge *m, sqlite3_stmt *row, void *arg)
{
	const struct store_build b = {
		.release = sql_col_text(row, 1),
		.build_id = sql_col_text(row, 2),
		.commit = sql_col_text(row, 3),
		.tree = sql_col_text(row, 4),
		.patch_id = sql_col_text(row, 5),
		.config_hash = sql_col_text(row, 6),
		.toolchain = sql_col_text(row, 7),
		.dirty = sqlite3_column_int(row, 8),
	};
	int64_t ours;
	int err;

	err = store_build(m->s, &b, &ours);
	return err ? err : map_put(m, "build", sqlite3_column_int64(row, 0),
				   ours);
}

/* A label of theirs for another build than ours is refused as anywhere. */
static int label_row(struct merge *m, sqlite3_stmt *row, void *arg)
{
	const struct store_label l = {
		.series = sql_col_text(row, 1),
		.revision = sql_col_text(row, 2),
		.patch = sqlite3_column_int(row, 3),
		.patches = sqlite3_column_int(row, 4),
	};
	int64_t build, ours;
	int err;

	err = map_get(m, "build", sqlite3_column_int64(row, 5), &build);
	if (err == -ENOENT) {
		pr_err("%s: damaged: a label without its build", m->f->path);
		return -EBADMSG;
	}
	if (!err)
		err = store_label(m->s, &l, build, &ours);
	return err ? err : map_put(m, "label", sqlite3_column_int64(row, 0),
				   ours);
}

int merge_identities(struct merge *m)
{
	int err;

	err = tables(m, first, sizeof(first) / sizeof(*first));
	if (!err)
		err = merge_each(m, "SELECT id, release, build_id, commit_id, "
				 "tree, patch_id, config_hash, toolchain, "
				 "dirty FROM build ORDER BY id", NULL,
				 build_row, NULL);
	if (!err)
		err = merge_each(m, "SELECT id, series, revision, patch, "
				 "patches, build FROM label ORDER BY id",
				 NULL, label_row, NULL);
	if (!err)
		err = tables(m, later, sizeof(later) / sizeof(*later));
	return err;
}
