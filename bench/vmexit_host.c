// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host's side of a VM costs: the floors under every exit to user
 * space, making and ending what a VM consists of, two VMs in turn, and
 * interrupts that user space brings upon a vCPU.
 */
#include "bench/insn.h"

BENCH(vmexit_immediate_exit) = {
	.name = "vmexit.immediate_exit",
	.desc = "KVM_RUN that returns before it enters the guest",
	.where = USER,
	.vm_op = VM_OP_ENTER,
	.extra = 1,
};

BENCH(vmexit_vcpu_ioctl) = {
	.name = "vmexit.vcpu_ioctl",
	.desc = "KVM_GET_TSC_KHZ: a vCPU loaded, a number, and put back",
	.where = USER,
	.vm_op = VM_OP_IOCTL,
	.extra = 1,
};

BENCH(vmexit_memslot) = {
	.name = "vmexit.memslot",
	.desc = "a memory slot of 2 MiB made and deleted, nothing mapped",
	.where = USER,
	.vm_op = VM_OP_MEMSLOT,
	.max_batch = 64,
	.extra = 1,
};

BENCH(vmexit_vm_create) = {
	.name = "vmexit.vm_create",
	.desc = "KVM_CREATE_VM",
	.where = USER,
	.vm_op = VM_OP_CREATE,
	.max_batch = 1,
	.extra = 1,
};

BENCH(vmexit_vm_destroy) = {
	.name = "vmexit.vm_destroy",
	.desc = "close of a VM that has no vCPU and no memory",
	.where = USER,
	.vm_op = VM_OP_DESTROY,
	.max_batch = 1,
	.extra = 1,
};

BENCH(vmexit_vcpu_create) = {
	.name = "vmexit.vcpu_create",
	.desc = "KVM_CREATE_VCPU, the first 64 of a VM",
	.where = USER,
	.vm_op = VM_OP_CREATE_VCPU,
	.max_batch = 64,
	.extra = 1,
};

static const struct metric memory_metrics[] = {
	{ "memory", "bytes", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1 },
	{ NULL },
};

BENCH(vmexit_vm_memory) = {
	.name = "vmexit.vm_memory",
	.desc = "memory that the kernel takes for a VM of one vCPU that has run",
	.where = USER,
	.metrics = memory_metrics,
	.vm_op = VM_OP_MEMORY,
	.extra = 1,
};

static __guest void op_out(struct bench_ctx *ctx)
{
	insn_out8(BENCH_PORT, 0);
}

static __guest void op_sti_hlt(struct bench_ctx *ctx)
{
	insn_sti_hlt();
}

static __guest void op_spin(struct bench_ctx *ctx)
{
}

/* What a change of the VM on a CPU costs: two against one. */
BENCH(vmexit_vm_switch) = {
	.name = "vmexit.vm_switch",
	.desc = "KVM_RUN to an OUT, of one VM again and again or of two in turn",
	.where = USER,
	.params = (const struct bench_param[]) {
		{ "ring", "3" }, { "vms", "1,2" }, { 0 },
	},
	.vm_op = VM_OP_RUN_TWO,
	.vcpu_op = op_out,
	.per_op = 2,
	.extra = 1,
};

#define INJECT_COMMON							\
	.where = USER,							\
	.irqs = 1,							\
	.extra = 1

BENCH(vmexit_irqfd) = {
	.name = "vmexit.irqfd",
	.desc = "irqfd signalled, KVM_RUN, the guest's handler, an OUT",
	.vm = VM_IRQCHIP | VM_INTERRUPTS,
	.vm_op = VM_OP_IRQFD,
	.vcpu_op = op_out,
	INJECT_COMMON,
};

BENCH(vmexit_msi) = {
	.name = "vmexit.msi",
	.desc = "KVM_SIGNAL_MSI, KVM_RUN, the guest's handler, an OUT",
	.vm = VM_IRQCHIP | VM_INTERRUPTS,
	.vm_op = VM_OP_MSI,
	.vcpu_op = op_out,
	INJECT_COMMON,
};

BENCH(vmexit_irqfd_spinning) = {
	.name = "vmexit.irqfd_spinning",
	.desc = "irqfd signalled, until a vCPU spinning elsewhere has taken it",
	.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER,
	.vm_op = VM_OP_IRQFD,
	.vcpu_op = op_spin,
	.max_batch = 1,
	.peer = 1,
	INJECT_COMMON,
};

BENCH(vmexit_msi_spinning) = {
	.name = "vmexit.msi_spinning",
	.desc = "KVM_SIGNAL_MSI, until a vCPU spinning elsewhere has taken it",
	.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER,
	.vm_op = VM_OP_MSI,
	.vcpu_op = op_spin,
	.max_batch = 1,
	.peer = 1,
	INJECT_COMMON,
};

static const struct bench_param polls[] = { { "poll", "off,default" }, { 0 } };

BENCH(vmexit_irqfd_halted) = {
	.name = "vmexit.irqfd_halted",
	.desc = "irqfd signalled, until a vCPU halted elsewhere has taken it",
	.params = polls,
	.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER | VM_PEER_RING0,
	.vm_op = VM_OP_IRQFD,
	.vcpu_op = op_sti_hlt,
	.max_batch = 1,
	.peer = 1,
	INJECT_COMMON,
};

BENCH(vmexit_msi_halted) = {
	.name = "vmexit.msi_halted",
	.desc = "KVM_SIGNAL_MSI, until a vCPU halted elsewhere has taken it",
	.params = polls,
	.vm = VM_IRQCHIP | VM_INTERRUPTS | VM_PEER | VM_PEER_RING0,
	.vm_op = VM_OP_MSI,
	.vcpu_op = op_sti_hlt,
	.max_batch = 1,
	.peer = 1,
	INJECT_COMMON,
};
