/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hits of a tracepoint by the value of one of its fields: VM exits by reason.
 *
 * One counting event per value, each with a filter in the kernel, all of a
 * thread in one group: they are switched on and read at one moment, and no
 * buffer can overflow. The price is a look at each filter for each hit, which
 * is one more reason why counting runs are never timed.
 */
#ifndef DRIVERS_REASONS_H
#define DRIVERS_REASONS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "drivers/tracefs.h"

#define REASONS_MAX	160	/* an AMD CPU's list has 116 */

/**
 * struct reasons_of - a tracepoint whose hits are told apart
 * @event:	"kvm:kvm_exit"
 * @field:	its field
 * @also:	added to each filter, or ""
 * @table:	which table of its format names the values
 * @prefix:	of these names, left away
 */
struct reasons_of {
	const char *event;
	const char *field;
	const char *also;
	int table;
	const char *prefix;
};

/* VM exits as the hardware gives them, on Intel's and on AMD's CPUs. */
extern const struct reasons_of reasons_vmx;
extern const struct reasons_of reasons_svm;
/* Returns of KVM_RUN to user space. */
extern const struct reasons_of reasons_user;

/* Those of the CPU that KVM's module is for ("kvm_intel": VMX). */
const struct reasons_of *reasons_for(const char *kvm_module);

struct reasons;

/**
 * struct reason_count - one value
 * @name:	the kernel's, without prefix; white space is "_"
 */
struct reason_count {
	char name[SYMBOL_NAME];
	uint64_t n;
};

/**
 * reasons_open() - prepare to count; nothing counts yet
 * @tid:	threads, each of which gets as many events as there are values
 * @why:	out: what is wrong and what to do about it
 * Return: 0 or a negative errno with @why set.
 */
int reasons_open(struct reasons **r, const struct reasons_of *of,
		 const pid_t *tid, size_t ntids, char *why, size_t size);
void reasons_close(struct reasons *r);

void reasons_enable(struct reasons *r);
void reasons_disable(struct reasons *r);

/**
 * reasons_read() - what was counted so far, over all threads
 * @v:		room for REASONS_MAX, in the order of the kernel's table
 * @n:		out: how many
 * @total:	out: all hits, also of values that have no name
 * Return: 0 or a negative errno.
 */
int reasons_read(struct reasons *r, struct reason_count *v, size_t *n,
		 uint64_t *total);

#endif
