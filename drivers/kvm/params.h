/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel modules behind /dev/kvm. */
#ifndef DRIVERS_KVM_PARAMS_H
#define DRIVERS_KVM_PARAMS_H

#include "drivers/host.h"

/**
 * kvm_module_find() - fill host->kvm_module, "" if none is loaded
 */
void kvm_module_find(struct host *host);

/* Facts: every parameter of kvm and of host->kvm_module, kvm.mmu. */
void kvm_module_facts(struct host *host);

/* Does this CPU offer VT-x or AMD-V? */
int cpu_has_vmx(void);
int cpu_has_svm(void);

#endif
