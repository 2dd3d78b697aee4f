/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept of a VM beside the figure: facts of the run. */
#ifndef DRIVERS_KVM_RESULTS_H
#define DRIVERS_KVM_RESULTS_H

#include "drivers/host.h"
#include "drivers/kvm/exits.h"
#include "drivers/kvm/stats.h"

/**
 * kvm_store_counters() - changes from the first to the last reading
 * @ops:	operations between those; facts "kvm.NAME_per_op"
 */
void kvm_store_counters(struct run_result *res, const struct kvm_counters *c,
			uint64_t ops);

/* The last reading of things that come and go: facts "kvm.NAME". */
void kvm_store_levels(struct run_result *res, const struct kvm_counters *c);

/* How the guest's TSC and its ring run. */
void kvm_store_clock(struct run_result *res, const struct host *host,
		     const struct vm *vm, const struct vm_clock *clock);

#endif
