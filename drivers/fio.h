/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_FIO_H
#define DRIVERS_FIO_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/driver.h"
#include "drivers/fio_job.h"
#include "drivers/fio_json.h"
#include "lib/clock.h"

#define FIO_RAMP_NS		(100 * NSEC_PER_MSEC)
#define FIO_TIME_LEAST_NS	(300 * NSEC_PER_MSEC)
#define FIO_ENV_MAX		(BENCH_PARAMS + 8)

/**
 * struct fio_env - values that fio puts in place of ${NAME} in a job file
 * @v:	"NAME=value", ended by NULL
 */
struct fio_env {
	char text[FIO_ENV_MAX][64];
	const char *v[FIO_ENV_MAX + 1];
};

/**
 * fio_environment() - parameters of the variant, and what each run decides
 * @ns:		to measure, after the ramp
 * @cpu:	that reads or writes
 * @file:	what is read or written
 */
void fio_environment(struct fio_env *e, const struct variant *v, uint64_t ns,
		     int cpu, const char *file);

/**
 * fio_key() - add the options of the job file to the key of @v
 * @job:	out
 * Return: 0 or a negative errno.
 */
int fio_key(struct variant *v, struct fio_job *job);

/**
 * fio_complaint() - what fio complained about, on one line
 * @said:	its stderr
 * @out:	its stdout, or NULL
 */
void fio_complaint(const char *said, const char *out, char *buf, size_t size);

/* Those figures that the benchmark has as metrics. */
void fio_store(struct run_result *res, const struct bench *bench,
	       const struct fio_figures *fig);

/**
 * fio_contradicts() - does what the device saw contradict the key?
 * @direct:	the key says "past the page cache"
 * @per_io:	blocks read from the device per I/O
 * @why:	out: in words, "" if it does not
 *
 * Cached: at most 1 % of the reads. Direct: one block each, within a factor of
 * two, because the ramp's I/Os are known only by its share of the time.
 */
bool fio_contradicts(bool direct, double per_io, char *why, size_t size);

#endif
