/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_GUEST_INITRD_H
#define DRIVERS_GUEST_INITRD_H

#include "drivers/guest/guest.h"

/**
 * initrd_make() - the initramfs of a boot, in memory
 * @size:	out: its bytes
 * @why:	out: a reason, when it fails
 * Return: a descriptor that QEMU inherits, or a negative errno.
 */
int initrd_make(const struct guest_spec *spec, uint64_t *size, char *why,
		size_t whysize);

/* The static program that is process 1, part of this binary (initblob.c). */
extern const char guest_init_start[], guest_init_end[];

#endif
