// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/tracefs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/num.h"

#define FORMAT_MAX	(256u << 10)

/* Where a file system of the kernel is expected. */
struct place {
	const char *type;
	unsigned long magic;
	const char *path[3];	/* as far as there are any */
};

static const struct place tracefs = {
	"tracefs", TRACEFS_MAGIC,
	{ "/sys/kernel/tracing", "/sys/kernel/debug/tracing" },
};

static const struct place debugfs = {
	"debugfs", DEBUGFS_MAGIC, { "/sys/kernel/debug" },
};

/*
 * A directory that cannot be searched opens nevertheless, and whoever lacks
 * the permission is told so here and not file by file.
 */
static int open_mounted(const struct place *p, const char *path)
{
	struct statfs fs;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstatfs(fd, &fs) || (unsigned long)fs.f_type != p->magic)
		err = -ENOENT;
	else if (faccessat(fd, ".", R_OK | X_OK, 0))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int open_detached(const struct place *p)
{
	int fs = fsopen(p->type, FSOPEN_CLOEXEC), fd, err;

	if (fs < 0)
		return -errno;
	fd = fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) ? -1 :
		fsmount(fs, FSMOUNT_CLOEXEC,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	err = fd < 0 ? -errno : 0;
	close(fs);
	return err ? err : fd;
}

static int open_place(const struct place *p, char *why, size_t size)
{
	int i, fd = -ENOENT, denied = 0;

	for (i = 0; p->path[i] && fd < 0; i++) {
		fd = open_mounted(p, p->path[i]);
		denied = denied || fd == -EACCES || fd == -EPERM;
	}
	if (fd < 0)
		fd = open_detached(p);
	if (fd >= 0)
		return fd;
	if (denied)
		snprintf(why, size, "%s may not be read: run as root",
			 p->path[0]);
	else if (fd == -EPERM)
		snprintf(why, size, "%s is not mounted: run as root, or mount -t %s none %s",
			 p->type, p->type, p->path[0]);
	else if (fd == -ENODEV)
		snprintf(why, size, "this kernel has no %s", p->type);
	else
		snprintf(why, size, "%s: %s", p->type, strerror(-fd));
	return fd;
}

int tracefs_open(char *why, size_t size)
{
	return open_place(&tracefs, why, size);
}

int debugfs_open(char *why, size_t size)
{
	return open_place(&debugfs, why, size);
}

/* "kvm:kvm_exit" -> its file below @tracefs, for reading; or -errno. */
static int point_open(int tracefs, const char *name, const char *file)
{
	char path[192];
	int n, fd;

	n = snprintf(path, sizeof(path), "events/%s/%s", name, file);
	if (n >= (int)sizeof(path) || !strchr(path, ':') || strchr(name, '/'))
		return -EINVAL;
	*strchr(path, ':') = '/';
	fd = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int tracepoint_id(int tracefs, const char *name, uint64_t *id)
{
	int fd = point_open(tracefs, name, "id");
	char line[32];
	ssize_t n;

	if (fd < 0)
		return fd;
	n = file_pread(fd, line, sizeof(line));
	close(fd);
	if (n < 0)
		return n;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return num_u64(line, 1, UINT32_MAX, id) ? -EBADMSG : 0;
}

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\n");
}

/* A number or a sum of them; NULL if it is something else. */
static const char *parse_value(const char *at, uint64_t *value)
{
	char *end;

	*value = 0;
	do {
		at = skip_space(at + (*at == '+'));
		if (!isdigit((unsigned char)*at) && *at != '-')
			return NULL;
		*value += strtoull(at, &end, 0);
		if (end == at)
			return NULL;
		at = skip_space(end);
	} while (*at == '+');
	return at;
}

/* One string or several; a name that is too long is cut. */
static const char *parse_name(const char *at, char *name, size_t size)
{
	size_t n = 0;

	for (at = skip_space(at); *at == '"'; at = skip_space(at + 1)) {
		for (at++; *at && *at != '"'; at++)
			if (n + 1 < size)
				name[n++] = isgraph((unsigned char)*at) ?
					*at : '_';
		if (!*at)
			return NULL;
	}
	name[n] = '\0';
	return n ? at : NULL;
}

/* "{ VALUE, NAME }" at @at; past it, whether or not it could be read. */
static const char *parse_pair(const char *at, struct symbol *s, bool *good)
{
	const char *end = strchr(at, '}'), *p;

	*good = false;
	if (!end)
		return NULL;
	p = parse_value(at + 1, &s->value);
	if (p && *p == ',')
		p = parse_name(p + 1, s->name, sizeof(s->name));
	else
		p = NULL;
	*good = p && *skip_space(p) == '}';
	return skip_space(end + 1);
}

int symbols_parse(const char *format, int index, struct symbol *v, size_t max)
{
	static const char call[] = "__print_symbolic(";
	const char *at = strstr(format, "print fmt:");
	size_t n = 0;
	bool good;

	do {
		at = at ? strstr(at, call) : NULL;
		at = at ? at + sizeof(call) - 1 : NULL;
	} while (at && index--);
	at = at ? strchr(at, ',') : NULL;
	if (!at)
		return -ENOENT;
	for (at = skip_space(at + 1); at && *at == '{';) {
		if (n == max)
			return -E2BIG;
		at = parse_pair(at, &v[n], &good);
		n += good;
		if (at && *at == ',')
			at = skip_space(at + 1);
	}
	return n;
}

int tracepoint_symbols(int tracefs, const char *name, int index,
		       struct symbol *v, size_t max)
{
	int fd = point_open(tracefs, name, "format");
	char *text = malloc(FORMAT_MAX);
	ssize_t n = fd < 0 ? fd : -ENOMEM;

	if (fd >= 0 && text)
		n = file_pread(fd, text, FORMAT_MAX);
	if (fd >= 0)
		close(fd);
	if (n >= 0) {
		text[n] = '\0';
		n = symbols_parse(text, index, v, max);
	}
	free(text);
	return n;
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

int tracepoint_list(int tracefs, const char *system, char (*v)[64],
		    size_t max)
{
	char path[96];
	struct dirent *e;
	size_t n = 0;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "events/%s", system);
	fd = openat(tracefs, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (n < max && (e = readdir(dir)))
		if (e->d_type == DT_DIR && e->d_name[0] != '.' &&
		    strlen(system) + strlen(e->d_name) + 2 <= sizeof(*v))
			sprintf(v[n++], "%s:%s", system, e->d_name);
	closedir(dir);
	qsort(v, n, sizeof(*v), name_cmp);
	return n;
}
