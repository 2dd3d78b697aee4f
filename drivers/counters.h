/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting runs: what one thread did between two moments, by the kernel's
 * performance events. An open hardware event costs the thread MSR writes at
 * each switch and VM entry, so that these runs are never timed.
 */
#ifndef DRIVERS_COUNTERS_H
#define DRIVERS_COUNTERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/model.h"

struct run_result;
struct counters;

/*
 * Cycles and instructions come whole and by part. A total is an event of its
 * own and not the sum of the parts, which may share counters in turns.
 */
enum counter {
	COUNTER_CYCLES,
	COUNTER_CYCLES_USER,
	COUNTER_CYCLES_KERNEL,
	COUNTER_CYCLES_GUEST,
	COUNTER_INSTRUCTIONS,
	COUNTER_INSTRUCTIONS_USER,
	COUNTER_INSTRUCTIONS_KERNEL,
	COUNTER_INSTRUCTIONS_GUEST,
	COUNTER_DTLB_MISSES,		/* of loads */
	COUNTER_ITLB_MISSES,
	COUNTER_PAGE_FAULTS,
	COUNTER_CONTEXT_SWITCHES,
	COUNTER_CPU_MIGRATIONS,
	NR_COUNTERS,
};

/**
 * struct counter_value - what an event counted
 * @available:	@value holds
 * @value:	events while enabled, scaled up by @share
 * @share:	of the time enabled in which the event had a counter; below 1
 *		it took turns with others and @value is an estimate
 * @why:	if it is not available: the reason in words; if it is: a
 *		restriction ("user mode only"), or ""
 */
struct counter_value {
	bool available;
	double value;
	double share;
	char why[160];
};

/**
 * counters_open() - prepare to count a thread; nothing counts yet
 * @tid:	the thread, 0: the caller
 *
 * An event that cannot be counted here is no error; reading it says why. So
 * does everything in a build without libperf.
 *
 * Return: 0 or -ENOMEM.
 */
int counters_open(struct counters **c, pid_t tid);
void counters_close(struct counters *c);

/*
 * Counts add up over several stretches. The software events are switched on
 * last and off first, so that they do not see the switching.
 */
void counters_enable(struct counters *c);
void counters_disable(struct counters *c);

/* The metric of a counter: events per operation, never scored as a time. */
const struct metric *counter_metric(enum counter counter);

void counters_read(struct counters *c, enum counter counter,
		   struct counter_value *v);

/**
 * counters_store() - put them into a result, per operation
 * @ops:	operations between enable and disable
 *
 * A counter without a value becomes a fact "counter.NAME" which says why; one
 * that shared gets a fact "counter.NAME.share".
 */
void counters_store(struct counters *c, struct run_result *res, double ops);

#endif
