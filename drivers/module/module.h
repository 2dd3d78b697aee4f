/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the module. */
#ifndef DRIVERS_MODULE_MODULE_H
#define DRIVERS_MODULE_MODULE_H

#include "drivers/module/abi.h"

struct bench;

/* Benchmarks between begin.o and end.o. */
extern const struct bench *const module_benches[];
extern const struct bench *const module_benches_end[];

/**
 * guard_machine() - may this module do anything here?
 * @why:	out: a reason where it may not
 * Return: 0 or a negative errno.
 */
int guard_machine(const char **why);

/* Past the kernel's own functions, which go through the paravirtual layer. */
unsigned long guard_read_cr3(void);
unsigned long guard_read_cr4(void);

/**
 * guard_cr3() - does CR3 hold the table of the current process?
 *
 * A kernel that isolates itself may be on a restricted one. Interrupts are
 * off, or the answer is old.
 *
 * Return: 0 or -EBUSY.
 */
int guard_cr3(unsigned long cr3);

/* What this CPU has switched on: set of enum module_feature. */
unsigned int guard_features(void);

/* The requests; 0 or a negative errno. */
int loop_run(struct module_run *run);
int list_take(struct module_list *list);

#endif
