// SPDX-License-Identifier: GPL-2.0-or-later
/* One run, whole. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "store/facts.h"
#include "store/label.h"
#include "store/metric.h"
#include "store/store.h"

#define PREFIX_MIN	4	/* of a uuid; shorter ones are numbers */

/* -ENOENT is said. */
static int which_prefix(struct store *s, const char *which, int64_t *id)
{
	const struct sql_arg *args = SQL_ARGS(A_TEXT("which", which));
	int64_t n;
	int err;

	/* Compared as text: nothing in it is a pattern. */
	err = sql_int(s, "SELECT count(*) FROM run WHERE "
		      "substr(uuid, 1, length(:which)) = :which", args, &n);
	if (!err && n == 1)
		return sql_int(s, "SELECT id FROM run WHERE "
			       "substr(uuid, 1, length(:which)) = :which",
			       args, id);
	if (!err && n)
		pr_err("%s: %lld runs begin with %s: give more of it",
		       s->path, (long long)n, which);
	else if (!err)
		pr_err("%s: there is no run %s", s->path, which);
	return err ? err : -ENOENT;
}

static int which_run(struct store *s, const char *which, int64_t *id)
{
	int64_t number;
	int err = -ENOENT;

	if (!strcmp(which, "last")) {
		err = sql_int(s, "SELECT id FROM run ORDER BY started DESC, "
			      "id DESC LIMIT 1", NULL, id);
		if (err == -ENOENT)
			pr_err("%s: there are no results yet: `asibench run` "
			       "makes some", s->path);
		return err;
	}
	if (!num_s64(which, 1, INT64_MAX, &number))
		err = sql_int(s, "SELECT id FROM run WHERE id = :id",
			      SQL_ARGS(A_INT("id", number)), id);
	if (err != -ENOENT)
		return err;
	if (strlen(which) >= PREFIX_MIN)
		return which_prefix(s, which, id);
	pr_err("%s: there is no run %s", s->path, which);
	return -ENOENT;
}

static int info_texts(struct arena *a, sqlite3_stmt *row,
		      struct store_run_info *info)
{
	char **const to[] = {
		&info->uuid, &info->benchmark, &info->params, &info->place,
		&info->profile, &info->series, &info->revision, &info->arm,
		&info->arm_state, &info->host, &info->boot, &info->mode,
		&info->status, &info->reason, &info->started,
	};
	size_t i;

	for (i = 0; i < sizeof(to) / sizeof(*to); i++) {
		*to[i] = arena_strdup(a, sql_col_text(row, i));
		if (!*to[i])
			return -ENOMEM;
	}
	return 0;
}

static int info_row(struct store *s, int64_t id, struct store_run_info *info,
		    int64_t *boot, int64_t *host)
{
	sqlite3_stmt *row;
	int err;

	err = sql_first(s, "SELECT r.uuid, v.benchmark, v.params, v.place, "
		       "v.profile, l.series, " LABEL_SHOWN ", a.name, "
		       "coalesce(t.state, 'unverified'), h.alias, b.uuid, "
		       "r.mode, r.status, r.reason, "
		       "strftime('%Y-%m-%dT%H:%M:%SZ', r.started, "
		       "'unixepoch'), r.seconds AS seconds, r.noisy AS noisy, "
		       "r.lost AS lost, b.id AS boot_id, h.id AS host_id "
		       "FROM run AS r JOIN variant AS v ON v.id = r.variant "
		       "JOIN label AS l ON l.id = r.label "
		       "JOIN arm AS a ON a.id = r.arm "
		       "LEFT JOIN arm_state AS t ON t.id = r.arm_state "
		       "JOIN boot AS b ON b.id = r.boot "
		       "JOIN host AS h ON h.id = b.host WHERE r.id = :id",
		       SQL_ARGS(A_INT("id", id)), &row);
	if (err == -ENOENT) {
		pr_err("%s: run %lld refers to nothing", s->path,
		       (long long)id);
		err = -EBADMSG;
	}
	if (err)
		return err;
	err = info_texts(info->arena, row, info);
	info->id = id;
	info->seconds = sql_col_real(row, sql_col(row, "seconds"));
	info->noisy = sqlite3_column_int(row, sql_col(row, "noisy"));
	info->lost = sqlite3_column_int64(row, sql_col(row, "lost"));
	*boot = sqlite3_column_int64(row, sql_col(row, "boot_id"));
	*host = sqlite3_column_int64(row, sql_col(row, "host_id"));
	sql_close(row);
	return err;
}

struct values {
	struct store_run_info *info;
	size_t room;
};

static int add_value(void *arg, sqlite3_stmt *row)
{
	struct values *all = arg;
	struct store_run_info *info = all->info;
	struct store_value *v;

	v = array_grow(info->value, info->nvalues, &all->room, sizeof(*v));
	if (!v)
		return -ENOMEM;
	info->value = v;
	v += info->nvalues++;
	v->value = sql_col_real(row, 0);
	v->n = sqlite3_column_int64(row, 1);
	v->lo = sql_col_real(row, 2);
	v->hi = sql_col_real(row, 3);
	return metric_from_row(row, 4, info->arena, &v->metric);
}

static int info_values(struct store *s, struct store_run_info *info)
{
	struct values all = { .info = info };

	return sql_each(s, "SELECT x.value, x.n, x.lo, x.hi, " METRIC_COLUMNS
			" FROM value AS x JOIN metric AS m ON m.id = x.metric "
			"WHERE x.run = :id ORDER BY NOT m.is_primary, m.name",
			SQL_ARGS(A_INT("id", info->id)), add_value, &all);
}

int store_run_info(struct store *s, const char *which,
		   struct store_run_info *info)
{
	int64_t id, boot, host;
	int err;

	memset(info, 0, sizeof(*info));
	err = which_run(s, which, &id);
	if (err)
		return err;
	info->arena = arena_new();
	err = info->arena ? info_row(s, id, info, &boot, &host) : -ENOMEM;
	if (!err)
		err = info_values(s, info);
	if (!err)
		err = facts_read(s, "run", id, &info->run_facts);
	if (!err)
		err = facts_read(s, "host", host, &info->boot_facts);
	if (!err)
		err = facts_read(s, "boot", boot, &info->boot_facts);
	if (err) {
		store_run_info_free(info);
		return err;
	}
	facts_sort(&info->run_facts);
	facts_sort(&info->boot_facts);
	return 0;
}

void store_run_info_free(struct store_run_info *info)
{
	free(info->value);
	facts_free(&info->run_facts);
	facts_free(&info->boot_facts);
	arena_free(info->arena);
	memset(info, 0, sizeof(*info));
}
