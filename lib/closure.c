// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/closure.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/text.h"

#define LIST_MAX	(1u << 20)
#define LIST_NS		(10 * NSEC_PER_SEC)
#define SEGMENTS_MAX	256

/* Name of the loader, "" for a static program. */
static int interpreter(int fd, char *buf, size_t size)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	int i;

	buf[0] = '\0';
	if (pread(fd, &eh, sizeof(eh), 0) != sizeof(eh) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG) ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_ident[EI_DATA] != ELFDATA2LSB ||
	    (eh.e_type != ET_EXEC && eh.e_type != ET_DYN) ||
	    eh.e_phentsize != sizeof(ph) || eh.e_phnum > SEGMENTS_MAX)
		return -ENOEXEC;
	for (i = 0; i < eh.e_phnum; i++) {
		if (pread(fd, &ph, sizeof(ph), eh.e_phoff + i * sizeof(ph)) !=
		    sizeof(ph))
			return -ENOEXEC;
		if (ph.p_type != PT_INTERP)
			continue;
		if (!ph.p_filesz || ph.p_filesz >= size ||
		    pread(fd, buf, ph.p_filesz, ph.p_offset) !=
		    (ssize_t)ph.p_filesz)
			return -ENOEXEC;
		buf[ph.p_filesz] = '\0';
		return buf[0] == '/' ? 0 : -ENOEXEC;
	}
	return 0;
}

static int add(struct closure *c, const char *path)
{
	void *more = array_grow(c->path, c->n, &c->room, sizeof(*c->path));

	if (!more)
		return -ENOMEM;
	c->path = more;
	c->path[c->n] = strdup(path);
	return c->path[c->n++] ? 0 : -ENOMEM;
}

/*
 * "	libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f...)", the loader
 * as "	/lib64/ld-linux-x86-64.so.2 (0x...)", the vDSO without a path.
 */
static int take_line(struct closure *c, char *line, const char *loader,
		     char *why, size_t size)
{
	char *arrow = strstr(line, " => "), *end, *path;

	if (arrow && !strncmp(arrow + 4, "not found", 9)) {
		char clean[128];

		*arrow = '\0';
		snprintf(why, size, "its library %s is not there",
			 text_clean(clean, sizeof(clean), text_trim(line)));
		return -ENOENT;
	}
	path = text_trim(arrow ? arrow + 4 : line);
	end = strstr(path, " (0x");
	if (path[0] != '/' || !end)
		return 0;
	*end = '\0';
	return strcmp(path, loader) ? add(c, path) : 0;
}

static int list(const char *loader, const char *program, struct closure *c,
		char *why, size_t size)
{
	const char *const argv[] = { loader, "--list", program, NULL };
	struct child_end end;
	char *out = NULL, *line, *next;
	int err;

	err = child_output(argv, NULL, LIST_NS, &out, NULL, LIST_MAX, NULL, 0,
			   &end);
	if (!err && end.code)
		err = -ENOEXEC;
	for (line = out; !err && line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		err = take_line(c, line, loader, why, size);
	}
	free(out);
	return err;
}

int closure_find(const char *program, struct closure *c, char *why,
		 size_t size)
{
	char loader[256], real[PATH_MAX];
	int fd, err;

	/* To the loader "/proc/self/exe" would be the loader. */
	if (!realpath(program, real))
		real[0] = '\0';
	fd = open(real, O_RDONLY | O_CLOEXEC);
	memset(c, 0, sizeof(*c));
	why[0] = '\0';
	err = fd < 0 ? -errno : interpreter(fd, loader, sizeof(loader));
	if (fd >= 0)
		close(fd);
	if (!err && loader[0]) {
		err = add(c, loader);
		if (!err)
			err = list(loader, real, c, why, size);
	}
	if (err && !why[0])
		snprintf(why, size, "its libraries cannot be listed: %s",
			 strerror(-err));
	if (err)
		closure_free(c);
	return err;
}

void closure_free(struct closure *c)
{
	while (c->n)
		free(c->path[--c->n]);
	free(c->path);
	memset(c, 0, sizeof(*c));
}
