/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process lends to operations in ring 0: pages, and a hole. */
#ifndef DRIVERS_HOST0_MEMORY_H
#define DRIVERS_HOST0_MEMORY_H

#include <stddef.h>

#include "drivers/host0/module.h"

struct variant;

/**
 * memory_lend() - map what a variant needs, and say so in the request
 *
 * Its parameters "pages" and "page" (KiB) say how much there is to touch; 128
 * pages of 4 KiB without them. "mib" of such pages are there to be copied, all
 * of them the kernel's page of zeros. Nothing is ever unmapped: for a run's own
 * process.
 *
 * @why:	out: a reason, when it fails
 * Return: 0; -ENOTSUP: this host has not got it; another negative errno.
 */
int memory_lend(const struct variant *v, const struct module_info *info,
		struct module_run *run, char *why, size_t size);

#endif
