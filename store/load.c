// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures of a selection, as arrays that analysis can work on. */
#include "store/load.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "store/aa.h"
#include "store/metric.h"
#include "store/select.h"

int load_texts(struct load *l, sqlite3_stmt *row, int n, ...)
{
	const char **to;
	va_list ap;
	int i, err = 0;

	va_start(ap, n);
	for (i = 0; i < n; i++) {
		to = va_arg(ap, const char **);
		*to = arena_strdup(l->arena, sql_col_text(row, i));
		if (!*to)
			err = -ENOMEM;
	}
	va_end(ap);
	return err;
}

#define RUN_ARM		"(:arm = 0 OR r.arm = :arm)"
#define SLOT_CAMPAIGN	"r.campaign = :campaign AND " RUN_ARM
#define RUN_CAMPAIGN							\
	"r.slot IN (SELECT id FROM slot WHERE campaign = :campaign) "	\
	"AND " RUN_ARM

/*
 * A guest's boot counts as a boot where what is compared was booted there; in
 * all other cases its host's does: ten guests are not ten boots of the host.
 */
#define UNIT								\
	"iif(b.parent IS NULL OR b.build = "				\
	"(SELECT w.build FROM label AS w WHERE w.id = r.label) OR "	\
	"(:guest_boots AND (SELECT instr(w.switches, "			\
	"'\"scope\":\"guest\"') FROM arm AS w WHERE w.id = r.arm)), "	\
	"b.id, b.parent)"

#define FIGURES(runs, where)						\
	"SELECT r.id, " UNIT ", r.arm_state, r.variant, b.host, x.metric, "	\
	"r.mode, x.value, x.n, r.noisy, r.status, "			\
	"iif(:bare, 0, (SELECT max(batch) FROM sample AS p WHERE "	\
	"p.run = r.id AND p.metric = x.metric)), "			\
	"r.pace, x.lo, x.hi, r.seconds, "				\
	"NOT :bare AND EXISTS (SELECT 1 FROM fact WHERE scope = 'run' "	\
	"AND owner = r.id AND class <> 'witness') "			\
	"FROM " runs " JOIN boot AS b ON b.id = r.boot "		\
	"JOIN value AS x ON x.run = r.id "				\
	"JOIN metric AS m ON m.id = x.metric "				\
	"WHERE r.status IN ('ok', 'interpreted') AND "			\
	"x.value IS NOT NULL AND (m.is_primary OR NOT :primary) AND "	\
	where " ORDER BY r.id, x.metric"

/*
 * A skip is said once, however often it was met. The commonest reason comes
 * first.
 */
#define MISSING(runs, run_where, slots, slot_where)			\
	"SELECT r.variant, b.host, r.mode, r.status AS status, "	\
	"r.reason, count(*) AS n FROM " runs " "			\
	"JOIN boot AS b ON b.id = r.boot "				\
	"WHERE r.status NOT IN ('ok', 'interpreted') AND " run_where	\
	" GROUP BY 1, 2, 3, 4, 5 UNION ALL "				\
	"SELECT r.variant, b.host, r.mode, r.state AS status, "		\
	"r.reason, iif(r.state = 'skipped', 1, count(*)) AS n "		\
	"FROM " slots " JOIN boot AS b ON b.id = r.boot "		\
	"WHERE r.state IN ('skipped', 'interrupted') AND " slot_where	\
	" GROUP BY 1, 2, 3, 4, 5 ORDER BY n DESC"

static int row_identity(struct load *l, const struct load_row *key,
			struct obs_row *row)
{
	sqlite3_stmt *stmt;
	int err;

	/* Nothing is known of what never ran anywhere. */
	row->metric = (struct metric) {
		.name = "", .unit = "", .better = BETTER_NEITHER, .primary = 1,
	};
	err = sql_first(l->s, "SELECT v.benchmark, v.params, v.place, "
			"v.profile, h.alias, " METRIC_COLUMNS " "
			"FROM variant AS v JOIN host AS h ON h.id = :host "
			"LEFT JOIN metric AS m ON m.id = :metric "
			"WHERE v.id = :variant",
			SQL_ARGS(A_INT("variant", key->variant),
				 A_INT("host", key->host),
				 A_INT("metric", key->metric)), &stmt);
	if (err)
		return err == -ENOENT ? -EBADMSG : err;
	err = load_texts(l, stmt, 5, &row->benchmark, &row->params,
			 &row->place, &row->profile, &row->host);
	if (!err && sqlite3_column_type(stmt, 5) != SQLITE_NULL)
		err = metric_from_row(stmt, 5, l->arena, &row->metric);
	sql_close(stmt);
	return err;
}

static int same_row(const struct load_row *a, const struct load_row *b)
{
	return a->variant == b->variant && a->host == b->host &&
		a->metric == b->metric && a->mode == b->mode;
}

/* Found from the last hit on. */
int load_row(struct load *l, const struct load_row *key, int *index)
{
	size_t i, n = l->set->nrows;
	struct obs_row *row;
	void *p;

	for (i = 0; i < n; i++) {
		if (++l->hint >= n)
			l->hint = 0;
		*index = l->hint;
		if (same_row(&l->row[l->hint], key))
			return 0;
	}
	p = array_grow(l->row, n, &l->room_row[0], sizeof(*l->row));
	if (!p)
		return -ENOMEM;
	l->row = p;
	row = array_grow(l->set->row, n, &l->room_row[1], sizeof(*row));
	if (!row)
		return -ENOMEM;
	l->set->row = row;
	row += n;
	memset(row, 0, sizeof(*row));
	row->mode = key->mode;
	l->row[n] = *key;
	l->hint = *index = n;
	l->set->nrows++;
	return row_identity(l, key, row);
}

static int add_figure(void *arg, sqlite3_stmt *row)
{
	struct load *l = arg;
	const int64_t run = sqlite3_column_int64(row, 0);
	const struct load_row key = {
		.variant = sqlite3_column_int64(row, 3),
		.host = sqlite3_column_int64(row, 4),
		.metric = sqlite3_column_int64(row, 5),
		.mode = run_mode_parse(sql_col_text(row, 6)),
	};
	struct obs *o;
	const bool own = sqlite3_column_int(row, 16);
	int err = 0;

	o = array_grow(l->set->v, l->set->n, &l->room_v, sizeof(*o));
	if (!o)
		return -ENOMEM;
	l->set->v = o;
	o += l->set->n;
	memset(o, 0, sizeof(*o));
	if (run == l->last)
		o->boot = o[-1].boot;
	else
		err = load_boot(l, sqlite3_column_int64(row, 1), run, own,
				sqlite3_column_int64(row, 2), &o->boot);
	if (!err)
		err = load_row(l, &key, &o->row);
	if (err)
		return err;
	o->value = sqlite3_column_double(row, 7);
	o->n = sqlite3_column_int64(row, 8);
	o->noisy = sqlite3_column_int(row, 9);
	o->status = run_status_parse(sql_col_text(row, 10));
	o->batch = sqlite3_column_int64(row, 11);
	o->pace = sqlite3_column_double(row, 12);
	o->lo = sqlite3_column_double(row, 13);
	o->hi = sqlite3_column_double(row, 14);
	o->seconds = sqlite3_column_double(row, 15);
	o->order = run;
	l->set->n++;
	l->last = run;
	return 0;
}

/* What the variant is judged by, as far as any run of it has shown. */
static int primary_metric(struct load *l, int64_t variant, int64_t *id)
{
	int err;

	*id = 0;
	err = sql_int(l->s, "SELECT m.id FROM run AS r JOIN value AS x "
		      "ON x.run = r.id JOIN metric AS m ON m.id = x.metric "
		      "WHERE r.variant = :variant AND m.is_primary LIMIT 1",
		      SQL_ARGS(A_INT("variant", variant)), id);
	return err == -ENOENT ? 0 : err;
}

static int has_figures(const struct obs_set *set, int row)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (set->v[i].row == row)
			return 1;
	return 0;
}

static int add_missing(void *arg, sqlite3_stmt *stmt)
{
	struct load *l = arg;
	struct load_row key = {
		.variant = sqlite3_column_int64(stmt, 0),
		.host = sqlite3_column_int64(stmt, 1),
		.mode = run_mode_parse(sql_col_text(stmt, 2)),
	};
	enum run_status status = run_status_parse(sql_col_text(stmt, 3));
	struct obs_missing *m;
	int err, row;
	size_t i;

	err = primary_metric(l, key.variant, &key.metric);
	if (!err)
		err = load_row(l, &key, &row);
	/* A skip of one day is made good by figures of another. */
	if (err || (status == RUN_SKIPPED && has_figures(l->set, row)))
		return err;
	for (i = 0; i < l->set->nmissing; i++) {
		m = &l->set->missing[i];
		if (m->row != row || m->status != status)
			continue;
		if (status != RUN_SKIPPED)
			m->n += sqlite3_column_int(stmt, 5);
		return 0;
	}
	m = array_grow(l->set->missing, i, &l->room_missing, sizeof(*m));
	if (!m)
		return -ENOMEM;
	l->set->missing = m;
	m += i;
	m->row = row;
	m->status = status;
	m->reason = arena_strdup(l->arena, sql_col_text(stmt, 4));
	m->n = sqlite3_column_int(stmt, 5);
	l->set->nmissing++;
	return m->reason ? 0 : -ENOMEM;
}

/* Labels and builds, where there is one. */
static int load_names(struct load *l, const char *name, const char *series,
		      const char *revision, const char *arm, int64_t label)
{
	struct obs_set *set = l->set;
	sqlite3_stmt *row;
	int err;

	set->commit = set->tree = "";
	set->name = arena_strdup(l->arena, name);
	set->series = arena_strdup(l->arena, series);
	set->revision = arena_strdup(l->arena, revision);
	set->arm = arena_strdup(l->arena, arm);
	if (!set->name || !set->series || !set->revision || !set->arm)
		return -ENOMEM;
	err = sql_first(l->s, "SELECT k.commit_id, k.tree, k.dirty "
			"FROM label AS l JOIN build AS k ON k.id = l.build "
			"WHERE l.id = :id", SQL_ARGS(A_INT("id", label)),
			&row);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = load_texts(l, row, 2, &set->commit, &set->tree);
	set->dirty = sqlite3_column_int(row, 2);
	sql_close(row);
	return err;
}

/* Of all benchmarks, or of those that match. */
static int load_picked(struct load *l, const struct store_select *sel,
		       const struct pick *p)
{
	const struct sql_arg *args = SQL_ARGS(PICK_ARGS(p),
					      A_INT("primary", sel->primary),
					      A_INT("bare", sel->bare),
					      A_INT("guest_boots",
						    sel->guest_boots));
	int err;

	err = sql_each(l->s, sel->benchmark ? FIGURES(PICK_RUNS, PICK_SOME) :
		       FIGURES(PICK_RUNS, PICK_WHERE), args, add_figure, l);
	if (err || sel->bare)
		return err;
	return sql_each(l->s, sel->benchmark ?
			MISSING(PICK_RUNS, PICK_SOME, PICK_SLOTS, PICK_SOME) :
			MISSING(PICK_RUNS, PICK_WHERE, PICK_SLOTS, PICK_WHERE),
			args, add_missing, l);
}

static int load_begin(struct load *l, struct store *s, struct obs_set *set)
{
	memset(l, 0, sizeof(*l));
	memset(set, 0, sizeof(*set));
	l->s = s;
	l->set = set;
	l->last = -1;
	l->arena = arena_new();
	set->arena = l->arena;
	if (!l->arena)
		return -ENOMEM;
	/* All that is read is of one moment. */
	return sql_do(s, "BEGIN", NULL);
}

static int load_end(struct load *l, int err)
{
	size_t i;

	if (!err)
		err = load_boots_end(l);
	for (i = 0; l->boot && i < l->set->nboots; i++)
		facts_free(&l->boot[i].over);
	free(l->boot);
	free(l->row);
	if (!sqlite3_get_autocommit(l->s->db))
		sql_do(l->s, "COMMIT", NULL);
	if (err)
		obs_set_free(l->set);
	return err;
}

int store_load(struct store *s, const struct store_select *sel,
	       const char *name, struct obs_set *set)
{
	struct load l;
	struct pick p;
	int err;

	err = load_begin(&l, s, set);
	if (err)
		return load_end(&l, err);
	l.bare = sel->bare;
	err = pick_resolve(s, sel, &p);
	if (err)
		return load_end(&l, err);
	err = load_names(&l, name ? name : p.revision, p.series, p.revision,
			 p.arm, p.label);
	if (!err)
		err = load_picked(&l, sel, &p);
	pick_free(&p);
	return load_end(&l, err);
}

int store_load_campaign(struct store *s, int64_t campaign,
			struct obs_set *set)
{
	return store_load_arm(s, campaign, 0, NULL, set);
}

int store_load_arm(struct store *s, int64_t campaign, int64_t arm_id,
		   const char *name, struct obs_set *set)
{
	char series[NAME_BYTES], shown[NAME_BYTES + 32], arm[NAME_BYTES];
	const struct sql_arg *args = SQL_ARGS(A_INT("campaign", campaign),
					      A_INT("arm", arm_id),
					      A_INT("primary", 0),
					      A_INT("bare", 0),
					      A_INT("guest_boots", 1));
	int64_t label = 0;
	struct load l;
	int err;

	err = load_begin(&l, s, set);
	if (err)
		return load_end(&l, err);
	/* No name, rather than one of several. */
	err = sql_int(s, "SELECT iif(count(DISTINCT label) = 1, label, 0) "
		      "FROM slot AS r WHERE " SLOT_CAMPAIGN, args, &label);
	if (!err)
		err = sql_text(s, "SELECT iif(count(DISTINCT a.name) = 1, "
			       "a.name, '') FROM slot AS r JOIN arm AS a "
			       "ON a.id = r.arm WHERE " SLOT_CAMPAIGN,
			       args, arm, sizeof(arm));
	if (!err)
		err = sql_text(s, "SELECT coalesce(max(l.series), '') "
			       "FROM label AS l WHERE l.id = :id",
			       SQL_ARGS(A_INT("id", label)), series,
			       sizeof(series));
	if (!err)
		err = sql_text(s, "SELECT coalesce(max(" LABEL_SHOWN "), '') "
			       "FROM label AS l WHERE l.id = :id",
			       SQL_ARGS(A_INT("id", label)), shown,
			       sizeof(shown));
	if (!err)
		err = load_names(&l, name ? name : shown, series, shown, arm,
				 label);
	if (!err)
		err = sql_each(s, FIGURES("run AS r", RUN_CAMPAIGN), args,
			       add_figure, &l);
	if (!err)
		err = sql_each(s, MISSING("run AS r", RUN_CAMPAIGN, "slot AS r",
				  SLOT_CAMPAIGN), args,
			       add_missing, &l);
	return load_end(&l, err);
}
