// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What makes a host noisy, and the command that mends it. Nothing here is
 * done by the program itself: it measures a host as it finds it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor.h"
#include "lib/file.h"

#define LOAD_QUIET	0.5	/* more than that, and somebody else works */
#define NOISE_SHARE	0.001	/* of the time lost in gaps */
#define NOISE_LONG_US	1000	/* a gap longer than any tick's work */
#define DEEP_IDLE_US	10	/* wake-up latency of an idle state */

#define CPU		"/sys/devices/system/cpu/"

#define command(d, mend, ...)	advise(d, 1, mend, __VA_ARGS__)
#define remedy(d, mend, ...)	advise(d, 0, mend, __VA_ARGS__)

static void advise(struct doctor *d, int command, const char *mend,
		   const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void advise(struct doctor *d, int command, const char *mend,
		   const char *fmt, ...)
{
	struct advice *a = &d->advice[d->nadvice];
	va_list ap;

	if (d->nadvice == ADVICE_MAX)
		return;
	d->nadvice++;
	a->command = command;
	snprintf(a->mend, sizeof(a->mend), "%s", mend);
	va_start(ap, fmt);
	vsnprintf(a->what, sizeof(a->what), fmt, ap);
	va_end(ap);
}

/* Text of a fact, "" where there is none. */
static const char *text_of(const struct doctor *d, const char *key)
{
	const struct fact *f = facts_find(&d->host.facts, key);

	return f && f->type == FACT_TEXT ? f->text : "";
}

static long long int_of(const struct doctor *d, const char *key)
{
	const struct fact *f = facts_find(&d->host.facts, key);

	return f && f->type == FACT_INT ? f->i : -1;
}

static void advise_virtual(struct doctor *d)
{
	const char *by = text_of(d, "hypervisor");

	if (by[0] && strcmp(by, "none"))
		remedy(d, "measure on the bare machine where absolute figures matter",
		       "this host is itself a virtual machine (%s): VM exits are nested, and time can be stolen",
		       by);
}

static void advise_noise(struct doctor *d)
{
	const struct noise *n = &d->noise;

	if (n->steal_ms > 0)
		remedy(d, "ask for a dedicated host, or give this guest CPUs of its own",
		       "the hypervisor took CPU %d away for %lld of %.0f ms",
		       d->host.cpu, (long long)n->steal_ms, n->ms);
	if (n->share > NOISE_SHARE || n->longest_us > NOISE_LONG_US)
		command(d, "top -H -d 1",
			"CPU %d was away from a busy loop for %.2f %% of the time, longest %.0f us",
			d->host.cpu, 100 * n->share, n->longest_us);
}

static void advise_load(struct doctor *d)
{
	double load;

	if (getloadavg(&load, 1) == 1 && load > LOAD_QUIET)
		command(d, "top",
			"other work is running: load average %.2f", load);
}

static void advise_frequency(struct doctor *d)
{
	const char *governor = text_of(d, "cpu.governor");
	struct stat st;

	if (strcmp(governor, "none") && strcmp(governor, "performance") &&
	    governor[0])
		command(d, "sudo cpupower frequency-set -g performance",
			"the frequency governor is %s", governor);
	if (strcmp(text_of(d, "cpu.turbo"), "on"))
		return;
	if (!stat(CPU "intel_pstate/no_turbo", &st))
		command(d, "echo 1 | sudo tee " CPU "intel_pstate/no_turbo",
			"turbo is on: the frequency follows temperature and other cores");
	else
		command(d, "echo 0 | sudo tee " CPU "cpufreq/boost",
			"boost is on: the frequency follows temperature and other cores");
}

/* Slowest wake-up among the idle states that are enabled, us; -1 unknown. */
static long long deepest_idle(const struct doctor *d)
{
	char base[96], path[128];
	long long us, off, most = -1;
	int i;

	for (i = 0; i < 16; i++) {
		snprintf(base, sizeof(base), CPU "cpu%d/cpuidle/state%d",
			 d->host.cpu, i);
		snprintf(path, sizeof(path), "%s/latency", base);
		if (file_s64(path, &us))
			break;
		snprintf(path, sizeof(path), "%s/disable", base);
		if (!file_s64(path, &off) && off)
			continue;
		if (us > most)
			most = us;
	}
	return most;
}

static void advise_idle(struct doctor *d)
{
	long long us = deepest_idle(d);

	if (us > DEEP_IDLE_US)
		command(d, "sudo cpupower idle-set -D 10",
			"an idle CPU may sleep so deep that waking takes %lld us (%s)",
			us, text_of(d, "cpu.idle_states"));
}

static void advise_cpus(struct doctor *d)
{
	char mend[256];
	int cpu = d->host.cpu;

	if (int_of(d, "cpu.smt_active") == 1)
		command(d, "echo off | sudo tee " CPU "smt/control",
			"SMT is on: a sibling thread shares the measuring core");
	if (int_of(d, "topo.isolated") == 0 && int_of(d, "topo.pus") > 1) {
		snprintf(mend, sizeof(mend),
			 "add to the kernel command line: isolcpus=%d nohz_full=%d rcu_nocbs=%d",
			 cpu, cpu, cpu);
		remedy(d, mend, "CPU %d is not isolated from the scheduler",
		       cpu);
	}
	if (int_of(d, "irqbalance") == 1)
		command(d, "sudo systemctl stop irqbalance",
			"irqbalance may move interrupts to the measuring CPU");
}

static void advise_clock(struct doctor *d)
{
	const char *source = text_of(d, "kernel.clocksource");

	if (int_of(d, "tsc.constant") == 0 || int_of(d, "tsc.nonstop") == 0)
		remedy(d, "measure on a CPU whose TSC is constant",
		       "the TSC changes its rate or stops: its ticks are no time");
	if (source[0] && strcmp(source, "tsc"))
		remedy(d, "see the kernel log for why; tsc=reliable on the kernel command line overrules it",
		       "the kernel does not trust the TSC: its clock is %s",
		       source);
}

static void advise_kernel(struct doctor *d)
{
	const char *debug = text_of(d, "kconfig.debug");

	if (int_of(d, "kernel.nmi_watchdog") == 1)
		command(d, "sudo sysctl kernel.nmi_watchdog=0",
			"the NMI watchdog interrupts, and holds a performance counter");
	if (debug[0] && strcmp(debug, "none"))
		remedy(d, "build the kernel without them",
		       "this kernel has debugging options that cost time everywhere: %s",
		       debug);
}

static void advise_memory(struct doctor *d)
{
	if (!strcmp(text_of(d, "mm.thp"), "always"))
		command(d, "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled",
			"transparent huge pages are always on: page sizes vary from run to run");
	if (int_of(d, "mm.ksm") == 1)
		command(d, "echo 0 | sudo tee /sys/kernel/mm/ksm/run",
			"KSM scans and merges memory");
	if (int_of(d, "mm.numa_balancing") == 1 && int_of(d, "topo.numa") > 1)
		command(d, "sudo sysctl kernel.numa_balancing=0",
			"NUMA balancing unmaps pages to see who touches them");
}

void doctor_advise(struct doctor *d)
{
	advise_noise(d);
	advise_load(d);
	advise_virtual(d);
	advise_frequency(d);
	advise_idle(d);
	advise_cpus(d);
	advise_clock(d);
	advise_kernel(d);
	advise_memory(d);
}
