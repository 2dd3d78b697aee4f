// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Storage as a process sees it, by fio: reads past the page cache reach the
 * device and its interrupt, reads out of it are system calls and copying. The
 * null engine is the floor. Not guest I/O, not writes, not queue depth.
 */
#include "bench/bench.h"
#include "bench/job.h"

FIO_JOB(null, "bench/io_null.fio");
FIO_JOB(host_randread, "bench/io_host_randread.fio");

static const struct metric io_metrics[] = {
	{ "iops", "1/s", BETTER_HIGHER, SCALE_LOG, NATURE_REPLICATED, 1 },
	{ "lat_p50", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0 },
	{ "lat_p99", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0 },
	{ NULL },
};

static const struct bench_param randread_params[] = {
	{ "direct", "0,1" },
	{ NULL },
};

BENCH(io_null) = {
	.name = "io.null",
	.desc = "fio's null engine, the floor of fio's figures",
	.where = USER,
	.metrics = io_metrics,
	.fio_job = job_null,
};

BENCH(io_host_randread) = {
	.name = "io.host_randread",
	.desc = "random 4 KiB read of a file in the scratch directory",
	.where = USER,
	.metrics = io_metrics,
	.params = randread_params,
	.fio_job = job_host_randread,
};

static const struct bench_param cached_params[] = {
	{ "direct", "0" },
	{ NULL },
};

BENCH(io_cached_ext4) = {
	.name = "io.cached_ext4",
	.desc = "random 4 KiB read out of the page cache of a file on ext4",
	.where = USER,
	.metrics = io_metrics,
	.params = cached_params,
	.fio_job = job_host_randread,
	.fs = "ext4",
	.extra = 1,
};

BENCH(io_cached_tmpfs) = {
	.name = "io.cached_tmpfs",
	.desc = "random 4 KiB read of a file on tmpfs",
	.where = USER,
	.metrics = io_metrics,
	.params = cached_params,
	.fio_job = job_host_randread,
	.fs = "tmpfs",
	.extra = 1,
};
