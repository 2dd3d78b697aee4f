// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of a payload, before it is decided in which form they travel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "drivers/guest/cpio.h"
#include "drivers/guest/image.h"
#include "lib/arena.h"

static size_t add(struct tree *t, const char *name, size_t len, size_t up,
		  mode_t mode)
{
	struct tree_node *v = array_grow(t->node, t->n, &t->room, sizeof(*v));

	if (v) {
		t->node = v;
		v += t->n;
		memset(v, 0, sizeof(*v));
		v->name = strndup(name, len);
		v->up = up;
		v->mode = mode;
	}
	if (!v || !v->name) {
		t->err = -ENOMEM;
		return 0;
	}
	return t->n++;
}

/* Index of @name in @up; 0 (which is the root) if it is not there. */
static size_t find(const struct tree *t, const char *name, size_t len,
		   size_t up)
{
	size_t i;

	for (i = 1; i < t->n; i++)
		if (t->node[i].up == up && !strncmp(t->node[i].name, name,
						    len) &&
		    !t->node[i].name[len])
			return i;
	return 0;
}

/* The node of a path, new ones with @mode; 0 if it cannot be. */
static size_t reach(struct tree *t, const char *path, mode_t mode, int *made)
{
	size_t at = 0, next, len;

	*made = 0;
	while (!t->err && *path) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (!len)
			break;
		if (len > 255 || !strncmp(path, "..", len) ||
		    !S_ISDIR(t->node[at].mode)) {
			t->err = -EINVAL;
			return 0;
		}
		next = find(t, path, len, at);
		if (!next) {
			*made = !path[len];
			next = add(t, path, len, at,
				   path[len] ? S_IFDIR | 0755 : mode);
		}
		at = next;
		path += len;
	}
	return t->err ? 0 : at;
}

void tree_begin(struct tree *t)
{
	memset(t, 0, sizeof(*t));
	add(t, "", 0, 0, S_IFDIR | 0755);
}

void tree_end(struct tree *t)
{
	while (t->n) {
		t->n--;
		free(t->node[t->n].name);
		free(t->node[t->n].host);
	}
	free(t->node);
	t->node = NULL;
}

void tree_dir(struct tree *t, const char *path)
{
	int made;

	reach(t, path, S_IFDIR | 0755, &made);
}

void tree_data(struct tree *t, const char *path, mode_t mode, const void *data,
	       size_t len)
{
	int made;
	size_t at = reach(t, path, S_IFREG | mode, &made);

	if (!at || !made)
		return;
	t->node[at].data = data;
	t->node[at].size = len;
}

int tree_file(struct tree *t, const char *path, const char *host)
{
	struct stat st;
	size_t at;
	int made;

	if (stat(host, &st) || !S_ISREG(st.st_mode)) {
		t->err = t->err ? t->err : errno ? -errno : -EINVAL;
		return t->err;
	}
	at = reach(t, path, S_IFREG | (st.st_mode & 0755), &made);
	if (!at || !made)
		return t->err;
	t->node[at].host = strdup(host);
	t->node[at].size = st.st_size;
	if (!t->node[at].host)
		t->err = -ENOMEM;
	return t->err;
}

uint64_t tree_size(const struct tree *t)
{
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < t->n; i++)
		size += t->node[i].size;
	return size;
}

static void path_of(const struct tree *t, size_t i, char *buf, size_t size)
{
	size_t n;

	if (i)
		path_of(t, t->node[i].up, buf, size);
	n = i ? strlen(buf) : 0;
	if (i)
		snprintf(buf + n, size - n, "/%s", t->node[i].name);
	else
		buf[0] = '\0';
}

void image_cpio(const struct tree *t, struct cpio *c)
{
	const struct tree_node *v;
	char path[4096];
	size_t i;

	for (i = 1; i < t->n; i++) {
		v = &t->node[i];
		path_of(t, i, path, sizeof(path));
		if (S_ISDIR(v->mode))
			cpio_dir(c, path);
		else if (v->host)
			cpio_file(c, path, v->host);
		else
			cpio_data(c, path, v->mode & 0777, v->data, v->size);
	}
}
