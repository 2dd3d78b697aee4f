// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows summed up: named sets, and rows over several hosts. */
#include <math.h>
#include <stdlib.h>

#include "analysis/report/json.h"
#include "analysis/report/view.h"

static void print_set(const struct view *v, size_t i, FILE *out, size_t width)
{
	const struct compare_row *r = &v->c->set[i];
	char *name = text_dup(r->id.benchmark, v->ascii);
	char *host = text_dup(v->hosts ? r->id.host : "", v->ascii);
	char *reason = text_dup(r->reason, v->ascii);
	char change[32], interval[64];

	if (name && host && reason)
		wrapf(out, width, 2, 6, "%s%s%s, %zu benchmark%s%s: %s (%s), "
		      "%d and %d %s: %s; %s", name, *host ? " on " : "", host,
		      v->c->set_size[i], v->c->set_size[i] == 1 ? "" : "s",
		      r->id.metric.better == BETTER_HIGHER ?
		      ", higher is better" : "",
		      fmt_change(change, sizeof(change), r->ratio),
		      fmt_interval(interval, sizeof(interval), r->lo, r->hi),
		      r->n_base, r->n_new,
		      r->scope == SCOPE_KERNEL ? "boots" : "runs",
		      verdict_name(r->verdict), reason);
	free(name);
	free(host);
	free(reason);
}

static void print_across(const struct view *v, const struct compare_across *a,
			 FILE *out, size_t width)
{
	char *name = row_name(&a->id, NAME_PROFILE, v->ascii);
	char change[32], interval[64];

	if (name)
		wrapf(out, width, 2, 6, "%s: %s (%s), %s %d hosts%s; %.0f %% of "
		      "the variance lies between them", name,
		      fmt_change(change, sizeof(change), a->ratio),
		      fmt_interval(interval, sizeof(interval), a->lo, a->hi),
		      a->sample ? "over" : "the plain mean of these", a->hosts,
		      a->scope == SCOPE_KERNEL ? "" : ", on these boots",
		      100 * a->i2);
	free(name);
}

void print_sums(const struct view *v, FILE *out, size_t width)
{
	size_t i;

	if (v->c->nsets)
		fputs("\nGeometric means\n", out);
	for (i = 0; i < v->c->nsets; i++)
		print_set(v, i, out, width);
	if (v->c->nacross)
		fputs("\nOver hosts\n", out);
	for (i = 0; i < v->c->nacross; i++)
		print_across(v, &v->c->across[i], out, width);
}

json_t *json_sets(const struct view *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->c->nsets; i++) {
		const struct compare_row *r = &v->c->set[i];

		json_array_append_new(list, json_pack(
			"{so so sI ss ss so so so so so so ss so si si}",
			"set", json_text(r->id.benchmark),
			"host", json_known(r->id.host),
			"benchmarks", (json_int_t)v->c->set_size[i],
			"better", better_name(r->id.metric.better),
			"scope", scope_name(r->scope),
			"ratio", json_figure(r->ratio),
			"lo", json_figure(r->lo), "hi", json_figure(r->hi),
			"p", json_figure(r->p),
			"p_adj", json_figure(r->p_adj),
			"mde", json_figure(r->mde),
			"verdict", verdict_name(r->verdict),
			"reason", json_text(r->reason),
			"n_base", r->n_base, "n_new", r->n_new));
	}
	return list;
}

json_t *json_across(const struct view *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->c->nacross; i++) {
		const struct compare_across *a = &v->c->across[i];
		json_t *row = json_row(&a->id), *more = json_pack(
			"{so so si ss ss so so so so}",
			"host", json_null(), "mode", json_text(
				run_mode_name(a->id.mode)),
			"hosts", a->hosts,
			"method", a->sample ? "random effects" : "these hosts",
			"scope", scope_name(a->scope),
			"ratio", json_figure(a->ratio),
			"lo", json_figure(a->lo), "hi", json_figure(a->hi),
			"p", json_figure(a->p));

		json_object_update(row, more);
		json_decref(more);
		json_object_set_new(row, "i2", json_figure(a->i2));
		json_array_append_new(list, row);
	}
	return list;
}
