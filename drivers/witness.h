/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is read before and after the measured part of a run, to tell later
 * whether it was disturbed. Everything here is cheap (~100 us a reading) and
 * none of it happens inside a timed region.
 */
#ifndef DRIVERS_WITNESS_H
#define DRIVERS_WITNESS_H

#include <stdint.h>

struct run_result;
struct host;

/**
 * struct witness - one reading
 * @ns:		CLOCK_MONOTONIC_RAW
 * @steal:	ms the hypervisor took from the CPU; -1 unknown
 * @nvcsw:	voluntary switches of this thread
 * @nivcsw:	involuntary switches of this thread
 * @irqs:	interrupts on the CPU, all rows of /proc/interrupts
 * @ticks:	local timer interrupts on the CPU
 * @nmis:	NMIs on the CPU, -1 unknown
 * @ipis:	function-call interrupts on the peer's CPU, TLB shootdowns among
 *		them, -1 without a peer
 * @khz:	current frequency of the CPU, 0 unknown
 * @load:	one-minute load average
 * @directmap:	DirectMap4k, 2M and 1G in KiB, -1 unknown
 * @faults:	minor faults of this thread
 */
struct witness {
	uint64_t ns;
	int64_t steal;
	int64_t nvcsw;
	int64_t nivcsw;
	int64_t irqs;
	int64_t ticks;
	int64_t nmis;
	int64_t ipis;
	int64_t khz;
	double load;
	int64_t directmap[3];
	int64_t faults;
};

/**
 * witness_read() - read them for a CPU
 * @cpu:	that measures
 * @peer_cpu:	of the second thread, or -1
 */
void witness_read(struct witness *w, int cpu, int peer_cpu);

/**
 * witness_store() - differences become facts of the run, rules its flags
 *
 * Rules (fixed, stored): steal over 1 % of the time; more than one involuntary
 * switch per 10 ms; more than 5 interrupts per ms beyond ticks and expected
 * IPIs; a frequency that moved by more than 1 %.
 *
 * @own:	set of NOISY_* that the benchmark causes itself: not flagged
 */
void witness_store(struct run_result *res, const struct witness *before,
		   const struct witness *after, unsigned int own);

/* IPIs that arrived on the peer's CPU in between; -1 unknown. */
int64_t witness_ipis(const struct witness *before,
		     const struct witness *after);

#endif
