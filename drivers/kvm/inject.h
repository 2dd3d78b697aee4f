/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts that user space brings upon a vCPU. */
#ifndef DRIVERS_KVM_INJECT_H
#define DRIVERS_KVM_INJECT_H

#include "drivers/kvm/vm.h"

/**
 * inject_add() - an irqfd whose interrupt is BENCH_VECTOR of a vCPU
 * @index:	which
 * Return: 0, or a negative errno with vm->failed set.
 */
int inject_add(struct vm *vm, int index);

/* Raise it: by that irqfd, or by KVM_SIGNAL_MSI. 0 or a negative errno. */
int inject_irqfd(struct vm *vm);
int inject_msi(struct vm *vm, int index);

#endif
