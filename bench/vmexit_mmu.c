// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest does to its address translation. With EPT or NPT the guest
 * may do it alone; with shadow page tables KVM has to.
 */
#include <stdint.h>

#include "bench/bench.h"

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
