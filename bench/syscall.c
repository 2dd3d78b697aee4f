// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The cheapest system call: what entering and leaving the kernel costs, and
 * so what page-table isolation (PTI) adds to it. Not the cost of any call that
 * does work.
 */
#include "bench/bench.h"

#include <sys/syscall.h>
#include <unistd.h>

static void op_getpid(struct bench_ctx *ctx)
{
	syscall(SYS_getpid);
}

BENCH(syscall_getpid) = {
	.name = "syscall.getpid",
	.desc = "getpid(2), the floor of a system call",
	.where = USER,
	.op = op_getpid,
};
