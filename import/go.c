// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Go's benchmark text (go.dev/design/14313-benchmark-format): lines of
 * "BenchmarkName N VALUE UNIT [VALUE UNIT]...", lines "Unit NAME KEY=VALUE",
 * configuration "key: value", and anything else, which is passed over. What
 * "asibench export --to go" adds in "# asibench" lines is read back.
 */
#include "import/import.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/export.h"
#include "lib/num.h"

#define METRICS		64
#define VALUES		16
#define WORD_BYTES	512

/**
 * struct go - a file being read
 * @metric:	known by name and unit; those of "Unit" lines have no name
 * @boot:	what the figures below are of; "" unless a line says it
 */
struct go {
	struct import *im;
	const char *file;
	size_t line;
	struct {
		char name[64], unit[64];
		struct metric m;
	} metric[METRICS];
	size_t nmetrics, figures;
	char host[WORD_BYTES], boot[WORD_BYTES], revision[WORD_BYTES];
	char arm[WORD_BYTES];
};

/**
 * struct name - the parts of a benchmark's name
 */
struct name {
	char benchmark[256];
	json_t *params;
	enum place place;
	enum run_mode mode;
	char profile[WORD_BYTES];
	char metric[WORD_BYTES];
};

static int bad(const struct go *g, const char *what)
{
	return import_bad(g->file, g->line, "%s", what);
}

/* A word that was written by go_word(). */
static int take_word(const struct go *g, const char *from, char *to,
		     size_t size)
{
	if (strlen(from) >= size)
		return bad(g, "a word is too long");
	strcpy(to, from);
	return go_unword(to) ? bad(g, "'%' wants two digits") : 0;
}

/* ---- what metrics are ---- */

static struct metric *metric_find(struct go *g, const char *name,
				  const char *unit)
{
	size_t i;

	for (i = 0; i < g->nmetrics; i++)
		if (!strcmp(g->metric[i].unit, unit) &&
		    (!name || !strcmp(g->metric[i].name, name)))
			return &g->metric[i].m;
	return NULL;
}

/* As Go's own tools take it: rates are better high, all else low. */
static enum better better_of(const char *unit)
{
	size_t n = strlen(unit);

	return n > 2 && !strcmp(unit + n - 2, "/s") ? BETTER_HIGHER :
		BETTER_LOWER;
}

static struct metric *metric_add(struct go *g, const char *name,
				 const char *unit)
{
	struct metric *m;

	if (g->nmetrics == METRICS || strlen(unit) >= 64 || !*name ||
	    strlen(name) >= 64)
		return NULL;
	strcpy(g->metric[g->nmetrics].name, name);
	strcpy(g->metric[g->nmetrics].unit, unit);
	m = &g->metric[g->nmetrics].m;
	*m = (struct metric) {
		.name = g->metric[g->nmetrics].name,
		.unit = g->metric[g->nmetrics].unit,
		.better = better_of(unit), .primary = 1,
	};
	g->nmetrics++;
	return m;
}

static int metric_set(const struct go *g, struct metric *m, const char *key,
		      const char *value)
{
	int v = 0;

	if (!strcmp(key, "better"))
		m->better = v = better_parse(value);
	else if (!strcmp(key, "scale"))
		m->scale = v = scale_parse(value);
	else if (!strcmp(key, "nature"))
		m->nature = v = nature_parse(value);
	else if (!strcmp(key, "primary"))
		m->primary = !strcmp(value, "1");
	else if (!strcmp(key, "assume") && !strcmp(value, "exact"))
		m->nature = NATURE_EXACT;
	return v < 0 ? bad(g, "a property of a metric is not known") : 0;
}

/* "KEY=VALUE" words up to the end; @each gets them decoded. */
static int each_pair(struct go *g, char *at,
		     int (*each)(struct go *g, const char *key,
				 const char *value, void *arg), void *arg)
{
	char *word, value[WORD_BYTES];
	int err = 0;

	while (!err && (word = strsep(&at, " \t"))) {
		char *eq = strchr(word, '=');

		if (!eq)
			continue;
		*eq = '\0';
		err = take_word(g, eq + 1, value, sizeof(value));
		if (!err)
			err = each(g, word, value, arg);
	}
	return err;
}

struct metric_line {
	char name[WORD_BYTES], unit[WORD_BYTES];
	struct metric *m;
};

static int metric_pair(struct go *g, const char *key, const char *value,
		       void *arg)
{
	struct metric_line *l = arg;

	if (!strcmp(key, "name"))
		strcpy(l->name, value);
	else if (!strcmp(key, "unit"))
		strcpy(l->unit, value);
	else if (l->m)
		return metric_set(g, l->m, key, value);
	if (!*l->name || (strcmp(key, "unit") && strcmp(key, "name")))
		return 0;
	l->m = metric_find(g, l->name, l->unit);
	if (!l->m && !strcmp(key, "unit"))
		l->m = metric_add(g, l->name, l->unit);
	return l->m || strcmp(key, "unit") ? 0 : bad(g, "too many metrics");
}

static int unit_pair(struct go *g, const char *key, const char *value,
		     void *arg)
{
	struct metric *m = metric_find(g, NULL, arg);

	if (!m)
		m = metric_add(g, arg, arg);
	return m ? metric_set(g, m, key, value) : bad(g, "too many units");
}

/* "Unit NAME better=lower": of a unit that no line of ours told of. */
static int take_unit(struct go *g, char *line)
{
	char *unit = strsep(&line, " \t"), word[WORD_BYTES];
	int err;

	if (!line || !*unit)
		return 0;
	err = take_word(g, unit, word, sizeof(word));
	if (err || metric_find(g, NULL, word))
		return err;
	return each_pair(g, line, unit_pair, word);
}

/* ---- of what figures are ---- */

static int boot_pair(struct go *g, const char *key, const char *value,
		     void *arg)
{
	if (!strcmp(key, "host"))
		strcpy(g->host, value);
	else if (!strcmp(key, "revision"))
		strcpy(g->revision, value);
	else if (!strcmp(key, "arm"))
		strcpy(g->arm, value);
	else if (!strcmp(key, "uuid"))
		strcpy(g->boot, value);
	return 0;
}

static int take_own(struct go *g, char *line)
{
	struct metric_line l = { .m = NULL };

	if (!strncmp(line, "metric ", 7))
		return each_pair(g, line + 7, metric_pair, &l);
	if (!strncmp(line, "boot ", 5))
		return each_pair(g, line + 5, boot_pair, NULL);
	return 0;
}

/* ---- figures ---- */

/* A value is a string unless it is JSON of another kind. */
static json_t *param_value(const char *s)
{
	json_t *j = json_loads(s, JSON_DECODE_ANY, NULL);

	return j ? j : json_string(s);
}

static int take_part(const struct go *g, char *part, struct name *n)
{
	char value[WORD_BYTES], key[WORD_BYTES];
	char *eq = strchr(part, '=');
	int v, err;

	if (eq)
		*eq = '\0';
	err = take_word(g, part, key, sizeof(key));
	if (!err)
		err = take_word(g, eq ? eq + 1 : "", value, sizeof(value));
	if (err)
		return err;
	if (eq && !strcmp(key, "where")) {
		v = place_parse(value);
		n->place = v < 0 ? PLACE_USER : v;
		return v < 0 ? bad(g, "where= is no place") : 0;
	}
	if (eq && !strcmp(key, "mode")) {
		v = run_mode_parse(value);
		n->mode = v < 0 ? MODE_TIMED : v;
		return v < 0 ? bad(g, "mode= is no mode") : 0;
	}
	if (eq && !strcmp(key, "profile"))
		strcpy(n->profile, value);
	else if (eq && !strcmp(key, "metric"))
		strcpy(n->metric, value);
	else if (json_object_set_new(n->params, eq ? key : "sub",
				     param_value(eq ? value : key)))
		return bad(g, "the name is not text");
	return 0;
}

/* "-8" at the end of a name is the number of threads that Go had. */
static int take_procs(char *word, struct name *n)
{
	char *dash = strrchr(word, '-');
	uint64_t procs;

	if (!dash || num_u64(dash + 1, 1, 1u << 20, &procs))
		return 0;
	*dash = '\0';
	return json_object_set_new(n->params, "procs", json_integer(procs)) ?
		-ENOMEM : 0;
}

/* Ours begin with a small letter; Go wants a capital there. */
static int take_name(const struct go *g, char *word, struct name *n)
{
	char *at = word + strlen("Benchmark"), *part;
	int err;

	n->params = json_object();
	err = n->params ? take_procs(word, n) : -ENOMEM;
	part = strsep(&at, "/");
	if (!err)
		err = take_word(g, part, n->benchmark, sizeof(n->benchmark));
	if (err)
		return err;
	if (!*n->benchmark)
		return bad(g, "a benchmark without a name");
	if (*part != '%')
		*n->benchmark = tolower((unsigned char)*n->benchmark);
	while (!err && (part = strsep(&at, "/")))
		err = take_part(g, part, n);
	return err;
}

static struct metric *value_metric(struct go *g, const struct name *n,
				   const char *unit, size_t which)
{
	struct metric *m = metric_find(g, *n->metric ? n->metric : NULL, unit);
	size_t i;

	/* Of several with one unit the primary has no name in the line. */
	for (i = 0; !*n->metric && i < g->nmetrics; i++)
		if (!strcmp(g->metric[i].unit, unit) && g->metric[i].m.primary)
			m = &g->metric[i].m;
	if (!m)
		m = metric_add(g, *n->metric ? n->metric : unit, unit);
	if (m && which)
		m->primary = 0;
	return m;
}

static int take_values(struct go *g, const struct name *n, char *at,
		       uint64_t count, struct store_value *v, size_t *nv)
{
	char *value, *unit, word[WORD_BYTES];

	for (*nv = 0; (value = strsep(&at, " \t")); ) {
		struct metric *m;
		double x;

		if (!*value)
			continue;
		do
			unit = strsep(&at, " \t");
		while (unit && !*unit);
		if (!unit || *nv == VALUES ||
		    num_real(value, -1e300, 1e300, &x))
			return bad(g, "want pairs of a value and a unit");
		if (take_word(g, unit, word, sizeof(word)))
			return -EBADMSG;
		m = value_metric(g, n, word, *nv);
		if (!m)
			return bad(g, "too many metrics");
		v[(*nv)++] = (struct store_value) {
			.metric = *m, .value = x, .n = count, .lo = NAN,
			.hi = NAN,
		};
	}
	return *nv ? 0 : bad(g, "a benchmark without a value");
}

static int put_run(struct go *g, const struct name *n,
		   const struct store_value *v, size_t nv)
{
	const char *revision = import_options(g->im)->revision;
	char *params = json_dumps(n->params, JSON_COMPACT | JSON_SORT_KEYS);
	const struct import_run r = {
		.revision = revision ? revision : g->revision,
		.boot = *g->boot ? g->boot : "imported",
		.host = *g->host ? g->host : NULL,
		.arm = *g->arm ? g->arm : NULL, .benchmark = n->benchmark,
		.params = params, .place = n->place, .profile = n->profile,
		.mode = n->mode, .value = v, .nvalues = nv,
	};
	int err = -ENOMEM;

	if (!*r.revision)
		err = bad(g, "nothing says which revision it is: say --rev");
	else if (params)
		err = import_run(g->im, &r);
	free(params);
	return err;
}

static int take_figure(struct go *g, char *line)
{
	struct store_value v[VALUES];
	struct name n = { .place = PLACE_USER };
	char *word = strsep(&line, " \t"), *count;
	uint64_t iterations;
	size_t nv;
	int err;

	line = line ? line + strspn(line, " \t") : NULL;
	count = strsep(&line, " \t");
	/* Names alone are what "go test -v" prints as it begins. */
	if (!count || !line)
		return 0;
	if (num_u64(count, 1, INT64_MAX, &iterations))
		return bad(g, "want a number of iterations behind the name");
	err = take_name(g, word, &n);
	if (!err)
		err = take_values(g, &n, line, iterations, v, &nv);
	if (!err)
		err = put_run(g, &n, v, nv);
	json_decref(n.params);
	g->figures++;
	return err;
}

static int take_line(struct go *g, char *line)
{
	size_t len = strcspn(line, "\r");

	if (len > IMPORT_LINE_MOST)
		return bad(g, "the line is too long");
	line[len] = '\0';
	if (!strncmp(line, "# asibench ", 11))
		return take_own(g, line + 11);
	if (!strncmp(line, "Unit ", 5))
		return take_unit(g, line + 5);
	if (!strncmp(line, "Benchmark", 9) &&
	    !islower((unsigned char)line[9]))
		return take_figure(g, line);
	return 0;
}

int import_go(struct import *im, const char *file)
{
	const char *base = strrchr(file, '/');
	struct go *g = calloc(1, sizeof(*g));
	char *text, *at, *line;
	int err;

	if (!g)
		return -ENOMEM;
	g->im = im;
	g->file = file;
	err = import_read(im, file, base ? base + 1 : file, &text);
	if (err)
		goto free_go;
	for (at = text; !err && (line = strsep(&at, "\n")); ) {
		g->line++;
		err = take_line(g, line);
	}
	free(text);
	if (!err && !g->figures)
		err = import_bad(file, 0, "has no line \"BenchmarkNAME N VALUE UNIT\"");
free_go:
	free(g);
	return err;
}
