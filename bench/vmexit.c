// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VM exits: an instruction in the guest that KVM, or the VMM behind it, must
 * answer. Measured from within the guest, so a figure holds the exit, the
 * handling and the entry; for the ones that go to user space also the return
 * from KVM_RUN and its next call by a VMM that does nothing else.
 */
#include "bench/insn.h"

static __guest void op_pio_out(struct bench_ctx *ctx)
{
	insn_out8(BENCH_PORT, 0);
}

BENCH(vmexit_pio_out) = {
	.name = "vmexit.pio_out",
	.desc = "OUT to a port that user space answers",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.op = op_pio_out,
};

static __guest void op_pio_in(struct bench_ctx *ctx)
{
	insn_in8(BENCH_PORT);
}

BENCH(vmexit_pio_in) = {
	.name = "vmexit.pio_in",
	.desc = "IN from a port that user space answers",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.op = op_pio_in,
};

static __guest void op_mmio_write(struct bench_ctx *ctx)
{
	insn_store32(BENCH_MMIO, 0);
}

BENCH(vmexit_mmio_write) = {
	.name = "vmexit.mmio_write",
	.desc = "4-byte store to an address that user space answers",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.op = op_mmio_write,
};

static __guest void op_mmio_read(struct bench_ctx *ctx)
{
	insn_load32(BENCH_MMIO);
}

BENCH(vmexit_mmio_read) = {
	.name = "vmexit.mmio_read",
	.desc = "4-byte load from an address that user space answers",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.extra = 1,
	.op = op_mmio_read,
};

static __guest void op_outsb(struct bench_ctx *ctx)
{
	insn_outsb(BENCH_PORT, ctx);
}

BENCH(vmexit_outsb) = {
	.name = "vmexit.outsb",
	.desc = "OUTSB, one byte, to a port that user space answers",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.extra = 1,
	.op = op_outsb,
};

static __guest void op_insb(struct bench_ctx *ctx)
{
	insn_insb(BENCH_PORT, &ctx->priv);
}

BENCH(vmexit_insb) = {
	.name = "vmexit.insb",
	.desc = "INSB, one byte, from a port that user space answers",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.extra = 1,
	.op = op_insb,
};

static __guest void op_cpuid(struct bench_ctx *ctx)
{
	insn_cpuid();
}

BENCH(vmexit_cpuid) = {
	.name = "vmexit.cpuid",
	.desc = "CPUID leaf 0, answered in the kernel",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.op = op_cpuid,
};

static __guest void op_hlt(struct bench_ctx *ctx)
{
	asm volatile("hlt" : : : "memory");
}

BENCH(vmexit_hlt) = {
	.name = "vmexit.hlt",
	.desc = "HLT that user space answers (no interrupt controller)",
	.where = GUEST0,
	.exits = 1,
	.op = op_hlt,
};

static __guest void op_ioeventfd_pio(struct bench_ctx *ctx)
{
	insn_out8(BENCH_PORT_EVENTFD, 0);
}

BENCH(vmexit_ioeventfd_pio) = {
	.name = "vmexit.ioeventfd_pio",
	.desc = "OUT that KVM turns into a signal of an eventfd",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_IOEVENTFD_PIO,
	.op = op_ioeventfd_pio,
};
