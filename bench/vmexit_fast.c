// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes that KVM answers with interrupts still off, right after the exit,
 * each beside one that does the same the long way. This is the place where a
 * switch of address spaces may be put or left out.
 *
 * Nothing is delivered: the task priority lets no interrupt in.
 */
#include "bench/apic.h"

#define TPR_ALL		0xf0
#define SELF_ID		0u		/* of the first vCPU */
#define SELF_LOGICAL	1u		/* cluster 0, its first */
#define FAR_HIGH	0x100u		/* 2^40 ticks: more than five minutes */
#define FAR_COUNT	0xffffffffu

static __guest int prepare_masked(struct bench_ctx *ctx, unsigned long n)
{
	if (!ctx->priv)
		x2apic_write(APIC_TPR, TPR_ALL, 0);
	ctx->priv = ctx;
	return 0;
}

#define FAST_COMMON							\
	.where = GUEST0,						\
	.exits = 1,							\
	.exits_rule = EXITS_ALL_OR_NONE,				\
	.vm = VM_IRQCHIP | VM_INTERRUPTS,				\
	.extra = 1,							\
	.prepare = prepare_masked

static __guest void op_icr(struct bench_ctx *ctx)
{
	x2apic_write(APIC_ICR, ICR_ASSERT | BENCH_VECTOR, SELF_ID);
}

BENCH(vmexit_x2apic_icr) = {
	.name = "vmexit.x2apic_icr",
	.desc = "x2APIC ICR, one physical destination: KVM's fast path",
	.cpu = CPU_X2APIC,
	.op = op_icr,
	FAST_COMMON,
};

static __guest void op_icr_logical(struct bench_ctx *ctx)
{
	x2apic_write(APIC_ICR, ICR_ASSERT | ICR_LOGICAL | BENCH_VECTOR,
		     SELF_LOGICAL);
}

BENCH(vmexit_x2apic_icr_logical) = {
	.name = "vmexit.x2apic_icr_logical",
	.desc = "the same, a logical destination: the slow path",
	.cpu = CPU_X2APIC,
	.op = op_icr_logical,
	FAST_COMMON,
};

/* The low half of the date does not matter. */
static __guest void op_wr_tsc_deadline(struct bench_ctx *ctx)
{
	uint64_t now = tsc_now();

	insn_wrmsr(MSR_TSC_DEADLINE, now, (now >> 32) + FAR_HIGH);
}

BENCH(vmexit_wr_tsc_deadline) = {
	.name = "vmexit.wr_tsc_deadline",
	.desc = "TSC deadline set far ahead: fast, with a preemption timer",
	.cpu = CPU_X2APIC | CPU_TSC_DEADLINE,
	.op = op_wr_tsc_deadline,
	FAST_COMMON,
};

static __guest void op_wr_timer(struct bench_ctx *ctx)
{
	x2apic_write(APIC_INITIAL, FAR_COUNT, 0);
}

BENCH(vmexit_x2apic_timer) = {
	.name = "vmexit.x2apic_timer",
	.desc = "one-shot timer of the APIC set far ahead: the slow path",
	.cpu = CPU_X2APIC,
	.op = op_wr_timer,
	FAST_COMMON,
};

static __guest void op_x2apic_eoi(struct bench_ctx *ctx)
{
	x2apic_write(APIC_EOI, 0, 0);
}

BENCH(vmexit_x2apic_eoi) = {
	.name = "vmexit.x2apic_eoi",
	.desc = "end of interrupt by x2APIC, none in service",
	.cpu = CPU_X2APIC,
	.op = op_x2apic_eoi,
	FAST_COMMON,
};
