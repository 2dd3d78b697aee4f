// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/fio_job.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "drivers/driver.h"
#include "lib/num.h"

#define SIZE_LIMIT	(1ull << 40)

const struct fio_option fio_options[NR_FIO_KEYS] = {
	[FIO_ENGINE]	= { "ioengine", "engine" },
	[FIO_RW]	= { "rw", "rw" },
	[FIO_BS]	= { "bs", "bs" },
	[FIO_DEPTH]	= { "iodepth", "depth" },
	[FIO_SIZE]	= { "size", "size" },
	[FIO_DIRECT]	= { "direct", "direct" },
};

struct parse {
	const struct variant *v;
	struct fio_job *job;
	int err;
};

/* "${BENCH_DIRECT}" stands for the value of the parameter "direct". */
static const char *expand(const struct variant *v, const char *value)
{
	static const char open[] = "${" FIO_ENV_PREFIX;
	const struct bench_param *p = v->bench->params;
	size_t n;
	int i;

	if (strncmp(value, open, strlen(open)))
		return value;
	value += strlen(open);
	for (i = 0; p && p[i].name; i++) {
		n = strlen(p[i].name);
		if (!strncasecmp(value, p[i].name, n) &&
		    !strcmp(value + n, "}"))
			return v->value[i];
	}
	return NULL;
}

static int take(void *user, const char *section, const char *name,
		const char *value)
{
	struct parse *p = user;
	int i, n;

	if (!strcmp(name, "filename"))
		p->job->file = true;
	for (i = 0; i < NR_FIO_KEYS; i++) {
		if (strcmp(name, fio_options[i].option))
			continue;
		value = expand(p->v, value);
		n = snprintf(p->job->value[i], sizeof(p->job->value[i]),
			     "%s", value ? value : "");
		if (!value || n >= (int)sizeof(p->job->value[i]))
			p->err = -EINVAL;
		return 1;
	}
	return 1;
}

/* fio's powers of 1024: "4k", "64m", "1g". */
static int size_parse(const char *s, uint64_t *out)
{
	static const char units[] = "kmg";
	char number[32];
	size_t n = strspn(s, "0123456789");
	const char *unit;
	int err;

	snprintf(number, sizeof(number), "%.*s", (int)n, s);
	err = num_u64(number, 1, SIZE_LIMIT >> 30, out);
	if (err || !s[n])
		return err;
	unit = strchr(units, tolower((unsigned char)s[n]));
	if (!unit || s[n + 1])
		return -EINVAL;
	*out <<= 10 * (unit - units + 1);
	return 0;
}

int fio_job_parse(const struct variant *v, struct fio_job *job)
{
	struct parse p = { .v = v, .job = job };

	memset(job, 0, sizeof(*job));
	if (ini_parse_string(v->bench->fio_job, take, &p) || p.err ||
	    size_parse(job->value[FIO_SIZE], &job->size) ||
	    size_parse(job->value[FIO_BS], &job->bs))
		return -EINVAL;
	job->write = strstr(job->value[FIO_RW], "write");
	job->direct = !strcmp(job->value[FIO_DIRECT], "1");
	return 0;
}
