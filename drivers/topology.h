/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPUs there are and which are measured on. */
#ifndef DRIVERS_TOPOLOGY_H
#define DRIVERS_TOPOLOGY_H

#include <hwloc.h>

#include "drivers/host.h"

/**
 * cpu_list_parse() - a list of CPU numbers as the kernel writes it, "2,4-7"
 * @set:	out, or NULL to check only
 * @first:	out: the number that stands first, or NULL
 * Return: 0, or -EINVAL.
 */
int cpu_list_parse(const char *list, hwloc_bitmap_t set, int *first);

/**
 * struct cpu_wish - what a choice of CPUs is made from
 * @allowed:	CPUs that this process may run on
 * @isolated:	CPUs that the scheduler leaves alone
 * @first:	CPU that must measure, -1: choose
 */
struct cpu_wish {
	hwloc_const_bitmap_t allowed;
	hwloc_const_bitmap_t isolated;
	int first;
};

/**
 * struct cpu_choice - CPUs to measure on
 * @cpu:	measures, -1: none is allowed
 * @peer:	runs second threads, -1: there is none
 * @near:	how near @peer is: "llc", "node", "remote", "smt", or "none"
 * @list:	all CPUs for second threads, @peers of them, the best first
 * @near_cpu:	the best that is so near, by enum nearness; -1: none
 */
struct cpu_choice {
	int cpu;
	int peer;
	const char *near;
	int list[BENCH_PEERS];
	int peers;
	int near_cpu[NR_NEAR];
};

/**
 * topology_choose() - pick the measuring CPU and its peer
 *
 * The measuring CPU: an isolated one, of the most capable kind, in the last
 * core (CPU 0 takes most interrupts), its first thread. The peer: a thread of
 * another core, isolated, and as near as can be; an SMT sibling shares the
 * core's pipeline and is taken only where there is nothing else.
 */
void topology_choose(hwloc_topology_t topo, const struct cpu_wish *wish,
		     struct cpu_choice *choice);

/* "llc" and so on; and back: the enum nearness, or -EINVAL. */
const char *near_name(enum nearness near);
int near_parse(const char *s);

#endif
