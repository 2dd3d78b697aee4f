/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a VM of somebody else does in a while: VM exits and other statistics of
 * KVM per second, exits by reason, and what it costs the host in CPU time.
 *
 *	vmwatch_open(&w, &target, why, sizeof(why));
 *	vmwatch_begin(w);
 *	... the time to be watched ...
 *	vmwatch_end(w, &figures);
 *	... figures.exits ...
 *	vmwatch_close(w);
 *
 * To read statistics QEMU has each vCPU leave the guest once: a vCPU that idles
 * for S seconds shows 1/S exits per second of ours, which is no matter from
 * some ten seconds on. By debugfs it leaves for nothing. Reasons cost time at
 * each exit, so they are counted only where asked for.
 */
#ifndef DRIVERS_VMWATCH_H
#define DRIVERS_VMWATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "drivers/reasons.h"
#include "drivers/vmstats.h"

#define VMWATCH_TIMEOUT_NS	5000000000ull	/* for an answer of QEMU */
#define VMWATCH_WHY		240

/**
 * struct vmwatch_target - the VM
 * @qmp:	path of QEMU's QMP socket, or NULL: debugfs
 * @pid:	of its process; 0 with @qmp: found by the thread of a vCPU
 * @reasons:	count exits by reason
 * @kvm_module:	"kvm_intel", ...: which list of reasons holds
 * @timeout_ns:	for each answer of QEMU, 0: VMWATCH_TIMEOUT_NS
 */
struct vmwatch_target {
	const char *qmp;
	pid_t pid;
	bool reasons;
	const char *kvm_module;
	uint64_t timeout_ns;
};

/**
 * struct vmwatch_stat - one statistic
 * @name:	KVM's
 * @unit:	"events", "ns", ...
 * @kind:	what it is; of a histogram the events in it are counted
 * @value:	per second; of a state or peak as it was at the end
 */
struct vmwatch_stat {
	char name[KVMSTAT_NAME];
	const char *unit;
	enum kvmstat_kind kind;
	double value;
};

/**
 * struct vmwatch_reason - exits by one reason
 * @user:	a return to user space, else the hardware's reason
 */
struct vmwatch_reason {
	char name[SYMBOL_NAME];
	bool user;
	double per_second;
};

/**
 * struct vmwatch_figures - what was found; unknown is NaN, never 0
 * @seconds:	between the two readings
 * @pid:	of the process, 0 unknown
 * @vcpus, @vms: how many, -1 unknown
 * @source:	of the statistics: "qmp", "debugfs", or "" with @no_stats set
 * @exits:	VM exits per second of all vCPUs
 * @exits_by:	"statistics", "tracepoint", or "" with @no_exits set
 * @cpu:	CPU seconds per second of the whole process; its parts in user
 *		and kernel mode and in the guest are known in steps of 10 ms
 * @stat:	belongs to the watch, valid until the next vmwatch_end()
 * @reason:	the same; those that were 0 included
 */
struct vmwatch_figures {
	double seconds;
	pid_t pid;
	int vcpus;
	int vms;
	const char *source;
	char no_stats[VMWATCH_WHY];
	double exits;
	const char *exits_by;
	char no_exits[VMWATCH_WHY];
	double cpu;
	double cpu_user;
	double cpu_kernel;
	double cpu_guest;
	char no_cpu[VMWATCH_WHY];
	const struct vmwatch_stat *stat;
	size_t nstats;
	size_t left_out;
	int hists;
	const struct vmwatch_reason *reason;
	size_t nreasons;
	char no_reasons[VMWATCH_WHY];
	char no_user_reasons[VMWATCH_WHY];
};

struct vmwatch;

/**
 * vmwatch_open() - find the VM and what of it can be counted
 *
 * A part that cannot be counted is no error: vmwatch_end() says why.
 *
 * Return: 0; -ESRCH: no such process; what qmp_open() says where there is no
 * @t->pid either; -ENOMEM; with @why set.
 */
int vmwatch_open(struct vmwatch **w, const struct vmwatch_target *t,
		 char *why, size_t size);
void vmwatch_close(struct vmwatch *w);

void vmwatch_begin(struct vmwatch *w);
void vmwatch_end(struct vmwatch *w, struct vmwatch_figures *f);

/* The statistic of that name, or NULL. */
const struct vmwatch_stat *vmwatch_stat(const struct vmwatch_figures *f,
					const char *name);

#endif
