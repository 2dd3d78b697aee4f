// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/page.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/trend.h"

#define PAGE_SEED	1	/* as asibench history has it */

/* Has this name more than one row? Then samples cannot be told apart. */
static bool samples_mixed(const struct comparison *c, size_t row)
{
	const struct obs_row *id = &c->row[row].id;
	size_t i;

	for (i = 0; i < c->nrows; i++) {
		const struct obs_row *o = &c->row[i].id;

		if (i != row && !strcmp(o->benchmark, id->benchmark) &&
		    !strcmp(o->place, id->place) &&
		    !strcmp(o->params, id->params) &&
		    !strcmp(o->metric.name, id->metric.name))
			return true;
	}
	return false;
}

/* Figures of a side's runs that belong to a row. */
static int run_figures(const struct obs_set *set, const struct obs_row *id,
		       double **v, size_t *n)
{
	size_t i;

	*n = 0;
	*v = calloc(set->n + 1, sizeof(**v));
	if (!*v)
		return -ENOMEM;
	for (i = 0; i < set->n; i++)
		if (isfinite(set->v[i].value) &&
		    !row_id_cmp(&set->row[set->v[i].row], id))
			(*v)[(*n)++] = set->v[i].value;
	return 0;
}

static int side_samples(const struct sides *s, const struct compare_row *r,
			int side, double **v, size_t *n)
{
	struct store_select sel = s->select[side];

	sel.benchmark = r->id.benchmark;
	return store_samples(s->store, &sel, r->id.place, r->id.params,
			     r->id.metric.name, v, n);
}

/* Of samples where a row has them, else of the figures of runs. */
static int load_ecdf(const struct sides *s, size_t row, struct plot_ecdf *p)
{
	const struct obs_set *set[2] = { &s->base, &s->now };
	const struct compare_row *r = &s->c.row[row];
	double *v[2] = { NULL, NULL };
	int err = 0, i;

	if (!r->runs_base || !r->runs_new)
		return 0;
	p->title = "samples";
	p->unit = r->id.metric.unit;
	for (i = 0; i < 2 && !err && !samples_mixed(&s->c, row); i++)
		err = side_samples(s, r, i, &v[i], &p->n[i]);
	if (!err && (!p->n[0] || !p->n[1])) {
		free(v[0]);
		free(v[1]);
		v[0] = v[1] = NULL;
		p->title = "figures of runs";
		for (i = 0; i < 2 && !err; i++)
			err = run_figures(set[i], &r->id, &v[i], &p->n[i]);
	}
	for (i = 0; i < 2; i++) {
		p->name[i] = set[i]->name;
		p->v[i] = v[i];
	}
	return err;
}

static int load_trend(const struct page *page, const struct obs_row *id,
		      const char *arm, struct plot_trend *p)
{
	char *title;
	size_t i;

	for (i = 0; i < page->ntracks; i++) {
		const struct track *t = page->judged[i].track;

		if (strcmp(t->arm, arm) || row_id_cmp(t->id, id))
			continue;
		if (asprintf(&title, "arm %s%s", arm, trend_interpreted(t) ?
			     ", interpreted: not scored" : "") < 0)
			return -ENOMEM;
		p->title = title;
		return trend_make(&page->judged[i], p);
	}
	return 0;
}

static int load_panel(struct page *page, const struct sides *s, size_t row)
{
	struct report_panel *panel = &page->panel[row];
	const struct obs_row *id = &s->c.row[row].id;
	int err;

	err = load_trend(page, id, s->base.arm, &panel->trend[0]);
	if (!err && strcmp(s->base.arm, s->now.arm))
		err = load_trend(page, id, s->now.arm, &panel->trend[1]);
	return err ? err : load_ecdf(s, row, &panel->ecdf);
}

static int judge_tracks(struct page *page)
{
	size_t i;

	page->judged = calloc(page->ntracks + 1, sizeof(*page->judged));
	if (!page->judged)
		return -ENOMEM;
	for (i = 0; i < page->ntracks; i++)
		page->judged[i].track = &page->track[i];
	return judged_make(page->judged, page->ntracks, PAGE_SEED);
}

int page_load(struct page *page, const struct sides *s)
{
	struct store_select sel = s->select[1];
	size_t i;
	int err;

	memset(page, 0, sizeof(*page));
	sel.revision = NULL;
	sel.patch = -1;
	sel.label = 0;
	sel.arm = strcmp(s->base.arm, s->now.arm) ? NULL : s->now.arm;
	page->panel = calloc(s->c.nrows + 1, sizeof(*page->panel));
	if (!page->panel)
		return -ENOMEM;
	page->n = s->c.nrows;
	err = figures_load_last(s->store, &sel, PAGE_REVISIONS, &page->list);
	if (!err)
		err = tracks_make(&page->list, &page->track, &page->ntracks);
	if (!err)
		err = judge_tracks(page);
	for (i = 0; i < page->n && !err; i++)
		err = load_panel(page, s, i);
	if (err)
		page_free(page);
	return err;
}

void page_free(struct page *page)
{
	size_t i;
	int k;

	for (i = 0; i < page->n; i++) {
		struct report_panel *panel = &page->panel[i];

		for (k = 0; k < 2; k++) {
			free((void *)panel->trend[k].title);
			trend_free(&panel->trend[k]);
			free((void *)panel->ecdf.v[k]);
		}
	}
	free(page->panel);
	if (page->judged)
		judged_free(page->judged, page->ntracks);
	free(page->judged);
	tracks_free(page->track, page->ntracks);
	figures_free(&page->list);
	memset(page, 0, sizeof(*page));
}
