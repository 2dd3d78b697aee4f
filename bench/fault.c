// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * First touch of anonymous 4 KiB pages: the page fault, and for a write the
 * allocation and clearing of the page. The pages are given back between
 * batches, outside the timed region. Huge pages are kept out.
 */
#include "bench/bench.h"

#include <errno.h>
#include <sys/mman.h>

#define PAGES	512ul
#define PAGE	4096ul

static int setup(struct bench_ctx *ctx)
{
	ctx->priv = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ctx->priv == MAP_FAILED)
		return -errno;
	/* EINVAL: a kernel without huge pages, which is as good. */
	if (madvise(ctx->priv, PAGES * PAGE, MADV_NOHUGEPAGE) &&
	    errno != EINVAL)
		return -errno;
	return 0;
}

static int prepare(struct bench_ctx *ctx, unsigned long n)
{
	return madvise(ctx->priv, PAGES * PAGE, MADV_DONTNEED) ? -errno : 0;
}

static void op_read(struct bench_ctx *ctx)
{
	bench_touch_read((char *)ctx->priv + ctx->i * PAGE);
}

static void op_write(struct bench_ctx *ctx)
{
	bench_touch_write((char *)ctx->priv + ctx->i * PAGE);
}

BENCH(fault_anon_read) = {
	.name = "fault.anon_read",
	.desc = "first read of an anonymous page (maps the zero page)",
	.where = USER,
	.setup = setup,
	.prepare = prepare,
	.op = op_read,
	.max_batch = PAGES,
};

BENCH(fault_anon_write) = {
	.name = "fault.anon_write",
	.desc = "first write to an anonymous page (allocates and clears it)",
	.where = USER,
	.setup = setup,
	.prepare = prepare,
	.op = op_write,
	.max_batch = PAGES,
};
