/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting round a run, whoever drives it: performance events of the threads,
 * VM exits by reason, and the statistics that KVM keeps of a VM of our own.
 *
 *	count_open(&c, &target);
 *	count_start(c);
 *	... the operations ...
 *	count_stop(c);
 *	count_store(c, res, ops);
 *	count_close(c);
 *
 * What is counted becomes metrics of the run, per operation, each under a name
 * of its own:
 *
 *	page_faults, cycles_guest, kvm_exit	an event (drivers/counters.h)
 *	exit.HLT, exit.npf, exit.other		VM exits by hardware reason
 *	user_exit.IO, user_exit.other		returns of KVM_RUN to user space
 *	kvm.halt_exits				a statistic of the VM or vCPU
 *
 * What cannot be counted has a value NULL and a fact "counter.NAME" with the
 * reason: it is never 0. A VM of others: drivers/vmwatch.h.
 */
#ifndef DRIVERS_COUNT_H
#define DRIVERS_COUNT_H

#include "drivers/counters.h"
#include "drivers/reasons.h"

struct count;
struct run_result;

/**
 * struct count_target - what a run is made of
 * @who:	whose events; all zero: the calling thread's
 * @vm, @vcpu:	file descriptors of our VM, 0 where there is none
 * @kvm_module:	"kvm_intel", ...: which list of reasons holds; NULL without VM
 * @port_exits:	the guest is known to have left by an I/O port
 */
struct count_target {
	struct counted who;
	int vm;
	int vcpu;
	const char *kvm_module;
	bool port_exits;
};

/**
 * count_open() - prepare; nothing counts yet
 *
 * What cannot be counted here is no error.
 *
 * Return: 0 or -ENOMEM.
 */
int count_open(struct count **c, const struct count_target *t);
void count_close(struct count *c);

/* Counts add up over several stretches. */
void count_start(struct count *c);
void count_stop(struct count *c);

/**
 * count_store() - put it all into a result
 * @ops:	operations between start and stop
 *
 * States and peaks of KVM are stored as they were when counting stopped;
 * histograms as a series, one sample a bucket, and their sum per operation.
 */
void count_store(struct count *c, struct run_result *res, double ops);

/* Why a tracepoint that is compiled in and never reached has no figure. */
extern const char count_never_fires[];

/* @name is not counted, and why: as a fact "counter.NAME". */
void count_refuse(struct run_result *res, const char *name, const char *why);

/**
 * count_store_reasons() - events by reason, per operation
 * @prefix:	of the metrics' names: "exit"
 * @v:		names of the reasons, @n of them
 * @events:	of each, @total of all; the rest is stored as "other"
 */
void count_store_reasons(struct run_result *res, const char *prefix,
			 const struct reason_count *v, const double *events,
			 size_t n, double total, double ops);

#endif
