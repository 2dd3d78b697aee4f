/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_GUEST_RECORDS_H
#define DRIVERS_GUEST_RECORDS_H

#include <stddef.h>

/**
 * records_check() - is everything there, up to the last record?
 * @why:	out: what is wrong
 * Return: 0, or -EBADMSG.
 */
int records_check(const void *disk, size_t size, const char **why);

/**
 * records_find() - data of the record @name, checked
 * Terminated in place. Return: NULL if it is not among those ahead of the first
 * damaged one.
 */
const char *records_find(void *disk, size_t size, const char *name,
			 size_t *len);

#endif
