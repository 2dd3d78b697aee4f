/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VM exits of a guest by reason, job by job. Two jobs that differ in their
 * length alone have the same start and end: what the longer one has more
 * belongs to its I/O.
 */
#ifndef DRIVERS_GUEST_EXITS_H
#define DRIVERS_GUEST_EXITS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct guest_exits;
struct run_result;

/**
 * guest_exits_open() - count from now on
 * @tid:	threads of the vCPUs, @n of them
 * @kvm_module:	"kvm_intel", ...: which list of reasons holds
 *
 * What cannot be counted here is no error.
 *
 * Return: NULL without memory.
 */
struct guest_exits *guest_exits_open(const pid_t *tid, size_t n,
				     const char *kvm_module);
/* NULL is fine. */
void guest_exits_close(struct guest_exits *e);

/* Job @job (below GUEST_JOBS) begins, or ends. */
void guest_exits_mark(struct guest_exits *e, size_t job, bool end);

/**
 * guest_exits_store() - what job @more has more than job @less, per operation
 * @ops:	by which they differ
 * @why:	there can be none, or NULL; stored in their place
 */
void guest_exits_store(struct guest_exits *e, size_t less, size_t more,
		       double ops, const char *why, struct run_result *res);

#endif
