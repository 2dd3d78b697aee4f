// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nothing: what the timed loop and its call of an operation cost by
 * themselves, in each place. Stands beside the other figures; it is never
 * subtracted from them.
 */
#include "bench/bench.h"

static __guest void op_null(struct bench_ctx *ctx)
{
}

BENCH(null) = {
	.name = "null",
	.desc = "an empty operation: the floor of its place",
	.where = USER | GUEST0 | GUEST3,
	.op = op_null,
};
