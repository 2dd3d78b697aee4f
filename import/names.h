/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Byte strings, each kept once and known by a number. */
#ifndef IMPORT_NAMES_H
#define IMPORT_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/**
 * struct names - numbers are given from 0 on, in order of first appearance
 * @v:	terminated; a key of bytes may hold zeros itself
 */
struct names {
	struct arena *arena;
	char **v;
	uint32_t *len;
	size_t n;
	size_t room;
	uint32_t *slot;
	size_t slots;
	uint64_t seed;
};

int names_init(struct names *s);
void names_free(struct names *s);

/**
 * names_add() - the number of @len bytes, a new one if need be
 * Return: 0, -ENOMEM, or -EFBIG for too many.
 */
int names_add(struct names *s, const void *bytes, size_t len, uint32_t *id);

#endif
