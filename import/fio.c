// SPDX-License-Identifier: GPL-2.0-or-later
/* fio's JSON: every option of a job is a parameter, for each changes it. */
#include "import/import.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/fio_json.h"

static const struct metric fio_metric[FIO_VALUES] = {
	{ "iops", "1/s", BETTER_HIGHER, SCALE_LOG, NATURE_REPLICATED, 1 },
	{ "mean", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0 },
	{ "p50", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0 },
	{ "p99", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0 },
};

static double number_at(const json_t *j, const char *a, const char *b)
{
	const json_t *v = json_object_get(j, a);

	if (b)
		v = json_object_get(v, b);
	return json_is_number(v) ? json_number_value(v) : NAN;
}

/* The direction in which the job did anything, of the three. */
static const json_t *busy_direction(const json_t *job)
{
	static const char *const name[] = { "read", "write", "trim" };
	size_t i;

	for (i = 0; i < 3; i++) {
		const json_t *d = json_object_get(job, name[i]);

		if (number_at(d, "total_ios", NULL) > 0)
			return d;
	}
	return NULL;
}

static void take_value(struct fio_result *f, int which, double v, double n)
{
	if (!(v > 0) || !isfinite(v))
		return;
	f->value[f->nvalues++] = (struct store_value) {
		.metric = fio_metric[which], .value = v, .n = n,
		.lo = NAN, .hi = NAN,
	};
}

static void take_values(struct fio_result *f, const json_t *d)
{
	const json_t *clat = json_object_get(d, "clat_ns");
	double n = number_at(d, "total_ios", NULL);

	f->nvalues = 0;
	take_value(f, 0, number_at(d, "iops", NULL), n);
	take_value(f, 1, number_at(clat, "mean", NULL), n);
	take_value(f, 2, number_at(clat, "percentile", "50.000000"), n);
	take_value(f, 3, number_at(clat, "percentile", "99.000000"), n);
}

/* Options of the job over those for all; its name is the benchmark's. */
static char *take_params(const json_t *root, const json_t *job)
{
	const json_t *common = json_object_get(root, "global options");
	const json_t *own = json_object_get(job, "job options");
	json_t *all = json_object();
	char *text;

	if (json_is_object(common))
		json_object_update(all, (json_t *)common);
	if (json_is_object(own))
		json_object_update(all, (json_t *)own);
	json_object_del(all, "name");
	text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(all);
	return text;
}

static int take_job(const char *file, const json_t *root, const json_t *job,
		    int (*each)(void *arg, const struct fio_result *f),
		    void *arg)
{
	const char *name = json_string_value(json_object_get(job, "jobname"));
	const json_t *d = busy_direction(job);
	struct fio_result f = { .nvalues = 0 };
	int err;

	if (!name || !*name || strlen(name) >= sizeof(f.name))
		return import_bad(file, 0, "a job of fio without a usable jobname");
	if (number_at(job, "error", NULL) != 0)
		return import_bad(file, 0, "job %s ended with an error", name);
	if (!d)
		return import_bad(file, 0, "job %s did no I/O", name);
	strcpy(f.name, name);
	take_values(&f, d);
	if (!f.nvalues || strcmp(f.value[0].metric.name, "iops"))
		return import_bad(file, 0, "job %s has no iops", name);
	f.params = take_params(root, job);
	err = f.params ? each(arg, &f) : -ENOMEM;
	free(f.params);
	return err;
}

int fio_results(const char *file, const char *text,
		int (*each)(void *arg, const struct fio_result *f), void *arg)
{
	const char *start = fio_json_start(text);
	json_error_t where;
	json_t *root, *jobs;
	size_t i;
	int err = 0;

	/* fio prints warnings before it, and sometimes behind. */
	root = start ? json_loads(start, JSON_DISABLE_EOF_CHECK, &where) :
		NULL;
	if (!root)
		return start ? import_bad(file, where.line, "%s", where.text) :
			import_bad(file, 0, "is not JSON of fio");
	jobs = json_object_get(root, "jobs");
	if (!json_array_size(jobs))
		err = import_bad(file, 0, "has no jobs of fio");
	for (i = 0; i < json_array_size(jobs) && !err; i++)
		err = take_job(file, root, json_array_get(jobs, i), each, arg);
	json_decref(root);
	return err;
}

/**
 * struct taken - a file on its way in
 * @boot:	one for all files: nothing tells of others
 */
struct taken {
	struct import *im;
	const char *boot;
};

static int take_figures(void *arg, const struct fio_result *f)
{
	struct taken *t = arg;
	char benchmark[160];
	const struct import_run r = {
		.revision = import_options(t->im)->revision, .boot = t->boot,
		.benchmark = benchmark, .params = f->params,
		.place = PLACE_USER, .value = f->value,
		.nvalues = f->nvalues,
	};

	snprintf(benchmark, sizeof(benchmark), "fio.%s", f->name);
	return import_run(t->im, &r);
}

int import_fio(struct import *im, const char *file)
{
	struct taken t = { im, "imported" };
	const char *name = strrchr(file, '/');
	char *text;
	int err = import_read(im, file, name ? name + 1 : file, &text);

	if (err)
		return err;
	err = fio_results(file, text, take_figures, &t);
	free(text);
	return err;
}
