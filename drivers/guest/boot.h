/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads of a process, as procfs shows them. */
#ifndef DRIVERS_GUEST_BOOT_H
#define DRIVERS_GUEST_BOOT_H

#include <stdint.h>
#include <sys/types.h>

#define BOOT_THREADS	256

/* Ids of the threads of @pid, at most BOOT_THREADS; how many. */
int boot_threads(pid_t pid, pid_t *tid);

/* Time that a thread has been on a CPU, ns; -1 unknown. */
int64_t boot_thread_ns(pid_t pid, pid_t tid);

/* The longest that one of its threads has waited for a CPU so far, ns. */
int64_t boot_waited_ns(pid_t pid);

#endif
