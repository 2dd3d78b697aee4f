// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "drivers/host.h"
#include "lib/file.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "lib/text.h"

#define PREFIX		"asibench-scratch-"
#define LOCK_NAME	"lock"
#define MOUNTINFO_MAX	(4u << 20)
#define CHUNK		(1u << 20)

/* The directory of this process; children inherit it and leave it alone. */
static struct {
	char path[256];
	int dir;
	int lock;
	pid_t owner;
} own = { .dir = -1, .lock = -1 };

/* mountinfo writes blanks and backslashes as \ooo; in place. */
static void octal_decode(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
		    s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*to++ = (s[1] - '0') << 6 | (s[2] - '0') << 3 |
				(s[3] - '0');
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* Length of @mount if it is @dir or above it, else -1. */
static int mount_covers(const char *mount, const char *dir)
{
	size_t n = strlen(mount);

	if (n == 1 && mount[0] == '/')
		return 1;
	if (strncmp(mount, dir, n) || (dir[n] && dir[n] != '/'))
		return -1;
	return n;
}

/* "36 35 98:0 /root /mnt options [optional...] - type source options" */
static int mount_parse(char *line, char **mount, struct scratch_mount *m)
{
	unsigned int maj, min;
	char *tail, *save, *fs, *source;
	char *field[5];
	int i;

	tail = strstr(line, " - ");
	if (!tail)
		return -EINVAL;
	*tail = '\0';
	for (i = 0; i < 5; i++) {
		field[i] = strtok_r(i ? NULL : line, " ", &save);
		if (!field[i])
			return -EINVAL;
	}
	fs = strtok_r(tail + 3, " ", &save);
	source = strtok_r(NULL, " ", &save);
	if (!fs || !source ||
	    sscanf(field[2], "%u:%u", &maj, &min) != 2)
		return -EINVAL;
	octal_decode(field[4]);
	octal_decode(source);
	*mount = field[4];
	m->dev = makedev(maj, min);
	text_ascii(m->fs, sizeof(m->fs), fs);
	snprintf(m->source, sizeof(m->source), "%s", source);
	return 0;
}

int scratch_mount_find(char *mountinfo, const char *dir, dev_t dev,
		       struct scratch_mount *out)
{
	struct scratch_mount m;
	char *line, *mount, *next;
	int best = -1, rank;

	for (line = mountinfo; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (mount_parse(line, &mount, &m))
			continue;
		rank = mount_covers(mount, dir);
		if (rank < 0)
			continue;
		if (m.dev == dev)
			rank += PATH_MAX;
		if (rank >= best) {
			best = rank;
			*out = m;
		}
	}
	return best < 0 ? -ENOENT : 0;
}

/*
 * "major:minor" of the block device below, or "". File systems with device
 * numbers of their own (btrfs) name the device as their source.
 */
static void device_name(const struct scratch_mount *m, dev_t dev, char *buf,
			size_t size)
{
	struct stat st;

	buf[0] = '\0';
	if (!major(dev)) {
		if (m->source[0] != '/' || stat(m->source, &st) ||
		    !S_ISBLK(st.st_mode))
			return;
		dev = st.st_rdev;
	}
	snprintf(buf, size, "%u:%u", major(dev), minor(dev));
}

/* A property of the device's queue; partitions share that of their disk. */
static void queue_fact(struct host *host, const char *key, const char *what)
{
	static const char *const dirs[] = { "", "/.." };
	char path[128], line[128];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/dev/block/%s%s/queue/%s",
			 host->scratch_dev, dirs[i], what);
		if (file_line(path, line, sizeof(line)) > 0) {
			facts_text(&host->facts, key, FACT_IDENTITY, 1, line);
			return;
		}
	}
}

static const char *scratch_choose(const struct host *host)
{
	const char *tmp = getenv("TMPDIR");

	if (host->conf.scratch[0])
		return host->conf.scratch;
	return tmp && *tmp ? tmp : "/var/tmp";
}

/* Returns 0, or sets host->scratch_reason. */
static int scratch_usable(struct host *host, const char *dir, struct stat *st)
{
	uint64_t need = 2 * SCRATCH_FILE_SIZE, room;
	char *why = host->scratch_reason;
	size_t size = sizeof(host->scratch_reason);
	char path[PATH_MAX], name[128];
	struct statvfs vfs;

	text_clean(name, sizeof(name), dir);
	if (!realpath(dir, path) || stat(path, st) || statvfs(path, &vfs))
		return snprintf(why, size, "scratch directory %s: %s; make "
				"it, or name another one in TMPDIR", name,
				strerror(errno));
	if (!S_ISDIR(st->st_mode))
		return snprintf(why, size, "%s is not a directory; name one "
				"in TMPDIR", name);
	if (access(path, W_OK | X_OK))
		return snprintf(why, size, "cannot write to %s: %s; name "
				"another scratch directory in TMPDIR", name,
				strerror(errno));
	/* Room for the private directory's name and the file below it. */
	if (strlen(path) + 40 > sizeof(host->scratch))
		return snprintf(why, size, "the scratch directory's path is "
				"too long; name another one in TMPDIR");
	room = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	if (room < need)
		return snprintf(why, size, "%s has %llu MiB free, %llu are "
				"needed; name a scratch directory with more "
				"in TMPDIR", name,
				(unsigned long long)room >> 20,
				(unsigned long long)need >> 20);
	strcpy(host->scratch, path);
	return 0;
}

int scratch_probe(struct host *host)
{
	struct scratch_mount m;
	struct stat st;
	char *text;
	int err;

	host->scratch[0] = host->scratch_reason[0] = '\0';
	host->scratch_fs[0] = host->scratch_dev[0] = '\0';
	if (scratch_usable(host, scratch_choose(host), &st))
		return 0;
	err = file_read("/proc/self/mountinfo", MOUNTINFO_MAX, &text, NULL);
	if (!err) {
		err = scratch_mount_find(text, host->scratch, st.st_dev, &m);
		free(text);
	}
	if (err) {
		snprintf(host->scratch_reason, sizeof(host->scratch_reason),
			 "cannot tell the scratch directory's file system: "
			 "/proc/self/mountinfo: %s", strerror(-err));
		return 0;
	}
	strcpy(host->scratch_fs, m.fs);
	device_name(&m, st.st_dev, host->scratch_dev,
		    sizeof(host->scratch_dev));
	facts_text(&host->facts, "scratch.fs", FACT_IDENTITY, 1, m.fs);
	if (host->scratch_dev[0]) {
		queue_fact(host, "scratch.scheduler", "scheduler");
		queue_fact(host, "scratch.rotational", "rotational");
	}
	return 0;
}

/* Open and lock the lock file; -EWOULDBLOCK: its owner lives. */
static int lock_take(int dir, int wait)
{
	int fd, err;

	fd = openat(dir, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* The files in it go, the lock last; then the directory. */
static int dir_empty(int dir)
{
	struct dirent *e;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		    strcmp(e->d_name, LOCK_NAME))
			unlinkat(dir, e->d_name, 0);
	closedir(d);
	unlinkat(dir, LOCK_NAME, 0);
	return 0;
}

static void stale_remove_one(int base, const char *name)
{
	struct stat st;
	int dir, lock;

	dir = openat(base, name,
		     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return;
	if (!fstat(dir, &st) && st.st_uid == geteuid()) {
		lock = lock_take(dir, 0);
		if (lock >= 0) {
			dir_empty(dir);
			unlinkat(base, name, AT_REMOVEDIR);
			close(lock);
		}
	}
	close(dir);
}

/* Owners that were killed could not clean up; their locks are free. */
static void stale_remove(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);

	if (!d)
		return;
	while ((e = readdir(d)))
		if (!strncmp(e->d_name, PREFIX, strlen(PREFIX)))
			stale_remove_one(dirfd(d), e->d_name);
	closedir(d);
}

/*
 * One attempt. Another process may take the new directory for a stale one
 * until the lock is held; then the lock file is unlinked: -EAGAIN.
 */
static int create_once(const char *base)
{
	struct stat st;
	int err, n;

	n = snprintf(own.path, sizeof(own.path), "%s/" PREFIX "XXXXXX", base);
	if (n >= (int)sizeof(own.path))
		return -ENAMETOOLONG;
	if (!mkdtemp(own.path))
		return -errno;
	own.dir = open(own.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
		       O_CLOEXEC);
	if (own.dir < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	own.lock = lock_take(own.dir, 1);
	err = own.lock < 0 ? own.lock : 0;
	if (err == -ENOENT || (!err && (fstat(own.lock, &st) || !st.st_nlink)))
		err = -EAGAIN;
	if (!err)
		return 0;
	if (own.lock >= 0)
		close(own.lock);
	close(own.dir);
	own.dir = own.lock = -1;
	return err;
}

int scratch_create(struct host *host)
{
	int err, tries = 0;

	if (host->scratch_reason[0] || own.dir >= 0)
		return 0;
	stale_remove(host->scratch);
	do {
		err = create_once(host->scratch);
	} while (err == -EAGAIN && ++tries < 100);
	if (err) {
		pr_err("cannot make a directory in %s: %s; name another "
		       "scratch directory in TMPDIR", host->scratch,
		       strerror(-err));
		return err;
	}
	own.owner = getpid();
	snprintf(host->scratch, sizeof(host->scratch), "%s", own.path);
	return 0;
}

void scratch_remove(void)
{
	if (own.dir < 0 || own.owner != getpid())
		return;
	dir_empty(own.dir);
	if (rmdir(own.path))
		pr_warn("cannot remove %s: %s", own.path, strerror(errno));
	close(own.lock);
	close(own.dir);
	own.dir = own.lock = -1;
}

/* Fixed pseudo-random bytes (xorshift64*, Vigna 2016): same file each time. */
static int fill(int fd, uint64_t size)
{
	static uint64_t buf[CHUNK / sizeof(uint64_t)];
	uint64_t x = 0x9e3779b97f4a7c15ull, at;
	size_t i, n;
	ssize_t got;

	for (at = 0; at < size; at += got) {
		for (i = 0; i < CHUNK / sizeof(*buf); i++) {
			x ^= x >> 12;
			x ^= x << 25;
			x ^= x >> 27;
			buf[i] = x * 0x2545f4914f6cdd1dull;
		}
		n = size - at < CHUNK ? size - at : CHUNK;
		got = pwrite(fd, buf, n, at);
		if (got < 0 && errno == EINTR)
			got = 0;
		if (got < 0)
			return -errno;
	}
	return fsync(fd) ? -errno : 0;
}

/* Written under another name first: a file that is there is whole. */
static int lay_out(uint64_t size)
{
	static const char name[] = SCRATCH_FILE ".new";
	int fd, err;

	fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	if (fd < 0)
		return -errno;
	err = fill(fd, size);
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(name, SCRATCH_FILE))
		err = -errno;
	if (err)
		unlink(name);
	return err;
}

int scratch_enter(uint64_t size, char *why, size_t whysize)
{
	struct stat st;
	int err = 0;

	if (own.dir < 0) {
		snprintf(why, whysize, "there is no scratch directory");
		return -ENOENT;
	}
	if (fchdir(own.dir))
		err = -errno;
	else if (lstat(SCRATCH_FILE, &st) || (uint64_t)st.st_size < size)
		err = lay_out(size);
	if (err)
		snprintf(why, whysize, "cannot write %llu MiB in the scratch "
			 "directory: %s", (unsigned long long)size >> 20,
			 strerror(-err));
	return err;
}

int scratch_warm(void)
{
	static char buf[CHUNK];
	int fd = open(SCRATCH_FILE, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf, sizeof(buf));
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		err = -errno;
	close(fd);
	return err;
}

int scratch_drop(void)
{
	int fd = open(SCRATCH_FILE, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	/* Returns its error instead of setting errno. */
	err = -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
	return err;
}

int scratch_direct(void)
{
	int fd = open(SCRATCH_FILE, O_RDONLY | O_DIRECT | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int scratch_reads(const struct host *host, uint64_t *reads)
{
	char path[64], line[256];
	int err;

	if (!host->scratch_dev[0])
		return -ENODEV;
	snprintf(path, sizeof(path), "/sys/dev/block/%s/stat",
		 host->scratch_dev);
	err = file_line(path, line, sizeof(line));
	if (err < 0)
		return err;
	line[strcspn(line, " ")] = '\0';
	return num_u64(line, 0, UINT64_MAX, reads);
}
