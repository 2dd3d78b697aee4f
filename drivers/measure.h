/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a latency is taken, whatever the place: warm-up, batch calibration,
 * samples, single operations, witnesses. A driver supplies the engine that
 * executes a struct sampler in its place.
 */
#ifndef DRIVERS_MEASURE_H
#define DRIVERS_MEASURE_H

#include "drivers/count.h"
#include "drivers/driver.h"
#include "drivers/sampler.h"

/**
 * struct engine - executes a sampler in one place
 * @loop:	runs sampler_loop(@s) there; 0, or -errno after result_end()
 * @count:	reads the place's running totals (KVM statistics) into @total,
 *		or NULL. -errno: unavailable
 * @interpreted: an interpreter executes the guest: what it leaves the guest
 *		for is its own affair, so exits are stored but not checked
 * @counted:	what a counting run counts, NULL: the calling thread's events
 * @priv:	the driver's own
 * @ctx:	context at an address that both sides see
 * @sample:	buffer that both sides see, prefaulted
 * @pace:	the same, for the pace loop
 * @room:	samples that fit
 */
struct engine {
	int (*loop)(struct engine *e, struct sampler *s);
	int (*count)(struct engine *e, double *exits);
	int interpreted;
	const struct count_target *counted;
	void *priv;
	struct bench_ctx *ctx;
	uint64_t *sample;
	uint64_t *pace;
	uint64_t room;
};

/* The rule of a run, fixed beforehand and stored with it. */
#define MEASURE_WARMUP_NS	(5u * 1000 * 1000)
#define MEASURE_STEPS		1000	/* TSC steps a scored batch must last */
#define MEASURE_SINGLES		1024	/* single operations, never scored */

/*
 * The score is the first decile of the batches taken at full pace. Whatever
 * gets in the way only ever adds time, and not all of it slows the pace loop:
 * on a shared machine, caches and memory are shared as well. Over 200 runs of
 * an exit to user space the first decile varied by 0.7 to 0.9 %, the median by
 * 3 to 6 %; of a system call both varied alike. The median and the 99th
 * percentile are metrics of their own.
 */
#define MEASURE_SCORE	0.1

/*
 * With a peer on another CPU the fastest are those that did not find it there
 * and sent no interrupt. Those are not what is meant: the median is scored.
 */
#define MEASURE_SCORE_PEER	0.5

/**
 * measure_latency() - one run of one benchmark by @e
 *
 * Fills latency, p99, series and witnesses, then lets the benchmark's check()
 * look at the run.
 *
 * Return: 0, or -errno with res->status and res->reason set.
 */
int measure_latency(const struct run_spec *spec, struct engine *e,
		    struct run_result *res);

#endif
