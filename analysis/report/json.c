// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison for programs; the keys are a contract, see report.h. */
#include "analysis/report/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/aa.h"
#include "analysis/report/view.h"
#include "analysis/shape.h"

json_t *json_text(const char *s)
{
	char *clean = s ? text_dup(s, false) : NULL;
	json_t *j = clean ? json_string(clean) : NULL;

	free(clean);
	return j ? j : json_null();
}

json_t *json_known(const char *s)
{
	return s && *s ? json_text(s) : json_null();
}

json_t *json_figure(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

json_t *json_params(const char *params)
{
	json_t *j = json_loads(params, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(j))
		return j;
	json_decref(j);
	return json_object();
}

int json_print(json_t *j, FILE *out)
{
	int err = j ? 0 : -ENOMEM;

	if (!err && json_dumpf(j, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)))
		err = ferror(out) ? -EIO : -ENOMEM;
	json_decref(j);
	if (err)
		return err;
	fputc('\n', out);
	return stream_end(out);
}

static json_t *boots_json(const struct obs_set *set)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < set->nboots; i++) {
		const struct obs_boot *b = &set->boot[i];

		json_array_append_new(list, json_pack("{so so so ss so}",
			"host", json_text(b->host),
			"release", json_known(b->release),
			"build_id", json_known(b->build_id),
			"state", arm_state_name(b->state),
			"evidence", json_known(b->evidence)));
	}
	return list;
}

static json_t *side_json(const struct obs_set *set)
{
	return json_pack("{so so so so ss so so sb so}",
		"name", json_text(set->name),
		"series", json_known(set->series),
		"revision", json_known(set->revision),
		"arm", json_known(set->arm),
		"state", set_state(set),
		"commit", json_known(set->commit),
		"tree", json_known(set->tree),
		"dirty", set->dirty,
		"boots", boots_json(set));
}

static json_t *diffs_json(const struct view *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->c->ndiffs; i++) {
		const struct compare_diff *d = &v->c->diff[i];

		if (!diff_shown(v, d))
			continue;
		json_array_append_new(list, json_pack("{so ss so sb so so}",
			"key", json_text(d->key),
			"class", fact_class_name(d->class),
			"host", json_known(d->host),
			"allowed", d->allowed,
			"base", json_known(d->base),
			"new", json_known(d->now)));
	}
	return list;
}

static json_t *flags_json(unsigned int flags)
{
	json_t *list = json_array();
	unsigned int bit;

	for (bit = 0; bit < NR_ROW_FLAGS; bit++)
		if (flags & 1u << bit)
			json_array_append_new(list,
					json_string(row_flag_name(bit)));
	return list;
}

json_t *json_row(const struct obs_row *id)
{
	return json_pack("{so so so so so so so ss ss}",
		"benchmark", json_text(id->benchmark),
		"params", json_params(id->params),
		"where", json_text(id->place),
		"profile", json_known(id->profile),
		"metric", json_text(id->metric.name),
		"host", json_text(id->host),
		"unit", json_text(id->metric.unit),
		"better", better_name(id->metric.better),
		"mode", run_mode_name(id->mode));
}

static json_t *row_figures(const struct compare_row *r)
{
	return json_pack("{so so so so so so so so so so so}",
		"base", json_figure(r->base),
		"new", json_figure(r->now),
		"ratio", json_figure(r->ratio),
		"lo", json_figure(r->lo),
		"hi", json_figure(r->hi),
		"p", json_figure(r->p),
		"p_adj", json_figure(r->p_adj),
		"p_holm", json_figure(r->p_holm),
		"mde", json_figure(r->mde),
		"sd_run", json_figure(r->sd_run),
		"sd_boot", json_figure(r->sd_boot));
}

static json_t *shape_json(const struct shape *shape)
{
	json_t *list = shape ? json_array() : json_null();
	int d;

	for (d = 0; shape && d < DECILES; d++)
		json_array_append_new(list, json_pack("{sf so so so}",
			"quantile", (d + 1) / 10.0,
			"ratio", json_figure(shape->ratio[d]),
			"lo", json_figure(shape->lo[d]),
			"hi", json_figure(shape->hi[d])));
	return list;
}

/* How the figures came about: what was borrowed, and what ranks say. */
static json_t *row_method(const struct compare_row *r)
{
	return json_pack("{so so so so so so so so so so so so so so}",
		"shape", shape_json(r->shape),
		"theta", json_figure(r->theta),
		"se", json_figure(r->se),
		"df", json_figure(r->df),
		"p_raw", json_figure(r->p_raw),
		"sd_raw", json_figure(r->sd_raw),
		"sd_used", json_figure(r->sd_used),
		"borrowed", r->lender ? json_text(lender_name(r->lender)) :
			json_null(),
		"borrowed_df", r->lender ? json_figure(r->lent_df) :
			json_null(),
		"ranks", json_figure(r->ranks),
		"ranks_lo", json_figure(r->ranks_lo),
		"ranks_hi", json_figure(r->ranks_hi),
		"mode_low", json_figure(r->mode_low),
		"mode_high", json_figure(r->mode_high));
}

static json_t *row_json(const struct compare_row *r)
{
	json_t *row = json_row(&r->id), *more = row_figures(r);
	char hash[ROW_HASH];

	row_hash(r, hash);
	json_object_update(row, more);
	json_decref(more);
	more = row_method(r);
	json_object_update(row, more);
	json_decref(more);
	more = json_pack("{ss ss so so si si si si si si so ss}",
		"scope", scope_name(r->scope),
		"verdict", verdict_name(r->verdict),
		"reason", json_text(r->reason),
		"flags", flags_json(r->flags),
		"n_base", r->n_base, "n_new", r->n_new,
		"runs_base", r->runs_base, "runs_new", r->runs_new,
		"noisy_base", r->noisy_base, "noisy_new", r->noisy_new,
		"need", r->need ? json_integer(r->need) : json_null(),
		"id", hash);
	json_object_update(row, more);
	json_decref(more);
	return row;
}

static json_t *rows_json(const struct view *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->c->nrows; i++) {
		const struct compare_row *r = &v->c->row[v->order[i]];
		json_t *row = row_json(r);

		json_object_set_new(row, "aa", json_aa_rate(v->ctx->aa ?
				    aa_find(v->ctx->aa, &r->id) : NULL));
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *missing_json(const struct view *v)
{
	static const char *const side[] = { "?", "base", "new", "both" };
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->nmissing; i++) {
		const struct missing *m = &v->missing[i];

		json_array_append_new(list, json_pack("{so ss ss so si}",
			"name", json_text(m->name),
			"side", side[m->sides & 3],
			"status", run_status_name(m->status),
			"reason", json_known(m->reason),
			"runs", m->runs));
	}
	return list;
}

static json_t *summary_json(const struct comparison *c)
{
	json_t *summary = json_object();
	int i;

	for (i = 0; i < NR_VERDICTS; i++)
		json_object_set_new(summary, verdict_name(i),
				    json_integer(c->count[i]));
	return summary;
}

json_t *json_compare(const struct view *v)
{
	const struct comparison *c = v->c;

	return json_pack("{so so so so sf sI so so so so so so}",
		"base", side_json(c->base),
		"new", side_json(c->now),
		"treatment", diffs_json(v),
		"refused", c->refused ? json_text(c->refusal) : json_null(),
		"margin", v->margin,
		"withheld", (json_int_t)view_withheld(v),
		"rows", rows_json(v),
		"sets", json_sets(v),
		"across", json_across(v),
		"not_measured", missing_json(v),
		"summary", summary_json(c),
		"aa", v->ctx->aa ? json_aa(v) : json_null());
}

int report_compare_json(const struct comparison *c,
			const struct report_ctx *ctx, FILE *out)
{
	struct view v;
	json_t *j;
	int err = view_init(&v, c, ctx, false);

	if (err)
		return err;
	j = json_compare(&v);
	view_free(&v);
	return json_print(j, out);
}
