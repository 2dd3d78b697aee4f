// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * On-disk structures: the kernel's Documentation/filesystems/ext4. Little
 * endian, as this machine is; fields that are zero are left out.
 */
#include "drivers/guest/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK		4096u
#define INODE		128u
#define FIRST_INODE	11u		/* those before are the system's own */
#define ROOT_INODE	2u
#define GROUP		32768u		/* blocks that one bitmap covers */
#define EXTENT_MOST	32768u		/* blocks of one extent */
#define TABLE		4u		/* block of the inode table */
#define FT_FILE		1
#define FT_DIR		2
#define EXTENTS_FL	0x80000u
#define HAS_FILETYPE	0x2u
#define HAS_EXTENTS	0x40u
#define SPARSE_SUPER	0x1u

struct extent_inode {
	uint16_t mode, uid;
	uint32_t size, atime, ctime, mtime, dtime;
	uint16_t gid, links;
	uint32_t sectors, flags, version;
	uint16_t magic, entries, max, depth;
	uint32_t generation;
	uint32_t logical;
	uint16_t len, start_high;
	uint32_t start;
	uint32_t unused[9];
	uint32_t tail[7];
};

_Static_assert(sizeof(struct extent_inode) == INODE, "inode");

/**
 * struct layout - of the one group
 * @map:	the whole image
 * @inodes:	a multiple of what fills a block
 */
struct layout {
	struct tree *t;
	unsigned char *map;
	uint32_t inodes;
	uint32_t blocks;
};

/* The root is inode 2, all others follow the reserved ones. */
static uint32_t inode_of(size_t i)
{
	return i ? FIRST_INODE + i - 1 : ROOT_INODE;
}

static uint32_t blocks_of(uint64_t size)
{
	return (size + BLOCK - 1) / BLOCK;
}

static size_t entry_size(size_t name)
{
	return (8 + name + 3) & ~3u;
}

/* One entry at *@at; it does not cross into the next block. */
static void put_entry(unsigned char *dir, size_t *at, size_t *last,
		      uint32_t inode, const char *name, int type)
{
	size_t len = strlen(name), need = entry_size(len);
	uint16_t rec;

	if (*at % BLOCK + need > BLOCK) {
		/* The last one of a block reaches to its end. */
		*at = (*at / BLOCK + 1) * BLOCK;
		rec = *at - *last;
		if (dir)
			memcpy(dir + *last + 4, &rec, 2);
	}
	if (dir) {
		rec = need;
		memcpy(dir + *at, &inode, 4);
		memcpy(dir + *at + 4, &rec, 2);
		dir[*at + 6] = len;
		dir[*at + 7] = type;
		memcpy(dir + *at + 8, name, len);
	}
	*last = *at;
	*at += need;
}

/* Bytes of a directory; written where @dir is not NULL. */
static size_t put_directory(const struct tree *t, size_t which,
			    unsigned char *dir)
{
	size_t at = 0, last = 0, i;
	uint16_t rec;

	put_entry(dir, &at, &last, inode_of(which), ".", FT_DIR);
	put_entry(dir, &at, &last, inode_of(t->node[which].up), "..", FT_DIR);
	for (i = 1; i < t->n; i++)
		if (t->node[i].up == which)
			put_entry(dir, &at, &last, inode_of(i),
				  t->node[i].name,
				  S_ISDIR(t->node[i].mode) ? FT_DIR :
				  FT_FILE);
	at = (at + BLOCK - 1) / BLOCK * BLOCK;
	rec = at - last;
	if (dir)
		memcpy(dir + last + 4, &rec, 2);
	return at;
}

static int lay_out(struct layout *l)
{
	struct tree *t = l->t;
	struct tree_node *v;
	uint64_t at;

	l->inodes = FIRST_INODE + t->n;
	l->inodes = (l->inodes + BLOCK / INODE - 1) / (BLOCK / INODE) *
		(BLOCK / INODE);
	at = TABLE + l->inodes / (BLOCK / INODE);
	for (v = t->node; v < t->node + t->n; v++) {
		if (S_ISDIR(v->mode))
			v->size = put_directory(t, v - t->node, NULL);
		if (v->size > IMAGE_MAX)
			return -EFBIG;
		v->block = at;
		v->blocks = blocks_of(v->size);
		at += v->blocks;
		if (at > GROUP || v->blocks >= EXTENT_MOST)
			return -EFBIG;
	}
	/* A block bitmap's last bits are those of blocks that are not there. */
	l->blocks = at;
	return l->inodes > 8 * BLOCK ? -EFBIG : 0;
}

static void put32(unsigned char *p, size_t at, uint32_t v)
{
	memcpy(p + at, &v, sizeof(v));
}

static void put16(unsigned char *p, size_t at, uint16_t v)
{
	memcpy(p + at, &v, sizeof(v));
}

static void put_super(const struct layout *l)
{
	unsigned char *s = l->map + 1024, *g = l->map + BLOCK;
	uint32_t used = FIRST_INODE - 1 + l->t->n - 1, dirs = 0;
	size_t i;

	for (i = 0; i < l->t->n; i++)
		dirs += S_ISDIR(l->t->node[i].mode);
	put32(s, 0, l->inodes);
	put32(s, 4, l->blocks);
	put32(s, 16, l->inodes - used);
	put32(s, 24, 2);		/* 1024 << 2 is the block's size */
	put32(s, 28, 2);		/* and the cluster's */
	put32(s, 32, GROUP);
	put32(s, 36, GROUP);
	put32(s, 40, l->inodes);
	put16(s, 54, 0xffff);		/* mounts before a check */
	put16(s, 56, 0xef53);		/* magic */
	put16(s, 58, 1);		/* clean */
	put16(s, 60, 1);		/* errors: go on */
	put32(s, 76, 1);		/* revision: dynamic */
	put32(s, 84, FIRST_INODE);
	put16(s, 88, INODE);
	put32(s, 96, HAS_FILETYPE | HAS_EXTENTS);
	put32(s, 100, SPARSE_SUPER);
	put32(g, 0, 2);			/* block bitmap */
	put32(g, 4, 3);			/* inode bitmap */
	put32(g, 8, TABLE);
	put16(g, 14, l->inodes - used);
	put16(g, 16, dirs);
}

static void set_bits(unsigned char *map, uint32_t from, uint32_t to)
{
	for (; from < to; from++)
		map[from / 8] |= 1u << from % 8;
}

static void put_inode(const struct layout *l, size_t i)
{
	const struct tree_node *v = &l->t->node[i];
	struct extent_inode n = {
		.mode = v->mode, .size = v->size, .links = 1,
		.sectors = v->blocks * (BLOCK / 512), .flags = EXTENTS_FL,
		.magic = 0xf30a, .entries = !!v->blocks, .max = 4,
		.len = v->blocks, .start = v->block,
	};
	size_t k;

	if (S_ISDIR(v->mode)) {
		n.links = 2;
		for (k = 1; k < l->t->n; k++)
			if (l->t->node[k].up == i &&
			    S_ISDIR(l->t->node[k].mode))
				n.links++;
	}
	memcpy(l->map + TABLE * BLOCK + (inode_of(i) - 1) * INODE, &n,
	       sizeof(n));
}

static int put_data(const struct layout *l, size_t i)
{
	const struct tree_node *v = &l->t->node[i];
	unsigned char *to = l->map + (size_t)v->block * BLOCK;
	ssize_t got = 1;
	size_t n = 0;
	int fd;

	if (S_ISDIR(v->mode)) {
		put_directory(l->t, i, to);
		return 0;
	}
	if (!v->host) {
		if (v->size)
			memcpy(to, v->data, v->size);
		return 0;
	}
	fd = open(v->host, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (n < v->size && (got = read(fd, to + n, v->size - n)) > 0)
		n += got;
	close(fd);
	return got < 0 ? -errno : n < v->size ? -EIO : 0;
}

int image_write(struct tree *t, int fd)
{
	struct layout l = { .t = t };
	int err = t->err ? t->err : lay_out(&l);
	size_t i;

	if (err)
		return err;
	if (ftruncate(fd, (off_t)l.blocks * BLOCK))
		return -errno;
	l.map = mmap(NULL, (size_t)l.blocks * BLOCK, PROT_READ | PROT_WRITE,
		     MAP_SHARED, fd, 0);
	if (l.map == MAP_FAILED)
		return -errno;
	put_super(&l);
	set_bits(l.map + 2 * BLOCK, 0, l.blocks);
	set_bits(l.map + 2 * BLOCK, l.blocks, GROUP);
	set_bits(l.map + 3 * BLOCK, 0, FIRST_INODE - 1 + t->n - 1);
	set_bits(l.map + 3 * BLOCK, l.inodes, 8 * BLOCK);
	for (i = 0; i < t->n && !err; i++) {
		put_inode(&l, i);
		err = put_data(&l, i);
	}
	munmap(l.map, (size_t)l.blocks * BLOCK);
	return err;
}
