/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_PINNED_H
#define DRIVERS_PINNED_H

/**
 * pinned_call() - call a function on one CPU, then go back to where the
 * thread was allowed to run before
 * @fn:		may be NULL: only try whether the CPU can be used
 * Return: 0, or -errno if the thread cannot be put there (not said).
 */
int pinned_call(int cpu, void (*fn)(void *arg), void *arg);

#endif
