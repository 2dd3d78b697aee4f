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

/* The same from the text of /proc/meminfo. */
void directmap_parse(const char *text, int64_t kib[3]);

#endif
