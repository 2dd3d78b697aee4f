/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KVM's statistics of a VM that is somebody else's. Its file descriptors are
 * of no use here (their ioctls ask for the mm that made the VM), so QEMU is
 * asked by QMP, or the kernel by debugfs.
 *
 * A reading is summed over the vCPUs; of peaks it is the largest.
 */
#ifndef DRIVERS_VMSTATS_H
#define DRIVERS_VMSTATS_H

#include <sys/types.h>

#include "drivers/kvmstats.h"
#include "drivers/qmp.h"

/**
 * struct vmstats - a reading
 * @set:	statistics of the vCPUs and of the VM
 * @vcpus:	how many vCPUs it is of, -1 unknown
 * @vms:	how many VMs
 * @hists:	histograms that the source cannot tell
 */
struct vmstats {
	struct kvmstats set;
	int vcpus;
	int vms;
	int hists;
};

/**
 * vmstats_qmp() - by query-stats and query-stats-schemas (QEMU 7.1)
 * @s:		zeroed before the first reading; later ones replace the values
 * @why:	out, on failure: what is wrong and what to do about it
 *
 * Return: 0; -EOPNOTSUPP: the guest runs without KVM, or QEMU is too old; or
 * what qmp_execute() says.
 */
int vmstats_qmp(struct qmp *q, struct vmstats *s, char *why, size_t size);

/**
 * vmstats_debugfs() - by files below /sys/kernel/debug/kvm/PID-FD
 * @debugfs:	of debugfs_open()
 * @pid:	the process, as the first pid namespace counts; all its VMs
 *
 * Files that can be written to (that sets them to 0) are cumulative, but for
 * peaks ("max_"), the others a state. Of a histogram a file tells the first
 * bucket alone: histograms are left out.
 *
 * Return: 0; -ESRCH: the process has no VM; -EPERM: a kernel that is locked
 * down lets nobody read what could be written to; another negative errno.
 */
int vmstats_debugfs(int debugfs, pid_t pid, struct vmstats *s, char *why,
		    size_t size);

void vmstats_free(struct vmstats *s);

#endif
