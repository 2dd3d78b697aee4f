// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes of a series in words, and for programs. */
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/report/json.h"
#include "cli/history.h"

#define SPIKES_NAMED	8

bool history_wanted(const char *name, char *const *glob)
{
	if (!*glob)
		return true;
	for (; *glob; glob++)
		if (!fnmatch(*glob, name, 0))
			return true;
	return false;
}

/* ---- words ---- */

static void put_text(FILE *out, const char *s)
{
	char *clean = text_dup(s, false);

	fputs(clean ? clean : "?", out);
	free(clean);
}

static void put_p(FILE *out, const char *name, double p)
{
	if (isnan(p))
		return;
	if (p < 1e-4)
		fprintf(out, ", %s < 0.0001", name);
	else
		fprintf(out, ", %s %.2g", name, p);
}

static void put_change(const struct history_series *s,
		       const struct history_change *c, FILE *out)
{
	char from[32], to[32], change[32], range[64];

	fprintf(out, "  since ");
	put_text(out, s->point[c->index].revision);
	if (c->first != c->last) {
		fprintf(out, " (began in ");
		put_text(out, s->point[c->first].revision);
		fprintf(out, " .. ");
		put_text(out, s->point[c->last].revision);
		fprintf(out, ")");
	}
	fprintf(out, ": %s -> %s", fmt_value(from, sizeof(from), c->from),
		fmt_value(to, sizeof(to), c->to));
	if (!isnan(c->ratio))
		fprintf(out, ", %s", fmt_change(change, sizeof(change),
						c->ratio));
	if (!isnan(c->lo) && c->lo < c->hi)
		fprintf(out, " (%s)", fmt_interval(range, sizeof(range), c->lo,
						   c->hi));
	put_p(out, "adjusted p", c->p_adj);
	fputc('\n', out);
}

static void put_spikes(const struct history_series *s,
		       const struct history_verdict *v, FILE *out)
{
	size_t i;

	if (!v->nspikes)
		return;
	fprintf(out, "  off the level, once each:");
	for (i = 0; i < v->nspikes && i < SPIKES_NAMED; i++) {
		fputc(' ', out);
		put_text(out, s->point[v->spike[i]].revision);
	}
	if (i < v->nspikes)
		fprintf(out, " and %zu more", v->nspikes - i);
	fputc('\n', out);
}

static void put_creep(const struct history_verdict *v, FILE *out)
{
	char change[32], range[64];

	if (!v->creep_n)
		return;
	fprintf(out, "  drifts: the latest ten of %zu against the first ten",
		v->creep_n);
	if (!isnan(v->creep_ratio))
		fprintf(out, " %s (%s)",
			fmt_change(change, sizeof(change), v->creep_ratio),
			fmt_interval(range, sizeof(range), v->creep_lo,
				     v->creep_hi));
	put_p(out, "p", v->creep_p);
	fputc('\n', out);
}

void history_lines(const struct history_series *s,
		   const struct history_verdict *v, FILE *out)
{
	size_t i;

	if (v->method == HISTORY_NONE) {
		fprintf(out, "  not judged: %s\n", v->reason);
		return;
	}
	for (i = 0; i < v->nchanges; i++)
		put_change(s, &v->change[i], out);
	if (!v->nchanges && v->method == HISTORY_EXACT)
		fprintf(out, "  the same in %zu revisions\n", s->n);
	else if (!v->nchanges) {
		fprintf(out, "  no change shown in %zu revisions", s->n);
		put_p(out, "adjusted p", v->p_adj);
		fputc('\n', out);
	}
	put_spikes(s, v, out);
	put_creep(v, out);
}

/* ---- for programs ---- */

static json_t *change_json(const struct history_series *s,
			   const struct history_change *c)
{
	return json_pack("{sI so so so so so so so so s{sI so sI so}}",
		"index", (json_int_t)c->index,
		"revision", json_text(s->point[c->index].revision),
		"from", json_figure(c->from),
		"to", json_figure(c->to),
		"ratio", json_figure(c->ratio),
		"lo", json_figure(c->lo),
		"hi", json_figure(c->hi),
		"p", json_figure(c->p),
		"p_adj", json_figure(c->p_adj),
		"location",
		"first_index", (json_int_t)c->first,
		"first", json_text(s->point[c->first].revision),
		"last_index", (json_int_t)c->last,
		"last", json_text(s->point[c->last].revision));
}

static json_t *spike_json(const struct history_series *s, size_t i)
{
	return json_pack("{sI so so}", "index", (json_int_t)i,
			 "revision", json_text(s->point[i].revision),
			 "value", json_figure(s->point[i].mid));
}

static json_t *creep_json(const struct history_verdict *v)
{
	if (!v->creep_n)
		return json_null();
	return json_pack("{sI so so so so}", "n", (json_int_t)v->creep_n,
			 "ratio", json_figure(v->creep_ratio),
			 "lo", json_figure(v->creep_lo),
			 "hi", json_figure(v->creep_hi),
			 "p", json_figure(v->creep_p));
}

void history_members(json_t *row, const struct history_series *s,
		     const struct history_verdict *v)
{
	json_t *changes = json_array(), *spikes = json_array();
	size_t i;

	for (i = 0; i < v->nchanges; i++)
		json_array_append_new(changes, change_json(s, &v->change[i]));
	for (i = 0; i < v->nspikes; i++)
		json_array_append_new(spikes, spike_json(s, v->spike[i]));
	json_object_set_new(row, "n", json_integer(s->n));
	json_object_set_new(row, "p", json_figure(v->p));
	json_object_set_new(row, "p_adj", json_figure(v->p_adj));
	json_object_set_new(row, "method",
			    json_string(history_method_name(v->method)));
	json_object_set_new(row, "autocorrelation", json_figure(v->rho));
	json_object_set_new(row, "changes", changes);
	json_object_set_new(row, "spikes", spikes);
	json_object_set_new(row, "creep", creep_json(v));
	json_object_set_new(row, "reason", json_known(v->reason));
}
