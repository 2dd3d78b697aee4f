/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_GUEST_INITRD_H
#define DRIVERS_GUEST_INITRD_H

#include "drivers/guest/guest.h"

/**
 * struct initrd - what a guest starts from, in descriptors that QEMU inherits
 * @fd:		the initramfs
 * @size:	its bytes
 * @payload:	a disk with the files, or -1: they are in the initramfs
 */
struct initrd {
	int fd;
	uint64_t size;
	int payload;
};

/**
 * initrd_make() - put it together, in memory
 *
 * The files go on a disk where the kernel has ext4, else into the initramfs.
 *
 * @why:	out: a reason, when it fails
 * Return: 0, with @out to be given to initrd_close(); or a negative errno.
 */
int initrd_make(const struct guest_spec *spec, struct initrd *out, char *why,
		size_t whysize);
void initrd_close(struct initrd *out);

/* The static program that is process 1, part of this binary (initblob.c). */
extern const char guest_init_start[], guest_init_end[];

#endif
