/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared libraries that a program needs, as its own loader finds them. */
#ifndef LIB_CLOSURE_H
#define LIB_CLOSURE_H

#include <stddef.h>

/**
 * struct closure - absolute paths, the loader among them; none if static
 */
struct closure {
	char **path;
	size_t n;
	size_t room;
};

/**
 * closure_find() - ask the loader that the program names ("ld.so --list")
 *
 * The program itself does not run. Paths are given as the loader looks them
 * up, so that a copy of each at the same place serves the program elsewhere.
 *
 * @why:	out: a reason, when it fails
 * Return: 0; -ENOEXEC: not an ELF program of this machine; another negative
 * errno.
 */
int closure_find(const char *program, struct closure *c, char *why,
		 size_t size);
void closure_free(struct closure *c);

#endif
