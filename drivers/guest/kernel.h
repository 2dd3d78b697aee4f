/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel for a guest: its image, its release, its modules. */
#ifndef DRIVERS_GUEST_KERNEL_H
#define DRIVERS_GUEST_KERNEL_H

#include "drivers/guest/guest.h"

/**
 * kernel_release() - what a bzImage says it is
 * Return: 0, -errno of reading it, or -ENOEXEC if it is no bzImage.
 */
int kernel_release(const char *image, char *release, size_t size);

/**
 * kernel_find() - fill in @env->kernel, @release and @modules
 * @image:	or a release, or NULL; see guest_find()
 * Return: 0, or a negative errno with @env->reason set.
 */
int kernel_find(struct guest_env *env, const char *image);

#define MODULES_MAX	64

/**
 * struct module_list - paths of module files, in the order to load them
 */
struct module_list {
	char *path[MODULES_MAX];
	size_t n;
};

/**
 * modules_find() - modules by name, with those that they need
 * @dir:	"/lib/modules/RELEASE"; "" finds nothing, which is no error
 * @names:	ended by NULL; '-' and '_' are the same
 * @missing:	out: the first that is neither a module nor built in, or ""
 * Return: 0, -ENOENT with @missing set, or another negative errno.
 */
int modules_find(const char *dir, const char *const *names,
		 struct module_list *list, char *missing, size_t size);
void modules_free(struct module_list *list);

/**
 * module_read() - a module's file, unpacked (.ko, .ko.zst, .ko.xz, .ko.gz)
 * @out:	malloc'ed
 * Return: 0 or a negative errno.
 */
int module_read(const char *path, char **out, size_t *len);

#endif
