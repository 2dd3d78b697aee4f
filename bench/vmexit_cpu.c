// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VM exits by instructions about the CPU itself, under the names that
 * kvm-unit-tests' vmexit gave them. Where the hardware lets a guest do it
 * alone, the run is labelled "no exit" and the figure is the instruction's.
 */
#include <string.h>

#include "bench/insn.h"

#define CR0_WP		(1ul << 16)
#define CR4_PGE		(1ul << 7)

#define MSR_TSC_ADJUST		0x3b
#define MSR_SPEC_CTRL		0x48
#define MSR_PRED_CMD		0x49
#define MSR_TSX_CTRL		0x122
#define MSR_KERNEL_GS_BASE	0xc0000102

#define PAUSES		64	/* in a row */

static int is_amd(const struct bench_host *host)
{
	return !strcmp(host->vendor, "AuthenticAMD") ||
	       !strcmp(host->vendor, "HygonGenuine");
}

/* Number 0 is no hypercall any more: KVM says so at once. */
#define HYPERCALL(insn)							\
	do {								\
		unsigned long a = 0;					\
									\
		asm volatile(insn : "+a" (a)				\
			     : "b" (0), "c" (0), "d" (0), "S" (0)	\
			     : "memory");				\
	} while (0)

static const char *skip_hypercall(const struct bench_host *host)
{
	if (host->place == PLACE_GUEST0 && !strcmp(host->kvm, "kvm_pvm"))
		return "kvm_pvm repeats a hypercall of ring 0 for ever";
	return NULL;
}

static const char *skip_vmcall(const struct bench_host *host)
{
	if (is_amd(host))
		return "this CPU's hypercall is VMMCALL: vmexit.vmmcall";
	return skip_hypercall(host);
}

static const char *skip_vmmcall(const struct bench_host *host)
{
	if (!is_amd(host))
		return "this CPU's hypercall is VMCALL: vmexit.vmcall";
	return skip_hypercall(host);
}

static __guest void op_vmcall(struct bench_ctx *ctx)
{
	HYPERCALL("vmcall");
}

BENCH(vmexit_vmcall) = {
	.name = "vmexit.vmcall",
	.desc = "VMCALL, a hypercall that there is none of",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.extra = 1,
	.skip = skip_vmcall,
	.op = op_vmcall,
};

static __guest void op_vmmcall(struct bench_ctx *ctx)
{
	HYPERCALL("vmmcall");
}

BENCH(vmexit_vmmcall) = {
	.name = "vmexit.vmmcall",
	.desc = "VMMCALL, a hypercall that there is none of",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.extra = 1,
	.skip = skip_vmmcall,
	.op = op_vmmcall,
};

static __guest void op_wbinvd(struct bench_ctx *ctx)
{
	asm volatile("wbinvd" : : : "memory");
}

BENCH(vmexit_wbinvd) = {
	.name = "vmexit.wbinvd",
	.desc = "WBINVD",
	.where = GUEST0,
	.exits = 1,
	.extra = 1,
	.op = op_wbinvd,
};

static __guest void op_invd(struct bench_ctx *ctx)
{
	asm volatile("invd" : : : "memory");
}

BENCH(vmexit_invd) = {
	.name = "vmexit.invd",
	.desc = "INVD",
	.where = GUEST0,
	.exits = 1,
	.extra = 1,
	.op = op_invd,
};

static __guest void op_mov_from_cr8(struct bench_ctx *ctx)
{
	unsigned long value;

	asm volatile("mov %%cr8, %0" : "=r" (value));
}

BENCH(vmexit_mov_from_cr8) = {
	.name = "vmexit.mov_from_cr8",
	.desc = "read of CR8",
	.where = GUEST0,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.vm = VM_IRQCHIP,
	.extra = 1,
	.op = op_mov_from_cr8,
};

static __guest void op_mov_to_cr8(struct bench_ctx *ctx)
{
	asm volatile("mov %0, %%cr8" : : "r" (0ul) : "memory");
}

BENCH(vmexit_mov_to_cr8) = {
	.name = "vmexit.mov_to_cr8",
	.desc = "write of the same value to CR8",
	.where = GUEST0,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.vm = VM_IRQCHIP,
	.extra = 1,
	.op = op_mov_to_cr8,
};

/* KVM intercepts the first only, until the next exit for another reason. */
static __guest void op_mov_dr(struct bench_ctx *ctx)
{
	asm volatile("mov %0, %%dr7" : : "r" (0x400ul));
}

BENCH(vmexit_mov_dr) = {
	.name = "vmexit.mov_dr",
	.desc = "write of its initial value to DR7",
	.where = GUEST0,
	.exits = 1,
	.exits_rule = EXITS_UP_TO,
	.extra = 1,
	.op = op_mov_dr,
};

static __guest void op_rd_tsc_adjust_msr(struct bench_ctx *ctx)
{
	uint32_t lo, hi;

	asm volatile("rdmsr" : "=a" (lo), "=d" (hi) : "c" (MSR_TSC_ADJUST));
}

BENCH(vmexit_rd_tsc_adjust_msr) = {
	.name = "vmexit.rd_tsc_adjust_msr",
	.desc = "RDMSR of TSC_ADJUST",
	.where = GUEST0,
	.exits = 1,
	.cpu = CPU_TSC_ADJUST,
	.extra = 1,
	.op = op_rd_tsc_adjust_msr,
};

static __guest void op_wr_tsc_adjust_msr(struct bench_ctx *ctx)
{
	insn_wrmsr(MSR_TSC_ADJUST, 0, 0);
}

BENCH(vmexit_wr_tsc_adjust_msr) = {
	.name = "vmexit.wr_tsc_adjust_msr",
	.desc = "WRMSR of TSC_ADJUST, always 0",
	.where = GUEST0,
	.exits = 1,
	.cpu = CPU_TSC_ADJUST,
	.extra = 1,
	.op = op_wr_tsc_adjust_msr,
};

static __guest void op_wr_kernel_gs_base(struct bench_ctx *ctx)
{
	insn_wrmsr(MSR_KERNEL_GS_BASE, 0, 0);
}

BENCH(vmexit_wr_kernel_gs_base) = {
	.name = "vmexit.wr_kernel_gs_base",
	.desc = "WRMSR of KERNEL_GS_BASE",
	.where = GUEST0,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.extra = 1,
	.op = op_wr_kernel_gs_base,
};

static __guest void op_wr_ibrs_msr(struct bench_ctx *ctx)
{
	insn_wrmsr(MSR_SPEC_CTRL, 1, 0);
	insn_wrmsr(MSR_SPEC_CTRL, 0, 0);
}

BENCH(vmexit_wr_ibrs_msr) = {
	.name = "vmexit.wr_ibrs_msr",
	.desc = "SPEC_CTRL.IBRS set and cleared by WRMSR",
	.where = GUEST0,
	.exits = 2,
	.exits_rule = EXITS_ALL_OR_NONE,
	.cpu = CPU_IBRS,
	.extra = 1,
	.op = op_wr_ibrs_msr,
};

static __guest void op_wr_ibpb_msr(struct bench_ctx *ctx)
{
	insn_wrmsr(MSR_PRED_CMD, 1, 0);
}

BENCH(vmexit_wr_ibpb_msr) = {
	.name = "vmexit.wr_ibpb_msr",
	.desc = "IBPB by WRMSR of PRED_CMD",
	.where = GUEST0,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.cpu = CPU_IBPB,
	.extra = 1,
	.op = op_wr_ibpb_msr,
};

static __guest void op_wr_tsx_ctrl_msr(struct bench_ctx *ctx)
{
	insn_wrmsr(MSR_TSX_CTRL, 0, 0);
}

BENCH(vmexit_wr_tsx_ctrl_msr) = {
	.name = "vmexit.wr_tsx_ctrl_msr",
	.desc = "WRMSR of TSX_CTRL, always 0",
	.where = GUEST0,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.cpu = CPU_TSX_CTRL,
	.extra = 1,
	.op = op_wr_tsx_ctrl_msr,
};

/* Known values: reading the register first may be an exit of its own. */
static __guest void op_toggle_cr0_wp(struct bench_ctx *ctx)
{
	asm volatile("mov %0, %%cr0\n\tmov %1, %%cr0"
		     : : "r" (BENCH_CR0 & ~CR0_WP), "r" (BENCH_CR0)
		     : "memory");
}

BENCH(vmexit_toggle_cr0_wp) = {
	.name = "vmexit.toggle_cr0_wp",
	.desc = "CR0.WP cleared and set again",
	.where = GUEST0,
	.exits = 2,
	.exits_rule = EXITS_ALL_OR_NONE,
	.extra = 1,
	.op = op_toggle_cr0_wp,
};

static __guest void op_toggle_cr4_pge(struct bench_ctx *ctx)
{
	asm volatile("mov %0, %%cr4\n\tmov %1, %%cr4"
		     : : "r" (BENCH_CR4 | CR4_PGE), "r" (BENCH_CR4)
		     : "memory");
}

BENCH(vmexit_toggle_cr4_pge) = {
	.name = "vmexit.toggle_cr4_pge",
	.desc = "CR4.PGE set and cleared again",
	.where = GUEST0,
	.exits = 2,
	.exits_rule = EXITS_ALL_OR_NONE,
	.extra = 1,
	.op = op_toggle_cr4_pge,
};

/* The x87's state alone, which is how the CPU starts. */
static __guest void op_xsetbv(struct bench_ctx *ctx)
{
	asm volatile("xsetbv" : : "a" (1), "d" (0), "c" (0));
}

BENCH(vmexit_xsetbv) = {
	.name = "vmexit.xsetbv",
	.desc = "XSETBV of XCR0's initial value",
	.where = GUEST0,
	.exits = 1,
	.cpu = CPU_XSAVE,
	.extra = 1,
	.op = op_xsetbv,
};

/* Pause-loop exiting, where it is on, counts them up to its window. */
static __guest void op_pause(struct bench_ctx *ctx)
{
	unsigned long n = PAUSES;

	asm volatile("1:\n\tpause\n\tdec %0\n\tjnz 1b" : "+r" (n) : : "cc");
}

BENCH(vmexit_pause) = {
	.name = "vmexit.pause",
	.desc = "64 PAUSE in a loop, as a vCPU spins",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.exits_rule = EXITS_UP_TO,
	.extra = 1,
	.op = op_pause,
};
