// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/host_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "drivers/host.h"
#include "drivers/kvm/vm.h"
#include "drivers/measure.h"

#define SAMPLE_ROOM	(1u << 12)
#define VCPUS		64	/* created in one VM before the next */
#define SLOT		1
#define SLOT_ADDRESS	(256ul << 20)

/**
 * struct host_vm - what the operations work on
 * @vm:		a whole one, with a vCPU that is never run
 * @kvm:	/dev/kvm
 * @fd:		an empty VM, or -1
 * @vcpu:	those of @fd
 * @nvcpus:	how many
 * @err:	first error of an operation
 */
struct host_vm {
	struct vm vm;
	int kvm;
	int fd;
	int vcpu[VCPUS];
	int nvcpus;
	int err;
};

/**
 * struct host_op - an operation
 * @op:		timed
 * @prepare:	before each batch, or NULL
 * @whole:	needs host_vm.vm
 */
struct host_op {
	void (*op)(struct bench_ctx *ctx);
	int (*prepare)(struct bench_ctx *ctx, unsigned long n);
	int whole;
};

static void keep_error(struct host_vm *h, int failed)
{
	if (failed && !h->err)
		h->err = -errno;
}

static void op_enter(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;

	keep_error(h, ioctl(h->vm.vcpu[0].fd, KVM_RUN, 0) == 0 || errno != EINTR);
}

static void op_ioctl(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;

	keep_error(h, ioctl(h->vm.vcpu[0].fd, KVM_GET_TSC_KHZ, 0) < 0);
}

static void op_memslot(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;
	struct kvm_userspace_memory_region region = {
		.slot = SLOT, .guest_phys_addr = SLOT_ADDRESS,
		.memory_size = VM_RAM_SIZE,
		.userspace_addr = (uintptr_t)h->vm.mem.ram,
	};

	keep_error(h, ioctl(h->vm.fd, KVM_SET_USER_MEMORY_REGION, &region));
	region.memory_size = 0;
	keep_error(h, ioctl(h->vm.fd, KVM_SET_USER_MEMORY_REGION, &region));
}

static void op_create(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;

	h->fd = ioctl(h->kvm, KVM_CREATE_VM, 0);
	keep_error(h, h->fd < 0);
}

/* The last descriptor ends the VM, before close() returns. */
static void op_destroy(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;

	while (h->nvcpus)
		close(h->vcpu[--h->nvcpus]);
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
}

static void op_create_vcpu(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;
	int fd = ioctl(h->fd, KVM_CREATE_VCPU, h->nvcpus);

	keep_error(h, fd < 0);
	if (fd >= 0)
		h->vcpu[h->nvcpus++] = fd;
}

static int prepare_none(struct bench_ctx *ctx, unsigned long n)
{
	op_destroy(ctx);
	return 0;
}

static int prepare_one(struct bench_ctx *ctx, unsigned long n)
{
	struct host_vm *h = ctx->priv;

	op_destroy(ctx);
	op_create(ctx);
	return h->err;
}

static int prepare_vcpus(struct bench_ctx *ctx, unsigned long n)
{
	struct host_vm *h = ctx->priv;

	if (n > VCPUS)
		return -EINVAL;
	return h->fd >= 0 && h->nvcpus + n <= VCPUS ? h->err :
		prepare_one(ctx, n);
}

static const struct host_op host_ops[] = {
	[VM_OP_ENTER] = { op_enter, NULL, 1 },
	[VM_OP_IOCTL] = { op_ioctl, NULL, 1 },
	[VM_OP_MEMSLOT] = { op_memslot, NULL, 1 },
	[VM_OP_CREATE] = { op_create, prepare_none, 0 },
	[VM_OP_DESTROY] = { op_destroy, prepare_one, 0 },
	[VM_OP_CREATE_VCPU] = { op_create_vcpu, prepare_vcpus, 0 },
};

static int host_loop(struct engine *e, struct sampler *s)
{
	const struct host_op *op = e->priv;

	s->op = op->op;
	s->prepare = op->prepare;
	sampler_loop(s);
	return 0;
}

static int host_vm_init(struct host_vm *h, const struct host_op *op,
			struct run_result *res)
{
	int err;

	h->fd = -1;
	h->kvm = kvm_open();
	if (h->kvm < 0)
		return result_end(res, RUN_FAILED, "/dev/kvm: %s",
				  strerror(-h->kvm));
	if (!op->whole)
		return 0;
	err = vm_create(&h->vm, &(struct vm_config) { .ring = 0 });
	if (err) {
		close(h->kvm);
		return result_end(res, RUN_FAILED,
				  "no VM can be created (%s: %s)",
				  h->vm.failed, strerror(-err));
	}
	/* KVM_RUN then comes back before it enters the guest. */
	h->vm.vcpu[0].run->immediate_exit = 1;
	return 0;
}

static void host_vm_exit(struct host_vm *h, const struct host_op *op,
			 struct bench_ctx *ctx)
{
	op_destroy(ctx);
	if (op->whole)
		vm_destroy(&h->vm);
	close(h->kvm);
}

int host_op_run(const struct run_spec *spec, struct run_result *res)
{
	const struct host_op *op = &host_ops[spec->variant->bench->vm_op];
	struct host_vm h = { 0 };
	struct bench_ctx ctx = { .cpu = spec->host->cpu, .priv = &h };
	struct engine e = {
		.loop = host_loop, .priv = (void *)op, .ctx = &ctx,
		.room = SAMPLE_ROOM,
	};
	int err;

	e.sample = malloc(2 * SAMPLE_ROOM * sizeof(*e.sample));
	if (!e.sample)
		return result_end(res, RUN_FAILED, "out of memory");
	e.pace = e.sample + SAMPLE_ROOM;
	/* Touched now: a fault inside a timed region would be ours. */
	memset(e.sample, 0xff, 2 * SAMPLE_ROOM * sizeof(*e.sample));
	err = host_vm_init(&h, op, res);
	if (err)
		goto free_sample;
	err = measure_latency(spec, &e, res);
	if (!err && h.err)
		err = result_end(res, RUN_FAILED, "an operation failed: %s",
				 strerror(-h.err));
	host_vm_exit(&h, op, &ctx);
free_sample:
	free(e.sample);
	return err;
}
