// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What changing the address space costs, seen from a process: two tasks on
 * one CPU hand a token to and fro. Between processes each hand-off writes
 * CR3; between threads of one mm it does not. All else is equal, so the
 * difference of the two is the address-space switch: the CR3 write, its
 * mitigations (IBPB where it is armed) and the TLB refill of two small working
 * sets. Neither figure alone is the cost of a CR3 write.
 */
#include "bench/handoff.h"

static int setup(struct bench_ctx *ctx)
{
	return handoff_start(ctx, NULL);
}

BENCH(cr3_switch_process) = {
	.name = "cr3.switch_process",
	.desc = "hand-off between two processes on one CPU (writes CR3)",
	.where = USER,
	.setup = setup,
	.teardown = handoff_stop,
	.op = handoff_pipe,
	.handoff = 1,
	.per_op = 2,
};

BENCH(cr3_switch_thread) = {
	.name = "cr3.switch_thread",
	.desc = "hand-off between two threads on one CPU (keeps CR3)",
	.where = USER,
	.arg = HANDOFF_THREAD,
	.setup = setup,
	.teardown = handoff_stop,
	.op = handoff_pipe,
	.handoff = 1,
	.per_op = 2,
};

BENCH(cr3_switch_process_eventfd) = {
	.name = "cr3.switch_process_eventfd",
	.desc = "cr3.switch_process, the token in an eventfd",
	.where = USER,
	.arg = HANDOFF_EVENTFD,
	.setup = setup,
	.teardown = handoff_stop,
	.op = handoff_eventfd,
	.handoff = 1,
	.extra = 1,
	.per_op = 2,
};

BENCH(cr3_switch_thread_eventfd) = {
	.name = "cr3.switch_thread_eventfd",
	.desc = "cr3.switch_thread, the token in an eventfd",
	.where = USER,
	.arg = HANDOFF_THREAD | HANDOFF_EVENTFD,
	.setup = setup,
	.teardown = handoff_stop,
	.op = handoff_eventfd,
	.handoff = 1,
	.extra = 1,
	.per_op = 2,
};

BENCH(cr3_switch_process_futex) = {
	.name = "cr3.switch_process_futex",
	.desc = "cr3.switch_process, the token in a futex",
	.where = USER,
	.arg = HANDOFF_FUTEX,
	.setup = setup,
	.teardown = handoff_stop,
	.op = handoff_futex,
	.handoff = 1,
	.extra = 1,
	.per_op = 2,
};

BENCH(cr3_switch_thread_futex) = {
	.name = "cr3.switch_thread_futex",
	.desc = "cr3.switch_thread, the token in a futex",
	.where = USER,
	.arg = HANDOFF_THREAD | HANDOFF_FUTEX,
	.setup = setup,
	.teardown = handoff_stop,
	.op = handoff_futex,
	.handoff = 1,
	.extra = 1,
	.per_op = 2,
};

/*
 * Across CPUs nobody's CR3 changes but the idle task's, which borrows one: the
 * wake-up and the interrupt it takes are measured.
 */
static const struct bench_param near[] = {
	{ "near", "llc,node,remote,smt" }, { 0 }
};

BENCH(cr3_wake_process) = {
	.name = "cr3.wake_process",
	.desc = "hand-off between two processes on two CPUs",
	.where = USER,
	.params = near,
	.setup = setup,
	.teardown = handoff_stop,
	.op = handoff_pipe,
	.handoff = 1,
	.peer = 1,
	.extra = 1,
	.per_op = 2,
};

BENCH(cr3_wake_thread) = {
	.name = "cr3.wake_thread",
	.desc = "hand-off between two threads on two CPUs",
	.where = USER,
	.params = near,
	.arg = HANDOFF_THREAD,
	.setup = setup,
	.teardown = handoff_stop,
	.op = handoff_pipe,
	.handoff = 1,
	.peer = 1,
	.extra = 1,
	.per_op = 2,
};
