// SPDX-License-Identifier: GPL-2.0-or-later
#include "import/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/arena.h"

#define NAMES_MOST	((size_t)1 << 28)
#define SLOTS_FIRST	256

int names_init(struct names *s)
{
	memset(s, 0, sizeof(*s));
	s->arena = arena_new();
	s->slots = SLOTS_FIRST;
	s->slot = calloc(s->slots, sizeof(*s->slot));
	/* Nobody can prepare a file of names that all fall into one slot. */
	if (getrandom(&s->seed, sizeof(s->seed), GRND_NONBLOCK) < 0)
		s->seed = (uintptr_t)s;
	return s->arena && s->slot ? 0 : -ENOMEM;
}

void names_free(struct names *s)
{
	arena_free(s->arena);
	free(s->v);
	free(s->len);
	free(s->slot);
	memset(s, 0, sizeof(*s));
}

static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15ull;
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9ull;
	return h ^ h >> 32;
}

static uint64_t hash(const struct names *s, const char *p, size_t len)
{
	uint64_t h = mix(s->seed, len), word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = mix(h, word);
	}
	word = 0;
	memcpy(&word, p, len);
	return mix(h, word);
}

/* The slot that holds these bytes, or where they belong: number + 1, or 0. */
static uint32_t *find(const struct names *s, const char *p, size_t len)
{
	size_t at = hash(s, p, len) & (s->slots - 1);

	while (s->slot[at]) {
		uint32_t id = s->slot[at] - 1;

		if (s->len[id] == len && !memcmp(s->v[id], p, len))
			break;
		at = (at + 1) & (s->slots - 1);
	}
	return &s->slot[at];
}

static int more_slots(struct names *s)
{
	uint32_t *slot = calloc(2 * s->slots, sizeof(*slot)), i;

	if (!slot)
		return -ENOMEM;
	free(s->slot);
	s->slot = slot;
	s->slots *= 2;
	for (i = 0; i < s->n; i++)
		*find(s, s->v[i], s->len[i]) = i + 1;
	return 0;
}

static int append(struct names *s, const void *bytes, size_t len)
{
	size_t room = s->room;
	char **v = array_grow(s->v, s->n, &room, sizeof(*v));
	uint32_t *l;
	char *copy;

	if (!v)
		return -ENOMEM;
	s->v = v;
	l = array_grow(s->len, s->n, &s->room, sizeof(*l));
	copy = arena_alloc(s->arena, len + 1);
	if (!l || !copy)
		return -ENOMEM;
	s->len = l;
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	s->v[s->n] = copy;
	s->len[s->n++] = len;
	return 0;
}

int names_add(struct names *s, const void *bytes, size_t len, uint32_t *id)
{
	uint32_t *slot = find(s, bytes, len);
	int err;

	if (*slot) {
		*id = *slot - 1;
		return 0;
	}
	if (s->n >= NAMES_MOST)
		return -EFBIG;
	err = append(s, bytes, len);
	if (err)
		return err;
	*id = s->n - 1;
	*slot = s->n;
	return 2 * s->n > s->slots ? more_slots(s) : 0;
}
