/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a job file asks fio for. The key of a result is made from this text and
 * not from a second list of the same values, and fio's echo is held against
 * it: what is named is what ran.
 */
#ifndef DRIVERS_FIO_JOB_H
#define DRIVERS_FIO_JOB_H

#include <stdbool.h>
#include <stdint.h>

struct variant;

enum fio_key {
	FIO_ENGINE,
	FIO_RW,
	FIO_BS,
	FIO_DEPTH,
	FIO_SIZE,
	FIO_DIRECT,
	NR_FIO_KEYS,
};

/**
 * struct fio_option - an option that changes the number
 * @option:	as fio calls it
 * @key:	as the key of a result calls it
 */
struct fio_option {
	const char *option;
	const char *key;
};

extern const struct fio_option fio_options[NR_FIO_KEYS];

/**
 * struct fio_job - the options of a variant's job, parameters filled in
 * @value:	by enum fio_key, "" where the job does not set it
 * @file:	the job reads a file
 * @size:	bytes of that file
 * @bs:		bytes of one I/O
 * @write:	it writes, and nothing else
 * @direct:	past the page cache
 */
struct fio_job {
	char value[NR_FIO_KEYS][32];
	bool file;
	uint64_t size;
	uint64_t bs;
	bool write;
	bool direct;
};

/* Name of the variable that carries a parameter into the job file. */
#define FIO_ENV_PREFIX	"BENCH_"

/**
 * fio_job_parse() - read the job file of a variant's benchmark
 * Return: 0 or -EINVAL (no such parameter, size that is none).
 */
int fio_job_parse(const struct variant *v, struct fio_job *job);

#endif
