// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations that run in a guest: a fresh VM for each run. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "drivers/host.h"
#include "drivers/kvm/devices.h"
#include "drivers/kvm/exits.h"
#include "drivers/kvm/host_ops.h"
#include "drivers/kvm/pages.h"
#include "drivers/kvm/results.h"
#include "drivers/kvm/stats.h"
#include "drivers/measure.h"
#include "drivers/variant.h"
#include "lib/clock.h"

/* Index into guest_run.vcpu's counters. */
enum { COUNT_EXITS, COUNT_IRQ_EXITS };

/* ... and of guest_run.mapped. */
enum { MAPPED_4K, MAPPED_2M };

/**
 * struct guest_run - a run in progress
 * @vm:		its VM
 * @spec:	what is asked
 * @res:	what comes of it
 * @clock:	of the guest's ring
 * @vcpu:	counters of the vCPU
 * @vm_wide:	counters of the VM
 * @mapped:	pages that KVM has mapped for the guest, of each size
 * @taken:	interrupts that the guest's handlers had seen when last asked
 * @ops:	operations done
 * @first_ops:	@ops when the counters were first read
 * @last_ops:	@ops when they were last read
 * @begun:	they have been read
 */
struct guest_run {
	struct vm vm;
	const struct run_spec *spec;
	struct run_result *res;
	struct vm_clock clock;
	struct kvm_counters vcpu;
	struct kvm_counters vm_wide;
	struct kvm_counters mapped;
	uint64_t taken;
	uint64_t ops;
	uint64_t first_ops;
	uint64_t last_ops;
	bool begun;
};

static bool kvm_takes(const struct bench *bench, enum place place)
{
	if (bench->vm_op)
		return place == PLACE_USER;
	return bench->op && (place == PLACE_GUEST0 || place == PLACE_GUEST3);
}

unsigned int vm_flags(const struct variant *v)
{
	unsigned int flags = v->bench->vm;

	if (!strcmp(variant_value(v, "poll"), "off"))
		flags |= VM_NO_POLL;
	/* More vCPUs may be what a parameter asks for: all are in one ring. */
	if (v->bench->vcpu_op && !v->bench->vm_op && v->peer_cpu >= 0 &&
	    !(flags & VM_PEER))
		flags |= VM_PEER | (v->place == PLACE_GUEST0 ? VM_PEER_RING0 :
				    0);
	return flags;
}

int vm_vcpus(const struct variant *v)
{
	if (!(vm_flags(v) & VM_PEER))
		return 1;
	return v->peers > 1 ? 1 + v->peers : 2;
}

static const char *lacking(struct host *host, unsigned int cpu,
			   unsigned int vm)
{
	const char *lacks;
	int kvm;

	if (!cpu && !vm)
		return NULL;
	kvm = kvm_open();
	if (kvm < 0)
		return "no /dev/kvm any more";
	lacks = profile_lacks(kvm, cpu);
	if (!lacks)
		lacks = devices_lack(kvm, vm);
	close(kvm);
	if (!lacks)
		return NULL;
	snprintf(host->reason_buf, sizeof(host->reason_buf),
		 "KVM here offers no %s", lacks);
	return host->reason_buf;
}

static const char *kvm_unavailable(struct host *host,
				   const struct bench *bench,
				   enum place place)
{
	if (host->kvm_reason[0])
		return host->kvm_reason;
	return lacking(host, bench->cpu, bench->vm);
}

static const char *kvm_lacks(struct host *host, const struct variant *v)
{
	return lacking(host, 0, vm_flags(v) & ~v->bench->vm);
}

/* A fault of the guest's memory is another thing for every kind of MMU. */
static int kvm_derive(const struct host *host, struct variant *v)
{
	const struct fact *mmu = facts_find(&host->facts, "kvm.mmu");

	const char *profile = variant_value(v, "profile");

	if (!v->bench->vm_op || v->bench->vcpu_op)
		snprintf(v->profile, sizeof(v->profile), "%s",
			 *profile ? profile : VM_PROFILE);
	if (v->bench->vm & (VM_PAGES | VM_RING0))
		return variant_params_add(v, "mmu", mmu ? mmu->text :
					  "unknown");
	return 0;
}

static int end_run(struct guest_run *g, const struct vm_end *end)
{
	if (end->ninsn)
		result_artifact(g->res, "insn", end->insn, end->ninsn);
	return result_end(g->res, end->status, "%s", end->reason);
}

/* An interrupt that came later, or together with another, was lost. */
static int check_interrupts(struct guest_run *g, uint64_t ops, char *why,
			    size_t size)
{
	uint64_t taken = vm_taken(&g->vm);
	uint64_t expected = ops * g->spec->variant->bench->irqs;
	uint64_t went = taken - g->taken;

	g->taken = taken;
	if (!(g->vm.devices & (VM_INTERRUPTS | VM_GUEST_FAULTS | VM_RING0)) ||
	    went == expected)
		return 0;
	snprintf(why, size, "the guest took %" PRIu64 " interrupts in %" PRIu64 " operations, expected %" PRIu64,
		 went, ops, expected);
	return -EINVAL;
}

static int guest_loop(struct engine *e, struct sampler *s)
{
	struct guest_run *g = e->priv;
	struct sampler *in = &g->vm.mem.shared->sampler;
	uint64_t room = devices_room(&g->vm);
	char why[REASON_MAX];
	struct vm_end end;

	if (room && s->n > room / s->batch)
		s->n = room / s->batch;
	*in = *s;
	if (vm_request(&g->vm, GUEST_LOOP, &end))
		return end_run(g, &end);
	s->done = in->done;
	s->error = in->error;
	if (s->done > s->n)
		return result_end(g->res, RUN_FAILED,
				  "the operation overwrote the guest's memory");
	g->ops += s->batch * s->done;
	if (devices_check(&g->vm, s->batch * s->done, why, sizeof(why)) ||
	    pages_check(&g->vm, s->batch * s->done, why, sizeof(why)) ||
	    check_interrupts(g, s->batch * s->done, why, sizeof(why)))
		return result_end(g->res, RUN_INVALID, "%s", why);
	return 0;
}

/*
 * Exits that the guest's own instructions caused. Two kinds are not theirs and
 * are known exactly: external interrupts, which KVM counts apart, and the one
 * by which each request ends.
 */
static int guest_count(struct engine *e, double *exits)
{
	struct guest_run *g = e->priv;
	const struct kvm_counters *c = &g->vcpu;
	int err = kvm_counters_read(&g->vcpu);

	/* Read first when measuring begins: what came before is warm-up. */
	if (!g->begun)
		memset(e->ctx->value, 0, sizeof(e->ctx->value));
	g->begun = true;
	if (err)
		return err;
	(void)kvm_counters_read(&g->vm_wide);
	(void)kvm_counters_read(&g->mapped);
	if (g->vcpu.readings == 1)
		g->first_ops = g->ops;
	g->last_ops = g->ops;
	if (!c->offset[COUNT_EXITS])
		return -ENOENT;
	*exits = (double)c->last[COUNT_EXITS] - g->vm.requests;
	if (c->offset[COUNT_IRQ_EXITS])
		*exits -= c->last[COUNT_IRQ_EXITS];
	return 0;
}

static int is_guest_code(const void *p)
{
	const unsigned char *at = p;

	return at >= __start_asi_guest && at < __stop_asi_guest;
}

/* Every page the guest writes to between samples exists before the first. */
static int prefault(struct guest_run *g, struct vm_end *end)
{
	struct guest_shared *shared = g->vm.mem.shared;

	shared->touch = (volatile unsigned char *)g->vm.mem.sample;
	shared->pages = 2 * VM_SAMPLES * sizeof(*g->vm.mem.sample) / VM_PAGE;
	return vm_request(&g->vm, GUEST_TOUCH, end);
}

static int prepare_guest(struct guest_run *g)
{
	struct vm_end end;

	if (vm_calibrate(&g->vm, &g->clock, &end) || prefault(g, &end))
		return end_run(g, &end);
	return 0;
}

static void store_figures(struct guest_run *g)
{
	const struct metric *m = g->spec->variant->bench->figures;
	const struct bench_ctx *ctx = &g->vm.mem.shared->ctx;
	int i;

	for (i = 0; m && m[i].name && i < BENCH_FIGURES; i++)
		result_value(g->res, &m[i], ctx->value[i],
			     g->last_ops - g->first_ops);
	if (ctx->ring0)
		result_text(g->res, "ring0.p4d", ctx->ring0->tables.levels < 5 ?
			    "folded into the PGD" : "a level of its own");
}

static void store_facts(struct guest_run *g)
{
	uint64_t ops = g->last_ops - g->first_ops;

	kvm_store_clock(g->res, g->spec->host, &g->vm, &g->clock);
	kvm_store_counters(g->res, &g->vcpu, ops);
	kvm_store_counters(g->res, &g->vm_wide, ops);
	kvm_store_levels(g->res, &g->mapped);
}

/* Pages of so much are touched; tables alone may map what is not there. */
static bool wants_huge(const struct guest_run *g)
{
	const struct variant *v = g->spec->variant;

	return g->vm.devices & VM_PAGES_HUGE ||
	       (v->bench->vm & VM_RING0 && !(v->bench->vm & VM_RING0_TABLES) &&
		atol(variant_value(v, "page")) >= 2048);
}

/* A huge page may be there in the guest's tables and the host's alone. */
static int check_huge(struct guest_run *g)
{
	const struct kvm_counters *c = &g->mapped;

	if (!wants_huge(g) || !c->readings || !c->offset[MAPPED_2M] ||
	    c->last[MAPPED_2M])
		return 0;
	return result_end(g->res, RUN_INVALID,
			  "KVM maps no page of 2 MiB for its guest: by its MMU, or the host has none to give (transparent_hugepage)");
}

/* An interpreter's figures are kept, never scored. */
static int judge(struct guest_run *g, const struct engine *e, int err)
{
	if (err)
		return err;
	if (!e->interpreted) {
		err = check_huge(g);
		if (!err && g->vm.devices & (VM_INTERRUPTS | VM_GUEST_FAULTS) &&
		    g->spec->host->ring[0] > RING_INTERPRETED)
			return result_end(g->res, RUN_INTERPRETED,
					  "its handler runs in guest ring 0, which is interpreted");
		return err;
	}
	return result_end(g->res, RUN_INTERPRETED,
			  "guest ring %d is interpreted: %.0f ticks per nop",
			  g->vm.vcpu[0].ring, g->clock.ticks_per_nop);
}

static void fill_contexts(struct guest_run *g)
{
	const struct variant *v = g->spec->variant;
	struct guest_shared *shared = g->vm.mem.shared;
	struct bench_ctx *ctx = &shared->ctx;
	int i;

	memcpy(ctx->param, v->param, sizeof(ctx->param));
	ctx->cpu = g->spec->host->cpu;
	ctx->peer_cpu = v->peer_cpu;
	ctx->me = &shared->vcpu[0];
	ctx->other = &shared->vcpu[1];
	if (g->vm.devices & VM_RING0)
		ctx->ring0 = &shared->ring0;
	shared->repeat = v->bench->vcpu_op;
	for (i = 1; i < g->vm.vcpus; i++) {
		shared->repeat_ctx[i] = *ctx;
		shared->repeat_ctx[i].me = &shared->vcpu[i];
		shared->repeat_ctx[i].other = ctx->me;
	}
}

/* The second vCPU is there while the first measures. */
static int measure_with_peer(struct guest_run *g, struct engine *e)
{
	struct vm_end end;
	int err;

	if (!(g->vm.devices & VM_PEER))
		return measure_latency(g->spec, e, g->res);
	err = peer_start(&g->vm, g->spec->variant);
	if (err)
		return result_end(g->res, RUN_FAILED,
				  "no thread for a second vCPU: %s",
				  strerror(-err));
	err = measure_latency(g->spec, e, g->res);
	peer_store(g->res, g->spec->variant->bench->vm & VM_PEER_RING0);
	if (!err && peer_ended(&end))
		err = end_run(g, &end);
	peer_stop();
	return err;
}

static int measure_guest(struct guest_run *g)
{
	const struct bench *bench = g->spec->variant->bench;
	struct guest_shared *shared = g->vm.mem.shared;
	const struct count_target counted = {
		.who.vm = true, .vm = g->vm.fd, .vcpu = g->vm.vcpu[0].fd,
		.kvm_module = g->spec->host->kvm_module, .port_exits = true,
	};
	struct engine e = {
		.loop = guest_loop, .count = guest_count, .priv = g,
		.counted = &counted,
		.ctx = &shared->ctx, .sample = g->vm.mem.sample,
		.pace = g->vm.mem.sample + VM_SAMPLES,
		.room = VM_SAMPLES,
	};
	int err;

	fill_contexts(g);
	err = bench->setup ? bench->setup(&shared->ctx) : 0;
	if (err)
		return result_end(g->res, RUN_FAILED, "setting up failed: %s",
				  strerror(-err));
	err = prepare_guest(g);
	if (!err) {
		e.interpreted = g->clock.ticks_per_nop > RING_INTERPRETED;
		err = measure_with_peer(g, &e);
		store_facts(g);
		store_figures(g);
		err = judge(g, &e, err);
	}
	if (bench->teardown)
		bench->teardown(&shared->ctx);
	return err;
}

static int kvm_run(const struct run_spec *spec, struct run_result *res)
{
	const struct bench *bench = spec->variant->bench;
	struct guest_run g = {
		.spec = spec, .res = res,
		.vcpu.name = { "exits", "irq_exits", "insn_emulation",
			       "pf_taken", "tlb_flush",
			       "halt_successful_poll" },
		.vm_wide.name = { "remote_tlb_flush", "mmu_shadow_zapped" },
		.mapped.name = { "pages_4k", "pages_2m" },
	};
	struct vm_config config = {
		.ring = spec->variant->place == PLACE_GUEST0 ? 0 : 3,
		.flags = vm_flags(spec->variant), .cpu = bench->cpu,
		.vcpus = vm_vcpus(spec->variant),
		.linux_like = !strcmp(variant_value(spec->variant, "profile"),
				      VM_PROFILE_LINUX),
	};
	int err;

	if (bench->vm_op == VM_OP_MEMORY)
		return host_memory_run(spec, res);
	if (bench->vm_op)
		return host_op_run(spec, res);
	if (!is_guest_code(bench->op) ||
	    (bench->prepare && !is_guest_code(bench->prepare)) ||
	    (bench->vcpu_op && !is_guest_code(bench->vcpu_op)))
		return result_end(res, RUN_FAILED,
				  "%s is not marked __guest", bench->name);
	err = vm_create(&g.vm, &config);
	if (err)
		return result_end(res, RUN_FAILED,
				  "no VM can be created (%s: %s)",
				  g.vm.failed, strerror(-err));
	/* Without counters exits are unknown, which the run then says. */
	(void)kvm_counters_open(&g.vcpu, g.vm.vcpu[0].fd);
	(void)kvm_counters_open(&g.vm_wide, g.vm.fd);
	(void)kvm_counters_open(&g.mapped, g.vm.fd);
	err = watchdog_start_before(g.vm.vcpu[0].run, spec->deadline_ns);
	if (err) {
		result_end(res, RUN_FAILED, "no timer: %s", strerror(-err));
	} else {
		err = measure_guest(&g);
		watchdog_stop();
	}
	kvm_counters_close(&g.vcpu);
	kvm_counters_close(&g.vm_wide);
	kvm_counters_close(&g.mapped);
	vm_destroy(&g.vm);
	return err;
}

const struct driver kvm_driver = {
	.name = "kvm",
	.takes = kvm_takes,
	.unavailable = kvm_unavailable,
	.lacks = kvm_lacks,
	.derive = kvm_derive,
	.run = kvm_run,
};
