// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The timed loop in ring 0: one sample at a time with interrupts off, and
 * whatever else wants the CPU in between.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/tsc.h>

#include "drivers/module/module.h"
#include "drivers/module/space.h"
#include "drivers/sampler.h"

/**
 * struct loop - a request in progress
 * @quickest:	time with interrupts off, of all samples
 */
struct loop {
	struct module_run *run;
	const struct bench *bench;
	struct space space;
	struct bench_ctx ctx;
	struct sampler s;
	u64 *sample;
	u64 *pace;
	u64 quickest;
};

static const struct bench *find_bench(const char *name)
{
	const struct bench *const *b;

	for (b = module_benches; b < module_benches_end; b++)
		if (!strncmp((*b)->name, name, MODULE_NAMES) &&
		    (*b)->where & HOST0)
			return *b;
	return NULL;
}

static int check_request(const struct module_run *run)
{
	if (run->bench[MODULE_NAMES - 1] || !run->n || !run->batch ||
	    run->n > MODULE_SAMPLES || run->batch > MODULE_BATCH ||
	    run->inject > 1u << 20 || run->pace_n > 1u << 16)
		return -EINVAL;
	return 0;
}

static int short_sample(struct loop *l)
{
	unsigned long flags;
	u64 start, off;
	int err;

	local_irq_save(flags);
	start = tsc_fenced();
	err = space_enter(&l->space);
	if (!err) {
		sampler_loop(&l->s);
		err = space_leave(&l->space);
	}
	off = tsc_fenced() - start;
	local_irq_restore(flags);
	l->run->off_max = max_t(u64, l->run->off_max, off);
	l->quickest = min_t(u64, l->quickest, off);
	return err;
}

/* No other table is loaded: whatever else there is to do may go on. */
static int long_sample(struct loop *l)
{
	unsigned long flags;
	int err;

	local_irq_save(flags);
	err = space_enter(&l->space);
	if (!err)
		err = space_leave(&l->space);
	local_irq_restore(flags);
	if (!err)
		sampler_loop(&l->s);
	return err;
}

static int one_sample(struct loop *l, u64 k)
{
	int err;

	l->s.n = 1;
	l->s.sample = l->sample + k;
	l->s.pace = l->pace + k;
	l->ctx.ring0 = &l->space.ring0;
	err = l->bench->vm & VM_RING0_TABLES ? long_sample(l) :
		short_sample(l);
	l->run->error = l->s.error;
	if (l->s.error && l->ctx.why)
		strscpy(l->run->why, l->ctx.why, sizeof(l->run->why));
	return err;
}

/* Until all are there, the time is over, somebody calls, or it is too long. */
static int samples(struct loop *l)
{
	const u64 most = (u64)MODULE_OFF_US * tsc_khz / 1000;
	struct module_run *run = l->run;
	u64 first = tsc_fenced();
	int err = 0;

	while (!err && !run->error && run->done < run->n) {
		err = one_sample(l, run->done);
		if (err || run->error)
			break;
		run->done++;
		cond_resched();
		if (run->done >= 3 && l->quickest > most &&
		    l->quickest != U64_MAX)
			err = -E2BIG;
		if (signal_pending(current) ||
		    (run->limit && tsc_fenced() - first >= run->limit))
			break;
	}
	return err;
}

static int give_back(const struct loop *l)
{
	struct module_run *run = l->run;
	size_t n = run->done * sizeof(u64);
	int i;

	for (i = 0; i < MODULE_FIGURES && i < BENCH_FIGURES; i++)
		run->value[i] = l->ctx.value[i];
	if (copy_to_user((void __user *)run->sample, l->sample, n) ||
	    (run->pace_n &&
	     copy_to_user((void __user *)run->pace, l->pace, n)))
		return -EFAULT;
	return 0;
}

static void set_up(struct loop *l)
{
	const struct module_run *run = l->run;
	int i;

	for (i = 0; i < MODULE_PARAMS && i < BENCH_PARAMS; i++)
		l->ctx.param[i] = run->param[i];
	for (i = 0; i < MODULE_FIGURES && i < BENCH_FIGURES; i++)
		l->ctx.value[i] = run->value[i];
	l->ctx.arg = l->bench->arg;
	l->ctx.peer_cpu = -1;
	l->s.op = l->bench->op;
	l->s.prepare = l->bench->prepare;
	l->s.ctx = &l->ctx;
	l->s.batch = run->batch;
	l->s.delayed = run->delayed;
	l->s.inject = run->inject;
	l->s.pace_n = run->pace_n;
	l->quickest = U64_MAX;
}

static int run_with(struct loop *l)
{
	int err = space_make(&l->space, l->bench, l->run);

	if (err)
		return err;
	err = samples(l);
	space_free(&l->space);
	return err ? err : give_back(l);
}

int loop_run(struct module_run *run)
{
	int err = check_request(run);
	struct loop *l;

	run->done = run->off_max = run->error = 0;
	memset(run->why, 0, sizeof(run->why));
	if (err)
		return err;
	l = kzalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return -ENOMEM;
	err = -ENOENT;
	l->run = run;
	l->bench = find_bench(run->bench);
	if (!l->bench)
		goto free;
	err = -ENOMEM;
	l->sample = kvcalloc(run->n, 2 * sizeof(u64), GFP_KERNEL);
	if (!l->sample)
		goto free;
	l->pace = l->sample + run->n;
	set_up(l);
	err = run_with(l);
free:
	kvfree(l->sample);
	kfree(l);
	return err;
}
