// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench series: what a series costs, as a whole and patch by patch. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/series.h"
#include "cli/sides.h"
#include "lib/msg.h"

static struct series_options {
	const char *db;
	const char *series;
	const char *rev;
	const char *base;
	const char *against;
	const char *on;
	const char *off;
	const char *select;
	const char *mode;
	struct opt_list allow;
	bool all;
	enum format format;
} o = { .on = "on", .off = "off" };

static const struct opt opts[] = {
	{ "series", OPT_NAME, &o.series, "NAME",
	  "series (default: that of the latest results)" },
	{ "rev", OPT_TEXT, &o.rev, "REV",
	  "the revision that is looked at (default: the latest)" },
	{ "base", OPT_TEXT, &o.base, "REV",
	  "the kernel without the series (default: the first revision)" },
	{ "against", OPT_TEXT, &o.against, "REV",
	  "another revision of the series, matched patch by patch" },
	{ "on", OPT_TEXT, &o.on, "ARM", "arm that is switched on (default: on)" },
	{ "off", OPT_TEXT, &o.off, "ARM",
	  "arm that is switched off (default: off)" },
	{ "select", OPT_TEXT, &o.select, "GLOB", "benchmarks (default: all)" },
	{ "mode", OPT_TEXT, &o.mode, "MODE",
	  "timed (default), counted or injected runs" },
	{ "allow", OPT_LIST, &o.allow, "FACT",
	  "an environment fact that may differ; may be given again" },
	{ "all", OPT_FLAG, &o.all, NULL,
	  "all metrics, not only the primary one of each" },
	{ "db", OPT_TEXT, &o.db, "FILE", "results database" },
	FORMAT_OPT(o.format),
	{ 0 }
};

/* ---- families ---- */

/* Of each kind, and arm, a family: Holm over all its benchmarks. */
static int adjust(struct series_work *w)
{
	struct contrast_row **v;
	size_t room = 0, n, i, k, at;
	int err = 0;

	for (i = 0; i < w->out.n; i++)
		room += w->out.v[i].n;
	v = calloc(room + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (i = 0; i < w->out.n && !err; i++) {
		const struct effect *e = &w->out.v[i];

		for (n = 0, k = 0; k < w->out.n; k++) {
			struct effect *f = &w->out.v[k];

			if (f->kind != e->kind ||
			    (e->arm && strcmp(e->arm, f->arm)))
				continue;
			for (at = 0; at < f->n; at++)
				v[n++] = &f->row[at];
		}
		err = contrast_holm(v, n);
	}
	free(v);
	return err;
}

/* ---- which revisions ---- */

static const struct store_revision *measured(const struct series_work *w,
					     bool last, const char *but)
{
	const struct store_revision *found = NULL;
	size_t i;

	for (i = 0; i < w->nrev; i++) {
		if (!w->rev[i].narms ||
		    (but && !strcmp(but, w->rev[i].revision)))
			continue;
		found = &w->rev[i];
		if (!last)
			break;
	}
	return found;
}

static int check_name(const struct series_work *w, const char *name,
		      const char *option)
{
	size_t i;

	for (i = 0; name && i < w->nrev; i++)
		if (w->rev[i].narms && !strcmp(w->rev[i].revision, name))
			return 0;
	if (!name)
		return 0;
	pr_err("--%s %s: series %s has no results of that revision; see asibench revision list",
	       option, name, w->nrev ? w->rev[0].series : "");
	return -ENOENT;
}

static int choose_revisions(struct series_work *w)
{
	const struct store_revision *r;
	int err;

	w->now = o.rev;
	w->base = o.base;
	w->against = o.against;
	err = check_name(w, o.rev, "rev");
	if (!err)
		err = check_name(w, o.base, "base");
	if (!err)
		err = check_name(w, o.against, "against");
	if (err)
		return err;
	r = measured(w, true, o.base);
	if (!w->now && r)
		w->now = r->revision;
	if (!w->now) {
		pr_err("%s: there are no results yet: asibench run makes some",
		       store_path(w->store));
		return -ENOENT;
	}
	r = measured(w, false, w->now);
	if (!w->base && r && (!w->against || strcmp(r->revision, w->against)))
		w->base = r->revision;
	return 0;
}

/* ---- the command ---- */

static int nothing(const struct series_work *w)
{
	pr_err("%s: of %s there are no arms %s and %s to hold against each other or against a base, and no patches: asibench run --series %s --rev %s --isolation on|off, or --patch K/N",
	       store_path(w->store), w->now, o.off, o.on, w->rev[0].series,
	       w->now);
	return -ENOENT;
}

static int load(struct series_work *w)
{
	char name[NAME_BYTES];
	int err;

	err = store_revisions(w->store, o.series, &w->rev, &w->nrev);
	if (!err && w->nrev)
		err = store_revision_list(w->store, w->rev[0].series, name,
					  &w->patch, &w->npatch);
	if (!err)
		err = choose_revisions(w);
	if (!err)
		err = series_add_costs(w);
	if (!err)
		err = series_add_patches(w);
	if (!err)
		err = series_add_matches(w);
	if (!err)
		err = adjust(w);
	return err ? err : w->out.n ? 0 : nothing(w);
}

static int set_mode(struct series_work *w)
{
	int mode = o.mode ? run_mode_parse(o.mode) : MODE_TIMED;

	if (mode < 0) {
		pr_err("--mode %s: want timed, counted or injected", o.mode);
		return EXIT_USAGE;
	}
	w->mode = mode;
	w->on = o.on;
	w->off = o.off;
	w->select = o.select;
	w->all = o.all;
	w->opts = compare_defaults;
	w->opts.allow = o.allow.v;
	w->opts.nallow = o.allow.n;
	return 0;
}

static int run(void)
{
	struct series_work w = { 0 };
	int status, err;

	if (set_mode(&w))
		return EXIT_USAGE;
	status = cli_store_open(&w.store, o.db, STORE_READ);
	if (status)
		return status;
	err = load(&w);
	if (err == -ENOMEM)
		pr_err("out of memory");
	status = EXIT_USAGE;
	if (!err) {
		w.out.series = w.rev[0].series;
		w.out.revision = w.now;
		w.out.base = w.base;
		w.out.against = w.against;
		status = output_status(report_series(o.format, &w.out,
						     stdout));
	}
	series_free(&w);
	store_close(w.store);
	return status;
}

/* Was the whole series measured in both arms? */
static bool off_and_on(struct store *s, struct store_revision *r)
{
	bool off = false, on = false;
	int i;

	if (r->patch || store_revision_arms(s, r))
		return false;
	for (i = 0; i < r->narms; i++) {
		off |= !strcmp(r->arm[i], o.off);
		on |= !strcmp(r->arm[i], o.on);
	}
	return off && on;
}

bool series_report(const char *db, const char *series, const char *select,
		   enum format format, int *status)
{
	struct store_revision *v = NULL;
	const char *latest = NULL, *before = NULL;
	struct store *s;
	size_t n = 0, i;

	if (cli_store_open(&s, db, STORE_READ))
		return false;
	if (!store_revision_names(s, series, &v, &n)) {
		for (i = n; i-- > 0 && !before; )
			if (off_and_on(s, &v[i]))
				*(latest ? &before : &latest) = v[i].revision;
		/* Later ones of one arm are compared as ever. */
		for (i = n; latest && i-- > 0 && v[i].revision != latest; )
			if (!v[i].patch)
				latest = NULL;
	}
	if (latest) {
		o.db = db;
		o.series = series;
		o.select = select;
		o.rev = latest;
		o.against = before;
		o.format = format;
		*status = run();
	}
	store_revisions_free(v, n);
	store_close(s);
	return latest;
}

int cmd_series(int argc, char **argv)
{
	int first, status;

	if (opts_parse(argc, argv, opts,
		       "  asibench series --series asi --base v6.16 --rev v3\n"
		       "  asibench series --rev v3 --against v2\n",
		       &first, &status))
		return status;
	return opts_no_more(argc, argv, first) ? EXIT_USAGE : run();
}
