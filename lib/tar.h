/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Archives of plain files: ustar in zstd, the same bytes for the same files.
 * No owners, times or modes are written, and none are taken: an archive of
 * others can only make new plain files in a directory that is ours.
 */
#ifndef LIB_TAR_H
#define LIB_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAR_NAME_MAX	99

/* May this name a file of an archive? Letters, digits and "._-+,=@"; no path,
 * not hidden, not longer than TAR_NAME_MAX. */
bool tar_name_ok(const char *name);

/**
 * tar_pack() - files of a directory into a new archive
 * @path:	must not be there
 * @top:	directory that the archive unpacks into
 * Return: 0 or a negative errno, said; nothing is left behind then.
 */
int tar_pack(const char *path, const char *dir, const char *top,
	     char *const *name, size_t n);

/**
 * tar_unpack() - the files of an archive into a directory
 * @dir:	must be empty
 * @files:	more than these are refused,
 * @bytes:	as are more of all files together
 *
 * Entries are "TOP/NAME" with one TOP for all, which may have one itself; links, devices, paths and names
 * that are there twice are refused, as is what follows the end.
 *
 * Return: 0 or a negative errno, said.
 */
int tar_unpack(const char *path, const char *dir, size_t files,
	       uint64_t bytes);

#endif
