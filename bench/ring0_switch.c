// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A model of an address space isolation, part 2: entering and leaving it. One
 * operation is a round of a vCPU's loop without the guest: entry and exit with
 * interrupts off, a short handler (as of CPUID) and the rest of a long one,
 * each a number of pages that are read. The isolated table is loaded round the
 * first, round the first two, or round all three; interrupts are off as long
 * as it is loaded, so that none is taken there. All rounds do the same work:
 * around=none does it without a switch and is what to compare with.
 *
 * It says what the pair costs in each place, with the refill behind it, and
 * how long interrupts wait; not what the handlers of any KVM take.
 */
#include "bench/ring0.h"

/* Pages read by each part. */
#define ENTRY_PAGES	4
#define SHORT_PAGES	8
#define LONG_PAGES	64

enum { PARAM_AROUND };

/* Values of "around", in their order. */
enum { AROUND_NONE, AROUND_IRQS_OFF, AROUND_SHORT, AROUND_WHOLE };

static const struct bench_param around[] = {
	{ "around", "none,irqs_off,short,whole" }, { 0 }
};

enum { FIGURE_LONGEST, FIGURE_LEAST };

static const struct metric irqs_off[] = {
	{ "irqs_off", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0 },
	{ "irqs_off_least", "tsc", BETTER_LOWER, SCALE_LOG,
	  NATURE_REPLICATED, 0 },
	{ 0 }
};

ring0_inline void store_longest(struct bench_ctx *ctx, unsigned long ticks)
{
	unsigned long *longest = &ctx->value[FIGURE_LONGEST];
	unsigned long *least = &ctx->value[FIGURE_LEAST];

	if (ticks > *longest)
		*longest = ticks;
	if (!*least || ticks < *least)
		*least = ticks;
}

static __guest void op_pair(struct bench_ctx *ctx)
{
	const struct ring0_window *w = &ctx->ring0->window[RING0_4K];
	long where = ctx->param[PARAM_AROUND];
	unsigned long pages = ENTRY_PAGES, flags, start, ticks;

	if (where == AROUND_SHORT)
		pages = ENTRY_PAGES + SHORT_PAGES;
	else if (where == AROUND_WHOLE)
		pages = ENTRY_PAGES + SHORT_PAGES + LONG_PAGES;
	flags = ring0_irqs_off();
	start = ring0_tsc();
	if (where != AROUND_NONE)
		ring0_enter(ctx, ctx->ring0->isolated | ctx->ring0->noflush);
	ring0_touch_pages(w, 0, pages);
	if (where != AROUND_NONE)
		ring0_leave(ctx);
	ticks = ring0_tsc() - start;
	ring0_irqs_restore(flags);
	ring0_touch_pages(w, pages, ENTRY_PAGES + SHORT_PAGES + LONG_PAGES);
	store_longest(ctx, ticks);
}

static __guest int prepare_pair(struct bench_ctx *ctx, unsigned long n)
{
	return ctx->ring0->window[RING0_4K].pages >=
	       ENTRY_PAGES + SHORT_PAGES + LONG_PAGES ? 0 : BENCH_SKIPPED;
}

/* ---- against the size of what is used inside ---- */

enum { PARAM_PAGES, PARAM_PAGE, PARAM_ISOLATED };

static const struct bench_param set[] = {
	{ "pages", "1,2,4,8,16,32,64,96,128,192,256,384,512" },
	{ "page", "4,2048" }, { "isolated", "no,yes" }, { 0 }
};

ring0_inline const struct ring0_window *window_of(const struct bench_ctx *ctx)
{
	return &ctx->ring0->window[ctx->param[PARAM_PAGE] == 2048 ?
				   RING0_2M : RING0_4K];
}

static __guest int prepare_set(struct bench_ctx *ctx, unsigned long n)
{
	return window_of(ctx)->pages >=
	       (unsigned long)ctx->param[PARAM_PAGES] ? 0 : BENCH_SKIPPED;
}

static __guest void op_set(struct bench_ctx *ctx)
{
	long isolated = ctx->param[PARAM_ISOLATED];

	if (isolated)
		ring0_enter(ctx, ctx->ring0->isolated | ctx->ring0->noflush);
	ring0_touch_pages(window_of(ctx), 0, ctx->param[PARAM_PAGES]);
	if (isolated)
		ring0_leave(ctx);
}

/* ---- ways out ---- */

static __guest void leave_by_call(struct bench_ctx *ctx)
{
	ring0_leave(ctx);
}

static __guest void op_call(struct bench_ctx *ctx)
{
	ring0_enter(ctx, ctx->ring0->isolated | ctx->ring0->noflush);
	leave_by_call(ctx);
}

static __guest void op_fault(struct bench_ctx *ctx)
{
	ring0_enter(ctx, ctx->ring0->isolated | ctx->ring0->noflush);
	ring0_leave_by_fault(ctx, ctx->ring0->hole);
}

#define MODEL(id, what, features, ...)					\
BENCH(isolation_model_##id) = {						\
	.name = "isolation.model." #id,					\
	.desc = "model: " what,						\
	.where = GUEST0 | HOST0,					\
	.vm = VM_RING0,							\
	.cpu = CPU_PGE | (features),					\
	.exits_rule = EXITS_UP_TO,					\
	.exits = 4 * RING0_PAGES,					\
	.extra = 1,							\
	__VA_ARGS__							\
}

#define PAIR	.params = around, .figures = irqs_off,			\
		.prepare = prepare_pair, .op = op_pair
#define SET	.params = set, .prepare = prepare_set, .op = op_set

MODEL(pair, "a vCPU's round, isolated round a part of it", 0, PAIR);
MODEL(pair_pcid, "a vCPU's round, isolated by PCIDs without a flush", CPU_PCID,
      PAIR);
MODEL(set, "enter, read so many pages (KiB each), leave", 0, SET);
MODEL(set_pcid, "enter, read so many pages (KiB each), leave, with PCIDs",
      CPU_PCID, SET);
MODEL(leave_call, "enter, and leave by a call", 0, .op = op_call);
MODEL(leave_call_pcid, "enter, and leave by a call, with PCIDs", CPU_PCID,
      .op = op_call);
MODEL(leave_fault, "enter, and leave by a page fault, whose access is made again",
      0, .irqs = 1, .op = op_fault);
MODEL(leave_fault_pcid, "enter, and leave by a page fault, with PCIDs",
      CPU_PCID, .irqs = 1, .op = op_fault);
