/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of a VM or a vCPU, as KVM_GET_STATS_FD gives them. */
#ifndef DRIVERS_KVM_STATS_H
#define DRIVERS_KVM_STATS_H

#include <stddef.h>
#include <stdint.h>

#define KVM_STATS_FILE_MAX	(64u << 10)

/**
 * kvm_stats_find() - where a counter is
 * @file:	the statistics file from its start to its end
 * @len:	its length
 * @name:	the counter
 * @offset:	out: of the 64-bit value, within @len
 *
 * The file is taken for hostile: every offset and size in it is checked.
 *
 * Return: 0; -ENOENT: no such counter; -ENOTSUP: it is no single number that
 * counts events or says how many there are; -EBADMSG: not a statistics file.
 */
int kvm_stats_find(const void *file, size_t len, const char *name,
		   uint64_t *offset);

#define KVM_COUNTERS	6

/**
 * struct kvm_counters - some counters of one VM or vCPU, and two readings
 * @fd:		statistics file, or -1
 * @name:	counters wanted, ended by NULL
 * @offset:	where each is in the file, 0 where this KVM has none
 * @first:	first reading
 * @last:	latest reading
 * @readings:	how many there were
 */
struct kvm_counters {
	int fd;
	const char *name[KVM_COUNTERS + 1];
	uint64_t offset[KVM_COUNTERS];
	uint64_t first[KVM_COUNTERS];
	uint64_t last[KVM_COUNTERS];
	int readings;
};

/**
 * kvm_counters_open() - find the counters of @c->name
 * @fd:		VM or vCPU
 * Return: 0, or a negative errno (-EINVAL or -ENOTTY before Linux 5.14).
 */
int kvm_counters_open(struct kvm_counters *c, int fd);
int kvm_counters_read(struct kvm_counters *c);
void kvm_counters_close(struct kvm_counters *c);

#endif
