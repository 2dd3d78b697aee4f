/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files of procfs and sysfs, and files of others, with bounds. */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include <stddef.h>
#include <sys/types.h>

/**
 * file_line() - first line of a file, trimmed
 * Return: its length, or a negative errno; @buf is terminated in any case.
 */
int file_line(const char *path, char *buf, size_t size);

/**
 * file_read() - a whole file
 * @max:	a longer one is -EFBIG
 * @out:	malloc'ed, terminated
 * Return: 0 or a negative errno.
 */
int file_read(const char *path, size_t max, char **out, size_t *len);

/**
 * file_pread() - an open file from its start to its end
 * Return: bytes, fewer than @max; -EFBIG if it is longer; a negative errno.
 */
ssize_t file_pread(int fd, void *buf, size_t max);

/**
 * file_in_path() - absolute path of a program in $PATH
 * Return: 0, or -ENOENT with @buf "".
 */
int file_in_path(const char *name, char *buf, size_t size);

/* A number in a file; -EINVAL if it holds none. */
int file_s64(const char *path, long long *out);

#endif
