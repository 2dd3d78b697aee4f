/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_FIO_H
#define DRIVERS_FIO_H

#include <stdbool.h>
#include <stddef.h>

/**
 * fio_contradicts() - does what the device saw contradict the key?
 * @direct:	the key says "past the page cache"
 * @per_io:	blocks read from the device per I/O
 * @why:	out: in words, "" if it does not
 *
 * Cached: at most 1 % of the reads. Direct: one block each, within a factor of
 * two, because the ramp's I/Os are known only by its share of the time.
 */
bool fio_contradicts(bool direct, double per_io, char *why, size_t size);

#endif
