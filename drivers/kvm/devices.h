/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a VM can have besides memory: the VM_* of bench.h. */
#ifndef DRIVERS_KVM_DEVICES_H
#define DRIVERS_KVM_DEVICES_H

#include "drivers/kvm/vm.h"

/**
 * devices_lack() - a thing of @flags that this KVM has not
 * @kvm:	of kvm_open()
 * @flags:	set of VM_*
 * Return: the name of its capability, or NULL: it has all.
 */
const char *devices_lack(int kvm, unsigned int flags);

/**
 * devices_add_chips() - interrupt controllers and timer, if @flags has them
 *
 * Before there is a vCPU, which gets its APIC when it is made.
 *
 * Return: 0, or a negative errno with vm->failed set.
 */
int devices_add_chips(struct vm *vm, unsigned int flags);

/**
 * devices_add() - give a VM what else @flags says
 *
 * One thing of each kind: they would share an eventfd, or a ring.
 *
 * Return: 0, or a negative errno with vm->failed set.
 */
int devices_add(struct vm *vm, int kvm, unsigned int flags);

/**
 * devices_room() - operations that fit between two calls of devices_check()
 * Return: that, or 0: any number.
 */
uint64_t devices_room(const struct vm *vm);

/**
 * devices_check() - did what @ops operations did arrive where it should?
 *
 * Counts what came since the last call. A VM without devices is always right.
 *
 * Return: 0, or -EINVAL with a reason in @why.
 */
int devices_check(struct vm *vm, uint64_t ops, char *why, size_t size);

#endif
