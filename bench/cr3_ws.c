// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A switch and what it does to the working set: each side walks its own set
 * between getting the token and giving it back. Three figures of the same
 * walks tell the parts: cr3.walk_ws without a switch; cr3.switch_thread_ws
 * less that, the switch and its cache traffic; cr3.switch_process_ws less
 * cr3.switch_thread_ws, what the change of address space adds: the direct cost
 * at the smallest set, and beyond it the refill of the TLB.
 */
#include <errno.h>
#include <stdlib.h>

#include "bench/handoff.h"
#include "bench/walk.h"

enum { PARAM_WS, PARAM_PAGE };

static const struct bench_param params[] = { WALK_PARAMS, { 0 } };

/**
 * struct sets - the working sets of both sides
 */
static struct sets {
	struct walk own;
	struct walk other;
	long ws;
	long page;
} sets;

static int make_other(void *arg)
{
	return walk_make(&sets.other, sets.ws, sets.page);
}

static void walk_other(void *arg)
{
	walk_all(&sets.other);
}

static int fail(struct bench_ctx *ctx, int err)
{
	if (err == -ENOTSUP)
		ctx->why = walk_no_huge;
	return err;
}

static int setup_own(struct bench_ctx *ctx)
{
	sets.ws = ctx->param[PARAM_WS];
	sets.page = ctx->param[PARAM_PAGE];
	return fail(ctx, walk_make(&sets.own, sets.ws, sets.page));
}

/* The partner makes its set itself: in a process it is that process's. */
static int setup_pair(struct bench_ctx *ctx)
{
	const struct handoff_work work = { make_other, walk_other, NULL };
	int err = setup_own(ctx);

	return err ? err : fail(ctx, handoff_start(ctx, &work));
}

static void op_switch(struct bench_ctx *ctx)
{
	walk_all(&sets.own);
	handoff_pipe(ctx);
}

static int setup_both(struct bench_ctx *ctx)
{
	int err = setup_own(ctx);

	return err ? err : fail(ctx, make_other(NULL));
}

static void op_walk(struct bench_ctx *ctx)
{
	walk_all(&sets.own);
	walk_all(&sets.other);
}

BENCH(cr3_switch_process_ws) = {
	.name = "cr3.switch_process_ws",
	.desc = "cr3.switch_process, each side walking its working set (KiB)",
	.where = USER,
	.params = params,
	.setup = setup_pair,
	.teardown = handoff_stop,
	.op = op_switch,
	.handoff = 1,
	.extra = 1,
	.per_op = 2,
};

BENCH(cr3_switch_thread_ws) = {
	.name = "cr3.switch_thread_ws",
	.desc = "cr3.switch_thread, each side walking its working set (KiB)",
	.where = USER,
	.params = params,
	.arg = HANDOFF_THREAD,
	.setup = setup_pair,
	.teardown = handoff_stop,
	.op = op_switch,
	.handoff = 1,
	.extra = 1,
	.per_op = 2,
};

BENCH(cr3_walk_ws) = {
	.name = "cr3.walk_ws",
	.desc = "both working sets (KiB) walked in turn, no switch",
	.where = USER,
	.params = params,
	.setup = setup_both,
	.op = op_walk,
	.extra = 1,
	.per_op = 2,
};
