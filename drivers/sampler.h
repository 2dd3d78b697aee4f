/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timed loop: one piece of freestanding code for every place.
 *
 * The native driver calls it; the micro-VMM executes the same bytes inside
 * the guest. A timed region holds two fenced TSC reads and the batch.
 */
#ifndef DRIVERS_SAMPLER_H
#define DRIVERS_SAMPLER_H

#include "bench/bench.h"

#ifndef __KERNEL__
#include <stdint.h>
#endif

/**
 * struct sampler - a request to the loop, and its answer
 * @op:		operation
 * @prepare:	untimed, before each batch, or NULL
 * @ctx:	the operation's context
 * @batch:	operations per sample
 * @n:		samples wanted
 * @delayed:	a register loop of @inject iterations, between fences, follows
 *		each operation; with 0 iterations the fences alone, so that the
 *		difference is the loop's and nothing else's
 * @limit:	stop early once this many ticks have passed since the first
 *		sample began (a guest's TSC may be offset); 0: never
 * @pace_n:	iterations of the pace loop, 0: none. It is timed just before
 *		and just after each batch, outside the timed region
 * @sample:	out: TSC ticks of each batch
 * @pace:	out: the slower of the two pace loops, TSC ticks
 * @done:	out: samples taken
 * @error:	out: what prepare() returned when it failed
 */
struct sampler {
	void (*op)(struct bench_ctx *ctx);
	int (*prepare)(struct bench_ctx *ctx, unsigned long n);
	struct bench_ctx *ctx;
	uint64_t batch;
	uint64_t n;
	int64_t delayed;
	uint64_t inject;
	uint64_t limit;
	uint64_t pace_n;
	uint64_t *sample;
	uint64_t *pace;
	uint64_t done;
	int64_t error;
};

/* RDTSC not before what precedes it is done, nothing after it begun. */
static inline __attribute__((always_inline)) uint64_t tsc_fenced(void)
{
	uint32_t lo, hi;

	asm volatile("lfence\n\trdtsc\n\tlfence"
		     : "=a" (lo), "=d" (hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

/**
 * sampler_loop() - take samples
 * @s: in and out
 *
 * __guest: may be executed at its own address in a guest.
 */
void sampler_loop(struct sampler *s);

/**
 * sampler_pace() - TSC ticks that @n iterations of the pace loop take
 *
 * One iteration is one core cycle on a core that has its pipeline for itself,
 * so this is the core's pace seen by the TSC: it doubles while the other
 * hardware thread of the core is busy, and follows the frequency.
 */
uint64_t sampler_pace(uint64_t n);

/**
 * sampler_nops() - TSC ticks that 1,000 NOPs take, for the calibration of a
 * ring: far more than 1,000 says "interpreted"
 */
uint64_t sampler_nops(void);

/**
 * sampler_rdtsc() - TSC ticks that 100 RDTSC take: thousands of them each say
 * that a hypervisor intercepts it
 */
uint64_t sampler_rdtsc(void);

#endif
