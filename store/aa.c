// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/aa.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/load.h"
#include "store/metric.h"

int store_aa_begin(struct store *s, int64_t campaign)
{
	int err = sql_tx_begin(s);

	if (err)
		return err;
	err = sql_do(s, "INSERT INTO aa (campaign) VALUES (:campaign)",
		     SQL_ARGS(A_INT("campaign", campaign)));
	return sql_tx_end(s, err);
}

static int write_result(struct store *s, int64_t campaign,
			const struct aa_obs *o)
{
	int64_t variant, metric;
	int err;

	err = store_variant(s, o->id.benchmark, o->id.params,
			    place_parse(o->id.place), o->id.profile, &variant);
	if (!err)
		err = metric_id(s, &o->id.metric, &metric);
	if (err)
		return err;
	return sql_do(s, "INSERT INTO aa_result (campaign, variant, metric, "
		      "n_a, n_b, ratio, p, verdict) VALUES (:campaign, "
		      ":variant, :metric, :n_a, :n_b, :ratio, :p, :verdict)",
		      SQL_ARGS(A_INT("campaign", campaign),
			       A_INT("variant", variant),
			       A_INT("metric", metric), A_INT("n_a", o->n_a),
			       A_INT("n_b", o->n_b), A_REAL("ratio", o->ratio),
			       A_REAL("p", o->p),
			       A_TEXT("verdict", o->verdict)));
}

int store_aa_results(struct store *s, int64_t campaign,
		     const struct aa_obs *v, size_t n)
{
	int err = sql_tx_begin(s);
	size_t i;

	if (err)
		return err;
	for (i = 0; !err && i < n; i++)
		err = write_result(s, campaign, &v[i]);
	return sql_tx_end(s, err);
}

/* Results while they are read; @ids has what they are of, once each. */
struct aa_load {
	struct load l;
	struct obs_set ids;
	struct aa_set *set;
	size_t room;
};

static int add_result(void *arg, sqlite3_stmt *row)
{
	struct aa_load *a = arg;
	const struct load_row key = {
		.variant = sqlite3_column_int64(row, 0),
		.metric = sqlite3_column_int64(row, 1),
		.host = sqlite3_column_int64(row, 2),
	};
	struct aa_obs *o;
	int err, id;

	o = array_grow(a->set->v, a->set->n, &a->room, sizeof(*o));
	if (!o)
		return -ENOMEM;
	a->set->v = o;
	o += a->set->n++;
	memset(o, 0, sizeof(*o));
	err = load_row(&a->l, &key, &id);
	if (!err)
		o->id = a->ids.row[id];
	o->verdict = arena_strdup(a->l.arena, sql_col_text(row, 3));
	if (!o->verdict)
		return -ENOMEM;
	o->pair = sqlite3_column_int64(row, 4);
	o->n_a = sqlite3_column_int(row, 5);
	o->n_b = sqlite3_column_int(row, 6);
	o->ratio = sql_col_real(row, 7);
	o->p = sql_col_real(row, 8);
	return err;
}

int store_aa_load(struct store *s, int most, struct aa_set *set)
{
	struct aa_load a = { .l.s = s, .set = set };
	int err;

	memset(set, 0, sizeof(*set));
	a.l.set = &a.ids;
	set->arena = a.l.arena = arena_new();
	if (!set->arena)
		return -ENOMEM;
	err = sql_each(s, "SELECT x.variant, x.metric, c.host, x.verdict, "
		       "x.campaign, x.n_a, x.n_b, x.ratio, x.p FROM (SELECT "
		       "c.id, c.host, row_number() OVER (PARTITION BY c.host "
		       "ORDER BY c.id DESC) AS age FROM aa JOIN campaign AS c "
		       "ON c.id = aa.campaign) AS c CROSS JOIN aa_result AS x "
		       "ON x.campaign = c.id WHERE c.age <= :most "
		       "OR NOT :most ORDER BY x.id",
		       SQL_ARGS(A_INT("most", most)), add_result, &a);
	free(a.l.row);
	free(a.ids.row);
	if (err)
		store_aa_free(set);
	return err;
}

void store_aa_free(struct aa_set *set)
{
	if (set->arena)
		arena_free(set->arena);
	free(set->v);
	memset(set, 0, sizeof(*set));
}
