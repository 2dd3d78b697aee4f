// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/report/series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/match.h"
#include "analysis/report/json.h"
#include "analysis/report/view.h"

#define WIDTH		80
#define NAME_WIDTH	40
#define LEVEL		0.05	/* of what the headlines tell */
#define BOOTS_SURE	5

static const char *const kind_name[] = {
	[EFFECT_CARRYING] = "carrying",
	[EFFECT_ENABLING] = "enabling",
	[EFFECT_TOGETHER] = "together",
	[EFFECT_WAS] = "enabling before",
	[EFFECT_OFF] = "since then, off",
	[EFFECT_ON] = "since then, on",
	[EFFECT_CHANGE] = "change of enabling",
	[EFFECT_PATCH] = "patch",
	[EFFECT_PATCHES] = "all patches",
	[EFFECT_MATCHED] = "change of patch",
};

/**
 * struct line - a row of an effect, as it is printed
 * @hosts:	there are several
 */
struct line {
	const struct effect *e;
	const struct contrast_row *r;
	bool hosts;
};

static int line_cmp(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int d = match_order(&x->r->id, &y->r->id);

	return d ? d : (x->e > y->e) - (x->e < y->e);
}

/* Lines of the kinds of a section, by benchmark, then in their order. */
static struct line *lines_of(const struct effects *e, unsigned int kinds,
			     const char *arm, size_t *n)
{
	size_t room = 0, i, k;
	bool hosts = false;
	struct line *l;

	for (i = 0; i < e->n; i++)
		room += e->v[i].n;
	l = calloc(room + 1, sizeof(*l));
	*n = 0;
	for (i = 0; l && i < e->n; i++) {
		if (!(kinds & 1u << e->v[i].kind) ||
		    (arm && strcmp(arm, e->v[i].arm)))
			continue;
		for (k = 0; k < e->v[i].n; k++) {
			l[(*n)++] = (struct line) { .e = &e->v[i],
						    .r = &e->v[i].row[k] };
			hosts |= !!strcmp(l->r->id.host,
					  e->v[i].row[k].id.host);
		}
	}
	for (i = 0; l && i < *n; i++)
		l[i].hosts = hosts;
	if (l)
		qsort(l, *n, sizeof(*l), line_cmp);
	return l;
}

/* "3/27", "4..6/27" */
static char *patch_words(const struct effect *e, char *buf, size_t size)
{
	if (e->kind == EFFECT_PATCHES)
		snprintf(buf, size, "all");
	else if (e->first == e->last)
		snprintf(buf, size, "%d/%d", e->last, e->of);
	else
		snprintf(buf, size, "%d..%d/%d", e->first, e->last, e->of);
	return buf;
}

static const char *marks(const struct contrast_row *r)
{
	if (*r->reason)
		return "";
	if (r->scope == SCOPE_BOOT)
		return "this boot";
	return r->least < BOOTS_SURE && r->se > 0 ? "provisional" : "";
}

static void fmt_units(char *buf, size_t size, const struct contrast_row *r)
{
	const char *unit = r->scope == SCOPE_KERNEL ? "boots" : "runs";

	if (*r->reason)
		snprintf(buf, size, "-");
	else if (r->least == r->most)
		snprintf(buf, size, "%d %s", r->least, unit);
	else
		snprintf(buf, size, "%d-%d %s", r->least, r->most, unit);
}

static void fmt_p(char *buf, size_t size, double p)
{
	if (isnan(p))
		snprintf(buf, size, "-");
	else if (p < 0.0001)
		snprintf(buf, size, "<0.0001");
	else
		snprintf(buf, size, "%.2g", p);
}

/* The name once for its lines. */
static char *line_name(const struct line *l, size_t i)
{
	if (i && !match_order(&l[i - 1].r->id, &l[i].r->id))
		return strdup("");
	return row_name(&l[i].r->id, l[i].hosts ? NAME_HOST : 0, false);
}

static bool is_found(const struct line *l)
{
	return l->r->p_holm <= LEVEL;
}

/* What was found of the row that line @i begins; a patch with its subject. */
static void print_row_found(const struct line *l, size_t n, size_t i,
			    FILE *out)
{
	char *name = row_name(&l[i].r->id, l[i].hosts ? NAME_HOST : 0, false);
	char *text = NULL, *subject, change[32], patch[32];
	size_t size, found = 0, k;
	FILE *list = open_memstream(&text, &size);

	for (k = i; list && k < n && !match_order(&l[i].r->id, &l[k].r->id);
	     k++) {
		if (!is_found(&l[k]))
			continue;
		subject = text_dup(l[k].e->subject ? l[k].e->subject : "",
				   false);
		fprintf(list, "%s%s", found++ ? "; " : "",
			kind_name[l[k].e->kind]);
		if (l[k].e->of)
			fprintf(list, " %s", patch_words(l[k].e, patch,
							 sizeof(patch)));
		if (subject && *subject)
			fprintf(list, " (%s)", subject);
		fprintf(list, " %s", fmt_change(change, sizeof(change),
						l[k].r->ratio));
		free(subject);
	}
	if (list && !fclose(list) && found)
		wrapf(out, WIDTH, 4, 6, "%s: %s", name ? name : "?", text);
	free(text);
	free(name);
}

static void print_found(const struct line *l, size_t n, FILE *out)
{
	size_t i, found = 0, judged = 0;

	for (i = 0; i < n; i++) {
		found += is_found(&l[i]);
		judged += !*l[i].r->reason;
	}
	if (found)
		fprintf(out, "  Not 0 by Holm's p of %g %%:\n", 100 * LEVEL);
	else if (judged)
		wrapf(out, WIDTH, 2, 4, "None of %zu is shown to differ from 0.",
		      judged);
	else
		wrap(out, WIDTH, 2, 4, "Nothing could be estimated.");
	for (i = 0; found && i < n; i++)
		if (!i || match_order(&l[i - 1].r->id, &l[i].r->id))
			print_row_found(l, n, i, out);
}

static size_t reason_count(const struct line *l, size_t n, size_t i,
			   bool *first)
{
	size_t k, count = 0;

	*first = true;
	for (k = 0; k < n; k++) {
		if (strcmp(l[k].r->reason, l[i].r->reason))
			continue;
		count++;
		*first &= k >= i;
	}
	return count;
}

/* Lines without an estimate, by their reason. */
static void print_reasons(const struct line *l, size_t n, FILE *out)
{
	char *name, *reason, patch[32], others[32];
	size_t i, count;
	bool first;

	for (i = 0; i < n; i++) {
		count = reason_count(l, n, i, &first);
		if (!*l[i].r->reason || !first)
			continue;
		name = row_name(&l[i].r->id, l[i].hosts ? NAME_HOST : 0,
				false);
		reason = text_dup(l[i].r->reason, false);
		snprintf(others, sizeof(others), " and %zu more", count - 1);
		wrapf(out, WIDTH, 2, 4, "No estimate: %s of %s%s%s%s: %s",
		      kind_name[l[i].e->kind], name ? name : "?",
		      l[i].e->of ? ", " : "", l[i].e->of ?
		      patch_words(l[i].e, patch, sizeof(patch)) : "",
		      count > 1 ? others : "", reason ? reason : "");
		free(reason);
		free(name);
	}
}

/* Without those that have no estimate; these are told of apart. */
static size_t with_estimate(struct line *to, const struct line *l, size_t n)
{
	size_t i, m = 0;

	for (i = 0; i < n; i++)
		if (!*l[i].r->reason)
			to[m++] = l[i];
	return m;
}

/**
 * print_section() - heading, what was found, the lines, and why some have no
 * estimate; nothing if there are no lines
 * @told:	the kind that the summary is about; 0: all of them
 */
static int print_section(const struct effects *e, unsigned int kinds,
			 unsigned int told, const char *arm,
			 const char *const *heads, const char *align,
			 void (*add)(struct table *t, const struct line *l,
				     size_t i),
			 const char *heading, FILE *out)
{
	size_t n, m, found_n, i;
	struct line *l = lines_of(e, kinds, arm, &n);
	struct line *found = lines_of(e, told ? told : kinds, arm, &found_n);
	struct line *some = calloc(n + 1, sizeof(*some));
	struct table *t = table_new(heads, align);
	int err = l && found && some ? 0 : -ENOMEM;

	if (err || !n)
		goto free_all;
	table_spill(t, NAME_WIDTH);
	m = with_estimate(some, l, n);
	for (i = 0; i < m; i++)
		add(t, some, i);
	fprintf(out, "\n%s\n", heading);
	print_found(found, found_n, out);
	if (m) {
		fputc('\n', out);
		err = table_print(t, out);
	}
	print_reasons(l, n, out);
free_all:
	table_free(t);
	free(some);
	free(found);
	free(l);
	return err;
}

static void cost_row(struct table *t, const struct line *l, size_t i)
{
	const struct contrast_row *r = l[i].r;
	char change[32], interval[64], p[16], units[32];
	char *name = line_name(l, i);

	fmt_units(units, sizeof(units), r);
	fmt_p(p, sizeof(p), r->p_holm);
	table_row(t, (const char *const []) {
		name ? name : "?", kind_name[l[i].e->kind],
		fmt_change(change, sizeof(change), r->ratio),
		fmt_interval(interval, sizeof(interval), r->lo, r->hi), p,
		units, marks(r) });
	free(name);
}

static int print_costs(const struct effects *e, FILE *out)
{
	static const char *const heads[] = {
		"benchmark", "cost", "change", "95 % interval", "p (Holm)",
		"n", "",
	};

	return print_section(e, 1u << EFFECT_CARRYING | 1u << EFFECT_ENABLING |
			     1u << EFFECT_TOGETHER | 1u << EFFECT_WAS |
			     1u << EFFECT_OFF | 1u << EFFECT_ON |
			     1u << EFFECT_CHANGE, 0,
			     NULL, heads, "llrrrrl", cost_row, "Costs", out);
}

static void fmt_share(char *buf, size_t size, double share)
{
	if (isnan(share))
		snprintf(buf, size, "-");
	else
		snprintf(buf, size, "%.0f %%", 100 * share);
}

static void patch_row(struct table *t, const struct line *l, size_t i)
{
	const struct contrast_row *r = l[i].r;
	const struct effect *e = l[i].e;
	char change[32], interval[64], p[16], units[32], share[32], lo[32],
	     hi[32], both[72], patch[32];
	char *name = line_name(l, i);

	fmt_units(units, sizeof(units), r);
	fmt_p(p, sizeof(p), r->p_holm);
	fmt_share(share, sizeof(share), r->share);
	fmt_share(lo, sizeof(lo), r->share_lo);
	fmt_share(hi, sizeof(hi), r->share_hi);
	snprintf(both, sizeof(both), isnan(r->share) ? "-" : "%s .. %s", lo,
		 hi);
	table_row(t, (const char *const []) {
		name ? name : "?", patch_words(e, patch, sizeof(patch)),
		fmt_change(change, sizeof(change), r->ratio),
		fmt_interval(interval, sizeof(interval), r->lo, r->hi), p,
		share, both, units, marks(r),
		e->kind == EFFECT_PATCH ? e->subject : "" });
	free(name);
}

static int print_patches(const struct effects *e, const char *arm, FILE *out)
{
	static const char *const heads[] = {
		"benchmark", "patch", "change", "95 % interval", "p (Holm)",
		"share", "95 % interval", "n", "", "subject",
	};
	char *heading;
	int err = -ENOMEM;

	if (asprintf(&heading, "Patches of %s, arm %s, on top of %s",
		     e->revision, arm, e->base ? e->base : "the first") < 0)
		return err;
	err = print_section(e, 1u << EFFECT_PATCH | 1u << EFFECT_PATCHES,
			    1u << EFFECT_PATCH, arm, heads, "lrrrrrrrll",
			    patch_row, heading, out);
	free(heading);
	return err;
}

static void matched_row(struct table *t, const struct line *l, size_t i)
{
	const struct contrast_row *r = l[i].r;
	char change[32], interval[64], p[16], units[32], patch[32], was[64];
	char *name = line_name(l, i);

	fmt_units(units, sizeof(units), r);
	fmt_p(p, sizeof(p), r->p_holm);
	snprintf(was, sizeof(was), "%d, %s", l[i].e->old, l[i].e->match);
	table_row(t, (const char *const []) {
		name ? name : "?", patch_words(l[i].e, patch, sizeof(patch)),
		was, l[i].e->arm, fmt_change(change, sizeof(change), r->ratio),
		fmt_interval(interval, sizeof(interval), r->lo, r->hi), p,
		units, marks(r), l[i].e->subject });
	free(name);
}

static int print_matched(const struct effects *e, FILE *out)
{
	static const char *const heads[] = {
		"benchmark", "patch", "was", "arm", "change of its cost",
		"95 % interval", "p (Holm)", "n", "", "subject",
	};
	char *heading;
	int err = -ENOMEM;

	if (!e->against)
		return 0;
	if (asprintf(&heading, "Patches of %s against those of %s",
		     e->revision, e->against) < 0)
		return err;
	err = print_section(e, 1u << EFFECT_MATCHED, 0, NULL, heads,
			    "lrllrrrrll", matched_row, heading, out);
	free(heading);
	return err;
}

/* Does the boot scope, or provisional, or a kind occur? */
static void print_legend(const struct effects *e, FILE *out)
{
	bool boot = false, few = false, share = false;
	size_t i, k;

	for (i = 0; i < e->n; i++) {
		for (k = 0; k < e->v[i].n; k++) {
			const struct contrast_row *r = &e->v[i].row[k];

			boot |= !*r->reason && r->scope == SCOPE_BOOT;
			few |= !strcmp(marks(r), "provisional");
			share |= !isnan(r->share);
		}
	}
	fputs("\nNotes\n", out);
	wrap(out, WIDTH, 2, 4, "carrying: off against the base; enabling: on "
	     "against off; together: on against the base. Ratios multiply, "
	     "changes do not add up exactly.");
	if (e->against)
		wrap(out, WIDTH, 2, 4, "before, since then: of the revision "
		     "that this one is held against. Change of enabling: the "
		     "ratio of the two costs of enabling.");
	if (share)
		wrap(out, WIDTH, 2, 4, "share: of the change by all patches "
		     "together, on the log scale, where that is not 0 "
		     "(Fieller's interval).");
	if (boot)
		wrap(out, WIDTH, 2, 4, "this boot: runs of one boot of each "
		     "were compared; what differs is not attributed to the "
		     "kernel without more boots.");
	if (few)
		wrap(out, WIDTH, 2, 4, "provisional: fewer than 5 boots of "
		     "something");
}

static int report_text(const struct effects *e, FILE *out)
{
	int err;
	size_t i, k;

	fprintf(out, "series %s: %s", e->series, e->revision);
	if (e->base)
		fprintf(out, ", base %s", e->base);
	if (e->against)
		fprintf(out, ", against %s", e->against);
	fputc('\n', out);
	err = print_costs(e, out);
	for (i = 0; i < e->n && !err; i++) {
		if (e->v[i].kind != EFFECT_PATCH)
			continue;
		for (k = 0; k < i; k++)
			if (e->v[k].kind == EFFECT_PATCH &&
			    !strcmp(e->v[k].arm, e->v[i].arm))
				break;
		if (k == i)
			err = print_patches(e, e->v[i].arm, out);
	}
	if (!err)
		err = print_matched(e, out);
	print_legend(e, out);
	return err ? err : stream_end(out);
}

/* ---- for programs ---- */

static json_t *number_json(int n)
{
	return n ? json_integer(n) : json_null();
}

static json_t *effect_json(const struct effect *e)
{
	return json_pack("{ss so so so so so so so so so so}",
		"kind", kind_name[e->kind],
		"arm", json_known(e->arm),
		"from", json_known(e->from), "to", json_known(e->to),
		"first", number_json(e->first), "last", number_json(e->last),
		"of", number_json(e->of), "subject", json_known(e->subject),
		"patch_id", json_known(e->patch_id),
		"old", number_json(e->old), "match", json_known(e->match));
}

static json_t *figures_json(const struct contrast_row *r)
{
	return json_pack("{so so so so so so so so so so ss si si so}",
		"ratio", json_figure(r->ratio), "lo", json_figure(r->lo),
		"hi", json_figure(r->hi), "se", json_figure(r->se),
		"df", json_figure(r->df), "p", json_figure(r->p),
		"p_holm", json_figure(r->p_holm),
		"share", json_figure(r->share),
		"share_lo", json_figure(r->share_lo),
		"share_hi", json_figure(r->share_hi),
		"scope", scope_name(r->scope),
		"least", r->least, "most", r->most,
		"reason", json_known(r->reason));
}

static int report_json(const struct effects *e, FILE *out)
{
	json_t *list = json_array(), *row, *more;
	size_t i, k;

	for (i = 0; i < e->n; i++) {
		for (k = 0; k < e->v[i].n; k++) {
			row = json_row(&e->v[i].row[k].id);
			more = effect_json(&e->v[i]);
			json_object_update(row, more);
			json_decref(more);
			more = figures_json(&e->v[i].row[k]);
			json_object_update(row, more);
			json_decref(more);
			json_array_append_new(list, row);
		}
	}
	return json_print(json_pack("{so so so so so}",
		"series", json_text(e->series),
		"revision", json_text(e->revision),
		"base", json_known(e->base),
		"against", json_known(e->against),
		"effects", list), out);
}

static int report_csv(const struct effects *e, FILE *out)
{
	size_t i, k;

	fputs("kind,arm,from,to,subject,patch_id,match,benchmark,params,where,"
	      "profile,metric,host,scope,reason,first,last,of,old,ratio,lo,hi,"
	      "se,df,p,p_holm,share,share_lo,share_hi,least,most\n", out);
	for (i = 0; i < e->n; i++) {
		const struct effect *f = &e->v[i];

		for (k = 0; k < f->n; k++) {
			const struct contrast_row *r = &f->row[k];

			csv_line(out, (const char *const []) {
				kind_name[f->kind], f->arm ? f->arm : "",
				f->from, f->to, f->subject ? f->subject : "",
				f->patch_id ? f->patch_id : "",
				f->match ? f->match : "", r->id.benchmark,
				r->id.params, r->id.place, r->id.profile,
				r->id.metric.name, r->id.host,
				scope_name(r->scope), r->reason }, 15,
				(const double []) { f->first, f->last, f->of,
				f->old, r->ratio, r->lo, r->hi, r->se, r->df,
				r->p, r->p_holm, r->share, r->share_lo,
				r->share_hi, r->least, r->most }, 16);
		}
	}
	return stream_end(out);
}

int report_series(enum format format, const struct effects *e, FILE *out)
{
	static int (*const writer[])(const struct effects *, FILE *) = {
		[FORMAT_TEXT] = report_text,
		[FORMAT_JSON] = report_json,
		[FORMAT_CSV] = report_csv,
	};

	return writer[format](e, out);
}
