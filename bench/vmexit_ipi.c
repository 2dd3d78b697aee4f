// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A second vCPU, on another CPU of the host: interrupts sent to it while it
 * spins or is halted, with and without the end of the interrupt, and two vCPUs
 * that wait for each other.
 */
#include "bench/apic.h"

#define EXITS_MOST	8
#define SETTLES		100000	/* ticks after which a halted vCPU sleeps */
#define SPINS		1000000	/* exits of pause loops while one waits */

/* Until the last interrupt is over, so that the next finds none in service. */
static inline __attribute__((always_inline))
void wait_idle(struct bench_ctx *ctx)
{
	while (ctx->other->ended != ctx->other->taken)
		;
}

static __guest int prepare_spinning(struct bench_ctx *ctx, unsigned long n)
{
	wait_idle(ctx);
	return 0;
}

static __guest int prepare_halted(struct bench_ctx *ctx, unsigned long n)
{
	uint64_t from;

	wait_idle(ctx);
	from = tsc_now();
	while (tsc_now() - from < SETTLES)
		;
	return 0;
}

static __guest void op_spin(struct bench_ctx *ctx)
{
}

static __guest void op_halt(struct bench_ctx *ctx)
{
	insn_sti_hlt();
}

static inline __attribute__((always_inline))
void ipi(struct bench_ctx *ctx, int x2apic)
{
	unsigned long before = ctx->other->taken;

	if (x2apic) {
		x2apic_write(APIC_ICR, ICR_ASSERT | BENCH_VECTOR, PEER_ID);
	} else {
		apic_write(APIC_ICR_HIGH, PEER_ID << 24);
		apic_write(APIC_ICR, ICR_ASSERT | BENCH_VECTOR);
	}
	while (ctx->other->taken == before)
		;
}

static __guest void op_ipi(struct bench_ctx *ctx)
{
	ipi(ctx, 0);
}

static __guest void op_ipi_eoi(struct bench_ctx *ctx)
{
	ipi(ctx, 0);
	wait_idle(ctx);
}

static __guest void op_x2apic_ipi(struct bench_ctx *ctx)
{
	ipi(ctx, 1);
}

#define IPI_COMMON							\
	.exits = EXITS_MOST,						\
	.exits_rule = EXITS_UP_TO,					\
	.irqs = 1,							\
	.peer = 1,							\
	.extra = 1

BENCH(vmexit_ipi) = {
	.name = "vmexit.ipi",
	.desc = "IPI until a second vCPU, spinning in ring 3, is in its handler",
	.where = GUEST0 | GUEST3,
	.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER,
	.max_batch = 1,
	.prepare = prepare_spinning,
	.op = op_ipi,
	.vcpu_op = op_spin,
	IPI_COMMON,
};

BENCH(vmexit_ipi_eoi) = {
	.name = "vmexit.ipi_eoi",
	.desc = "the same until the second vCPU has told its APIC the end of it",
	.where = GUEST0 | GUEST3,
	.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER,
	.max_batch = 1,
	.prepare = prepare_spinning,
	.op = op_ipi_eoi,
	.vcpu_op = op_spin,
	IPI_COMMON,
};

static const struct bench_param polls[] = { { "poll", "off,default" }, { 0 } };

BENCH(vmexit_ipi_halt) = {
	.name = "vmexit.ipi_halt",
	.desc = "IPI until a second vCPU, in HLT, is in its handler",
	.where = GUEST0 | GUEST3,
	.params = polls,
	.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER | VM_PEER_RING0,
	.max_batch = 1,
	.prepare = prepare_halted,
	.op = op_ipi,
	.vcpu_op = op_halt,
	IPI_COMMON,
};

BENCH(vmexit_x2apic_ipi) = {
	.name = "vmexit.x2apic_ipi",
	.desc = "IPI by x2APIC until a second vCPU, spinning, is in its handler",
	.where = GUEST0,
	.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER,
	.cpu = CPU_X2APIC,
	.max_batch = 1,
	.prepare = prepare_spinning,
	.op = op_x2apic_ipi,
	.vcpu_op = op_spin,
	IPI_COMMON,
};

BENCH(vmexit_x2apic_ipi_halt) = {
	.name = "vmexit.x2apic_ipi_halt",
	.desc = "IPI by x2APIC until a second vCPU, in HLT, is in its handler",
	.where = GUEST0,
	.params = polls,
	.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER | VM_PEER_RING0,
	.cpu = CPU_X2APIC,
	.max_batch = 1,
	.prepare = prepare_halted,
	.op = op_x2apic_ipi,
	.vcpu_op = op_halt,
	IPI_COMMON,
};

/* In a pause loop, as a guest's lock has it. priv counts what was received. */
static inline __attribute__((always_inline)) void receive(struct bench_ctx *ctx)
{
	unsigned long seen = (unsigned long)ctx->priv;

	while (ctx->me->word == seen)
		asm volatile("pause");
	ctx->priv = (void *)(seen + 1);
}

static __guest void op_round_trip(struct bench_ctx *ctx)
{
	ctx->other->word++;
	receive(ctx);
}

static __guest void op_pass_back(struct bench_ctx *ctx)
{
	receive(ctx);
	ctx->other->word++;
}

BENCH(vmexit_ple_round_robin) = {
	.name = "vmexit.ple_round_robin",
	.desc = "a token to a second vCPU and back, with PAUSE while waiting",
	.where = GUEST0 | GUEST3,
	.exits = SPINS,
	.exits_rule = EXITS_UP_TO,
	.vm = VM_PEER,
	.peer = 1,
	.extra = 1,
	.op = op_round_trip,
	.vcpu_op = op_pass_back,
};
