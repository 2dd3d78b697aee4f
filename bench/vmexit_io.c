// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exits for a device's sake that KVM answers without user space, and those
 * that user space must answer although KVM was asked to watch for others.
 */
#include "bench/insn.h"

static __guest void op_out_match(struct bench_ctx *ctx)
{
	insn_out8(BENCH_PORT_EVENTFD, BENCH_MATCH);
}

BENCH(vmexit_ioeventfd_pio_datamatch) = {
	.name = "vmexit.ioeventfd_pio_datamatch",
	.desc = "OUT of the one value that KVM signals an eventfd for",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_IOEVENTFD_PIO_HIT,
	.extra = 1,
	.op = op_out_match,
};

BENCH(vmexit_ioeventfd_pio_miss) = {
	.name = "vmexit.ioeventfd_pio_miss",
	.desc = "OUT of another value: no signal, user space answers",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_IOEVENTFD_PIO_MISS,
	.extra = 1,
	.op = op_out_match,
};

static __guest void op_store(struct bench_ctx *ctx)
{
	insn_store32(BENCH_MMIO, 0);
}

BENCH(vmexit_ioeventfd_mmio) = {
	.name = "vmexit.ioeventfd_mmio",
	.desc = "4-byte store that KVM turns into a signal of an eventfd",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_IOEVENTFD_MMIO,
	.extra = 1,
	.op = op_store,
};

BENCH(vmexit_ioeventfd_mmio_any) = {
	.name = "vmexit.ioeventfd_mmio_any",
	.desc = "the same, of any length: KVM need not decode the store",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_IOEVENTFD_MMIO_ANY,
	.extra = 1,
	.op = op_store,
};

static __guest void op_store_match(struct bench_ctx *ctx)
{
	insn_store32(BENCH_MMIO, BENCH_MATCH);
}

BENCH(vmexit_ioeventfd_mmio_datamatch) = {
	.name = "vmexit.ioeventfd_mmio_datamatch",
	.desc = "4-byte store of the one value that KVM signals an eventfd for",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_IOEVENTFD_MMIO_HIT,
	.extra = 1,
	.op = op_store_match,
};

/* A batch above what the ring holds would include exits to user space. */
#define COALESCED_BATCH	64

BENCH(vmexit_coalesced_mmio) = {
	.name = "vmexit.coalesced_mmio",
	.desc = "4-byte store that KVM puts into a ring",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_COALESCED_MMIO,
	.max_batch = COALESCED_BATCH,
	.extra = 1,
	.op = op_store,
};

static __guest void op_out_coalesced(struct bench_ctx *ctx)
{
	insn_out8(BENCH_PORT, 0);
}

BENCH(vmexit_coalesced_pio) = {
	.name = "vmexit.coalesced_pio",
	.desc = "OUT that KVM puts into a ring",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_COALESCED_PIO,
	.max_batch = COALESCED_BATCH,
	.extra = 1,
	.op = op_out_coalesced,
};

static __guest void op_rdmsr_user(struct bench_ctx *ctx)
{
	insn_rdmsr(BENCH_MSR);
}

BENCH(vmexit_rdmsr_user) = {
	.name = "vmexit.rdmsr_user",
	.desc = "RDMSR that user space answers",
	.where = GUEST0,
	.exits = 1,
	.vm = VM_MSR_EXIT,
	.extra = 1,
	.op = op_rdmsr_user,
};

static __guest void op_wrmsr_user(struct bench_ctx *ctx)
{
	insn_wrmsr(BENCH_MSR, 0, 0);
}

BENCH(vmexit_wrmsr_user) = {
	.name = "vmexit.wrmsr_user",
	.desc = "WRMSR that user space answers",
	.where = GUEST0,
	.exits = 1,
	.vm = VM_MSR_EXIT,
	.extra = 1,
	.op = op_wrmsr_user,
};

/* Devices that KVM itself has. */
#define PORT_PIT	0x40
#define APIC_EOI	(BENCH_APIC + 0xb0)

static __guest void op_in_kernel(struct bench_ctx *ctx)
{
	insn_in8(BENCH_PORT_ELCR);
}

BENCH(vmexit_inl_from_kernel) = {
	.name = "vmexit.inl_from_kernel",
	.desc = "IN from a port of the PIC in KVM, 1 byte",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_IRQCHIP,
	.extra = 1,
	.op = op_in_kernel,
};

static __guest void op_out_kernel(struct bench_ctx *ctx)
{
	insn_out8(BENCH_PORT_ELCR, 0);
}

BENCH(vmexit_outl_to_kernel) = {
	.name = "vmexit.outl_to_kernel",
	.desc = "OUT to a port of the PIC in KVM, 1 byte",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_IRQCHIP,
	.extra = 1,
	.op = op_out_kernel,
};

static __guest void op_in_pit(struct bench_ctx *ctx)
{
	insn_in8(PORT_PIT);
}

BENCH(vmexit_in_pit) = {
	.name = "vmexit.in_pit",
	.desc = "IN from channel 0 of the PIT in KVM",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.vm = VM_IRQCHIP | VM_PIT,
	.extra = 1,
	.op = op_in_pit,
};

/* With nothing in service. APICv and AVIC let the guest do it alone. */
static __guest void op_eoi(struct bench_ctx *ctx)
{
	asm volatile("movl %1, (%0)"
		     : : "r" (APIC_EOI), "r" (0) : "memory");
}

BENCH(vmexit_xapic_eoi) = {
	.name = "vmexit.xapic_eoi",
	.desc = "end of interrupt by the APIC's page, none in service",
	.where = GUEST0 | GUEST3,
	.exits = 1,
	.exits_rule = EXITS_ALL_OR_NONE,
	.vm = VM_IRQCHIP,
	.extra = 1,
	.op = op_eoi,
};
