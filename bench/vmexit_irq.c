// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interrupts that a vCPU brings upon itself, up to the return of its handler,
 * under the names that kvm-unit-tests' vmexit gave them: IPIs to itself, the
 * APIC's timer; and a page fault that is the guest's own affair. Hardware may
 * do some or all of it without an exit (APICv, AVIC).
 */
#include <string.h>

#include "bench/apic.h"

#define EXITS_MOST	8	/* ICR, window, HLT, EOI, twice the TPR, ... */
#define TPR_ALL		0xf0	/* no interrupt passes */
#define SOON		3000	/* ticks */
#define LATER		100000	/* ticks: long enough to be put to sleep */

static inline __attribute__((always_inline)) void self_ipi(int x2apic)
{
	if (x2apic)
		insn_wrmsr(X2APIC_SELF_IPI, BENCH_VECTOR, 0);
	else
		apic_write(APIC_ICR, ICR_SELF | ICR_ASSERT | BENCH_VECTOR);
}

static inline __attribute__((always_inline))
void set_tpr(int x2apic, uint32_t value)
{
	if (x2apic)
		x2apic_write(APIC_TPR, value, 0);
	else
		apic_write(APIC_TPR, value);
}

static inline __attribute__((always_inline)) void sti_nop(void)
{
	asm volatile("sti\n\tnop\n\tcli" : : : "memory");
}

static inline __attribute__((always_inline)) void sti_hlt(void)
{
	asm volatile("sti\n\thlt\n\tcli" : : : "memory");
}

static inline __attribute__((always_inline))
void ipi_below_tpr(int x2apic)
{
	set_tpr(x2apic, TPR_ALL);
	self_ipi(x2apic);
	set_tpr(x2apic, 0);
}

static const char *skip_without_hlt(const struct bench_host *host)
{
	if (!strcmp(host->kvm, "kvm_pvm"))
		return "kvm_pvm interrupts ring 0 only between batches of instructions";
	return NULL;
}

/* A form of a self-IPI, in both modes of the APIC. */
#define SELF_IPI(form, how, skips, ...)					\
	SELF_IPI_IN(self_ipi_##form, 0, 0, how " (xAPIC)", skips,	\
		    __VA_ARGS__)					\
	SELF_IPI_IN(x2apic_self_ipi_##form, 1, CPU_X2APIC,		\
		    how " (x2APIC)", skips, __VA_ARGS__)

#define SELF_IPI_IN(id, x2, features, how, skips, ...)			\
	static __guest void op_##id(struct bench_ctx *ctx)		\
	{								\
		enum { x2apic = x2 };					\
									\
		__VA_ARGS__						\
	}								\
									\
	BENCH(vmexit_##id) = {						\
		.name = "vmexit." #id,					\
		.desc = how,						\
		.where = GUEST0,					\
		.exits = EXITS_MOST,					\
		.exits_rule = EXITS_UP_TO,				\
		.irqs = 1,						\
		.vm = VM_IRQCHIP | VM_INTERRUPTS,			\
		.cpu = features,					\
		.extra = 1,						\
		.skip = skips,						\
		.op = op_##id,						\
	};

SELF_IPI(sti_nop, "IPI to itself, then STI; NOP", skip_without_hlt, {
	self_ipi(x2apic);
	sti_nop();
})

SELF_IPI(sti_hlt, "IPI to itself, then STI; HLT", NULL, {
	self_ipi(x2apic);
	sti_hlt();
})

SELF_IPI(tpr, "IPI to itself, let in by a write of the TPR",
	 skip_without_hlt, {
	asm volatile("sti" : : : "memory");
	ipi_below_tpr(x2apic);
	asm volatile("nop\n\tcli" : : : "memory");
})

SELF_IPI(tpr_sti_nop, "IPI to itself, let in by the TPR, then STI; NOP",
	 skip_without_hlt, {
	ipi_below_tpr(x2apic);
	sti_nop();
})

SELF_IPI(tpr_sti_hlt, "IPI to itself, let in by the TPR, then STI; HLT",
	 NULL, {
	ipi_below_tpr(x2apic);
	sti_hlt();
})

/* In ring 3 interrupts are always enabled. */
static __guest void op_self_ipi(struct bench_ctx *ctx)
{
	unsigned long before = ctx->me->taken;

	self_ipi(0);
	while (ctx->me->taken == before)
		;
}

BENCH(vmexit_self_ipi) = {
	.name = "vmexit.self_ipi",
	.desc = "IPI to itself, taken at once (xAPIC)",
	.where = GUEST3,
	.exits = EXITS_MOST,
	.exits_rule = EXITS_UP_TO,
	.irqs = 1,
	.vm = VM_IRQCHIP | VM_INTERRUPTS,
	.extra = 1,
	.op = op_self_ipi,
};

static inline __attribute__((always_inline)) void deadline_in(uint64_t ticks)
{
	uint64_t when = tsc_now() + ticks;

	insn_wrmsr(MSR_TSC_DEADLINE, when, when >> 32);
}

static inline __attribute__((always_inline))
void timer_spin(struct bench_ctx *ctx, uint64_t ticks)
{
	unsigned long before = ctx->me->taken;

	asm volatile("sti" : : : "memory");
	deadline_in(ticks);
	while (ctx->me->taken == before)
		;
	asm volatile("cli" : : : "memory");
}

static __guest void op_tscdeadline_immed(struct bench_ctx *ctx)
{
	timer_spin(ctx, 0);
}

BENCH(vmexit_tscdeadline_immed) = {
	.name = "vmexit.tscdeadline_immed",
	.desc = "TSC deadline that has passed already, until its interrupt",
	.where = GUEST0,
	.exits = EXITS_MOST,
	.exits_rule = EXITS_UP_TO,
	.irqs = 1,
	.vm = VM_IRQCHIP | VM_INTERRUPTS,
	.cpu = CPU_TSC_DEADLINE,
	.extra = 1,
	.op = op_tscdeadline_immed,
};

static __guest void op_tscdeadline(struct bench_ctx *ctx)
{
	timer_spin(ctx, SOON);
}

BENCH(vmexit_tscdeadline) = {
	.name = "vmexit.tscdeadline",
	.desc = "TSC deadline 3,000 ticks away, until its interrupt",
	.where = GUEST0,
	.exits = EXITS_MOST,
	.exits_rule = EXITS_UP_TO,
	.irqs = 1,
	.vm = VM_IRQCHIP | VM_INTERRUPTS,
	.cpu = CPU_TSC_DEADLINE,
	.extra = 1,
	.op = op_tscdeadline,
};

/* STI lets nothing in before HLT: the interrupt cannot be missed. */
static __guest void op_timer_wake(struct bench_ctx *ctx)
{
	unsigned long before = ctx->me->taken;

	deadline_in(LATER);
	while (ctx->me->taken == before)
		sti_hlt();
}

BENCH(vmexit_timer_wake) = {
	.name = "vmexit.timer_wake",
	.desc = "HLT until a TSC deadline 100,000 ticks away, which are part of it",
	.where = GUEST0,
	.params = (const struct bench_param[]) {
		{ "poll", "off,default" }, { 0 },
	},
	.exits = EXITS_MOST,
	.exits_rule = EXITS_UP_TO,
	.irqs = 1,
	.vm = VM_IRQCHIP | VM_INTERRUPTS,
	.cpu = CPU_TSC_DEADLINE,
	.extra = 1,
	.op = op_timer_wake,
};

/* With EPT or NPT the guest takes it alone; nothing is at this address. */
static __guest void op_guest_fault(struct bench_ctx *ctx)
{
	asm volatile("lea 1f(%%rip), %%r11\n\t"
		     "movb $0, (%0)\n"
		     "1:" : : "r" (BENCH_NOWHERE) : "r11", "memory");
}

BENCH(vmexit_guest_fault) = {
	.name = "vmexit.guest_fault",
	.desc = "page fault in the guest's own tables, through its IDT and back",
	.where = GUEST0 | GUEST3,
	.exits = 2,
	.exits_rule = EXITS_UP_TO,
	.irqs = 1,
	.vm = VM_GUEST_FAULTS,
	.extra = 1,
	.op = op_guest_fault,
};
