// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/num.h"
#include "lib/text.h"

/* Read until @max bytes or the end; procfs files come in pieces. */
static ssize_t read_all(int fd, char *buf, size_t max)
{
	size_t n = 0;
	ssize_t got;

	while (n < max) {
		got = read(fd, buf + n, max - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		n += got;
	}
	return n;
}

int file_line(const char *path, char *buf, size_t size)
{
	ssize_t n;
	char *line;
	int fd;

	buf[0] = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	n = read_all(fd, buf, size - 1);
	close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	if (n < 0)
		return n;
	buf[strcspn(buf, "\n")] = '\0';
	line = text_trim(buf);
	memmove(buf, line, strlen(line) + 1);
	return strlen(buf);
}

int file_read(const char *path, size_t max, char **out, size_t *len)
{
	size_t room = 4096;
	char *buf = NULL, *more;
	ssize_t got, n = 0;
	int err = 0, fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	do {
		room *= 2;
		more = realloc(buf, room + 1);
		if (!more) {
			err = -ENOMEM;
			break;
		}
		buf = more;
		got = read_all(fd, buf + n, room - n);
		if (got < 0) {
			err = got;
			break;
		}
		n += got;
		if ((size_t)n > max) {
			err = -EFBIG;
			break;
		}
	} while ((size_t)n == room);
	close(fd);
	if (err) {
		free(buf);
		return err;
	}
	buf[n] = '\0';
	*out = buf;
	if (len)
		*len = n;
	return 0;
}

ssize_t file_pread(int fd, void *buf, size_t max)
{
	size_t n = 0;
	ssize_t got;

	while (n < max) {
		got = pread(fd, (char *)buf + n, max - n, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return n;
		n += got;
	}
	return -EFBIG;
}

int file_in_path(const char *name, char *buf, size_t size)
{
	const char *path = getenv("PATH"), *end;
	int n;

	for (; path && *path; path = *end ? end + 1 : end) {
		end = path + strcspn(path, ":");
		n = snprintf(buf, size, "%.*s/%s", (int)(end - path), path,
			     name);
		if (n < (int)size && path[0] == '/' && !access(buf, X_OK))
			return 0;
	}
	buf[0] = '\0';
	return -ENOENT;
}

int file_s64(const char *path, long long *out)
{
	char line[64];
	int64_t v;
	int err;

	err = file_line(path, line, sizeof(line));
	if (err < 0)
		return err;
	err = num_s64(line, INT64_MIN, INT64_MAX, &v);
	if (err)
		return -EINVAL;
	*out = v;
	return 0;
}
