/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics that KVM keeps of a VM or a vCPU, wherever they were read: our
 * own VM's file descriptor here, QMP and debugfs of a foreign one elsewhere
 * (drivers/vmwatch.h).
 */
#ifndef DRIVERS_KVMSTATS_H
#define DRIVERS_KVMSTATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KVMSTAT_NAME	56
#define KVMSTAT_MAX	512	/* statistics of a VM or vCPU: KVM has 60 */
#define KVMSTAT_BUCKETS	1024	/* of a histogram: KVM has 64 */

enum kvmstat_kind {
	KVMSTAT_CUMULATIVE,	/* only grows: differences are events */
	KVMSTAT_INSTANT,	/* a state; a difference means nothing */
	KVMSTAT_PEAK,		/* largest there was */
	KVMSTAT_LINEAR,		/* histogram, buckets of equal size */
	KVMSTAT_LOG,		/* histogram, bucket i to 2^i */
	NR_KVMSTAT_KINDS,
};

enum kvmstat_unit {
	KVMSTAT_NONE, KVMSTAT_BYTES, KVMSTAT_SECONDS, KVMSTAT_CYCLES,
	KVMSTAT_BOOLEAN, NR_KVMSTAT_UNITS,
};

/**
 * struct kvmstat - what a statistic is
 * @name:	KVM's own
 * @base, @exponent: its unit is @base^@exponent times @unit; @base is 2 or 10
 * @bucket:	size of a bucket of KVMSTAT_LINEAR
 * @first:	index of its first value in struct kvmstats.value
 * @n:		values, more than 1 in a histogram
 * @at:		offset of the first in a statistics file
 */
struct kvmstat {
	char name[KVMSTAT_NAME];
	enum kvmstat_kind kind;
	enum kvmstat_unit unit;
	int base;
	int exponent;
	uint32_t bucket;
	uint32_t first;
	uint32_t n;
	uint32_t at;
};

/**
 * struct kvmstats - statistics and a reading of them
 * @value:	of all statistics, one after the other
 * @left_out:	statistics of a kind that this program does not know
 */
struct kvmstats {
	struct kvmstat *v;
	size_t n;
	uint64_t *value;
	size_t nvalues;
	size_t left_out;
};

/**
 * kvmstats_add() - one more statistic, with room for its values (0)
 * @s:		copied; @first is chosen
 * Return: its index; -E2BIG beyond the bounds above; -ENOMEM.
 */
int kvmstats_add(struct kvmstats *set, const struct kvmstat *s);

/**
 * kvmstats_parse() - the statistics of a file of KVM_GET_STATS_FD
 * @file:	all of it; taken for hostile: every offset and size is checked
 * @out:	values included
 *
 * Return: 0; -EBADMSG: not a statistics file; -E2BIG; -ENOMEM. After an error
 * there is nothing to free.
 */
int kvmstats_parse(const void *file, size_t len, struct kvmstats *out);

/**
 * kvmstats_open() - the statistics of one of our VMs or vCPUs
 * @fd:		VM or vCPU
 * @stats_fd:	out: for kvmstats_read() and close()
 * Return: 0 or a negative errno (-EINVAL or -ENOTTY before Linux 5.14).
 */
int kvmstats_open(int fd, struct kvmstats *out, int *stats_fd);
int kvmstats_read(struct kvmstats *set, int stats_fd);
/* All values 0, and nothing left out: for a reading that adds up. */
void kvmstats_clear(struct kvmstats *set);
void kvmstats_free(struct kvmstats *set);

/* The statistic of that name, or NULL. */
const struct kvmstat *kvmstats_find(const struct kvmstats *set,
				    const char *name);

bool kvmstat_is_histogram(const struct kvmstat *s);

/**
 * kvmstat_unit() - how its values read
 * @scale:	out: multiplies a value, where the unit has no name of its own
 * Return: "ns", "us", "ms", "s", "bytes", "KiB", "MiB", "GiB", "cycles",
 * "0 or 1"; @none for a plain number.
 */
const char *kvmstat_unit(const struct kvmstat *s, const char *none,
			 double *scale);

/**
 * kvmstat_bucket_top() - where bucket @i of a histogram ends
 * Return: in the statistic's own unit, exclusive; INFINITY for the last one.
 */
double kvmstat_bucket_top(const struct kvmstat *s, uint32_t i);

const char *kvmstat_kind_name(enum kvmstat_kind kind);

#endif
