/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations of a process on a VM, timed in that process: bench.vm_op. */
#ifndef DRIVERS_KVM_HOST_OPS_H
#define DRIVERS_KVM_HOST_OPS_H

#include "drivers/driver.h"

/**
 * host_op_run() - one run of a benchmark that has a vm_op
 * Return: 0, or -errno with res->reason set.
 */
int host_op_run(const struct run_spec *spec, struct run_result *res);

#endif
