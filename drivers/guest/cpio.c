// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/cpio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/arena.h"

#define FILE_LIMIT	(1ull << 31)	/* the format has 32 bits */

void cpio_begin(struct cpio *c, int fd)
{
	memset(c, 0, sizeof(*c));
	c->fd = fd;
}

static void put(struct cpio *c, const void *data, size_t n)
{
	const char *p = data;
	ssize_t got;

	while (n && !c->err) {
		got = write(c->fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			c->err = got ? -errno : -EIO;
			return;
		}
		p += got;
		n -= got;
		c->size += got;
	}
}

static void pad(struct cpio *c)
{
	static const char zero[4];

	put(c, zero, -c->size & 3);
}

static void header(struct cpio *c, const char *path, mode_t mode,
		   uint32_t len, unsigned int major, unsigned int minor)
{
	const char *name = path[0] == '/' ? path + 1 : path;
	char head[111];

	snprintf(head, sizeof(head),
		 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		 ++c->ino, (unsigned int)mode, 0u, 0u, 1u, 0u, len, 0u, 0u,
		 major, minor, (unsigned int)strlen(name) + 1, 0u);
	put(c, head, 110);
	put(c, name, strlen(name) + 1);
	pad(c);
}

static int has_dir(const struct cpio *c, const char *path)
{
	size_t i;

	for (i = 0; i < c->ndirs; i++)
		if (!strcmp(c->dir[i], path))
			return 1;
	return 0;
}

static void parents(struct cpio *c, const char *path)
{
	char *up = strdup(path), *slash = up ? strrchr(up, '/') : NULL;

	if (!up)
		c->err = -ENOMEM;
	if (slash && slash != up) {
		*slash = '\0';
		cpio_dir(c, up);
	}
	free(up);
}

void cpio_dir(struct cpio *c, const char *path)
{
	void *more;

	if (c->err || has_dir(c, path))
		return;
	parents(c, path);
	more = array_grow(c->dir, c->ndirs, &c->room, sizeof(*c->dir));
	if (more) {
		c->dir = more;
		c->dir[c->ndirs] = strdup(path);
	}
	if (!more || !c->dir[c->ndirs]) {
		c->err = -ENOMEM;
		return;
	}
	c->ndirs++;
	header(c, path, S_IFDIR | 0755, 0, 0, 0);
}

void cpio_data(struct cpio *c, const char *path, mode_t mode,
	       const void *data, size_t len)
{
	if (len >= FILE_LIMIT) {
		c->err = -EFBIG;
		return;
	}
	parents(c, path);
	header(c, path, S_IFREG | mode, len, 0, 0);
	put(c, data, len);
	pad(c);
}

void cpio_file(struct cpio *c, const char *path, const char *host)
{
	int fd = open(host, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint64_t left;
	ssize_t got;

	if (c->err)
		goto out;
	if (fd < 0 || fstat(fd, &st)) {
		c->err = -errno;
		goto out;
	}
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size >= FILE_LIMIT) {
		c->err = -EINVAL;
		goto out;
	}
	parents(c, path);
	header(c, path, S_IFREG | (st.st_mode & 0755), st.st_size, 0, 0);
	for (left = st.st_size; left && !c->err; left -= got) {
		got = sendfile(c->fd, fd, NULL, left);
		/* Shorter than it was: the archive would be out of step. */
		if (got <= 0) {
			c->err = got ? -errno : -EIO;
			goto out;
		}
		c->size += got;
	}
	pad(c);
out:
	if (fd >= 0)
		close(fd);
}

void cpio_chardev(struct cpio *c, const char *path, unsigned int major,
		  unsigned int minor)
{
	parents(c, path);
	header(c, path, S_IFCHR | 0600, 0, major, minor);
}

int cpio_end(struct cpio *c)
{
	header(c, "TRAILER!!!", 0, 0, 0, 0);
	while (c->ndirs)
		free(c->dir[--c->ndirs]);
	free(c->dir);
	c->dir = NULL;
	return c->err;
}
