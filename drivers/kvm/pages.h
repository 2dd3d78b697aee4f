/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that a guest finds without a mapping, or write-protected. */
#ifndef DRIVERS_KVM_PAGES_H
#define DRIVERS_KVM_PAGES_H

#include "drivers/kvm/vm.h"

#define VM_PAGES	(VM_PAGES_ABSENT | VM_PAGES_PRESENT | VM_PAGES_LOGGED)

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
 * Only of VM_PAGES_LOGGED; else it is always right. Counts since last asked.
 *
 * Return: 0, or -EINVAL with a reason in @why.
 */
int pages_check(struct vm *vm, uint64_t ops, char *why, size_t size);

#endif
