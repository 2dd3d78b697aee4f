// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded: the process dies by SIGKILL at the k-th call that would change
 * a database or its journal.
 *
 * KILLWRITE_FILE	path that the changed files' names begin with
 * KILLWRITE_AT		k, from 1
 * KILLWRITE_TORN	if set, half of a write's bytes are written before
 */
#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

int ftruncate64(int fd, off64_t size);
ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t at);

#define NEXT(name)							\
	((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int ours(const char *path)
{
	const char *file = getenv("KILLWRITE_FILE");

	return file && !strncmp(path, file, strlen(file));
}

static int our_fd(int fd)
{
	char link[32], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	return ours(path);
}

/* Is this the call to die at? */
static int due(void)
{
	static long count;
	const char *at = getenv("KILLWRITE_AT");

	return at && ++count == atol(at);
}

/* Bytes to write before dying; -1: do not die. */
static ssize_t torn(int fd, size_t n)
{
	if (!our_fd(fd) || !due())
		return -1;
	return getenv("KILLWRITE_TORN") ? n / 2 : 0;
}

static void die(void)
{
	kill(getpid(), SIGKILL);
	pause();
}

#define WRITER(name, proto, args, part)					\
ssize_t name proto							\
{									\
	ssize_t half = torn(fd, n);					\
									\
	if (half < 0)							\
		return NEXT(name) args;					\
	if (half && NEXT(name) part < 0)				\
		perror(#name);						\
	die();								\
	return -1;							\
}

WRITER(write, (int fd, const void *buf, size_t n), (fd, buf, n),
       (fd, buf, half))
WRITER(pwrite, (int fd, const void *buf, size_t n, off_t at),
       (fd, buf, n, at), (fd, buf, half, at))
WRITER(pwrite64, (int fd, const void *buf, size_t n, off64_t at),
       (fd, buf, n, at), (fd, buf, half, at))

#define CHANGER(name, proto, args, is_ours)				\
int name proto								\
{									\
	if (is_ours && due())						\
		die();							\
	return NEXT(name) args;						\
}

CHANGER(ftruncate, (int fd, off_t size), (fd, size), our_fd(fd))
CHANGER(ftruncate64, (int fd, off64_t size), (fd, size), our_fd(fd))
CHANGER(unlink, (const char *path), (path), ours(path))
