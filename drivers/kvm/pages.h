/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that a guest finds without a mapping, or write-protected. */
#ifndef DRIVERS_KVM_PAGES_H
#define DRIVERS_KVM_PAGES_H

#include "drivers/kvm/vm.h"

#define VM_PAGES	(VM_PAGES_ABSENT | VM_PAGES_PRESENT |		\
			 VM_PAGES_LOGGED | VM_PAGES_READONLY | VM_PAGES_RING)

/* Bytes of guest-physical memory from BENCH_PAGES_AT on. */
static inline size_t pages_size(unsigned int flags)
{
	return flags & VM_PAGES_HUGE ? BENCH_HUGE_PAGES * BENCH_HUGE_STRIDE :
		BENCH_PAGES * BENCH_PAGES_STRIDE;
}

/**
 * pages_add_ring() - have KVM log into a ring, if @flags asks for it
 *
 * Before there is a vCPU.
 *
 * Return: 0, or a negative errno with vm->failed set.
 */
int pages_add_ring(struct vm *vm, unsigned int flags);

/**
 * pages_add() - a second slot of memory, where VM_PAGES_* of @flags asks
 * Return: 0, or a negative errno with vm->failed set.
 */
int pages_add(struct vm *vm, unsigned int flags);
void pages_remove(struct vm *vm);

/**
 * pages_prepare() - take away again what the last batch brought about
 *
 * For the guest, which asks through BENCH_PORT_PREPARE.
 *
 * Return: 0, or a negative errno.
 */
int pages_prepare(struct vm *vm);

/**
 * pages_check() - did @ops operations dirty as many pages?
 *
 * Only of VM_PAGES_LOGGED and VM_PAGES_RING; else it is always right. Counts
 * since last asked.
 *
 * Return: 0, or -EINVAL with a reason in @why.
 */
int pages_check(struct vm *vm, uint64_t ops, char *why, size_t size);

#endif
