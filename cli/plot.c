// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench plot: pictures of revisions and of distributions. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/figures.h"
#include "cli/plot.h"
#include "cli/sides.h"
#include "cli/trend.h"
#include "lib/hash.h"
#include "lib/msg.h"

#define STEM_MAX	120	/* bytes of a picture's name that say what it is */
#define STEM_SAFE	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
			"0123456789._-"

static struct side_options o;
static const char *dir = "plots";
static const char *metric;
static bool silent;

static const struct opt opts[] = {
	SIDE_OPTS(o),
	{ "out", OPT_TEXT, &dir, "DIR", "where pictures go (default: plots)" },
	{ "metric", OPT_TEXT, &metric, "NAME",
	  "whose samples are shown (default: the primary metric's)" },
	{ 0 }
};

char *plot_stem(const char *kind, const char *name)
{
	char hex[HASH_HEX], *stem;
	bool lossy = strlen(name) > STEM_MAX;
	char *p;

	if (asprintf(&stem, "%s/%s-%.*s-XXXXXXXX", dir, kind, STEM_MAX,
		     name) < 0)
		return NULL;
	for (p = stem + strlen(dir) + 1; *p; p++) {
		if (strchr(STEM_SAFE, *p))
			continue;
		lossy |= !strchr(" ,=:", *p);
		*p = *p == '=' ? '-' : '_';
	}
	hash_hex(name, strlen(name), hex);
	p = strrchr(stem, '-');
	if (lossy)
		snprintf(p + 1, 9, "%.8s", hex);
	else
		*p = '\0';
	return stem;
}

int plot_said(int err, const char *stem)
{
	if (!err && !silent)
		printf("%s.svg\n%s.png\n", stem, stem);
	return err == -ENODATA ? 0 : err;
}

/* ---- trend ---- */

static int draw_trend(const struct judged *j)
{
	const struct track *t = j->track;
	struct plot_trend p = { 0 };
	char *name = row_name(t->id, NAME_HOST | NAME_PROFILE, false);
	char *unit = metric_words(&t->id->metric), *title = NULL;
	char *stem = NULL;
	int err = trend_make(j, &p);

	if (!name || !unit ||
	    asprintf(&title, "%s, arm %s%s", name, t->arm,
		     trend_interpreted(t) ? ", interpreted: not scored" :
		     "") < 0)
		err = -ENOMEM;
	else if (!err)
		stem = plot_stem("trend", title);
	if (stem) {
		p.title = title;
		p.unit = unit;
		err = plot_said(plot_trend(&p, stem), stem);
	} else if (!err) {
		err = -ENOMEM;
	}
	trend_free(&p);
	free(stem);
	free(title);
	free(unit);
	free(name);
	return err;
}

static int draw_tracks(const struct figures_list *list, size_t *drawn)
{
	struct judged *j = NULL;
	struct track *track;
	size_t n = 0, i;
	int err = tracks_make(list, &track, &n);

	if (!err && !(j = calloc(n + 1, sizeof(*j))))
		err = -ENOMEM;
	for (i = 0; i < n && !err; i++)
		j[i].track = &track[i];
	if (!err)
		err = judged_make(j, n, 1);
	for (i = 0; i < n && !err; i++)
		err = draw_trend(&j[i]);
	*drawn += n;
	if (j)
		judged_free(j, n);
	free(j);
	tracks_free(track, n);
	return err;
}

static int draw_figures(struct store *s, bool trends, bool sweeps,
			size_t *drawn)
{
	const struct store_select sel = {
		.series = o.series, .patch = -1, .benchmark = o.select,
		.primary = !o.all,
		.mode = o.mode ? run_mode_parse(o.mode) : MODE_TIMED,
	};
	struct figures_list list;
	int err;

	err = figures_load(s, &sel, &list);
	if (err)
		return err;
	if (trends)
		err = draw_tracks(&list, drawn);
	if (!err && sweeps)
		err = plot_sweeps(&list, drawn);
	figures_free(&list);
	return err;
}

/* ---- the command ---- */

static int make_directory(void)
{
	struct stat st;

	if (!mkdir(dir, 0777) ||
	    (errno == EEXIST && !stat(dir, &st) && S_ISDIR(st.st_mode)))
		return 0;
	pr_err("%s: %s", dir, strerror(errno == EEXIST ? ENOTDIR : errno));
	return -EINVAL;
}

#define KINDS_SERIES	(KIND_TREND | KIND_SWEEP)
#define KINDS_ALL	(~0u)

/* In the order in which they are drawn. */
static const char *const kind_names[] = {
	"trend", "sweep", "ecdf", "histogram", "forest", "hosts", "variance",
};

#define NR_KINDS	(sizeof(kind_names) / sizeof(*kind_names))

static int parse_kind(const char *word, unsigned int *kinds)
{
	size_t i;

	for (i = 0; i < NR_KINDS; i++) {
		if (strcmp(word, kind_names[i]))
			continue;
		*kinds |= 1u << i;
		return 0;
	}
	pr_err("no kind of picture is called '%s': there are trend, sweep, ecdf, histogram, forest, hosts and variance",
	       word);
	return -EINVAL;
}

static int parse_kinds(int argc, char **argv, int first, unsigned int *kinds)
{
	for (; first < argc; first++)
		if (parse_kind(argv[first], kinds))
			return -EINVAL;
	if (!*kinds)
		*kinds = KINDS_ALL;
	if (o.mode && run_mode_parse(o.mode) < 0) {
		pr_err("--mode %s: want timed, counted or injected", o.mode);
		return -EINVAL;
	}
	return 0;
}

static int draw(unsigned int kinds, size_t *drawn)
{
	struct store *store;
	struct sides s;
	int err = 0;

	if (kinds & KINDS_SERIES) {
		if (cli_store_open(&store, o.db, STORE_READ))
			return -EINVAL;
		err = draw_figures(store, kinds & KIND_TREND,
				   kinds & KIND_SWEEP, drawn);
		store_close(store);
	}
	if (err || !(kinds & ~KINDS_SERIES))
		return err;
	/* A first revision has its trend, and nothing to set beside. */
	if (sides_open(&s, &o, "plot"))
		return kinds == KINDS_ALL && *drawn ? 0 : -EINVAL;
	err = plot_sides(&s, kinds, metric, drawn);
	sides_close(&s);
	return err;
}

int plot_into(const char *to, const struct sides *s, unsigned int kinds)
{
	size_t drawn = 0;

	dir = to;
	silent = true;
	return plot_sides(s, kinds, NULL, &drawn);
}

int cmd_plot(int argc, char **argv)
{
	unsigned int kinds = 0;
	size_t drawn = 0;
	int first, status, err;

	if (opts_parse(argc, argv, opts,
		       "  asibench plot\n"
		       "  asibench plot forest variance --base v2 --new v3\n"
		       "  asibench plot ecdf --select vmexit.pio_out --base v2 --new v3\n",
		       &first, &status))
		return status;
	if (parse_kinds(argc, argv, first, &kinds) || make_directory())
		return EXIT_USAGE;
	err = draw(kinds, &drawn);
	if (!err && !drawn)
		pr_err("nothing to draw: no benchmark of that name has figures");
	return err || !drawn ? EXIT_USAGE : output_status(0);
}
