/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsing of the counters that a witness reads; texts are the files whole. */
#ifndef DRIVERS_PROCSTAT_H
#define DRIVERS_PROCSTAT_H

#include <stdint.h>

/**
 * stat_steal() - steal time of a CPU from /proc/stat
 * @hz:		clock ticks a second, sysconf(_SC_CLK_TCK)
 * Return: ms, -1 where the CPU or the column is not there.
 */
int64_t stat_steal(const char *text, int cpu, long hz);

/**
 * struct irq_counts - interrupts of one CPU
 * @all:	sum of all rows, -1 where the CPU has no column
 * @timer:	row LOC
 * @ipis:	the larger of rows CAL and TLB: since Linux 4.8 a shootdown is
 *		counted in both
 * @nmis:	row NMI: like other interrupts they end a guest's run, but KVM
 *		does not count them apart
 */
struct irq_counts {
	int64_t all;
	int64_t timer;
	int64_t ipis;
	int64_t nmis;
};

/**
 * irq_count() - a CPU's column of /proc/interrupts
 *
 * Columns are found by their heading: only CPUs that are online have one.
 * Rows shorter than that (ERR, MIS) are totals of no CPU and left out.
 */
void irq_count(const char *text, int cpu, struct irq_counts *c);

#endif
