// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exits that user space answers, from outside: a vCPU repeats the instruction,
 * and one operation is KVM_RUN from one such exit to the next. What the other
 * files of VM exits take from inside the guest holds the VMM's part as well;
 * this holds the kernel's and the guest's alone.
 */
#include "bench/insn.h"

#define OUTSIDE(id, rings, flags, insn, text)				\
	static __guest void op_##id(struct bench_ctx *ctx)		\
	{								\
		insn;							\
	}								\
									\
	static const struct bench_param rings_##id[] = {		\
		{ "ring", rings }, { 0 },				\
	};								\
									\
	BENCH(vmexit_run_##id) = {					\
		.name = "vmexit.run_" #id,				\
		.desc = "KVM_RUN from one " text " of the guest to its next", \
		.where = USER,						\
		.params = rings_##id,					\
		.vm = flags,						\
		.vm_op = VM_OP_RUN,					\
		.vcpu_op = op_##id,					\
		.extra = 1,						\
	}

OUTSIDE(pio, "0,3", 0, insn_out8(BENCH_PORT, 0), "OUT");
OUTSIDE(pio_in, "0,3", 0, insn_in8(BENCH_PORT), "IN");
OUTSIDE(outsb, "0,3", 0, insn_outsb(BENCH_PORT, ctx), "OUTSB");
OUTSIDE(insb, "0,3", 0, insn_insb(BENCH_PORT, &ctx->priv), "INSB");
OUTSIDE(mmio, "0,3", 0, insn_store32(BENCH_MMIO, 0), "store to MMIO");
OUTSIDE(mmio_read, "0,3", 0, insn_load32(BENCH_MMIO), "load from MMIO");
OUTSIDE(ioeventfd_miss, "0,3", VM_IOEVENTFD_PIO_MISS,
	insn_out8(BENCH_PORT_EVENTFD, BENCH_MATCH), "OUT without a match");
OUTSIDE(readonly_write, "0,3", VM_PAGES_READONLY,
	insn_store32(BENCH_PAGES_AT, 0), "store to a read-only slot");
OUTSIDE(hlt, "0", 0, asm volatile("hlt" : : : "memory"), "HLT");
OUTSIDE(rdmsr_user, "0", VM_MSR_EXIT, insn_rdmsr(BENCH_MSR), "RDMSR");
OUTSIDE(wrmsr_user, "0", VM_MSR_EXIT, insn_wrmsr(BENCH_MSR, 0, 0), "WRMSR");
