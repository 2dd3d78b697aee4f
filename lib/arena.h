/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is freed all at once, and arrays that grow. */
#ifndef LIB_ARENA_H
#define LIB_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/* Aligned for any type; NULL if there is no memory. */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
void arena_free(struct arena *a);

/**
 * array_grow() - room for one more
 * @v:		array of @n elements of @size bytes, NULL at first
 * @room:	elements that fit, 0 at first
 * Return: the array, moved if need be; NULL (and @v is as it was) if there is
 * no memory.
 */
void *array_grow(void *v, size_t n, size_t *room, size_t size);

#endif
