// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flushes of many pages at once, and by many threads. Up to a number of pages
 * a kernel invalidates one by one, beyond it everything (Linux: 33, in
 * /sys/kernel/debug/x86/tlb_single_page_flush_ceiling); with more threads there
 * are more CPUs to reach. One operation is the whole system call.
 */
#include "bench/shootdown.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE	4096ul
#define BATCH	16ul		/* ranges that a batch has at most */

enum { PARAM_PAGES, PARAM_THREADS };

static const struct bench_param range[] = {
	{ "pages", "1,2,4,8,16,24,32,33,34,40,64,128,256,512,1024" },
	{ "threads", "1,2" }, { 0 }
};

static const struct bench_param threads[] = {
	{ "pages", "1" }, { "threads", "1,2,4,8,16,32,64,128" }, { 0 }
};

static unsigned long length(const struct bench_ctx *ctx)
{
	return ctx->param[PARAM_PAGES] * PAGE;
}

/* A page between two ranges keeps their mappings apart. */
static char *range_at(const struct bench_ctx *ctx, unsigned long i)
{
	return (char *)ctx->priv + i * (length(ctx) + PAGE);
}

static int setup(struct bench_ctx *ctx)
{
	/* Twice as many: where mremap() puts them. */
	ctx->priv = mmap(NULL, 2 * BATCH * (length(ctx) + PAGE), PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ctx->priv == MAP_FAILED)
		return -errno;
	return ctx->peers ? bench_peer_spin(ctx) : 0;
}

static void touch(const struct bench_ctx *ctx, char *at)
{
	unsigned long k;

	for (k = 0; k < length(ctx); k += PAGE)
		bench_touch_write(at + k);
}

static int map_ranges(struct bench_ctx *ctx, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		if (mmap(range_at(ctx, i), length(ctx), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		    MAP_FAILED)
			return -errno;
		/* EINVAL: a kernel without huge pages. */
		if (madvise(range_at(ctx, i), length(ctx), MADV_NOHUGEPAGE) &&
		    errno != EINVAL)
			return -errno;
		touch(ctx, range_at(ctx, i));
	}
	return 0;
}

static int setup_mapped(struct bench_ctx *ctx)
{
	int err = setup(ctx);

	return err ? err : map_ranges(ctx, BATCH);
}

static int unprotect_ranges(struct bench_ctx *ctx, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		if (mprotect(range_at(ctx, i), length(ctx),
			     PROT_READ | PROT_WRITE))
			return -errno;
		touch(ctx, range_at(ctx, i));
	}
	return 0;
}

static int touch_ranges(struct bench_ctx *ctx, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		touch(ctx, range_at(ctx, i));
	return 0;
}

static void op_munmap(struct bench_ctx *ctx)
{
	munmap(range_at(ctx, ctx->i), length(ctx));
}

static void op_mprotect(struct bench_ctx *ctx)
{
	mprotect(range_at(ctx, ctx->i), length(ctx), PROT_READ);
}

static void op_madvise(struct bench_ctx *ctx)
{
	madvise(range_at(ctx, ctx->i), length(ctx), MADV_DONTNEED);
}

static void op_mremap(struct bench_ctx *ctx)
{
	mremap(range_at(ctx, ctx->i), length(ctx), length(ctx),
	       MREMAP_MAYMOVE | MREMAP_FIXED, range_at(ctx, BATCH + ctx->i));
}

/* An interrupt to the other CPUs like a shootdown's, and no flush. */
static int setup_membarrier(struct bench_ctx *ctx)
{
	if (syscall(SYS_membarrier,
		    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		return -errno;
	return ctx->peers ? bench_peer_spin(ctx) : 0;
}

static void op_membarrier(struct bench_ctx *ctx)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

#define FLUSH(call, over, made, before, what)				\
BENCH(tlb_##call##_##over) = {						\
	.name = "tlb." #call "_" #over,					\
	.desc = #call what,						\
	.where = USER,							\
	.params = over,							\
	.setup = made,							\
	.prepare = before,						\
	.op = op_##call,						\
	.check = shootdown_check,							\
	.max_batch = BATCH,						\
	.peer = 1,							\
	.extra = 1,							\
}

FLUSH(munmap, range, setup, map_ranges, " of so many touched pages");
FLUSH(mprotect, range, setup_mapped, unprotect_ranges,
      " of so many touched pages, read-write to read-only");
FLUSH(madvise, range, setup_mapped, touch_ranges,
      "(MADV_DONTNEED) of so many touched pages");
FLUSH(mremap, range, setup, map_ranges,
      " of so many touched pages to another place");
FLUSH(munmap, threads, setup, map_ranges,
      " of a touched page with so many threads");
FLUSH(mprotect, threads, setup_mapped, unprotect_ranges,
      " of a touched page with so many threads");
FLUSH(madvise, threads, setup_mapped, touch_ranges,
      "(MADV_DONTNEED) of a touched page with so many threads");
FLUSH(mremap, threads, setup, map_ranges,
      " of a touched page to another place with so many threads");

BENCH(tlb_membarrier) = {
	.name = "tlb.membarrier",
	.desc = "membarrier to so many threads: their interrupt, no flush",
	.where = USER,
	.params = threads,
	.setup = setup_membarrier,
	.op = op_membarrier,
	.check = shootdown_check,
	.peer = 1,
	.extra = 1,
};
