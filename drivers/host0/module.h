/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel module (drivers/module) from the outside: loaded, used, unloaded. */
#ifndef DRIVERS_HOST0_MODULE_H
#define DRIVERS_HOST0_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/module/abi.h"

/* Names a module file, where it does not stand beside the program. */
#define MODULE_ENV	"ASIBENCH_MODULE"

/**
 * struct module_use - the module in use
 * @fd:		its device
 * @loaded:	by us, so that it is unloaded again
 */
struct module_use {
	int fd;
	bool loaded;
	struct module_info info;
};

/**
 * module_missing() - why the module cannot be used here, without trying
 * @why:	out: a reason with what to do about it
 * Return: 0: it may be there; -ENOENT, -EPERM or -ENOSYS.
 */
int module_missing(char *why, size_t size);

/**
 * module_open() - open its device, load it first where it is not there
 *
 * Found loaded by an earlier run that was killed, it is taken over.
 *
 * @why:	out: a reason, when it fails
 * Return: 0 or a negative errno.
 */
int module_open(struct module_use *m, char *why, size_t size);
void module_close(struct module_use *m);

#endif
