/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payload as a disk: an ext4 file system made in memory, to be mounted
 * read only. A guest then reads what it touches. Unpacked into its memory, the
 * 84 MB of Debian's fio with its libraries took longer than booting.
 *
 * One block group of 4 KiB blocks, no journal, each file one extent.
 */
#ifndef DRIVERS_GUEST_IMAGE_H
#define DRIVERS_GUEST_IMAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct tree_node - a file or directory of the payload
 * @name:	last part of its path
 * @up:		index of its directory; the root is 0 and its own
 * @host:	file of this host, or NULL: @data; both NULL: a directory, or an
 *		empty file
 */
struct tree_node {
	char *name;
	size_t up;
	mode_t mode;
	char *host;
	const void *data;
	uint64_t size;
	uint32_t block;
	uint32_t blocks;
};

struct tree {
	struct tree_node *node;
	size_t n;
	size_t room;
	int err;
};

void tree_begin(struct tree *t);
void tree_end(struct tree *t);

/* Absolute paths; directories on the way are made. What is there stays. */
void tree_dir(struct tree *t, const char *path);
void tree_data(struct tree *t, const char *path, mode_t mode, const void *data,
	       size_t len);
/* @host: with its size as it is now. Return: 0 or -errno, also in t->err. */
int tree_file(struct tree *t, const char *path, const char *host);

/* Bytes of all files together. */
uint64_t tree_size(const struct tree *t);

#define IMAGE_MAX	(120ull << 20)

/**
 * image_write() - write the tree as a file system
 * @fd:		empty
 * Return: 0; -EFBIG: more than fits one block group; another negative errno.
 */
int image_write(struct tree *t, int fd);

struct cpio;

/**
 * image_cpio() - write it as an archive instead
 * @c:		begun
 */
void image_cpio(const struct tree *t, struct cpio *c);

#endif
