// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/host_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "drivers/host.h"
#include "drivers/measure.h"

#define SAMPLE_ROOM	(1u << 12)
#define SLOT		1
#define SLOT_ADDRESS	(256ul << 20)

static void keep_error(struct host_vm *h, int failed)
{
	if (failed && !h->err)
		h->err = -errno;
}

static void op_enter(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;

	keep_error(h, ioctl(h->vm[0].vcpu[0].fd, KVM_RUN, 0) == 0 ||
		   errno != EINTR);
}

static void op_ioctl(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;

	keep_error(h, ioctl(h->vm[0].vcpu[0].fd, KVM_GET_TSC_KHZ, 0) < 0);
}

static void op_memslot(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;
	struct kvm_userspace_memory_region region = {
		.slot = SLOT, .guest_phys_addr = SLOT_ADDRESS,
		.memory_size = VM_RAM_SIZE,
		.userspace_addr = (uintptr_t)h->vm[0].mem.ram,
	};

	keep_error(h, ioctl(h->vm[0].fd, KVM_SET_USER_MEMORY_REGION, &region));
	region.memory_size = 0;
	keep_error(h, ioctl(h->vm[0].fd, KVM_SET_USER_MEMORY_REGION, &region));
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

	if (n > HOST_VCPUS)
		return -EINVAL;
	return h->fd >= 0 && h->nvcpus + n <= HOST_VCPUS ? h->err :
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
	struct host_vm *h = e->ctx->priv;

	s->op = op->op;
	s->prepare = op->prepare;
	sampler_loop(s);
	h->ops += s->batch * s->done;
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
	err = vm_create(&h->vm[0], &(struct vm_config) { .ring = 0 });
	if (err) {
		close(h->kvm);
		return result_end(res, RUN_FAILED,
				  "no VM can be created (%s: %s)",
				  h->vm[0].failed, strerror(-err));
	}
	h->vms = 1;
	/* KVM_RUN then comes back before it enters the guest. */
	h->vm[0].vcpu[0].run->immediate_exit = 1;
	return 0;
}

static void host_vm_exit(struct host_vm *h, struct bench_ctx *ctx)
{
	op_destroy(ctx);
	if (h->vms)
		vm_destroy(&h->vm[0]);
	close(h->kvm);
}

static int measure_host(const struct run_spec *spec, struct engine *e,
			struct run_result *res)
{
	struct host_vm *h = e->ctx->priv;
	int err = host_vm_init(h, e->priv, res);

	if (err)
		return err;
	err = measure_latency(spec, e, res);
	if (!err && h->err)
		err = result_end(res, RUN_FAILED, "an operation failed: %s",
				 strerror(-h->err));
	host_vm_exit(h, e->ctx);
	return err;
}

static int measure_guest(const struct run_spec *spec, struct engine *e,
			 struct run_result *res)
{
	struct host_vm *h = e->ctx->priv;
	int err = host_guest_init(h, spec, e->ctx, res);

	if (!err) {
		err = measure_latency(spec, e, res);
		err = host_guest_end(h, spec, res, err);
	}
	host_guest_exit(h);
	return err;
}

int host_op_run(const struct run_spec *spec, struct run_result *res)
{
	const struct bench *bench = spec->variant->bench;
	const struct host_op *op = bench->vcpu_op ? host_guest_op(bench) :
		&host_ops[bench->vm_op];
	struct host_vm *h = calloc(1, sizeof(*h));
	struct bench_ctx ctx = { .cpu = spec->host->cpu, .priv = h };
	struct engine e = {
		.loop = host_loop, .priv = (void *)op, .ctx = &ctx,
		.room = SAMPLE_ROOM,
	};
	int err;

	e.sample = malloc(2 * SAMPLE_ROOM * sizeof(*e.sample));
	if (h && e.sample) {
		e.pace = e.sample + SAMPLE_ROOM;
		/* Touched now: a fault in a timed region would be ours. */
		memset(e.sample, 0xff, 2 * SAMPLE_ROOM * sizeof(*e.sample));
		err = bench->vcpu_op ? measure_guest(spec, &e, res) :
			measure_host(spec, &e, res);
	} else {
		err = result_end(res, RUN_FAILED, "out of memory");
	}
	free(e.sample);
	free(h);
	return err;
}
