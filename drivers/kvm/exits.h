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

/**
 * vcpu_serve() - run a vCPU until its guest waits for a request
 * @interrupted: asked when a signal ended KVM_RUN; 0: go on
 *
 * Return: 0; -EINVAL with @end filled in; what @interrupted returned.
 */
int vcpu_serve(struct vcpu *c, struct vm_end *end,
	       int (*interrupted)(struct vcpu *c, struct vm_end *end));

/**
 * vcpu_interrupted() - the usual *interrupted()
 *
 * The second vCPU has ended, or the time of the first was up.
 *
 * Return: 0: neither; -EINVAL with @end filled in.
 */
int vcpu_interrupted(struct vcpu *c, struct vm_end *end);

/**
 * vcpu_exit() - run a vCPU until one exit to user space, and answer it
 * Return: 0, or -EINVAL with @end filled in.
 */
int vcpu_exit(struct vcpu *c, struct vm_end *end);

/* peer.c: vCPUs beside the first, each in a thread; of one VM in a process */

/**
 * peer_start() - let all vCPUs of a VM but the first run
 * @v:		on which CPUs: v->peer, or v->peer_cpu for all
 * Return: 0, or a negative errno, with nothing to undo.
 */
int peer_start(struct vm *vm, const struct variant *v);

/* Make them leave the guest and wait for their threads. */
void peer_stop(void);

/**
 * peer_ended() - has one of them ended, which it never should?
 *
 * It also makes the first vCPU's KVM_RUN return.
 *
 * Return: 0, or -EINVAL with @end filled in.
 */
int peer_ended(struct vm_end *end);

/**
 * peer_store() - which share of the time since its start each had a CPU, at
 * least
 * @halts:	they may go to sleep; else a small share flags the run
 */
void peer_store(struct run_result *res, int halts);

/* A ring where a NOP takes more TSC ticks than this is not executed. */
#define RING_INTERPRETED	100.0

/**
 * struct vm_clock - how the guest's ring and its TSC run
 * @ticks_per_nop:	TSC ticks, least of three times 1,000
 * @ticks_per_rdtsc:	the same of 100 RDTSC
 * @tsc_offset:		guest's TSC minus the host's, to within an exit
 */
struct vm_clock {
	double ticks_per_nop;
	double ticks_per_rdtsc;
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

/* The same, early enough to end guest and VM before a deadline; 0: 60 s. */
int watchdog_start_before(struct kvm_run *run, uint64_t deadline_ns);
void watchdog_stop(void);
int watchdog_fired(void);

#endif
