/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the benchmarks of guests share: a run of one, in the making. */
#ifndef DRIVERS_GUEST_BENCH_H
#define DRIVERS_GUEST_BENCH_H

#include "drivers/driver.h"
#include "drivers/fio.h"
#include "drivers/guest/guest.h"
#include "drivers/guest/inside.h"

#define GUEST_STEPS	3

/**
 * struct guest_bench - one run
 * @step:	the guest's jobs; the last one is what is measured
 * @longer:	the same as @env, for a job that is longer
 * @words:	its arguments, where that is this program
 * @ns:		to measure, after the ramp
 * @asked_ns:	with the ramp
 * @fd:		behind the data disk, -1: nothing
 */
struct guest_bench {
	const struct run_spec *spec;
	struct run_result *res;
	struct fio_job job;
	struct guest_spec guest;
	struct guest_job step[GUEST_STEPS];
	struct guest_file file[2];
	struct inside_words words;
	struct guest_run run;
	struct fio_env env;
	struct fio_env longer;
	uint64_t ns;
	uint64_t asked_ns;
	int fd;
};

/**
 * guest_bench_boot() - boot it as it was set up, with its first @n steps
 *
 * What the guest was is kept with the run, however it ended.
 *
 * Return: 0, or -errno with the result's status and reason set.
 */
int guest_bench_boot(struct guest_bench *g, size_t n);

/* Time in the guest is what it says only if its clock is right. 0 or -errno */
int guest_bench_clock(struct guest_bench *g);

/* An operation for processes, in one of the guest (inside.h). 0 or -errno */
int guest_bench_native(struct guest_bench *g);

#endif
