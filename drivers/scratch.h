/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where I/O benchmarks put their file: which file system and device that is,
 * as the kernel says it, and a directory of our own in it.
 */
#ifndef DRIVERS_SCRATCH_H
#define DRIVERS_SCRATCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct host;

#define SCRATCH_FILE_SIZE	(64ull << 20)

/**
 * struct scratch_mount - the mount that a directory is on
 * @fs:		file system type, "ext4"
 * @source:	what is mounted, "/dev/sda2", octal escapes decoded
 * @dev:	device number that mountinfo gives it
 */
struct scratch_mount {
	char fs[32];
	char source[256];
	dev_t dev;
};

/**
 * scratch_mount_find() - look a directory up in the text of a mountinfo file
 * @mountinfo:	text of /proc/self/mountinfo; modified
 * @dir:	absolute, resolved path
 * @dev:	st_dev of @dir
 *
 * Of the mounts above @dir the one with the longest path, of those with the
 * same path the one mounted last. One that carries @dev goes before all that
 * do not; btrfs gives each subvolume a device number which mountinfo does not
 * know.
 *
 * Return: 0, or -ENOENT.
 */
int scratch_mount_find(char *mountinfo, const char *dir, dev_t dev,
		       struct scratch_mount *out);

/**
 * scratch_create() - make host->scratch a private directory
 *
 * A directory "asibench-scratch-XXXXXX", mode 0700, in the one that
 * scratch_probe() chose; removes those of dead owners first. Does nothing
 * where host->scratch_reason says that there is no place for it.
 *
 * Return: 0, or a negative errno after saying what is wrong.
 */
int scratch_create(struct host *host);

/**
 * scratch_remove() - remove it with all that is in it
 *
 * Only in the process that made it; elsewhere, or without one, it does
 * nothing. Not for signal handlers.
 */
void scratch_remove(void);

/**
 * scratch_enter() - change into it, with its data file there
 * @size:	bytes that SCRATCH_FILE must have at least; else it is written
 * @why:	out: a reason, when it fails
 *
 * For a run's own process. The file's contents are random, so that no layer
 * below can tell blocks of zeros from data, and on the device when this
 * returns.
 *
 * Return: 0 or a negative errno with @why set.
 */
int scratch_enter(uint64_t size, char *why, size_t whysize);

#define SCRATCH_FILE	"data"

/* Bring SCRATCH_FILE into the page cache, or drop it from there: 0 or -errno. */
int scratch_warm(void);
int scratch_drop(void);

/**
 * scratch_direct() - does this file system take O_DIRECT?
 * Return: 0, or -errno of open(); -EINVAL is the file system's "no".
 */
int scratch_direct(void);

/**
 * scratch_reads() - read requests that the device under it has completed
 * Return: 0, or a negative errno where there is none or it cannot be read.
 */
int scratch_reads(const struct host *host, uint64_t *reads);

#endif
