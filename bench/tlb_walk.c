// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How far the TLB reaches: one dependent load in another 4 KiB each time, over
 * working sets from a few pages to far more than any TLB holds. The knees are
 * where the levels of the TLB end; with 2 MiB pages they are 512 times as far,
 * and what is left are the data caches.
 */
#include <errno.h>

#include "bench/walk.h"

enum { PARAM_WS, PARAM_PAGE };

static const struct bench_param params[] = {
	{ "ws", "16,32,64,128,192,256,320,384,512,1024,2048,4096,6144,8192,"
	  "12288,16384,32768,65536,131072" },
	{ "page", "4,2048" }, { 0 }
};

static int setup(struct bench_ctx *ctx)
{
	struct walk w;
	int err = walk_make(&w, ctx->param[PARAM_WS], ctx->param[PARAM_PAGE]);

	ctx->priv = w.first;
	if (err == -ENOTSUP)
		ctx->why = walk_no_huge;
	return err;
}

static void op(struct bench_ctx *ctx)
{
	ctx->priv = *(void **volatile *)ctx->priv;
}

BENCH(tlb_walk) = {
	.name = "tlb.walk",
	.desc = "dependent load in another 4 KiB of a working set (KiB)",
	.where = USER,
	.params = params,
	.setup = setup,
	.extra = 1,
	.op = op,
};
