/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_MEMINFO_H
#define DRIVERS_MEMINFO_H

#include <stdint.h>

/**
 * directmap_read() - how the kernel maps its own view of memory
 * @kib:	out: KiB mapped by 4 KiB, 2 MiB and 1 GiB pages, -1 unknown
 *
 * An isolated kernel splits this map, and the split lasts until reboot.
 */
void directmap_read(int64_t kib[3]);

/**
 * kernel_memory_parse() - bytes that the kernel has in use for itself
 * @text:	of /proc/meminfo
 *
 * Slab, page tables (also KVM's), kernel stacks, vmalloc, per-CPU memory: not
 * pages that it took from the allocator alone.
 *
 * Return: bytes, -1 where none of it is known.
 */
int64_t kernel_memory_parse(const char *text);
int64_t kernel_memory_read(void);

/* The same from the text of /proc/meminfo. */
void directmap_parse(const char *text, int64_t kib[3]);

#endif
