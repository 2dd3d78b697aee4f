// SPDX-License-Identifier: GPL-2.0-or-later
/* What the module's loop costs by itself: stands beside the others' figures. */
#include "bench/bench.h"

static __guest void op_null(struct bench_ctx *ctx)
{
}

BENCH(null_host0) = {
	.name = "null.host0",
	.desc = "an empty operation in the host's ring 0: the floor there",
	.where = HOST0,
	.extra = 1,
	.op = op_null,
};
