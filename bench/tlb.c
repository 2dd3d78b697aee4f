// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLB flushes that a process causes by changing its own mappings: one 4 KiB
 * page an operation, alone or with a second thread of the mm running on
 * another CPU, whose TLB must then be flushed too. The figure is the whole
 * system call; the difference between one and two threads is the shootdown.
 * How the kernel reached the other CPU is recorded with each run.
 */
#include "bench/shootdown.h"

#include <errno.h>
#include <sys/mman.h>

#define PAGES	256ul
#define PAGE	4096ul
#define STRIDE	(2 * PAGE)	/* every other page: no two mappings merge */
#define SPAN	(PAGES * STRIDE)

enum { PARAM_THREADS };

static const struct bench_param threads[] = { { "threads", "1,2" }, { 0 } };

static char *page(const struct bench_ctx *ctx, unsigned long i)
{
	return (char *)ctx->priv + i * STRIDE;
}

static int setup(struct bench_ctx *ctx)
{
	ctx->priv = mmap(NULL, SPAN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	if (ctx->priv == MAP_FAILED)
		return -errno;
	return ctx->param[PARAM_THREADS] > 1 ? bench_peer_spin(ctx) : 0;
}

/* A mapping of its own for each operation, present and in the TLB. */
static int map_pages(struct bench_ctx *ctx, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		if (mmap(page(ctx, i), PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		    MAP_FAILED)
			return -errno;
		bench_touch_write(page(ctx, i));
	}
	return 0;
}

static int unprotect_pages(struct bench_ctx *ctx, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		if (mprotect(page(ctx, i), PAGE, PROT_READ | PROT_WRITE))
			return -errno;
		bench_touch_write(page(ctx, i));
	}
	return 0;
}

static int touch_pages(struct bench_ctx *ctx, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		bench_touch_write(page(ctx, i));
	return 0;
}

static int setup_mapped(struct bench_ctx *ctx)
{
	int err = setup(ctx);

	return err ? err : map_pages(ctx, PAGES);
}

static void op_munmap(struct bench_ctx *ctx)
{
	munmap(page(ctx, ctx->i), PAGE);
}

static void op_mprotect(struct bench_ctx *ctx)
{
	mprotect(page(ctx, ctx->i), PAGE, PROT_READ);
}

static void op_madvise(struct bench_ctx *ctx)
{
	madvise(page(ctx, ctx->i), PAGE, MADV_DONTNEED);
}

BENCH(tlb_munmap) = {
	.name = "tlb.munmap",
	.desc = "munmap of one touched 4 KiB page",
	.where = USER,
	.params = threads,
	.setup = setup,
	.prepare = map_pages,
	.op = op_munmap,
	.check = shootdown_check,
	.max_batch = PAGES,
	.peer = 1,
};

BENCH(tlb_mprotect) = {
	.name = "tlb.mprotect",
	.desc = "mprotect of one touched 4 KiB page, read-write to read-only",
	.where = USER,
	.params = threads,
	.setup = setup_mapped,
	.prepare = unprotect_pages,
	.op = op_mprotect,
	.check = shootdown_check,
	.max_batch = PAGES,
	.peer = 1,
};

BENCH(tlb_madvise) = {
	.name = "tlb.madvise",
	.desc = "madvise(MADV_DONTNEED) of one touched 4 KiB page",
	.where = USER,
	.params = threads,
	.setup = setup_mapped,
	.prepare = touch_pages,
	.op = op_madvise,
	.check = shootdown_check,
	.max_batch = PAGES,
	.peer = 1,
};
