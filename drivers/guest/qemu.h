/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's argument vector for a guest. */
#ifndef DRIVERS_GUEST_QEMU_H
#define DRIVERS_GUEST_QEMU_H

#include "drivers/guest/guest.h"

#define QEMU_ARGS	96

/**
 * struct qemu_args - words that live as long as the arena
 */
struct qemu_args {
	const char *word[QEMU_ARGS + 1];
	int n;
	struct arena *arena;
	int err;
};

/**
 * struct qemu_fds - what QEMU inherits
 */
struct qemu_fds {
	int initrd;
	int payload;		/* or -1 */
	int results;
	int qmp;
};

/**
 * qemu_command() - put the words together
 * @memory:	MiB
 * Return: 0 or -ENOMEM, -E2BIG.
 */
int qemu_command(struct qemu_args *a, const struct guest_spec *spec,
		 const struct qemu_fds *fds, unsigned int memory);

#endif
