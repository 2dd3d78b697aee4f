/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fio's JSON, which comes from another program and is not trusted. */
#ifndef DRIVERS_FIO_JSON_H
#define DRIVERS_FIO_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/fio_job.h"

#define FIO_JSON_MAX	(1u << 20)

/**
 * struct fio_figures - of the one job's reads, or its writes
 * @iops:	per second, mean over the run without its ramp
 * @lat_p50, @lat_p99: submission to completion, ns
 * @ios:	how many
 * @halves:	by how much the rates of the two halves differ, of their mean
 * @halves_p:	that they do as much by chance: Student's t within the halves,
 *		which fio tells by eighths; -1 unknown
 */
struct fio_figures {
	double iops;
	double lat_p50;
	double lat_p99;
	uint64_t ios;
	double halves;
	double halves_p;
};

/**
 * fio_json_start() - where JSON begins in what fio printed, or NULL
 *
 * Warnings of fio may precede it.
 */
const char *fio_json_start(const char *text);

/**
 * fio_json_parse() - figures from fio's output
 * @text:	what fio printed
 * @job:	what it was asked for; what it echoes must be the same
 * @why:	out: a reason, when it fails
 * Return: 0, or -EINVAL with @why set.
 */
int fio_json_parse(const char *text, const struct fio_job *job,
		   struct fio_figures *fig, char *why, size_t size);

#endif
