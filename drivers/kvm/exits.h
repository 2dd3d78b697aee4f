/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entering the guest, answering its exits, and every way that can end. */
#ifndef DRIVERS_KVM_EXITS_H
#define DRIVERS_KVM_EXITS_H

#include "drivers/driver.h"
#include "drivers/kvm/vm.h"

#define VM_INSN_MAX	15	/* bytes of the longest x86 instruction */

/**
 * struct vm_end - how a request to the guest ended
 * @status:	RUN_OK when it was carried out; RUN_STUCK, RUN_FAILED
 * @reason:	in words, unless RUN_OK
 * @rip:	where the guest was, 0 unknown
 * @insn:	bytes at @rip
 * @ninsn:	how many of them are known
 */
struct vm_end {
	enum run_status status;
	char reason[REASON_MAX];
	uint64_t rip;
	uint8_t insn[VM_INSN_MAX];
	size_t ninsn;
};

/**
 * vm_request() - have the guest carry out a request and wait for the next
 *
 * Answers on the way what a benchmark makes exit: BENCH_PORT,
 * BENCH_PORT_EVENTFD where nothing listens, BENCH_MMIO, BENCH_MSR, HLT.
 *
 * Return: 0, or -EINVAL with @end filled in; then the VM is of no more use.
 */
int vm_request(struct vm *vm, enum guest_request request, struct vm_end *end);

/* A ring where a NOP takes more TSC ticks than this is not executed. */
#define RING_INTERPRETED	100.0

/**
 * struct vm_clock - how the guest's ring and its TSC run
 * @ticks_per_nop:	TSC ticks, least of three times 1,000
 * @tsc_offset:		guest's TSC minus the host's, to within an exit
 */
struct vm_clock {
	double ticks_per_nop;
	int64_t tsc_offset;
};

/**
 * vm_calibrate() - measure the ring that the guest is in (calibrate.c)
 *
 * Return: 0, or -EINVAL with @end filled in.
 */
int vm_calibrate(struct vm *vm, struct vm_clock *clock, struct vm_end *end);

/* watchdog.c */

/**
 * watchdog_start() - make KVM_RUN return in @ns from now, and ever after
 *
 * For the calling thread and one vCPU at a time.
 *
 * Return: 0 or a negative errno.
 */
int watchdog_start(struct kvm_run *run, uint64_t ns);
void watchdog_stop(void);
int watchdog_fired(void);

#endif
