/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How undisturbed a CPU is, seen from a loop that does nothing else. */
#ifndef DRIVERS_NOISE_H
#define DRIVERS_NOISE_H

#include <stdint.h>

struct host;

#define NOISE_GAP_NS	5000	/* longer than any instruction or TLB miss */

/**
 * struct noise - what was seen
 * @ms:		how long it was looked
 * @gaps:	times the loop stood still for longer than NOISE_GAP_NS
 * @longest_us:	the longest of them
 * @share:	of the time that went into them
 * @steal_ms:	of it, as the kernel accounts it; -1 unknown
 */
struct noise {
	double ms;
	uint64_t gaps;
	double longest_us;
	double share;
	int64_t steal_ms;
};

/**
 * noise_check() - spin on the measuring CPU and watch the TSC
 * @ns:		how long
 * Return: 0, or -errno if the CPU cannot be used.
 */
int noise_check(const struct host *host, uint64_t ns, struct noise *noise);

#endif
