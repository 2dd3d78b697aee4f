// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest does to its address translation. With EPT or NPT the guest
 * may do it alone; with shadow page tables KVM has to.
 */
#include "bench/insn.h"

static __guest void op_invlpg(struct bench_ctx *ctx)
{
	asm volatile("invlpg (%0)" : : "r" (BENCH_MMIO) : "memory");
}

BENCH(vmexit_invlpg) = {
	.name = "vmexit.invlpg",
	.desc = "INVLPG of a page that was never used",
	.where = GUEST0,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.extra = 1,
	.op = op_invlpg,
};

/* Once: reading CR3 may be an exit of its own. Its bit 0 means nothing. */
static __guest int prepare_mov_cr3(struct bench_ctx *ctx, unsigned long n)
{
	unsigned long cr3;

	if (!ctx->priv) {
		asm volatile("mov %%cr3, %0" : "=r" (cr3));
		ctx->priv = (void *)(cr3 | 1);
	}
	return 0;
}

static __guest void op_mov_cr3(struct bench_ctx *ctx)
{
	asm volatile("mov %0, %%cr3"
		     : : "r" ((unsigned long)ctx->priv & ~1ul) : "memory");
}

BENCH(vmexit_mov_cr3) = {
	.name = "vmexit.mov_cr3",
	.desc = "the same page tables loaded into CR3",
	.where = GUEST0,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.extra = 1,
	.prepare = prepare_mov_cr3,
	.op = op_mov_cr3,
};

/*
 * Each operation of a batch has a page of its own, and a batch begins where
 * the last one ended: a KVM may take faults in a row on one page for a
 * livelock. priv counts the pages used so far.
 */
static inline __attribute__((always_inline))
unsigned char *page_of(const struct bench_ctx *ctx, unsigned long pages,
		       unsigned long stride)
{
	unsigned long page = (unsigned long)ctx->priv - ctx->batch + ctx->i;

	return (unsigned char *)(BENCH_PAGES_AT + page % pages * stride);
}

static __guest int prepare_pages(struct bench_ctx *ctx, unsigned long n)
{
	ctx->priv = (void *)((unsigned long)ctx->priv + n);
	insn_out8(BENCH_PORT_PREPARE, 0);
	return 0;
}

static __guest void op_touch(struct bench_ctx *ctx)
{
	bench_touch_write(page_of(ctx, BENCH_PAGES, BENCH_PAGES_STRIDE));
}

static __guest void op_touch_huge(struct bench_ctx *ctx)
{
	bench_touch_write(page_of(ctx, BENCH_HUGE_PAGES, BENCH_HUGE_STRIDE));
}

static __guest void op_load(struct bench_ctx *ctx)
{
	bench_touch_read(page_of(ctx, BENCH_PAGES, BENCH_PAGES_STRIDE));
}

BENCH(vmexit_gpa_fault) = {
	.name = "vmexit.gpa_fault",
	.desc = "first store to a 4 KiB page that the host has",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_PAGES_PRESENT,
	.max_batch = BENCH_PAGES,
	.min_batch = BENCH_PAGES,
	.extra = 1,
	.prepare = prepare_pages,
	.op = op_touch,
};

BENCH(vmexit_gpa_fault_absent) = {
	.name = "vmexit.gpa_fault_absent",
	.desc = "first store to a 4 KiB page that the host must allocate",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_PAGES_ABSENT,
	.max_batch = BENCH_PAGES,
	.min_batch = BENCH_PAGES,
	.extra = 1,
	.prepare = prepare_pages,
	.op = op_touch,
};

/* With page modification logging the CPU notes it down: no exit. */
BENCH(vmexit_dirty_fault) = {
	.name = "vmexit.dirty_fault",
	.desc = "first store to a 4 KiB page since its dirty log was read",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.vm = VM_PAGES_LOGGED,
	.max_batch = BENCH_PAGES,
	.min_batch = BENCH_PAGES,
	.extra = 1,
	.prepare = prepare_pages,
	.op = op_touch,
};

BENCH(vmexit_dirty_ring_fault) = {
	.name = "vmexit.dirty_ring_fault",
	.desc = "the same, logged into a ring that user space has reset",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.vm = VM_PAGES_RING,
	.max_batch = BENCH_PAGES,
	.min_batch = BENCH_PAGES,
	.extra = 1,
	.prepare = prepare_pages,
	.op = op_touch,
};

BENCH(vmexit_gpa_fault_readonly) = {
	.name = "vmexit.gpa_fault_readonly",
	.desc = "first load from a 4 KiB page of a read-only slot",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_PAGES_READONLY,
	.max_batch = BENCH_PAGES,
	.min_batch = BENCH_PAGES,
	.extra = 1,
	.prepare = prepare_pages,
	.op = op_load,
};

static __guest void op_store_readonly(struct bench_ctx *ctx)
{
	insn_store32(BENCH_PAGES_AT, 0);
}

BENCH(vmexit_readonly_write) = {
	.name = "vmexit.readonly_write",
	.desc = "4-byte store to a read-only slot, which user space answers",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_PAGES_READONLY,
	.extra = 1,
	.op = op_store_readonly,
};

BENCH(vmexit_gpa_fault_2m) = {
	.name = "vmexit.gpa_fault_2m",
	.desc = "first store to a 2 MiB page that the host has",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_PAGES_PRESENT | VM_PAGES_HUGE,
	.max_batch = BENCH_HUGE_PAGES,
	.min_batch = BENCH_HUGE_PAGES,
	.extra = 1,
	.prepare = prepare_pages,
	.op = op_touch_huge,
};

BENCH(vmexit_gpa_fault_2m_absent) = {
	.name = "vmexit.gpa_fault_2m_absent",
	.desc = "first store to a 2 MiB page that the host must allocate",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_PAGES_ABSENT | VM_PAGES_HUGE,
	.max_batch = BENCH_HUGE_PAGES,
	.min_batch = BENCH_HUGE_PAGES,
	.extra = 1,
	.prepare = prepare_pages,
	.op = op_touch_huge,
};
