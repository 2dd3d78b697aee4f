// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host's side of a VM costs: the floors under every exit to user
 * space, and making and ending what a VM consists of.
 */
#include "bench/bench.h"

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
