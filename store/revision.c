// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/revision.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/msg.h"

#define NAME_DIGITS	12	/* of a commit, where that is all the name */

/* Behind all others, unless it has a place already. */
#define LAST_PLACE							\
	"(SELECT coalesce(max(place), 0) + 1 FROM revision "		\
	"WHERE series = :series)"

static int put(struct store *s, const char *series, const char *revision,
	       const struct store_patch *p)
{
	return sql_do(s, "INSERT INTO revision (series, revision, patch, "
		      "patches, place, commit_id, patch_id, subject) VALUES "
		      "(:series, :revision, :patch, :patches, "
		      "iif(:patch, NULL, " LAST_PLACE "), :commit, "
		      ":patch_id, substr(:subject, 1, 1000)) "
		      "ON CONFLICT (series, revision, patch) DO UPDATE SET "
		      "patches = excluded.patches, "
		      "commit_id = excluded.commit_id, "
		      "patch_id = excluded.patch_id, "
		      "subject = excluded.subject, "
		      "place = coalesce(place, excluded.place)",
		      SQL_ARGS(A_TEXT("series", series),
			       A_TEXT("revision", revision),
			       A_INT("patch", p->patch),
			       A_INT("patches", p->patches),
			       A_TEXT("commit", p->commit),
			       A_TEXT("patch_id", p->patch_id),
			       A_TEXT("subject", p->subject)));
}

static int add_patches(struct store *s, const char *series,
		       const char *revision, const struct store_patch *v,
		       size_t n)
{
	struct store_patch whole = { .subject = "" };
	size_t i;
	int err;

	err = sql_do(s, "DELETE FROM revision WHERE series = :series AND "
		     "revision = :revision AND patch > 0",
		     SQL_ARGS(A_TEXT("series", series),
			      A_TEXT("revision", revision)));
	for (i = 0; !err && i < n; i++)
		err = put(s, series, revision, &v[i]);
	if (n)
		whole.commit = v[n - 1].commit;
	return err ? err : put(s, series, revision, &whole);
}

/* Known ones move: the range says how they follow each other. */
static int add_commits(struct store *s, const char *series,
		       const struct store_patch *v, size_t n)
{
	char name[NAME_DIGITS + 1];
	struct store_patch one;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < n; i++) {
		one = v[i];
		one.patch = one.patches = 0;
		snprintf(name, sizeof(name), "%s", v[i].commit);
		err = sql_do(s, "UPDATE revision SET place = NULL WHERE "
			     "series = :series AND revision = :name AND "
			     "patch = 0", SQL_ARGS(A_TEXT("series", series),
						   A_TEXT("name", name)));
		if (!err)
			err = put(s, series, name, &one);
	}
	return err;
}

/* ---- order ---- */

static int place_at(struct store *s, const char *series, const char *name,
		    int place)
{
	return sql_do(s, "INSERT INTO revision (series, revision, patch, "
		      "patches, place, commit_id, patch_id, subject) VALUES "
		      "(:series, :name, 0, 0, :place, '', '', '') "
		      "ON CONFLICT (series, revision, patch) DO UPDATE SET "
		      "place = excluded.place",
		      SQL_ARGS(A_TEXT("series", series), A_TEXT("name", name),
			       A_INT("place", place)));
}

static const struct store_patch *find(const struct store_patch *v, size_t n,
				      const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(v[i].revision, name))
			return &v[i];
	return NULL;
}

static bool among(const char *const *name, size_t n, const char *what)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(name[i], what))
			return true;
	return false;
}

static int order_do(struct store *s, const char *series,
		    const struct store_patch *v, size_t nv,
		    const char *const *name, size_t n)
{
	int err = 0, place = 0;
	size_t i;

	for (i = 0; !err && i < n; i++)
		err = place_at(s, series, name[i], ++place);
	/* A revision is listed with its patches: once is enough. */
	for (i = 0; !err && i < nv; i++)
		if (!among(name, n, v[i].revision) &&
		    find(v, nv, v[i].revision) == &v[i])
			err = place_at(s, series, v[i].revision, ++place);
	return err;
}

int store_revision_order(struct store *s, const char *series,
			 const char *const *name, size_t n)
{
	char own[NAME_BYTES];
	struct store_patch *v;
	size_t nv, i;
	int err = sql_tx_begin(s);

	if (err)
		return err;
	err = store_revision_list(s, series, own, &v, &nv);
	if (err)
		return sql_tx_end(s, err);
	for (i = 0; !err && i < n; i++) {
		if (find(v, nv, name[i]))
			continue;
		pr_err("%s: series %s has no revision %s; see asibench revision list",
		       s->path, own, name[i]);
		err = -ENOENT;
	}
	if (!err)
		err = order_do(s, own, v, nv, name, n);
	store_revision_free(v, nv);
	return sql_tx_end(s, err);
}

/* ---- add ---- */

/* Will this label stand where its commit does? */
static bool is_added(const struct store_patch *label,
		     const struct store_patch *v, size_t n)
{
	size_t len = strlen(label->built), i;

	if (len < 7 || label->built[len - 1] == '+')
		return false;
	for (i = 0; i < n; i++)
		if (!strncmp(v[i].commit, label->built, len))
			return true;
	return false;
}

/* What has had no place so far gets one, so that what is added comes last. */
static int settle_others(struct store *s, const char *series,
			 const struct store_patch *v, size_t n)
{
	int64_t labels, place = 0;
	char name[NAME_BYTES];
	struct store_patch *all;
	size_t nall, i;
	int err;

	err = sql_int(s, "SELECT count(*) FROM label WHERE series = :series",
		      SQL_ARGS(A_TEXT("series", series)), &labels);
	if (err || !labels)
		return err;
	err = store_revision_list(s, series, name, &all, &nall);
	if (!err)
		err = sql_int(s, "SELECT coalesce(max(place), 0) FROM revision "
			      "WHERE series = :series",
			      SQL_ARGS(A_TEXT("series", series)), &place);
	for (i = 0; !err && i < nall; i++)
		if (all[i].labelled && !all[i].place &&
		    find(all, nall, all[i].revision) == &all[i] &&
		    !is_added(&all[i], v, n))
			err = place_at(s, series, all[i].revision, ++place);
	store_revision_free(all, nall);
	return err;
}

int store_revision_add(struct store *s, const char *series,
		       const char *revision, const struct store_patch *v,
		       size_t n)
{
	int err = sql_tx_begin(s);

	if (err)
		return err;
	err = settle_others(s, series, v, revision ? 0 : n);
	if (!err)
		err = revision ? add_patches(s, series, revision, v, n) :
			add_commits(s, series, v, n);
	return sql_tx_end(s, err);
}

/* ---- list ---- */

struct patches {
	struct store_patch *v;
	size_t n;
	size_t room;
};

static int add_row(void *arg, sqlite3_stmt *row)
{
	struct patches *all = arg;
	struct store_patch *p;

	p = array_grow(all->v, all->n, &all->room, sizeof(*p));
	if (!p)
		return -ENOMEM;
	all->v = p;
	p += all->n++;
	*p = (struct store_patch) {
		.revision = strdup(sql_col_text(row, 0)),
		.patch = sqlite3_column_int(row, 1),
		.patches = sqlite3_column_int(row, 2),
		.place = sqlite3_column_int(row, 3),
		.commit = strdup(sql_col_text(row, 4)),
		.patch_id = strdup(sql_col_text(row, 5)),
		.subject = strdup(sql_col_text(row, 6)),
		.built = strdup(sql_col_text(row, 7)),
		.runs = sqlite3_column_int(row, 8),
		.labelled = sqlite3_column_int(row, 9),
	};
	return p->revision && p->commit && p->patch_id && p->subject &&
		p->built ? 0 : -ENOMEM;
}

/* What is listed under a label's name, else for its commit. */
#define LISTED_AS							\
	"coalesce((SELECT o.id FROM revision AS o WHERE o.series = "	\
	"l.series AND o.revision = l.revision AND o.patch = l.patch), "	\
	"(SELECT min(o.id) FROM revision AS o, build AS k WHERE "	\
	SAME_COMMIT "))"

/* Labels, and what is listed without one. */
#define ALL_NAMES							\
	"WITH l AS (SELECT * FROM label WHERE series = :series), "	\
	"named AS (SELECT l.revision, l.patch, l.patches, " LABEL_PLACE	\
	" AS place, l.id AS label, l.id AS age, k.commit_id || "	\
	"iif(k.dirty, '+', '') AS built, " LISTED_AS " AS listed "	\
	"FROM l JOIN build AS k ON k.id = l.build), "			\
	"both AS (SELECT n.revision, n.patch, n.patches, n.place, "	\
	"n.label, n.age, n.built, o.commit_id, o.patch_id, o.subject "	\
	"FROM named AS n LEFT JOIN revision AS o ON o.id = n.listed "	\
	"UNION ALL SELECT o.revision, o.patch, o.patches, w.place, "	\
	"NULL, o.id + (1 << 40), '', o.commit_id, o.patch_id, "		\
	"o.subject FROM revision AS o LEFT JOIN revision AS w "		\
	"ON w.series = o.series AND w.revision = o.revision AND "	\
	"w.patch = 0 WHERE o.series = :series AND o.id NOT IN "		\
	"(SELECT listed FROM named WHERE listed IS NOT NULL)) "

int store_revision_list(struct store *s, const char *series, char *name,
			struct store_patch **v, size_t *n)
{
	struct patches all = { 0 };
	int64_t listed;
	int err = -ENOENT;

	*v = NULL;
	*n = 0;
	if (series) {
		snprintf(name, NAME_BYTES, "%s", series);
		err = sql_int(s, "SELECT id FROM revision WHERE "
			      "series = :series LIMIT 1",
			      SQL_ARGS(A_TEXT("series", series)), &listed);
	}
	if (err == -ENOENT)
		err = label_series(s, series, name);
	if (!err)
		err = sql_each(s, ALL_NAMES "SELECT revision, patch, patches, "
			"place, commit_id, patch_id, subject, "
			"built, (SELECT count(*) FROM run WHERE "
			"run.label = both.label), label IS NOT NULL "
			"FROM both ORDER BY place IS NULL, place, "
			"min(age) OVER (PARTITION BY revision), patch = 0, "
			"patch",
			SQL_ARGS(A_TEXT("series", name)), add_row, &all);
	if (err) {
		store_revision_free(all.v, all.n);
		return err;
	}
	*v = all.v;
	*n = all.n;
	return 0;
}

void store_revision_free(struct store_patch *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(v[i].revision);
		free(v[i].commit);
		free(v[i].patch_id);
		free(v[i].subject);
		free(v[i].built);
	}
	free(v);
}
