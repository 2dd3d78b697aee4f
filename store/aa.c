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

/* Results while they are read. */
struct aa_load {
	struct load l;
	struct aa_set *set;
	size_t room;
};

static int add_result(void *arg, sqlite3_stmt *row)
{
	struct aa_load *a = arg;
	struct aa_obs *o;
	int err;

	o = array_grow(a->set->v, a->set->n, &a->room, sizeof(*o));
	if (!o)
		return -ENOMEM;
	a->set->v = o;
	o += a->set->n++;
	memset(o, 0, sizeof(*o));
	err = load_texts(&a->l, row, 6, &o->id.benchmark, &o->id.params,
			 &o->id.place, &o->id.profile, &o->id.host,
			 &o->verdict);
	if (!err)
		err = metric_from_row(row, 6, a->l.arena, &o->id.metric);
	o->pair = sqlite3_column_int64(row, 12);
	o->n_a = sqlite3_column_int(row, 13);
	o->n_b = sqlite3_column_int(row, 14);
	o->ratio = sql_col_real(row, 15);
	o->p = sql_col_real(row, 16);
	return err;
}

int store_aa_load(struct store *s, struct aa_set *set)
{
	struct aa_load a = { .set = set };
	int err;

	memset(set, 0, sizeof(*set));
	set->arena = a.l.arena = arena_new();
	if (!set->arena)
		return -ENOMEM;
	err = sql_each(s, "SELECT v.benchmark, v.params, v.place, v.profile, "
		       "h.alias, x.verdict, " METRIC_COLUMNS ", x.campaign, "
		       "x.n_a, x.n_b, x.ratio, x.p FROM aa_result AS x "
		       "JOIN variant AS v ON v.id = x.variant "
		       "JOIN metric AS m ON m.id = x.metric "
		       "JOIN campaign AS c ON c.id = x.campaign "
		       "JOIN host AS h ON h.id = c.host ORDER BY x.id", NULL,
		       add_result, &a);
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
