// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK	8192

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char data[];
};

struct arena {
	struct arena_block *block;
};

struct arena *arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->block;
	size_t room;

	size = (size + alignof(max_align_t) - 1) & -alignof(max_align_t);
	if (!b || b->size - b->used < size) {
		room = size > BLOCK ? size : BLOCK;
		b = malloc(sizeof(*b) + room);
		if (!b)
			return NULL;
		b->next = a->block;
		b->used = 0;
		b->size = room;
		a->block = b;
	}
	b->used += size;
	return b->data + b->used - size;
}

char *arena_strdup(struct arena *a, const char *s)
{
	size_t size = strlen(s) + 1;
	char *p = arena_alloc(a, size);

	return p ? memcpy(p, s, size) : NULL;
}

void arena_free(struct arena *a)
{
	struct arena_block *b, *next;

	if (!a)
		return;
	for (b = a->block; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void *array_grow(void *v, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 64;

	if (n < *room)
		return v;
	v = reallocarray(v, more, size);
	if (v)
		*room = more;
	return v;
}
