/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's page table, as the module walks it. */
#ifndef DRIVERS_HOST0_LISTING_H
#define DRIVERS_HOST0_LISTING_H

#include <stddef.h>
#include <stdio.h>

/**
 * listing_write() - its upper half, in the form of the kernel's own listings
 *
 * As /sys/kernel/debug/page_tables/kernel (CONFIG_PTDUMP_DEBUGFS) has it, with
 * the names of its regions; what is not mapped is left out.
 *
 * @why:	out: a reason, when it fails
 * Return: 0 or a negative errno.
 */
int listing_write(FILE *f, char *why, size_t size);

#endif
