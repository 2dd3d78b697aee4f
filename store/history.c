// SPDX-License-Identifier: GPL-2.0-or-later
/* What was measured before: revisions, costs, batches, raw samples. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/msg.h"
#include "lib/stats.h"
#include "store/codec.h"
#include "store/revision.h"
#include "store/select.h"
#include "store/store.h"

#define COST_RUNS	5

/* Revisions while they are read: an array that grows. */
struct revisions {
	struct store_revision *v;
	size_t n;
	size_t room;
};

static int add_arm(void *arg, sqlite3_stmt *row)
{
	struct store_revision *r = arg;
	char **v = reallocarray(r->arm, r->narms + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	r->arm = v;
	v[r->narms] = strdup(sql_col_text(row, 0));
	return v[r->narms++] ? 0 : -ENOMEM;
}

/*
 * From one arm to the next in run_by_label, past all the runs between: a
 * revision may have many.
 */
int store_revision_arms(struct store *s, struct store_revision *r)
{
	if (r->narms >= 0)
		return 0;
	r->narms = 0;
	return sql_each(s, "WITH RECURSIVE step (mode, arm) AS ("
			"SELECT value, (SELECT min(arm) FROM run WHERE "
			"label = :id AND mode = m.value) FROM json_each("
			"'[\"timed\",\"counted\",\"injected\"]') AS m "
			"UNION ALL SELECT mode, (SELECT min(arm) FROM run "
			"WHERE label = :id AND mode = step.mode AND "
			"arm > step.arm) FROM step WHERE arm IS NOT NULL) "
			"SELECT DISTINCT name FROM arm WHERE id IN "
			"(SELECT arm FROM step) ORDER BY name",
			SQL_ARGS(A_INT("id", r->id)), add_arm, r);
}

static int add_revision(void *arg, sqlite3_stmt *row)
{
	struct revisions *all = arg;
	struct store_revision *r;

	r = array_grow(all->v, all->n, &all->room, sizeof(*r));
	if (!r)
		return -ENOMEM;
	all->v = r;
	r += all->n++;
	memset(r, 0, sizeof(*r));
	r->id = sqlite3_column_int64(row, 0);
	r->series = strdup(sql_col_text(row, 1));
	r->revision = strdup(sql_col_text(row, 2));
	r->patch = sqlite3_column_int(row, 3);
	r->patches = sqlite3_column_int(row, 4);
	r->narms = -1;
	return r->series && r->revision ? 0 : -ENOMEM;
}

int store_revision_names(struct store *s, const char *series,
			 struct store_revision **v, size_t *n)
{
	struct revisions all = { 0 };
	char name[NAME_BYTES];
	int err;

	*v = NULL;
	*n = 0;
	err = label_series(s, series, name);
	if (err)
		return err;
	err = sql_each(s, "SELECT id, series, revision, patch, patches "
		       "FROM label AS l WHERE series = :series ORDER BY "
		       LABEL_ORDER, SQL_ARGS(A_TEXT("series", name)),
		       add_revision, &all);
	if (err) {
		store_revisions_free(all.v, all.n);
		return err;
	}
	*v = all.v;
	*n = all.n;
	return 0;
}

int store_revisions(struct store *s, const char *series,
		    struct store_revision **v, size_t *n)
{
	int err = store_revision_names(s, series, v, n);
	size_t i;

	for (i = 0; !err && i < *n; i++)
		err = store_revision_arms(s, &(*v)[i]);
	if (err) {
		store_revisions_free(*v, *n);
		*v = NULL;
		*n = 0;
	}
	return err;
}

void store_revisions_free(struct store_revision *v, size_t n)
{
	size_t i;
	int k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < v[i].narms; k++)
			free(v[i].arm[k]);
		free(v[i].arm);
		free(v[i].series);
		free(v[i].revision);
	}
	free(v);
}

int store_batch(struct store *s, int64_t host, int64_t variant,
		uint64_t *batch)
{
	int64_t found = 0;
	int err;

	err = sql_int(s, "SELECT (SELECT batch FROM sample AS p "
		      "JOIN metric AS m ON m.id = p.metric "
		      "WHERE p.run = r.id AND m.is_primary) AS batch "
		      "FROM run AS r "
		      "JOIN boot AS b ON b.id = r.boot WHERE "
		      "r.variant = :variant AND b.host = :host AND "
		      "r.status = 'ok' AND r.mode <> 'counted' AND "
		      "batch IS NOT NULL ORDER BY r.id DESC LIMIT 1",
		      SQL_ARGS(A_INT("variant", variant),
			       A_INT("host", host)), &found);
	*batch = found;
	return err == -ENOENT ? 0 : err;
}

struct costs {
	double v[COST_RUNS];
	size_t n;
};

static int add_cost(void *arg, sqlite3_stmt *row)
{
	struct costs *c = arg;

	c->v[c->n++] = sqlite3_column_double(row, 0);
	return c->n == COST_RUNS;
}

int store_cost(struct store *s, int64_t host, int64_t variant,
	       double *seconds)
{
	struct costs c = { .n = 0 };
	int err;

	err = sql_each(s, "SELECT r.seconds FROM run AS r "
		       "JOIN boot AS b ON b.id = r.boot WHERE "
		       "r.variant = :variant AND b.host = :host AND "
		       "r.status IN ('ok', 'interpreted', 'invalid') "
		       "ORDER BY r.id DESC LIMIT :n",
		       SQL_ARGS(A_INT("variant", variant),
				A_INT("host", host), A_INT("n", COST_RUNS)),
		       add_cost, &c);
	*seconds = c.n ? stats_median(c.v, c.n) : 0;
	return err;
}

struct gaps {
	double *v;
	size_t n;
	size_t room;
};

static int add_gap(void *arg, sqlite3_stmt *row)
{
	struct gaps *g = arg;
	double *v = array_grow(g->v, g->n, &g->room, sizeof(*v));

	if (!v)
		return -ENOMEM;
	g->v = v;
	v[g->n++] = sqlite3_column_double(row, 0);
	return 0;
}

int store_boot_gap(struct store *s, const char *host, double *seconds)
{
	struct gaps g = { 0 };
	int err;

	/* Below five seconds nothing was booted. */
	err = sql_each(s, "WITH span AS (SELECT min(r.started) AS first, "
		       "max(r.started + r.seconds) AS last FROM run AS r "
		       "JOIN boot AS b ON b.id = r.boot "
		       "JOIN host AS h ON h.id = b.host "
		       "WHERE h.alias = :host AND b.kind = 'host' "
		       "GROUP BY r.boot), gap AS (SELECT first - lag(last) "
		       "OVER (ORDER BY first) AS gap FROM span) "
		       "SELECT gap FROM gap WHERE gap BETWEEN 5 AND 3600",
		       SQL_ARGS(A_TEXT("host", host)), add_gap, &g);
	*seconds = g.n ? stats_median(g.v, g.n) : 0;
	free(g.v);
	return err;
}

struct sample_walk {
	struct store *s;
	int (*fn)(void *arg, int64_t run, const double *v, size_t n);
	void *arg;
};

/* Decode one row of (codec, blob, count, checksum, batch, run). */
static int walk_samples(void *arg, sqlite3_stmt *row)
{
	struct sample_walk *w = arg;
	const size_t count = sqlite3_column_int64(row, 2);
	const double batch = sqlite3_column_int64(row, 4);
	const int64_t run = sqlite3_column_int64(row, 5);
	const void *blob = sqlite3_column_blob(row, 1);
	uint64_t *raw;
	double *v;
	size_t i;
	int err;

	err = codec_decode(sql_col_text(row, 0), blob,
			   sqlite3_column_bytes(row, 1), count,
			   sql_col_text(row, 3), &raw);
	if (err) {
		pr_err("%s: the samples of run %lld are damaged", w->s->path,
		       (long long)run);
		return err;
	}
	v = malloc((count + 1) * sizeof(*v));
	for (i = 0; v && i < count; i++)
		v[i] = raw[i] / (batch > 0 ? batch : 1);
	free(raw);
	err = v ? w->fn(w->arg, run, v, count) : -ENOMEM;
	free(v);
	return err;
}

int store_samples_each(struct store *s, const struct store_select *sel,
		       const char *place, const char *params,
		       const char *metric,
		       int (*fn)(void *arg, int64_t run, const double *v,
				 size_t n),
		       void *arg)
{
	struct sample_walk walk = { s, fn, arg };
	struct pick p;
	int err;

	err = pick_resolve(s, sel, &p);
	if (err)
		return err;
	err = sql_each(s, "SELECT x.codec, x.blob, x.count, x.checksum, "
		       "x.batch, r.id FROM " PICK_RUNS " "
		       "JOIN sample AS x ON x.run = r.id "
		       "JOIN metric AS m ON m.id = x.metric "
		       "WHERE " PICK_WHERE " AND r.status IN "
		       "('ok', 'interpreted') AND r.variant IN (SELECT id "
		       "FROM variant WHERE benchmark GLOB :glob AND "
		       "place = :place AND params = :params) AND "
		       "m.name = :metric ORDER BY r.id, x.id",
		       SQL_ARGS(PICK_ARGS(&p), A_TEXT("place", place),
				A_TEXT("params", params),
				A_TEXT("metric", metric)), walk_samples, &walk);
	pick_free(&p);
	return err;
}

struct samples {
	double *v;
	size_t n;
};

static int add_samples(void *arg, int64_t run, const double *v, size_t n)
{
	struct samples *all = arg;
	double *more = reallocarray(all->v, all->n + n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	all->v = more;
	memcpy(more + all->n, v, n * sizeof(*v));
	all->n += n;
	return 0;
}

int store_samples(struct store *s, const struct store_select *sel,
		  const char *place, const char *params, const char *metric,
		  double **v, size_t *n)
{
	struct samples all = { NULL, 0 };
	int err = store_samples_each(s, sel, place, params, metric,
				     add_samples, &all);

	if (err) {
		free(all.v);
		all = (struct samples){ NULL, 0 };
	}
	*v = all.v;
	*n = all.n;
	return err;
}

int store_pace(struct store *s, int64_t boot, double *pace)
{
	sqlite3_stmt *row;
	int err;

	*pace = 0;
	err = sql_first(s, "SELECT min(pace) FROM run "
			"INDEXED BY run_by_boot WHERE boot = :boot",
			SQL_ARGS(A_INT("boot", boot)), &row);
	if (err)
		return err == -ENOENT ? 0 : err;
	*pace = sqlite3_column_double(row, 0);
	sql_close(row);
	return 0;
}
