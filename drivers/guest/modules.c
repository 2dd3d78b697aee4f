// SPDX-License-Identifier: GPL-2.0-or-later
/* Modules in the order of modules.dep, as depmod(8) writes it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "drivers/guest/kernel.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"

#define DEP_MAX		(16u << 20)
#define MODULE_MAX	(64u << 20)
#define UNPACK_NS	(10 * NSEC_PER_SEC)

/* Is the file of this path the module @name? */
static int names_module(const char *path, size_t len, const char *name)
{
	const char *base = path + len;

	while (base > path && base[-1] != '/')
		base--;
	for (; *name; name++, base++) {
		char c = base < path + len ? *base : '\0';

		if ((c == '-' ? '_' : c) != (*name == '-' ? '_' : *name))
			return 0;
	}
	return path + len - base >= 3 && !strncmp(base, ".ko", 3);
}

static int add_path(struct module_list *list, const char *dir,
		    const char *path, size_t len)
{
	char *whole;
	size_t i;

	if (asprintf(&whole, "%s/%.*s", dir, (int)len, path) < 0)
		return -ENOMEM;
	for (i = 0; i < list->n; i++)
		if (!strcmp(list->path[i], whole)) {
			free(whole);
			return 0;
		}
	if (list->n == MODULES_MAX) {
		free(whole);
		return -E2BIG;
	}
	list->path[list->n++] = whole;
	return 0;
}

/* "a.ko: b.ko c.ko": c comes first, then b, then a. */
static int add_line(struct module_list *list, const char *dir,
		    const char *line, size_t len)
{
	const char *end = line + len, *word;
	int err = 0;

	while (!err && end > line) {
		while (end > line && (end[-1] == ' ' || end[-1] == ':'))
			end--;
		for (word = end; word > line && word[-1] != ' '; word--)
			;
		if (end > word)
			err = add_path(list, dir, word, end - word);
		end = word;
	}
	return err;
}

/* The line of @name in modules.dep or modules.builtin, or NULL. */
static const char *find_line(const char *text, const char *name, size_t *len)
{
	const char *line;
	size_t n;

	for (line = text; line && *line; line += n + !!line[n]) {
		n = strcspn(line, "\n");
		*len = n;
		if (names_module(line, strcspn(line, ":\n"), name))
			return line;
	}
	return NULL;
}

static int read_list(const char *dir, const char *name, char **text)
{
	char path[GUEST_PATH + 32];

	*text = NULL;
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	return file_read(path, DEP_MAX, text, NULL);
}

int modules_find(const char *dir, const char *const *names,
		 struct module_list *list, char *missing, size_t size)
{
	char *dep, *builtin;
	const char *line;
	size_t len;
	int err;

	memset(list, 0, sizeof(*list));
	missing[0] = '\0';
	if (!dir[0])
		return 0;
	err = read_list(dir, "modules.dep", &dep);
	if (read_list(dir, "modules.builtin", &builtin))
		builtin = NULL;
	for (; !err && *names; names++) {
		line = find_line(dep, *names, &len);
		if (line) {
			err = add_line(list, dir, line, len);
		} else if (!find_line(builtin, *names, &len)) {
			snprintf(missing, size, "%s", *names);
			err = -ENOENT;
		}
	}
	free(dep);
	free(builtin);
	return err;
}

void modules_free(struct module_list *list)
{
	while (list->n)
		free(list->path[--list->n]);
}

static int unpack_by(const char *tool, const char *path, char **out,
		     size_t *len)
{
	const char *const argv[] = { tool, "-dc", path, NULL };
	struct child_end end;
	int err = child_output(argv, NULL, UNPACK_NS, out, len, MODULE_MAX,
			       NULL, 0, &end);

	if (!err && end.code) {
		free(*out);
		*out = NULL;
		return -EBADMSG;
	}
	return err;
}

static int unpack_zstd(const char *path, char **out, size_t *len)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_outBuffer to = { .size = 0 };
	ZSTD_inBuffer from = { .pos = 0 };
	size_t left = 1;
	char *packed = NULL, *more;
	int err;

	err = stream ? file_read(path, MODULE_MAX, &packed, &from.size) :
		-ENOMEM;
	from.src = packed;
	while (!err && left && (from.pos < from.size || to.pos == to.size)) {
		more = to.size < MODULE_MAX ?
			realloc(to.dst, to.size + (1u << 20)) : NULL;
		if (!more) {
			err = -EFBIG;
			break;
		}
		to.dst = more;
		to.size += 1u << 20;
		left = ZSTD_decompressStream(stream, &to, &from);
		if (ZSTD_isError(left))
			err = -EBADMSG;
	}
	if (!err && left)
		err = -EBADMSG;
	ZSTD_freeDStream(stream);
	free(packed);
	if (err) {
		free(to.dst);
		return err;
	}
	*out = to.dst;
	*len = to.pos;
	return 0;
}

/* By us and not by the guest's kernel, which may be built without. */
int module_read(const char *path, char **out, size_t *len)
{
	const char *end = strrchr(path, '.');

	if (!end)
		return -EINVAL;
	if (!strcmp(end, ".zst"))
		return unpack_zstd(path, out, len);
	if (!strcmp(end, ".xz"))
		return unpack_by("xz", path, out, len);
	if (!strcmp(end, ".gz"))
		return unpack_by("gzip", path, out, len);
	return file_read(path, MODULE_MAX, out, len);
}
