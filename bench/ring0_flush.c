// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The instructions that change an address space or flush the TLB, alone: what
 * they cost directly. What they cost later, when pages are touched again, is
 * tlb.refill.
 *
 * In a guest with EPT or NPT none of them exits, and the figures are the
 * CPU's under two-dimensional paging. With shadow page tables KVM does the
 * work, and the run is labelled so.
 */
#include "bench/ring0.h"

enum { PARAM_TO, PARAM_FLUSH };

/* Values of "to", in their order. */
enum { TO_SAME, TO_OTHER };

static __guest void op_load(struct bench_ctx *ctx)
{
	const struct ring0 *r = ctx->ring0;

	ring0_set_cr3(ctx->param[PARAM_TO] == TO_OTHER ? r->other : r->cr3);
	ring0_set_cr3(r->cr3);
}

BENCH(cr3_load) = {
	.name = "cr3.load",
	.desc = "MOV to CR3 that flushes, of the same or of another table",
	.where = GUEST0 | HOST0,
	.params = (const struct bench_param[]) {
		{ "to", "same,other" }, { 0 },
	},
	.vm = VM_RING0,
	.cpu = CPU_PGE,
	.exits = 2,
	.exits_rule = EXITS_UP_TO,
	.extra = 1,
	.per_op = 2,
	.op = op_load,
};

static __guest void op_load_pcid(struct bench_ctx *ctx)
{
	const struct ring0 *r = ctx->ring0;
	unsigned long keep = ctx->param[PARAM_FLUSH] ? r->noflush : 0;

	ring0_set_cr3((ctx->param[PARAM_TO] == TO_OTHER ? r->other : r->cr3) |
		      keep);
	ring0_set_cr3(r->cr3 | keep);
}

BENCH(cr3_load_pcid) = {
	.name = "cr3.load_pcid",
	.desc = "MOV to CR3 with PCIDs on, with NOFLUSH (flush=no) or without",
	.where = GUEST0 | HOST0,
	.params = (const struct bench_param[]) {
		{ "to", "same,other" }, { "flush", "yes,no" }, { 0 },
	},
	.vm = VM_RING0,
	.cpu = CPU_PGE | CPU_PCID,
	.exits = 2,
	.exits_rule = EXITS_UP_TO,
	.extra = 1,
	.per_op = 2,
	.op = op_load_pcid,
};

static __guest void op_invlpg(struct bench_ctx *ctx)
{
	ring0_invlpg(ctx->ring0->window[RING0_4K].at);
}

BENCH(tlb_invlpg) = {
	.name = "tlb.invlpg",
	.desc = "INVLPG of a mapped 4 KiB page that the TLB does not hold",
	.where = GUEST0 | HOST0,
	.vm = VM_RING0,
	.cpu = CPU_PGE,
	.exits = 1,
	.exits_rule = EXITS_UP_TO,
	.extra = 1,
	.op = op_invlpg,
};

static __guest void op_invpcid(struct bench_ctx *ctx)
{
	const struct ring0 *r = ctx->ring0;

	ring0_invpcid(ctx->param[0], r->pcid, r->window[RING0_4K].at);
}

BENCH(tlb_invpcid) = {
	.name = "tlb.invpcid",
	.desc = "INVPCID: 0 an address, 1 a PCID, 2 all, 3 all but global",
	.where = GUEST0 | HOST0,
	.params = (const struct bench_param[]) {
		{ "type", "0,1,2,3" }, { 0 },
	},
	.vm = VM_RING0,
	.cpu = CPU_PGE | CPU_PCID | CPU_INVPCID,
	.exits = 1,
	.exits_rule = EXITS_UP_TO,
	.extra = 1,
	.op = op_invpcid,
};

static __guest void op_pge(struct bench_ctx *ctx)
{
	ring0_toggle_pge(ctx->ring0);
}

BENCH(tlb_pge) = {
	.name = "tlb.pge",
	.desc = "CR4.PGE cleared and set again: everything is flushed",
	.where = GUEST0 | HOST0,
	.vm = VM_RING0,
	.cpu = CPU_PGE,
	.exits = 2,
	.exits_rule = EXITS_UP_TO,
	.extra = 1,
	.op = op_pge,
};
