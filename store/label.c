// SPDX-License-Identifier: GPL-2.0-or-later
/* Labels: names of builds. Giving, moving and taking them leaves a trail. */
#include "store/label.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/msg.h"
#include "store/aa.h"

#define LISTED	8

int label_list(struct store *s, const char *sql, const struct sql_arg *args,
	       char *buf, size_t size)
{
	char *v[LISTED + 1] = { NULL };
	size_t used = 0;
	sqlite3_stmt *row;
	int err, n = 0;

	buf[0] = '\0';
	err = sql_open(s, sql, args, &row);
	if (err)
		return err;
	while (n <= LISTED && (err = sql_step(s, row)) > 0)
		v[n++] = strdup(sql_col_text(row, 0));
	sql_close(row);
	if (n > LISTED)
		used = snprintf(buf, size, "..., ");
	while (n-- > 0) {
		if (n < LISTED && v[n] && used < size)
			used += snprintf(buf + used, size - used, "%s%s",
					 v[n], n ? ", " : "");
		free(v[n]);
	}
	return err < 0 ? err : 0;
}

int label_series(struct store *s, const char *series, char *buf)
{
	char list[600];
	int64_t id;
	int err;

	if (series) {
		snprintf(buf, NAME_BYTES, "%s", series);
		err = sql_int(s, "SELECT id FROM label WHERE "
			      "series = :series LIMIT 1",
			      SQL_ARGS(A_TEXT("series", series)), &id);
	} else {
		err = sql_text(s, "SELECT l.series FROM run AS r "
			       "JOIN label AS l ON l.id = r.label "
			       "WHERE " NOT_AA("r") " "
			       "ORDER BY r.started DESC LIMIT 1", NULL, buf,
			       NAME_BYTES);
		/* A first run may have skipped all that there is. */
		if (err == -ENOENT)
			err = sql_text(s, "SELECT series FROM label "
				       "ORDER BY id DESC LIMIT 1", NULL, buf,
				       NAME_BYTES);
	}
	if (err != -ENOENT)
		return err;
	if (label_list(s, "SELECT series FROM label GROUP BY series "
		       "ORDER BY max(id) DESC", NULL, list, sizeof(list)) ||
	    !*list)
		pr_err("%s: there are no results yet: `asibench run` makes "
		       "some", s->path);
	else
		pr_err("%s: no series %s; there is: %s", s->path, series,
		       list);
	return -ENOENT;
}

static int describe_build(struct store *s, int64_t build, char *buf,
			  size_t size)
{
	return sql_text(s, "SELECT release || ' (' || CASE "
			"WHEN build_id <> '' THEN 'build id ' || "
			"substr(build_id, 1, 12) "
			"WHEN commit_id <> '' THEN 'commit ' || "
			"substr(commit_id, 1, 12) || iif(dirty, '+', '') "
			"ELSE 'no build id' END || ')' FROM build "
			"WHERE id = :id", SQL_ARGS(A_INT("id", build)), buf,
			size);
}

static void show_label(const struct store_label *l, char *buf, size_t size)
{
	if (l->patch)
		snprintf(buf, size, "%s %d/%d", l->revision, l->patch,
			 l->patches);
	else
		snprintf(buf, size, "%s", l->revision);
}

/* Why two builds may not share a name, and what to do about it. */
static int refuse_build(struct store *s, const struct store_label *l,
			int64_t theirs, int64_t ours)
{
	char name[NAME_BYTES + 32], a[400], b[400];

	show_label(l, name, sizeof(name));
	if (describe_build(s, theirs, a, sizeof(a)) ||
	    describe_build(s, ours, b, sizeof(b)))
		return -EEXIST;
	pr_err("%s: series %s: \"%s\" is already the name of %s, this is %s: "
	       "use another --rev, or `asibench relabel OLD NEW`, or "
	       "`asibench forget`", s->path, l->series, name, a, b);
	return -EEXIST;
}

/* -ENOENT unsaid: there is no such label. */
static int find_label(struct store *s, const struct store_label *l,
		      int64_t *id, int64_t *build, int64_t *patches)
{
	sqlite3_stmt *row;
	int err;

	err = sql_first(s, "SELECT id, build, patches FROM label WHERE "
			"series = :series AND revision = :revision AND "
			"patch = :patch",
			SQL_ARGS(A_TEXT("series", l->series),
				 A_TEXT("revision", l->revision),
				 A_INT("patch", l->patch)), &row);
	if (err)
		return err;
	*id = sqlite3_column_int64(row, 0);
	*build = sqlite3_column_int64(row, 1);
	*patches = sqlite3_column_int64(row, 2);
	sql_close(row);
	return 0;
}

static int label_do(struct store *s, const struct store_label *l,
		    int64_t build, int64_t *id)
{
	int64_t other, patches;
	int err;

	err = find_label(s, l, id, &other, &patches);
	if (!err && other != build)
		return refuse_build(s, l, other, build);
	if (!err && patches != l->patches) {
		pr_err("%s: series %s: patch %d of %s is of %lld, not of %d: "
		       "use another --rev", s->path, l->series, l->patch,
		       l->revision, (long long)patches, l->patches);
		return -EEXIST;
	}
	if (err != -ENOENT)
		return err;
	err = sql_do(s, "INSERT INTO label (series, revision, patch, patches, "
		     "build) VALUES (:series, :revision, :patch, :patches, "
		     ":build)",
		     SQL_ARGS(A_TEXT("series", l->series),
			      A_TEXT("revision", l->revision),
			      A_INT("patch", l->patch),
			      A_INT("patches", l->patches),
			      A_INT("build", build)));
	*id = sqlite3_last_insert_rowid(s->db);
	return err;
}

int store_label(struct store *s, const struct store_label *l, int64_t build,
		int64_t *id)
{
	int err = sql_tx_begin(s);

	return err ? err : sql_tx_end(s, label_do(s, l, build, id));
}

int store_audit(struct store *s, const char *what)
{
	const char *sudo = getenv("SUDO_UID");
	char who[80];

	snprintf(who, sizeof(who), "uid %u%s%.20s", (unsigned int)getuid(),
		 !getuid() && sudo ? ", sudo by uid " : "",
		 !getuid() && sudo ? sudo : "");
	return sql_do(s, "INSERT INTO audit (at, who, what) VALUES "
		      "(strftime('%Y-%m-%dT%H:%M:%SZ'), :who, :what)",
		      SQL_ARGS(A_TEXT("who", who), A_TEXT("what", what)));
}

/* A label that must be there. Fills in *@l's series. */
static int existing(struct store *s, struct store_label *l, char *series,
		    int64_t *id, int64_t *build)
{
	char name[NAME_BYTES + 32], list[600];
	int64_t patches;
	int err;

	err = label_series(s, l->series, series);
	if (err)
		return err;
	l->series = series;
	err = find_label(s, l, id, build, &patches);
	if (err != -ENOENT)
		return err;
	show_label(l, name, sizeof(name));
	err = label_list(s, "SELECT " LABEL_SHOWN " FROM label AS l "
			 "WHERE series = :series ORDER BY id DESC",
			 SQL_ARGS(A_TEXT("series", series)), list,
			 sizeof(list));
	if (!err)
		pr_err("%s: series %s has no %s; it has: %s", s->path, series,
		       name, list);
	return err ? err : -ENOENT;
}

/* Runs and slots of @old become those of @id; the name @old is free. */
static int join_labels(struct store *s, int64_t old, int64_t id)
{
	const struct sql_arg *args = SQL_ARGS(A_INT("old", old),
					      A_INT("id", id));
	int err;

	err = sql_do(s, "UPDATE run SET label = :id WHERE label = :old", args);
	if (!err)
		err = sql_do(s, "UPDATE slot SET label = :id "
			     "WHERE label = :old", args);
	if (!err)
		err = sql_do(s, "DELETE FROM label WHERE id = :old", args);
	return err;
}

static int relabel_do(struct store *s, struct store_label from,
		      struct store_label to)
{
	char a[NAME_BYTES + 32], b[NAME_BYTES + 32], what[4 * NAME_BYTES];
	char series[NAME_BYTES];
	int64_t old, id, build, other, patches;
	int err;

	err = existing(s, &from, series, &old, &build);
	if (err)
		return err;
	if (!to.series)
		to.series = series;
	err = find_label(s, &to, &id, &other, &patches);
	if (!err && id == old)
		return 0;
	if (!err && other != build)
		return refuse_build(s, &to, other, build);
	if (!err)
		err = join_labels(s, old, id);
	else if (err == -ENOENT)
		err = sql_do(s, "UPDATE label SET series = :series, "
			     "revision = :revision, patch = :patch, "
			     "patches = :patches WHERE id = :id",
			     SQL_ARGS(A_TEXT("series", to.series),
				      A_TEXT("revision", to.revision),
				      A_INT("patch", to.patch),
				      A_INT("patches", to.patches),
				      A_INT("id", old)));
	/* Its place in the order goes with it, unless the new name has one. */
	if (!err)
		err = sql_do(s, "UPDATE OR IGNORE revision SET "
			     "series = :series, revision = :revision, "
			     "patch = :patch, patches = :patches WHERE "
			     "series = :old_series AND revision = :old AND "
			     "patch = :old_patch",
			     SQL_ARGS(A_TEXT("series", to.series),
				      A_TEXT("revision", to.revision),
				      A_INT("patch", to.patch),
				      A_INT("patches", to.patches),
				      A_TEXT("old_series", from.series),
				      A_TEXT("old", from.revision),
				      A_INT("old_patch", from.patch)));
	if (err)
		return err;
	show_label(&from, a, sizeof(a));
	show_label(&to, b, sizeof(b));
	snprintf(what, sizeof(what), "relabel %s: %s to %s: %s", from.series,
		 a, to.series, b);
	return store_audit(s, what);
}

int store_relabel(struct store *s, const struct store_label *from,
		  const struct store_label *to)
{
	int err = sql_tx_begin(s);

	return err ? err : sql_tx_end(s, relabel_do(s, *from, *to));
}

/* Facts belong to rows of several tables: no reference deletes them. */
#define DELETE_FACTS							\
	"DELETE FROM fact WHERE scope = 'run' AND owner IN "		\
	"(SELECT id FROM run WHERE label = :id)"

/* What was concluded goes with the runs that it was concluded from. */
#define DELETE_AA							\
	"DELETE FROM aa_result WHERE campaign NOT IN "			\
	"(SELECT campaign FROM slot)"

static int forget_do(struct store *s, struct store_label l, int *runs)
{
	char name[NAME_BYTES + 32], series[NAME_BYTES], what[3 * NAME_BYTES];
	static const char *const steps[] = {
		DELETE_FACTS,
		"DELETE FROM run WHERE label = :id",
		"DELETE FROM slot WHERE label = :id",
		DELETE_AA,
		"DELETE FROM label WHERE id = :id",
	};
	int64_t id, build, n;
	size_t i;
	int err;

	err = existing(s, &l, series, &id, &build);
	if (!err)
		err = sql_int(s, "SELECT count(*) FROM run WHERE label = :id",
			      SQL_ARGS(A_INT("id", id)), &n);
	for (i = 0; !err && i < sizeof(steps) / sizeof(*steps); i++)
		err = sql_do(s, steps[i], SQL_ARGS(A_INT("id", id)));
	if (err)
		return err;
	if (runs)
		*runs = n;
	show_label(&l, name, sizeof(name));
	snprintf(what, sizeof(what), "forget %s: %s: %lld runs", series, name,
		 (long long)n);
	return store_audit(s, what);
}

int store_forget(struct store *s, const struct store_label *l, int *runs)
{
	int err = sql_tx_begin(s);

	return err ? err : sql_tx_end(s, forget_do(s, *l, runs));
}
