/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where results.db may be, and making the file. */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * place_network_name() - is this a file system whose locks cannot be trusted?
 * @magic:	statfs f_type
 * @fuseblk:	a FUSE file system on a local block device
 * Return: its name, or NULL if SQLite may live there.
 *
 * FUSE is refused but for block devices: sshfs, rclone, virtiofs and the like
 * lock for one machine only, if at all.
 */
const char *place_network_name(unsigned long magic, bool fuseblk);

/**
 * place_prepare() - look at the file's place, and make it if it is missing
 * @path:	as the user gave it
 * @create:	make an empty file, 0600, of the caller's under sudo
 * @real:	out: the same without links in its directory
 *
 * A symbolic link or anything but a regular file at the place is refused.
 *
 * Return: 0, -ENOENT (said) if it is not there, or another negative errno.
 */
int place_prepare(const char *path, bool create, char *real, size_t size);

/* May the rollback journal be made beside @real? 0 or -errno, said. */
int place_writable(const char *real, const char *path);

#endif
