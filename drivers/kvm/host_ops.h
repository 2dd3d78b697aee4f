/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations of a process on a VM, timed in that process: bench.vm_op. */
#ifndef DRIVERS_KVM_HOST_OPS_H
#define DRIVERS_KVM_HOST_OPS_H

#include "drivers/driver.h"
#include "drivers/kvm/exits.h"
#include "drivers/kvm/stats.h"

#define HOST_VCPUS	64	/* created in one VM before the next */

/**
 * struct host_vm - what the operations work on
 * @vm:		whole ones
 * @vms:	how many
 * @kvm:	/dev/kvm
 * @fd:		an empty VM, or -1
 * @vcpu:	those of @fd
 * @nvcpus:	how many
 * @err:	first error of an operation
 * @failed:	what made setting up fail
 * @end:	how a guest ended, where one runs
 * @counters:	of the vCPU that runs
 * @ops:	operations done
 */
struct host_vm {
	struct vm vm[2];
	int vms;
	int kvm;
	int fd;
	int vcpu[HOST_VCPUS];
	int nvcpus;
	int err;
	const char *failed;
	struct vm_end end;
	struct kvm_counters counters;
	uint64_t ops;
};

/**
 * struct host_op - an operation
 * @op:		timed
 * @prepare:	before each batch, or NULL
 * @whole:	needs host_vm.vm, whose guest never runs
 */
struct host_op {
	void (*op)(struct bench_ctx *ctx);
	int (*prepare)(struct bench_ctx *ctx, unsigned long n);
	int whole;
};

/**
 * vm_flags() - what the VM of a variant has: VM_* of its benchmark, and what
 * values of its parameters ask for
 */
unsigned int vm_flags(const struct variant *v);

/* How many vCPUs it has. */
int vm_vcpus(const struct variant *v);

/**
 * host_op_run() - one run of a benchmark that has a vm_op
 * Return: 0, or -errno with res->reason set.
 */
int host_op_run(const struct run_spec *spec, struct run_result *res);

/* host_memory.c: the one that times nothing. 0, or -EINVAL with a reason. */
int host_memory_run(const struct run_spec *spec, struct run_result *res);

/* host_guest.c: those whose guest runs, which have a vcpu_op */

const struct host_op *host_guest_op(const struct bench *bench);

/* Make the VMs, start the second vCPU. 0, or -EINVAL after result_end(). */
int host_guest_init(struct host_vm *h, const struct run_spec *spec,
		    struct bench_ctx *ctx, struct run_result *res);

/**
 * host_guest_end() - facts, and whether the run stands
 * @err:	how the measuring ended
 * Return: 0, or -EINVAL after result_end().
 */
int host_guest_end(struct host_vm *h, const struct run_spec *spec,
		   struct run_result *res, int err);

/* Undoes host_guest_init(), also where that failed. */
void host_guest_exit(struct host_vm *h);

#endif
