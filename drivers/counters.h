/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting runs: what threads did between two moments, by the kernel's
 * performance events: the CPU's counters, the kernel's own, tracepoints. An
 * open hardware event costs a thread MSR writes at each switch and VM entry,
 * so that these runs are never timed.
 *
 * drivers/count.h is the door that drivers use.
 */
#ifndef DRIVERS_COUNTERS_H
#define DRIVERS_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
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
 * struct counted - whose events are counted
 * @tid:	threads; NULL: the calling one alone
 * @ntids:	how many
 * @inherit:	and what they start from now on, threads and processes
 * @vm:		they run a VM: KVM's tracepoints are counted as well
 */
struct counted {
	const pid_t *tid;
	size_t ntids;
	bool inherit;
	bool vm;
};

/**
 * struct counter_value - what an event counted
 * @available:	@value holds
 * @value:	events while enabled, over all threads, scaled up by @share
 * @share:	of the time enabled in which the event had a counter; below 1
 *		it took turns with others and @value is an estimate
 * @why:	if it is not available: the reason in words; if it is: a
 *		restriction ("user mode only"), or ""
 */
struct counter_value {
	bool available;
	double value;
	double share;
	char why[200];
};

/**
 * counters_open() - prepare to count; nothing counts yet
 *
 * Opened are those of enum counter, then the tracepoints of asi, and with
 * @t->vm those of KVM. What cannot be counted here is no error; reading it
 * says why. So does everything in a build without libperf.
 *
 * Return: 0 or -ENOMEM.
 */
int counters_open(struct counters **c, const struct counted *t);
void counters_close(struct counters *c);

/*
 * Counts add up over several stretches. The software events are switched on
 * last and off first, so that they do not see the switching.
 */
void counters_enable(struct counters *c);
void counters_disable(struct counters *c);

/* Those of enum counter, then the tracepoints. */
size_t counters_n(const struct counters *c);
const char *counters_name(const struct counters *c, size_t i);
const char *counters_unit(const struct counters *c, size_t i);

void counters_read(struct counters *c, size_t i, struct counter_value *v);

/* Whatever it counted is not what its name says: @why is static text. */
void counters_refuse(struct counters *c, const char *name, const char *why);

/**
 * counters_store() - put them into a result, per operation
 * @ops:	operations between enable and disable
 *
 * What is not available has no value, and a fact "counter.NAME" which says
 * why; one that shared its counter gets a fact "counter.NAME.share".
 */
void counters_store(struct counters *c, struct run_result *res, double ops);

/* Why perf_event_open(2) failed with -@err, and what to do about it. */
void counters_why_not(int err, char *buf, size_t size);

#endif
