// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of one benchmark: figures, trend, distributions, witnesses. */
#include "analysis/report/html.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/aa.h"
#include "analysis/report/escape.h"
#include "analysis/report/plot.h"
#include "analysis/report/svg.h"

static void put_flags(const struct compare_row *r, FILE *out)
{
	unsigned int bit;

	for (bit = 0; bit < NR_ROW_FLAGS; bit++)
		if (r->flags & 1u << bit)
			html_term(out, row_flag_name(bit), "%s",
				  row_flag_meaning(bit));
}

static void put_change(const struct compare_row *r, FILE *out)
{
	char base[32], now[32], change[32], interval[64];

	html_term(out, "change", "%s to %s, %s; 95 %% interval %s",
		  fmt_value(base, sizeof(base), r->base),
		  fmt_value(now, sizeof(now), r->now),
		  fmt_change(change, sizeof(change), r->ratio),
		  fmt_interval(interval, sizeof(interval), r->lo, r->hi));
}

/* How often this benchmark differs from itself. */
static void put_alarms(const struct view *v, const struct compare_row *r,
		       FILE *out)
{
	const struct aa_rate *aa = v->ctx->aa ? aa_find(v->ctx->aa, &r->id) :
		NULL;

	if (!aa || !aa->tests)
		html_term(out, "false alarms", "not measured here: asibench aa");
	else
		html_term(out, "false alarms", "%d of %d comparisons with itself, %.1f to %.1f %%; nominal %g %%",
			  aa->alarms, aa->tests, 100 * aa->lo, 100 * aa->hi,
			  100 * v->ctx->aa->nominal);
}

static void put_figures(const struct compare_row *r, FILE *out)
{
	char mde[32], sd_run[32], sd_boot[32];

	put_change(r, out);
	html_term(out, "compared", "%d against %d %s; %d and %d runs",
		  r->n_base, r->n_new,
		  r->scope == SCOPE_KERNEL ? "boots" : "runs", r->runs_base,
		  r->runs_new);
	if (isfinite(r->p))
		html_term(out, "p", "%.3g; %.3g by Benjamini and Hochberg, "
			  "%.3g by Holm, over all rows", r->p, r->p_adj,
			  r->p_holm);
	if (isfinite(r->mde))
		html_term(out, "detects", "%s",
			  fmt_percent(mde, sizeof(mde), r->mde));
	html_term(out, "spread", "%s of runs within a boot, %s of boots",
		  fmt_percent(sd_run, sizeof(sd_run), r->sd_run),
		  fmt_percent(sd_boot, sizeof(sd_boot), r->sd_boot));
	html_term(out, "witnesses", "flagged: %d of %d runs of the base, %d of %d of the new; left out because the core was shared: %d and %d",
		  r->noisy_base, r->runs_base, r->noisy_new, r->runs_new,
		  r->disturbed_base, r->disturbed_new);
}

/* In a list of revisions a patch is "v2:3/27", of a side "v2 3/27". */
static char *trend_name(const struct obs_set *set)
{
	char *name = strdup(set->revision), *space;

	space = name ? strrchr(name, ' ') : NULL;
	if (space && strchr(space, '/'))
		*space = ':';
	return name;
}

static void put_trend(const struct view *v, const struct plot_trend *p,
		      FILE *out)
{
	char *base = trend_name(v->c->base), *now = trend_name(v->c->now);
	bool hollow = false;
	size_t i;

	for (i = 0; i < p->n; i++)
		hollow |= trend_hollow(p, i);
	fputs("<figure><div>", out);
	svg_trend(p, base, now, out);
	fputs("</div><figcaption>", out);
	xml_text(out, p->title);
	fprintf(out, ", %zu revision%s, 95 %% intervals over %s; "
		"<i class=\"key\"></i> base, <i class=\"key new\"></i> new; "
		"%sthe axis does not start at 0", p->n, p->n == 1 ? "" : "s",
		p->of, hollow ? "hollow: the core was shared, not scored; " :
		"");
	if (p->nlevels)
		fprintf(out, "; %zu change%s of level", p->nlevels - 1,
			p->nlevels == 2 ? "" : "s");
	else
		fputs("; no change of level shown", out);
	fputs("</figcaption></figure>\n", out);
	free(base);
	free(now);
}

static int put_ecdf(const struct plot_ecdf *p, FILE *out)
{
	int err, i;

	fputs("<figure><div>", out);
	err = svg_ecdf(p, out);
	fputs("</div><figcaption>", out);
	xml_text(out, p->title);
	fputs(", share at or below a value; ", out);
	for (i = 0; i < 2; i++) {
		fprintf(out, "%s<i class=\"key%s\"></i> ", i ? ", " : "",
			i ? " new" : "");
		html_bdi(out, p->name[i]);
		fprintf(out, ", n = %zu", p->n[i]);
	}
	fputs("</figcaption></figure>\n", out);
	return err;
}

static int put_pictures(const struct view *v, const struct report_panel *panel,
			FILE *out)
{
	int err = 0, i;

	fputs("<div class=\"plots\">\n", out);
	for (i = 0; i < 2; i++)
		if (panel->trend[i].n)
			put_trend(v, &panel->trend[i], out);
	if (panel->ecdf.n[0] && panel->ecdf.n[1])
		err = put_ecdf(&panel->ecdf, out);
	fputs("</div>\n", out);
	return err;
}

int html_panel(const struct view *v, size_t i,
	       const struct report_panel *panel, FILE *out)
{
	const struct compare_row *r = &v->c->row[i];
	char *name = view_name(v, &r->id), *unit = metric_words(&r->id.metric);
	char hash[ROW_HASH];
	int err = 0;

	if (!name || !unit) {
		err = -ENOMEM;
		goto free_name;
	}
	row_hash(r, hash);
	fprintf(out, "<article id=\"r%zu\">\n<h3>", i);
	html_bdi(out, name);
	fprintf(out, "</h3>\n<p><span class=\"%s\">%s</span>: ",
		verdict_name(r->verdict), verdict_name(r->verdict));
	xml_text(out, r->reason);
	fputs("</p>\n<p class=\"soft\">", out);
	xml_text(out, unit);
	fprintf(out, "; id %s</p>\n", hash);
	if (row_measured(r)) {
		fputs("<dl>\n", out);
		put_figures(r, out);
		put_alarms(v, r, out);
		put_flags(r, out);
		fputs("</dl>\n", out);
	}
	if (panel)
		err = put_pictures(v, panel, out);
	fputs("</article>\n", out);
free_name:
	free(unit);
	free(name);
	return err;
}
