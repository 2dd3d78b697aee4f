// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations that run in the host's ring 0, by the kernel module: loaded for
 * a run where it is not there, and unloaded after it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/walk.h"
#include "drivers/driver.h"
#include "drivers/host.h"
#include "drivers/host0/memory.h"
#include "drivers/host0/module.h"
#include "drivers/measure.h"
#include "lib/clock.h"

#define SAMPLE_ROOM	4096u
#define DEADLINE_NS	(30 * NSEC_PER_SEC)	/* huge pages are cleared first */

_Static_assert(SAMPLE_ROOM <= MODULE_SAMPLES &&
	       (int)MODULE_PARAMS <= BENCH_PARAMS &&
	       (int)MODULE_FIGURES <= BENCH_FIGURES,
	       "the module's requests hold less than is asked for");

/**
 * struct host0_run - a run in progress
 * @request:	what the module is asked each time
 * @begun:	measuring has
 * @off_max:	longest time with interrupts off so far, TSC ticks
 */
struct host0_run {
	const struct run_spec *spec;
	struct run_result *res;
	struct module_use module;
	struct module_run request;
	bool begun;
	uint64_t off_max;
};

static bool host0_takes(const struct bench *bench, enum place place)
{
	return place == PLACE_HOST0 && bench->op;
}

static bool has_not(const struct host *host, const char *key)
{
	const struct fact *f = facts_find(&host->facts, key);

	return !f || !f->i;
}

static const char *host0_unavailable(struct host *host,
				     const struct bench *bench,
				     enum place place)
{
	if (module_missing(host->reason_buf, sizeof(host->reason_buf)))
		return host->reason_buf;
	if (bench->cpu & CPU_PCID && has_not(host, "cpu.pcid"))
		return "this CPU has no PCID, or the kernel does not use it (nopcid)";
	if (bench->cpu & CPU_INVPCID && has_not(host, "cpu.invpcid"))
		return "this CPU has no INVPCID, or the kernel does not use it (noinvpcid)";
	return NULL;
}

static int host0_derive(const struct host *host, struct variant *v)
{
	return 0;
}

static int end_by_errno(struct host0_run *h, int err)
{
	struct run_result *res = h->res;
	const struct module_run *r = &h->request;

	switch (err) {
	case EOPNOTSUPP:
		return result_end(res, RUN_SKIPPED, "this CPU or kernel has no %s",
				  r->why);
	case E2BIG:
		return result_end(res, RUN_FAILED, "%llu operations last longer than %u us, for which no interrupt is taken",
				  (unsigned long long)r->batch, MODULE_OFF_US);
	case EBUSY:
		return result_end(res, RUN_SKIPPED, "CR3 does not hold this process's page table: the kernel is on another one");
	case EFAULT:
		return result_end(res, RUN_INVALID, "a page was not there, or one was that should not have been");
	case ENXIO:
		return result_end(res, RUN_SKIPPED, "%s", walk_no_huge);
	case ENOENT:
		return result_end(res, RUN_SKIPPED, "the module that is loaded has no such operation: make module");
	default:
		return result_end(res, RUN_FAILED, "the module: %s",
				  strerror(err));
	}
}

static int host0_loop(struct engine *e, struct sampler *s)
{
	struct host0_run *h = e->priv;
	struct module_run *r = &h->request;
	int i, rc;

	r->abi = MODULE_ABI;
	r->batch = s->batch;
	r->n = s->n;
	r->delayed = s->delayed;
	r->inject = s->inject;
	r->pace_n = s->pace_n;
	r->limit = s->limit;
	r->sample = (uintptr_t)s->sample;
	r->pace = (uintptr_t)s->pace;
	for (i = 0; i < MODULE_FIGURES; i++)
		r->value[i] = e->ctx->value[i];
	do
		rc = ioctl(h->module.fd, MODULE_IOC_RUN, r);
	while (rc && errno == EINTR);
	rc = rc ? errno : 0;
	r->why[sizeof(r->why) - 1] = '\0';
	if (rc)
		return end_by_errno(h, rc);
	e->ctx->why = r->why[0] ? r->why : NULL;
	for (i = 0; i < MODULE_FIGURES; i++)
		e->ctx->value[i] = r->value[i];
	s->done = r->done;
	s->error = r->error;
	if (r->off_max > h->off_max)
		h->off_max = r->off_max;
	return 0;
}

/* Asked first when measuring begins: what came before is warm-up. */
static int host0_count(struct engine *e, double *exits)
{
	struct host0_run *h = e->priv;

	if (!h->begun)
		memset(e->ctx->value, 0, sizeof(e->ctx->value));
	h->begun = true;
	return -ENOENT;
}

/* An emulator has neither TLB nor the price of a CR3 write. */
static int judge(struct host0_run *h, int err)
{
	const struct fact *f = facts_find(&h->spec->host->facts, "hypervisor");

	if (err)
		return err;
	if (f && !strcmp(f->text, "QEMU TCG"))
		return result_end(h->res, RUN_INTERPRETED,
				  "this host's CPU is emulated by QEMU");
	return 0;
}

static void store_figures(struct host0_run *h, const struct bench_ctx *ctx)
{
	const struct metric *m = h->spec->variant->bench->figures;
	int i;

	for (i = 0; m && m[i].name && i < BENCH_FIGURES; i++)
		result_value(h->res, &m[i], ctx->value[i], 1);
	if (h->spec->variant->bench->vm & VM_RING0_TABLES)
		result_text(h->res, "ring0.p4d",
			    h->module.info.features & MODULE_LA57 ?
			    "a level of its own" : "folded into the PGD");
}

static int measure(struct host0_run *h, struct engine *e)
{
	const struct host *host = h->spec->host;
	int err = measure_latency(h->spec, e, h->res);

	if (!err)
		store_figures(h, e->ctx);
	result_int(h->res, "host0.irqs_off_max_ns",
		   h->off_max * 1e6 / host->tsc_khz);
	return judge(h, err);
}

static int run_with(struct host0_run *h)
{
	const struct variant *v = h->spec->variant;
	struct bench_ctx ctx = { .cpu = h->spec->host->cpu, .peer_cpu = -1 };
	struct engine e = {
		.loop = host0_loop, .count = host0_count, .ctx = &ctx, .room = SAMPLE_ROOM,
		.priv = h,
	};
	char why[REASON_MAX];
	int err, i;

	snprintf(h->request.bench, sizeof(h->request.bench), "%s",
		 v->bench->name);
	for (i = 0; i < MODULE_PARAMS; i++)
		h->request.param[i] = v->param[i];
	memcpy(ctx.param, v->param, sizeof(ctx.param));
	err = memory_lend(v, &h->module.info, &h->request, why, sizeof(why));
	if (err)
		return result_end(h->res, err == -ENOTSUP ? RUN_SKIPPED :
				  RUN_FAILED, "%s", why);
	e.sample = calloc(2 * SAMPLE_ROOM, sizeof(*e.sample));
	if (!e.sample)
		return result_end(h->res, RUN_FAILED, "out of memory");
	e.pace = e.sample + SAMPLE_ROOM;
	err = measure(h, &e);
	free(e.sample);
	return err;
}

static int host0_run(const struct run_spec *spec, struct run_result *res)
{
	struct host0_run h = { .spec = spec, .res = res };
	char why[REASON_MAX];
	int err;

	if (module_open(&h.module, why, sizeof(why)))
		return result_end(res, RUN_FAILED, "%s", why);
	err = run_with(&h);
	module_close(&h.module);
	return err;
}

const struct driver host0_driver = {
	.name = "host0",
	.takes = host0_takes,
	.unavailable = host0_unavailable,
	.derive = host0_derive,
	.run = host0_run,
	.deadline_ns = DEADLINE_NS,
};
