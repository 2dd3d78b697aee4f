/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An initramfs: a cpio archive in the "newc" form, see the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst.
 */
#ifndef DRIVERS_GUEST_CPIO_H
#define DRIVERS_GUEST_CPIO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct cpio - an archive that is being written to a descriptor
 * @err:	of the first write that failed; later ones do nothing
 */
struct cpio {
	int fd;
	uint32_t ino;
	uint64_t size;
	int err;
	char **dir;		/* directories that it has */
	size_t ndirs;
	size_t room;
};

void cpio_begin(struct cpio *c, int fd);

/**
 * cpio_data() - a file
 * @path:	absolute; the directories on the way are made
 */
void cpio_data(struct cpio *c, const char *path, mode_t mode,
	       const void *data, size_t len);

/* The same with the contents of a file of this host. */
void cpio_file(struct cpio *c, const char *path, const char *host);
void cpio_dir(struct cpio *c, const char *path);
void cpio_chardev(struct cpio *c, const char *path, unsigned int major,
		  unsigned int minor);

/**
 * cpio_end() - write the trailer
 * Return: 0 or the first error.
 */
int cpio_end(struct cpio *c);

#endif
