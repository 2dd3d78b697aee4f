// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an exit costs depends on what is beside it: other vCPUs of the VM that
 * exit at the same time, each on a CPU of its own, and what the guest was told
 * that it has, which KVM then saves and restores (see drivers/kvm/profile.c).
 */
#include "bench/insn.h"

static const struct bench_param vcpus[] = { { "vcpus", "1,2,4,8,16" }, { 0 } };

static __guest void op_out(struct bench_ctx *ctx)
{
	insn_out8(BENCH_PORT, 0);
}

BENCH(vmexit_pio_out_vcpus) = {
	.name = "vmexit.pio_out_vcpus",
	.desc = "OUT that user space answers, by so many vCPUs at once",
	.where = GUEST0 | GUEST3,
	.params = vcpus,
	.exits = 1,
	.peer = 1,
	.extra = 1,
	.op = op_out,
	.vcpu_op = op_out,
};

static __guest void op_cpuid(struct bench_ctx *ctx)
{
	insn_cpuid();
}

BENCH(vmexit_cpuid_vcpus) = {
	.name = "vmexit.cpuid_vcpus",
	.desc = "CPUID leaf 0, by so many vCPUs at once",
	.where = GUEST0 | GUEST3,
	.params = vcpus,
	.exits = 1,
	.peer = 1,
	.extra = 1,
	.op = op_cpuid,
	.vcpu_op = op_cpuid,
};

/* The chips of a VM have one lock. */
static __guest void op_pic(struct bench_ctx *ctx)
{
	insn_in8(BENCH_PORT_ELCR);
}

BENCH(vmexit_inl_from_kernel_vcpus) = {
	.name = "vmexit.inl_from_kernel_vcpus",
	.desc = "IN from a port of the PIC in KVM, by so many vCPUs at once",
	.where = GUEST0 | GUEST3,
	.params = vcpus,
	.exits = 1,
	.vm = VM_IRQCHIP,
	.peer = 1,
	.extra = 1,
	.op = op_pic,
	.vcpu_op = op_pic,
};

static const struct bench_param profiles[] = {
	{ "profile", "minimal,linux" }, { 0 },
};

BENCH(vmexit_pio_out_profile) = {
	.name = "vmexit.pio_out_profile",
	.desc = "OUT that user space answers, by a guest with more state",
	.where = GUEST0 | GUEST3,
	.params = profiles,
	.exits = 1,
	.extra = 1,
	.op = op_out,
};

BENCH(vmexit_cpuid_profile) = {
	.name = "vmexit.cpuid_profile",
	.desc = "CPUID leaf 0, by a guest with more state",
	.where = GUEST0 | GUEST3,
	.params = profiles,
	.exits = 1,
	.extra = 1,
	.op = op_cpuid,
};

static __guest void op_signal(struct bench_ctx *ctx)
{
	insn_out8(BENCH_PORT_EVENTFD, 0);
}

BENCH(vmexit_ioeventfd_pio_profile) = {
	.name = "vmexit.ioeventfd_pio_profile",
	.desc = "OUT that KVM turns into a signal, by a guest with more state",
	.where = GUEST0 | GUEST3,
	.params = profiles,
	.exits = 1,
	.vm = VM_IOEVENTFD_PIO,
	.extra = 1,
	.op = op_signal,
};
