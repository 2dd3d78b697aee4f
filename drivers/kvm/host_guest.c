// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations of a process on a VM whose guest runs: KVM_RUN timed from
 * outside, two VMs in turn, interrupts from user space.
 */
#include "drivers/kvm/host_ops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "drivers/host.h"
#include "drivers/kvm/devices.h"
#include "drivers/kvm/exits.h"
#include "drivers/kvm/inject.h"
#include "drivers/kvm/results.h"
#include "drivers/variant.h"
#include "lib/clock.h"

#define SETTLE_NS	50000	/* after which a halted vCPU sleeps, or polls */

static int failed(struct host_vm *h, int err, const char *what)
{
	if (!err)
		return 0;
	h->end.status = RUN_FAILED;
	snprintf(h->end.reason, sizeof(h->end.reason), "%s: %s", what,
		 strerror(-err));
	h->err = err;
	return err;
}

static void run_to_exit(struct host_vm *h, int i)
{
	if (!h->err)
		h->err = vcpu_exit(&h->vm[i].vcpu[0], &h->end);
}

static void op_run(struct bench_ctx *ctx)
{
	run_to_exit(ctx->priv, 0);
}

static void op_run_two(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;

	run_to_exit(h, 0);
	run_to_exit(h, h->vms - 1);
}

/* On this CPU: it is taken when the vCPU is entered. */
static void op_irqfd(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;

	if (!h->err && !failed(h, inject_irqfd(&h->vm[0]), "irqfd"))
		run_to_exit(h, 0);
}

static void op_msi(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;

	if (!h->err && !failed(h, inject_msi(&h->vm[0], 0), "KVM_SIGNAL_MSI"))
		run_to_exit(h, 0);
}

/* Until a counter of the second vCPU's handler is no more @is. */
static void wait_peer(struct host_vm *h, const volatile unsigned long *count,
		      unsigned long is)
{
	while (*count == is && !h->err)
		h->err = vcpu_interrupted(&h->vm[0].vcpu[0], &h->end);
}

static void op_irqfd_peer(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;
	unsigned long before = ctx->other->taken;

	if (!h->err && !failed(h, inject_irqfd(&h->vm[0]), "irqfd"))
		wait_peer(h, &ctx->other->taken, before);
}

static void op_msi_peer(struct bench_ctx *ctx)
{
	struct host_vm *h = ctx->priv;
	unsigned long before = ctx->other->taken;

	if (!h->err && !failed(h, inject_msi(&h->vm[0], 1), "KVM_SIGNAL_MSI"))
		wait_peer(h, &ctx->other->taken, before);
}

static int prepare_run(struct bench_ctx *ctx, unsigned long n)
{
	struct host_vm *h = ctx->priv;

	return h->err;
}

/* The last interrupt is over, and a halted vCPU is halted again. */
static int prepare_peer(struct bench_ctx *ctx, unsigned long n)
{
	struct host_vm *h = ctx->priv;
	uint64_t from;

	/* One is there at a time: it has ended, or is the last but one. */
	wait_peer(h, &ctx->other->ended, ctx->other->taken - 1);
	from = clock_now();
	while (clock_now() - from < SETTLE_NS)
		;
	return h->err;
}

static const struct host_op guest_ops[] = {
	[VM_OP_RUN] = { op_run, prepare_run },
	[VM_OP_RUN_TWO] = { op_run_two, prepare_run },
	[VM_OP_IRQFD] = { op_irqfd, prepare_run },
	[VM_OP_MSI] = { op_msi, prepare_run },
};

static const struct host_op peer_ops[] = {
	[VM_OP_IRQFD] = { op_irqfd_peer, prepare_peer },
	[VM_OP_MSI] = { op_msi_peer, prepare_peer },
};

const struct host_op *host_guest_op(const struct bench *bench)
{
	return bench->vm & VM_PEER ? &peer_ops[bench->vm_op] :
		&guest_ops[bench->vm_op];
}

static int add_vm(struct host_vm *h, const struct run_spec *spec)
{
	const struct bench *bench = spec->variant->bench;
	const char *ring = variant_value(spec->variant, "ring");
	struct vm *vm = &h->vm[h->vms];
	struct vm_config config = {
		.ring = strcmp(ring, "0") ? 3 : 0,
		.flags = vm_flags(spec->variant), .cpu = bench->cpu,
		.repeat = 1,
	};
	struct guest_shared *shared;
	int err = vm_create(vm, &config), i;

	h->failed = vm->failed;
	if (err)
		return err;
	h->vms++;
	shared = vm->mem.shared;
	shared->repeat = bench->vcpu_op;
	for (i = 0; i < vm->vcpus; i++)
		shared->repeat_ctx[i].me = &shared->vcpu[i];
	if (bench->vm_op == VM_OP_IRQFD || bench->vm_op == VM_OP_MSI)
		err = inject_add(vm, !!(bench->vm & VM_PEER));
	h->failed = vm->failed;
	return err;
}

static void open_counters(struct host_vm *h, unsigned int flags)
{
	h->counters = (struct kvm_counters) {
		.name = { "exits", "halt_successful_poll",
			  "halt_attempted_poll", "halt_wakeup" },
	};
	(void)kvm_counters_open(&h->counters,
				h->vm[0].vcpu[!!(flags & VM_PEER)].fd);
	(void)kvm_counters_read(&h->counters);
}

int host_guest_init(struct host_vm *h, const struct run_spec *spec,
		    struct bench_ctx *ctx, struct run_result *res)
{
	const struct bench *bench = spec->variant->bench;
	const char *vms = variant_value(spec->variant, "vms");
	int want = strcmp(vms, "2") ? 1 : 2, err = 0;

	while (!err && h->vms < want)
		err = add_vm(h, spec);
	if (err)
		return result_end(res, RUN_FAILED,
				  "no VM can be created (%s: %s)", h->failed,
				  strerror(-err));
	ctx->me = &h->vm[0].mem.shared->vcpu[0];
	ctx->other = &h->vm[0].mem.shared->vcpu[1];
	open_counters(h, bench->vm);
	err = watchdog_start_before(h->vm[0].vcpu[0].run,
				    spec->deadline_ns);
	if (!err && bench->vm & VM_PEER)
		err = peer_start(&h->vm[0], spec->variant);
	if (err)
		return result_end(res, RUN_FAILED, "no timer or thread: %s",
				  strerror(-err));
	return 0;
}

/* What ring 0 had a part in, where it is interpreted. */
static int judge(const struct run_spec *spec, struct run_result *res)
{
	int ring0 = spec->variant->bench->vm & VM_INTERRUPTS ||
		    !strcmp(variant_value(spec->variant, "ring"), "0");

	if (!ring0 || spec->host->ring[0] <= RING_INTERPRETED)
		return 0;
	return result_end(res, RUN_INTERPRETED, "guest ring 0, which has a part in it, is interpreted");
}

int host_guest_end(struct host_vm *h, const struct run_spec *spec,
		   struct run_result *res, int err)
{
	const struct bench *bench = spec->variant->bench;
	uint64_t taken = vm_taken(&h->vm[0]);
	char why[REASON_MAX];

	(void)kvm_counters_read(&h->counters);
	kvm_store_counters(res, &h->counters, h->ops);
	peer_store(res, bench->vm & VM_PEER_RING0);
	if (h->err)
		return result_end(res, h->end.status, "%s", h->end.reason);
	if (err)
		return err;
	if (devices_check(&h->vm[0], h->ops, why, sizeof(why)))
		return result_end(res, RUN_INVALID, "%s", why);
	if (taken != h->ops * bench->irqs)
		return result_end(res, RUN_INVALID, "the guest took %" PRIu64 " interrupts in %" PRIu64 " operations, expected %" PRIu64,
				  taken, h->ops, h->ops * bench->irqs);
	return judge(spec, res);
}

void host_guest_exit(struct host_vm *h)
{
	peer_stop();
	watchdog_stop();
	kvm_counters_close(&h->counters);
	while (h->vms)
		vm_destroy(&h->vm[--h->vms]);
}
