/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two that measure on one CPU would measure each other: whoever uses a CPU
 * holds a lock on its directory in sysfs, where nothing has to be created and
 * everybody may.
 */
#ifndef DRIVERS_CPULOCK_H
#define DRIVERS_CPULOCK_H

#include <stdint.h>

/**
 * cpu_lock() - wait for a CPU
 * @who:	"NAME: " to begin messages with, or ""
 * @wait_ns:	then it is used beside whoever has it, which is said
 * @stop:	ends the wait when it becomes nonzero, or NULL
 * Return: a descriptor that holds the lock until it is closed, or -1 where
 * there is nothing to lock.
 */
int cpu_lock(int cpu, const char *who, uint64_t wait_ns,
	     const volatile int *stop);

#endif
