// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Leaving an isolation by an interrupt, which only a guest of ours can bring
 * upon itself: an IPI to itself is let in while the isolated table is loaded,
 * and its handler loads the full one. What the IPI takes without that is
 * vmexit.self_ipi_sti_hlt (halt=yes) and vmexit.self_ipi_sti_nop.
 */
#include <string.h>

#include "bench/apic.h"
#include "bench/ring0.h"

static const char *skip_without_hlt(const struct bench_host *host)
{
	if (!strcmp(host->kvm, "kvm_pvm"))
		return "kvm_pvm interrupts ring 0 only between batches of instructions: isolation.model.leave_interrupt_halted";
	return NULL;
}

ring0_inline void enter_and_send(struct bench_ctx *ctx)
{
	ring0_enter(ctx, ctx->ring0->isolated | ctx->ring0->noflush);
	apic_write(APIC_ICR, ICR_SELF | ICR_ASSERT | BENCH_VECTOR);
}

static __guest void op_interrupt(struct bench_ctx *ctx)
{
	enter_and_send(ctx);
	asm volatile("sti\n\tnop\n\tcli" : : : "memory");
}

static __guest void op_halted(struct bench_ctx *ctx)
{
	enter_and_send(ctx);
	asm volatile("sti\n\thlt\n\tcli" : : : "memory");
}

#define LEAVE(id, what, skips, work)					\
BENCH(isolation_model_##id) = {						\
	.name = "isolation.model." #id,					\
	.desc = "model: enter, and leave by an interrupt" what,		\
	.where = GUEST0,						\
	.exits = 8,							\
	.exits_rule = EXITS_UP_TO,					\
	.irqs = 1,							\
	.vm = VM_RING0 | VM_IRQCHIP | VM_INTERRUPTS,			\
	.cpu = CPU_PGE,							\
	.extra = 1,							\
	.skip = skips,							\
	.op = work,							\
}

LEAVE(leave_interrupt, ", an IPI to itself", skip_without_hlt, op_interrupt);
LEAVE(leave_interrupt_halted, ", an IPI to itself that ends HLT", NULL,
      op_halted);
