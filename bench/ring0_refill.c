// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a flush costs afterwards: one operation is the flush and a read of so
 * many pages. flush=none is the warm baseline; what the others take beyond it
 * is the flush and the refill together, and cr3.load, tlb.invlpg, tlb.invpcid
 * and tlb.pge say how much of that is the flush itself.
 *
 * The reads do not depend on each other, so page walks overlap as they do
 * after a switch. Each page is read in a line of its own, which stays in the
 * data caches: up to 512 lines. Behind large pages there is little memory, for
 * all of them translate to the same; to the TLB they are as many as they say.
 * In a guest a translation is no larger than the host's page behind it.
 */
#include "bench/ring0.h"

enum { PARAM_PAGES, PARAM_PAGE, PARAM_FLUSH };

#define PAGES	"1,2,4,8,16,32,64,96,128,192,256,384,512"

/* Values of "flush", in their order. */
enum { FLUSH_NONE, FLUSH_INVLPG, FLUSH_CR3, FLUSH_PGE };
#define FLUSHES	"none,invlpg,cr3,pge"
enum { PCID_NONE, PCID_NOFLUSH, PCID_CR3, PCID_ADDRESS, PCID_ONE, PCID_ALL,
       PCID_ALL_BUT_GLOBAL };
#define PCID_FLUSHES "none,noflush,cr3,invpcid0,invpcid1,invpcid2,invpcid3"

ring0_inline const struct ring0_window *window_of(const struct bench_ctx *ctx,
						  int global)
{
	enum ring0_size size = RING0_4K;

	if (ctx->param[PARAM_PAGE] == 2048)
		size = global ? RING0_2M_GLOBAL : RING0_2M;
	else if (ctx->param[PARAM_PAGE] == 1048576)
		size = RING0_1G;
	else if (global)
		size = RING0_4K_GLOBAL;
	return &ctx->ring0->window[size];
}

ring0_inline int enough_pages(const struct bench_ctx *ctx, int global)
{
	return window_of(ctx, global)->pages >=
	       (unsigned long)ctx->param[PARAM_PAGES] ? 0 : BENCH_SKIPPED;
}

static __guest int prepare(struct bench_ctx *ctx, unsigned long n)
{
	return enough_pages(ctx, 0);
}

static __guest int prepare_global(struct bench_ctx *ctx, unsigned long n)
{
	return enough_pages(ctx, 1);
}

/* Comparisons: a switch may become a table, which a guest does not have. */
ring0_inline void flush(const struct bench_ctx *ctx,
			const struct ring0_window *w)
{
	unsigned long k, n = ctx->param[PARAM_PAGES];
	long how = ctx->param[PARAM_FLUSH];

	if (how == FLUSH_CR3)
		ring0_set_cr3(ctx->ring0->cr3);
	else if (how == FLUSH_PGE)
		ring0_toggle_pge(ctx->ring0);
	else if (how == FLUSH_INVLPG)
		for (k = 0; k < n; k++)
			ring0_invlpg(ring0_line(w, k));
}

static __guest void op_refill(struct bench_ctx *ctx)
{
	const struct ring0_window *w = window_of(ctx, 0);

	flush(ctx, w);
	ring0_touch_pages(w, 0, ctx->param[PARAM_PAGES]);
}

static __guest void op_global(struct bench_ctx *ctx)
{
	const struct ring0_window *w = window_of(ctx, 1);

	flush(ctx, w);
	ring0_touch_pages(w, 0, ctx->param[PARAM_PAGES]);
}

/* The pages are of the PCID in CR3, which is 0. */
static __guest void op_pcid(struct bench_ctx *ctx)
{
	const struct ring0_window *w = window_of(ctx, 0);
	unsigned long k, n = ctx->param[PARAM_PAGES];
	unsigned long pcid = ctx->ring0->cr3 & 0xfff;
	long how = ctx->param[PARAM_FLUSH];

	if (how == PCID_NOFLUSH)
		ring0_set_cr3(ctx->ring0->cr3 | ctx->ring0->noflush);
	else if (how == PCID_CR3)
		ring0_set_cr3(ctx->ring0->cr3);
	else if (how == PCID_ADDRESS)
		for (k = 0; k < n; k++)
			ring0_invpcid(0, pcid, ring0_line(w, k));
	else if (how != PCID_NONE)
		ring0_invpcid(how - PCID_ADDRESS, pcid, NULL);
	ring0_touch_pages(w, 0, n);
}

#define REFILL(id, places, sizes, flushes, features, what, before, work)	\
BENCH(tlb_##id) = {							\
	.name = "tlb." #id,						\
	.desc = what,							\
	.where = places,						\
	.params = (const struct bench_param[]) {			\
		{ "pages", PAGES }, { "page", sizes },			\
		{ "flush", flushes }, { 0 },				\
	},								\
	.vm = VM_RING0,							\
	.cpu = CPU_PGE | (features),					\
	.exits = 4 * RING0_PAGES,					\
	.exits_rule = EXITS_UP_TO,					\
	.extra = 1,							\
	.prepare = before,						\
	.op = work,							\
}

REFILL(refill, GUEST0 | HOST0, "4,2048", FLUSHES, 0,
       "a flush, and so many pages (KiB each) read after it", prepare,
       op_refill);
REFILL(refill_1g, GUEST0, "1048576", FLUSHES, CPU_PAGES_1G,
       "tlb.refill with pages of 1 GiB", prepare, op_refill);
REFILL(refill_global, GUEST0, "4,2048", FLUSHES, 0,
       "tlb.refill with global pages, which a load of CR3 keeps",
       prepare_global, op_global);
REFILL(refill_pcid, GUEST0 | HOST0, "4,2048", PCID_FLUSHES,
       CPU_PCID | CPU_INVPCID, "tlb.refill with PCIDs on", prepare, op_pcid);
