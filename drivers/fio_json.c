// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/fio_json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/stats.h"
#include "lib/text.h"

#define HALVES_FLOOR	0.001	/* fio's rounding of rates and of times */

/**
 * struct reader - where the first fault is noted
 */
struct reader {
	char *why;
	size_t size;
	int err;
};

static void __attribute__((format(printf, 2, 3)))
fault(struct reader *r, const char *fmt, ...)
{
	char raw[256];
	va_list ap;

	if (r->err)
		return;
	r->err = -EINVAL;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_clean(r->why, r->size, raw);
}

const char *fio_json_start(const char *text)
{
	return strchr(text, '{');
}

/* A finite number above 0: what did not happen has no rate or latency. */
static double number(struct reader *r, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	double x = json_number_value(v);

	if (!json_is_number(v))
		fault(r, "fio's JSON has no number \"%s\"", key);
	else if (!isfinite(x) || x <= 0)
		fault(r, "fio's JSON says %g for \"%s\"", x, key);
	return x;
}

/* An option as fio says it took it: set for all jobs, or for this one. */
static const char *echo(const json_t *root, const json_t *job,
			const char *option)
{
	const json_t *v = json_object_get(json_object_get(job, "job options"),
					  option);

	if (!v)
		v = json_object_get(json_object_get(root, "global options"),
				    option);
	return json_string_value(v);
}

static void check_echo(struct reader *r, const json_t *root,
		       const json_t *o, const struct fio_job *job)
{
	const char *said;
	int i;

	for (i = 0; i < NR_FIO_KEYS; i++) {
		if (!job->value[i][0])
			continue;
		said = echo(root, o, fio_options[i].option);
		if (!said || strcmp(said, job->value[i]))
			fault(r, "fio was asked for %s=%s and says %s",
			      fio_options[i].option, job->value[i],
			      said ? said : "nothing");
	}
}

/* A number that need not be there; NaN where it is none. */
static double optional(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

/*
 * Two halves by iops_min and iops_max, the scatter of eighths by bw_dev: what
 * is left of their squares within the halves is the noise.
 */
static void read_halves(const json_t *side, struct fio_figures *fig)
{
	double low = optional(side, "iops_min");
	double high = optional(side, "iops_max");
	double n = optional(side, "bw_samples");
	double sd = optional(side, "bw_dev") / optional(side, "bw_mean");
	double within;

	fig->halves_p = -1;
	if (optional(side, "iops_samples") != 2 || !(n >= 6 && n <= 8) ||
	    !(sd >= 0) || !(low > 0) || !(high >= low))
		return;
	fig->halves = 2 * (high - low) / (high + low);
	within = (n - 1) * sd * sd - n * fig->halves * fig->halves / 4;
	within = fmax(within / (n - 2), HALVES_FLOOR * HALVES_FLOOR);
	fig->halves_p = 2 * stats_t_upper(fig->halves / sqrt(within * 4 / n),
					  n - 2);
}

static void read_job(struct reader *r, const json_t *o,
		     const struct fio_job *job, struct fio_figures *fig)
{
	const json_t *error = json_object_get(o, "error");
	const json_t *side = json_object_get(o, job->write ? "write" : "read");
	const json_t *p;
	double ios;

	if (!json_is_integer(error))
		fault(r, "fio's JSON has no \"error\" of the job");
	else if (json_integer_value(error))
		fault(r, "fio's job failed: %s",
		      strerror(json_integer_value(error)));
	p = json_object_get(json_object_get(side, "lat_ns"), "percentile");
	ios = number(r, side, "total_ios");
	read_halves(side, fig);
	fig->iops = number(r, side, "iops");
	fig->lat_p50 = number(r, p, "50.000000");
	fig->lat_p99 = number(r, p, "99.000000");
	if (!r->err && ios >= 1 && ios < 0x1p53)
		fig->ios = ios;
	else
		fault(r, "fio's JSON says %g for \"total_ios\"", ios);
}

int fio_json_parse(const char *text, const struct fio_job *job,
		   struct fio_figures *fig, char *why, size_t size)
{
	struct reader r = { .why = why, .size = size };
	const char *start = fio_json_start(text);
	const json_t *jobs;
	json_error_t error;
	json_t *root;

	memset(fig, 0, sizeof(*fig));
	if (!start) {
		fault(&r, "fio printed no JSON");
		return r.err;
	}
	if (strlen(start) > FIO_JSON_MAX) {
		fault(&r, "fio printed more than %u bytes", FIO_JSON_MAX);
		return r.err;
	}
	root = json_loads(start, JSON_DISABLE_EOF_CHECK, &error);
	if (!root) {
		fault(&r, "fio's JSON cannot be read: line %d: %s",
		      error.line, error.text);
		return r.err;
	}
	jobs = json_object_get(root, "jobs");
	if (json_array_size(jobs) != 1)
		fault(&r, "fio reports %zu jobs instead of one",
		      json_array_size(jobs));
	read_job(&r, json_array_get(jobs, 0), job, fig);
	check_echo(&r, root, json_array_get(jobs, 0), job);
	json_decref(root);
	return r.err;
}
