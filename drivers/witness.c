// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/witness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "drivers/facts.h"
#include "drivers/meminfo.h"
#include "drivers/procstat.h"
#include "lib/clock.h"
#include "lib/file.h"

#define STAT_MAX	(8u << 20)
#define INTERRUPTS_MAX	(64u << 20)	/* 2,000 rows of 2,000 CPUs */

/* When a run is called noisy. Stored with it, never used to drop anything. */
#define NOISY_STEAL_SHARE	0.01	/* of the time */
#define NOISY_SWITCH_MS		10	/* more than one in so many ms */
#define NOISY_IRQS_PER_MS	5	/* beyond ticks */
#define NOISY_FREQ_SHARE	0.01	/* moved by */

static void read_thread(struct witness *w)
{
	struct rusage ru;

	if (getrusage(RUSAGE_THREAD, &ru))
		return;
	w->nvcsw = ru.ru_nvcsw;
	w->nivcsw = ru.ru_nivcsw;
	w->faults = ru.ru_minflt;
}

static void read_interrupts(struct witness *w, int cpu, int peer_cpu)
{
	struct irq_counts own, peer;
	char *text;

	w->irqs = w->ticks = w->nmis = w->ipis = -1;
	if (file_read("/proc/interrupts", INTERRUPTS_MAX, &text, NULL))
		return;
	irq_count(text, cpu, &own);
	w->irqs = own.all;
	w->ticks = own.timer;
	w->nmis = own.nmis;
	if (peer_cpu >= 0) {
		irq_count(text, peer_cpu, &peer);
		w->ipis = peer.ipis;
	}
	free(text);
}

static void read_steal(struct witness *w, int cpu)
{
	char *text;

	w->steal = -1;
	if (file_read("/proc/stat", STAT_MAX, &text, NULL))
		return;
	w->steal = stat_steal(text, cpu, sysconf(_SC_CLK_TCK));
	free(text);
}

static void read_frequency(struct witness *w, int cpu)
{
	char path[128];
	long long khz;

	cpu_path(path, sizeof(path),
		 "/sys/devices/system/cpu/cpu#/cpufreq/scaling_cur_freq", cpu);
	w->khz = file_s64(path, &khz) ? 0 : khz;
}

void witness_read(struct witness *w, int cpu, int peer_cpu)
{
	double load;

	memset(w, 0, sizeof(*w));
	w->load = getloadavg(&load, 1) == 1 ? load : NAN;
	directmap_read(w->directmap);
	read_frequency(w, cpu);
	read_steal(w, cpu);
	read_interrupts(w, cpu, peer_cpu);
	read_thread(w);
	w->ns = clock_now();
}

/* How far a counter went; -1 where either reading has none. */
static int64_t went(int64_t before, int64_t after)
{
	return before < 0 || after < before ? -1 : after - before;
}

int64_t witness_ipis(const struct witness *before, const struct witness *after)
{
	return went(before->ipis, after->ipis);
}

static void store_count(struct run_result *res, const char *key, int64_t n)
{
	if (n >= 0)
		result_int(res, key, n);
}

static void store_directmap(struct run_result *res, const struct witness *a,
			    const struct witness *b)
{
	static const char *const keys[3][2] = {
		{ "witness.directmap_4k_kib", "witness.directmap_4k_change_kib" },
		{ "witness.directmap_2m_kib", "witness.directmap_2m_change_kib" },
		{ "witness.directmap_1g_kib", "witness.directmap_1g_change_kib" },
	};
	int i;

	for (i = 0; i < 3; i++) {
		if (a->directmap[i] < 0 || b->directmap[i] < 0)
			continue;
		result_int(res, keys[i][0], a->directmap[i]);
		result_int(res, keys[i][1],
			   b->directmap[i] - a->directmap[i]);
	}
}

void witness_store(struct run_result *res, const struct witness *before,
		   const struct witness *after, unsigned int own)
{
	double ms = (after->ns - before->ns) / 1e6;
	int64_t steal = went(before->steal, after->steal);
	int64_t nivcsw = went(before->nivcsw, after->nivcsw);
	int64_t irqs = went(before->irqs, after->irqs);
	int64_t ticks = went(before->ticks, after->ticks);
	double moved = before->khz && after->khz ?
		llabs(after->khz - before->khz) : 0;

	result_real(res, "witness.ms", ms);
	store_count(res, "witness.steal_ms", steal);
	store_count(res, "witness.voluntary_switches",
		    went(before->nvcsw, after->nvcsw));
	store_count(res, "witness.involuntary_switches", nivcsw);
	store_count(res, "witness.interrupts", irqs);
	store_count(res, "witness.ticks", ticks);
	store_count(res, "witness.nmis", went(before->nmis, after->nmis));
	store_count(res, "witness.peer_ipis", witness_ipis(before, after));
	store_count(res, "witness.minor_faults",
		    went(before->faults, after->faults));
	if (before->khz && after->khz) {
		result_int(res, "witness.khz_before", before->khz);
		result_int(res, "witness.khz_after", after->khz);
	}
	if (!isnan(after->load))
		result_real(res, "witness.load", after->load);
	store_directmap(res, before, after);

	if (steal > NOISY_STEAL_SHARE * ms)
		res->noisy |= NOISY_STEAL;
	if (nivcsw > ms / NOISY_SWITCH_MS)
		res->noisy |= NOISY_SWITCHES;
	if (ticks >= 0 &&
	    irqs - ticks > NOISY_IRQS_PER_MS * ms)
		res->noisy |= NOISY_IRQS;
	if (moved > NOISY_FREQ_SHARE * before->khz)
		res->noisy |= NOISY_FREQ;
	res->noisy &= ~own;
}
