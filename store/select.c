// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/msg.h"

/* A revision by its name, or with its patch as it is shown: "v2 3/27". */
#define LABEL_WHERE							\
	"l.series = :series AND (:any OR (l.revision = :revision AND "	\
	"(:patch < 0 OR l.patch = :patch)) OR (:patch < 0 AND "		\
	LABEL_SHOWN " = :revision))"

static int no_revision(struct store *s, const char *series,
		       const char *revision)
{
	char list[600];
	int err;

	err = label_list(s, "SELECT " LABEL_SHOWN " FROM label AS l "
			 "WHERE series = :series ORDER BY id DESC",
			 SQL_ARGS(A_TEXT("series", series)), list,
			 sizeof(list));
	if (!err)
		pr_err("%s: series %s has no revision %s; it has: %s",
		       s->path, series, revision, list);
	return err ? err : -ENOENT;
}

/* Patches of one series are different builds: they are not pooled. */
static int which_patch(struct store *s, const struct sql_arg *args,
		       const char *revision, struct pick *p)
{
	char list[600];
	int err;

	err = sql_int(s, "SELECT id FROM label AS l WHERE " LABEL_WHERE
		      " AND l.patch = 0", args, &p->label);
	if (err != -ENOENT)
		return err;
	err = label_list(s, "SELECT " LABEL_SHOWN " FROM label AS l WHERE "
			 LABEL_WHERE " ORDER BY l.patch DESC", args, list,
			 sizeof(list));
	if (!err)
		pr_err("%s: %s is several patches: say which: %s", s->path,
		       revision, list);
	return err ? err : -ENOENT;
}

static int pick_labels(struct store *s, const struct store_select *sel,
		       struct pick *p)
{
	const struct sql_arg *args = SQL_ARGS(
		A_TEXT("series", p->series),
		A_TEXT("revision", sel->revision),
		A_INT("any", !sel->revision), A_INT("patch", sel->patch));
	int64_t n = 0;
	int err = 0;

	p->label = sel->label;
	if (!p->label)
		err = sql_int(s, "SELECT count(*) FROM label AS l WHERE "
			      LABEL_WHERE, args, &n);
	if (!err && !n && !p->label)
		return no_revision(s, p->series, sel->revision);
	if (!err && n == 1)
		err = sql_int(s, "SELECT id FROM label AS l WHERE "
			      LABEL_WHERE, args, &p->label);
	else if (!err && n && sel->revision)
		err = which_patch(s, args, sel->revision, p);
	if (err)
		return err;
	if (p->label) {
		if (asprintf(&p->labels, "[%lld]", (long long)p->label) < 0)
			return -ENOMEM;
		return sql_text(s, "SELECT " LABEL_SHOWN " FROM label AS l "
				"WHERE id = :id",
				SQL_ARGS(A_INT("id", p->label)), p->revision,
				sizeof(p->revision));
	}
	p->labels = malloc(24 * n + 3);
	if (!p->labels)
		return -ENOMEM;
	return sql_text(s, "SELECT json_group_array(id) FROM label AS l WHERE "
			LABEL_WHERE, args, p->labels, 24 * n + 3);
}

#define ARMS								\
	"FROM arm WHERE id IN (SELECT arm FROM run WHERE label IN "	\
	"(SELECT value FROM json_each(:labels)) UNION SELECT arm FROM "	\
	"slot WHERE state IN ('skipped', 'interrupted') AND label IN "	\
	"(SELECT value FROM json_each(:labels)))"

static int pick_arm(struct store *s, const struct store_select *sel,
		    struct pick *p)
{
	const char *rev = *p->revision ? p->revision : p->series;
	const struct sql_arg *args = SQL_ARGS(A_TEXT("labels", p->labels),
					      A_TEXT("arm", sel->arm));
	char list[600], first[NAME_BYTES];
	int64_t n = 1;
	int err = 0;

	if (sel->arm && !sel->label)
		err = sql_int(s, "SELECT count(*) " ARMS " AND name = :arm",
			      args, &n);
	else if (!sel->arm)
		err = sql_int(s, "SELECT count(DISTINCT name) " ARMS, args,
			      &n);
	if (err)
		return err;
	if (sel->arm && n) {
		snprintf(p->arm, sizeof(p->arm), "%s", sel->arm);
		return 0;
	}
	err = label_list(s, "SELECT DISTINCT name " ARMS
			 " ORDER BY name DESC", args, list, sizeof(list));
	if (!err)
		err = sql_text(s, "SELECT min(name) " ARMS, args, first,
			       sizeof(first));
	if (err)
		return err;
	if (!*list)
		pr_err("%s: %s has no runs", s->path, rev);
	else if (sel->arm)
		pr_err("%s: %s has no arm %s; it has: %s", s->path, rev,
		       sel->arm, list);
	else if (n > 1)
		pr_err("%s: %s has the arms %s: write %s@%s", s->path, rev,
		       list, rev, first);
	else
		return (size_t)snprintf(p->arm, sizeof(p->arm), "%s", first) <
			sizeof(p->arm) ? 0 : -ENAMETOOLONG;
	return -ENOENT;
}

int pick_resolve(struct store *s, const struct store_select *sel,
		 struct pick *p)
{
	int err;

	memset(p, 0, sizeof(*p));
	p->glob = sel->benchmark ? sel->benchmark : "*";
	p->mode = run_mode_name(sel->mode);
	err = label_series(s, sel->series, p->series);
	if (!err)
		err = pick_labels(s, sel, p);
	if (!err)
		err = pick_arm(s, sel, p);
	if (err)
		pick_free(p);
	return err;
}

void pick_free(struct pick *p)
{
	free(p->labels);
	p->labels = NULL;
}
