// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A Linux guest that does I/O: fio on a virtio disk, whose back end is nothing
 * at all (null: the cost of the path), host memory (tmpfs), or a file. What
 * does no I/O stands beside it: an idle guest, and one whose CPU is busy.
 *
 * How a guest kicks its disk: by an exit to QEMU ("exit"), by an eventfd that
 * QEMU's main loop reads ("main"), or a thread of its own ("iothread"): points
 * of their own on real KVM, where an eventfd is answered inside the kernel.
 *
 * The key says by what the guest was run: KVM and TCG are never compared.
 */
#include "bench/bench.h"
#include "bench/job.h"

FIO_JOB(guest_blk, "bench/guest_blk.fio");

static const struct metric blk_metrics[] = {
	{ "lat_p50", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1 },
	{ "iops", "1/s", BETTER_HIGHER, SCALE_LOG, NATURE_REPLICATED, 0 },
	{ "lat_p99", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0 },
	{ "exits_per_io", "exits", BETTER_LOWER, SCALE_LINEAR, NATURE_COUNT,
	  0 },
	/* Of all QEMU's threads; of fio in the guest, by the guest's account. */
	{ "host_cpu_per_io", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED,
	  0 },
	{ "guest_cpu_per_io", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED,
	  0 },
	{ NULL },
};

static const struct metric cpu_metrics[] = {
	{ "host_cpu", "ns/s", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1 },
	{ "host_cpu_other", "ns/s", BETTER_LOWER, SCALE_LOG,
	  NATURE_REPLICATED, 0 },
	{ "exits_per_s", "1/s", BETTER_LOWER, SCALE_LOG, NATURE_COUNT, 0 },
	{ NULL },
};

static const struct bench_param one_read[] = {
	{ "backing", "null" },
	{ "bs", "4k" },
	{ "depth", "1" },
	{ "rw", "randread" },
	{ NULL },
};

static const struct bench_param small[] = {
	{ "backing", "null,tmpfs,file" },
	{ "bs", "4k" },
	{ "depth", "1,32" },
	{ "rw", "randread,randwrite" },
	{ NULL },
};

static const struct bench_param large[] = {
	{ "backing", "null,file" },
	{ "bs", "64k" },
	{ "depth", "32" },
	{ "rw", "read,write" },
	{ NULL },
};

static const struct bench_param kicks[] = {
	{ "backing", "null" },
	{ "bs", "4k" },
	{ "depth", "1" },
	{ "kick", "exit,main,iothread" },
	{ "rw", "randread" },
	{ NULL },
};

static const struct bench_param queues[] = {
	{ "backing", "null" },
	{ "bs", "4k" },
	{ "depth", "32" },
	{ "queues", "2" },
	{ "rw", "randread" },
	{ NULL },
};

BENCH(guest_randread) = {
	.name = "guest.randread",
	.desc = "4 KiB read of a guest's disk that has nothing behind it",
	.where = GUEST_OS,
	.metrics = blk_metrics,
	.params = one_read,
	.fio_job = job_guest_blk,
};

BENCH(guest_blk) = {
	.name = "guest.blk",
	.desc = "random 4 KiB I/O of a guest",
	.where = GUEST_OS,
	.metrics = blk_metrics,
	.params = small,
	.fio_job = job_guest_blk,
	.extra = 1,
};

BENCH(guest_blk_seq) = {
	.name = "guest.blk_seq",
	.desc = "sequential 64 KiB I/O of a guest",
	.where = GUEST_OS,
	.metrics = blk_metrics,
	.params = large,
	.fio_job = job_guest_blk,
	.extra = 1,
};

BENCH(guest_blk_kick) = {
	.name = "guest.blk_kick",
	.desc = "4 KiB read, kicked by an exit to QEMU, by ioeventfd, to a thread of its own",
	.where = GUEST_OS,
	.metrics = blk_metrics,
	.params = kicks,
	.fio_job = job_guest_blk,
	.extra = 1,
};

BENCH(guest_blk_queues) = {
	.name = "guest.blk_queues",
	.desc = "4 KiB read, as many queues and vCPUs as named",
	.where = GUEST_OS,
	.metrics = blk_metrics,
	.params = queues,
	.fio_job = job_guest_blk,
	.extra = 1,
};

BENCH(guest_idle) = {
	.name = "guest.idle",
	.desc = "a second of a guest that does nothing",
	.where = GUEST_OS,
	.metrics = cpu_metrics,
	.guest_op = GUEST_OP_IDLE,
	.extra = 1,
};

BENCH(guest_spin) = {
	.name = "guest.spin",
	.desc = "a second of a guest whose CPU is busy",
	.where = GUEST_OS,
	.metrics = cpu_metrics,
	.guest_op = GUEST_OP_SPIN,
	.extra = 1,
};

static const struct bench_param floor_params[] = {
	{ "bs", "4k" },
	{ "depth", "1,32" },
	{ "rw", "randread" },
	{ NULL },
};

BENCH(io_blk) = {
	.name = "io.blk",
	.desc = "guest.blk's job on the host itself: the floor of a file",
	.where = USER,
	.metrics = blk_metrics,
	.params = floor_params,
	.fio_job = job_guest_blk,
	.extra = 1,
};
