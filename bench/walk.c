// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/walk.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define STEP	4096ul
#define LINE	64ul
#define HUGE	(2ul << 20)

const char walk_no_huge[] = "no huge pages were given (transparent_hugepage is never, or memory is fragmented)";

/* A line of the i-th 4 KiB; another cache set than its neighbours' lines. */
static void **link_at(const struct walk *w, unsigned long i)
{
	return (void **)((char *)w->memory + i * STEP +
			 i * 37 % (STEP / LINE) * LINE);
}

/* Marsaglia's xorshift: the same chain each time. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* One cycle through all links (S. Sattolo, IPL 22 (1986) 315). */
static int link_all(struct walk *w, unsigned long n)
{
	uint32_t *order = malloc(n * sizeof(*order)), t;
	uint64_t state = 88172645463325252ull;
	unsigned long i, k;

	if (!order)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n - 1; i > 0; i--) {
		k = next_random(&state) % i;
		t = order[i];
		order[i] = order[k];
		order[k] = t;
	}
	for (i = 0; i < n; i++)
		*link_at(w, order[i]) = link_at(w, order[(i + 1) % n]);
	w->first = link_at(w, 0);
	free(order);
	return 0;
}

unsigned long walk_huge_kib(const void *at)
{
	unsigned long start, end, kib = 0;
	bool here = false;
	char line[512];
	FILE *f = fopen("/proc/self/smaps", "re");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start <= (uintptr_t)at && (uintptr_t)at < end;
		else if (here && sscanf(line, "AnonHugePages: %lu", &kib) == 1)
			break;
	}
	if (f)
		fclose(f);
	return kib;
}

/* A part of a larger mapping that begins where a huge page may. */
static int map_aligned(struct walk *w)
{
	char *p = mmap(NULL, w->size + HUGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long before;

	if (p == MAP_FAILED)
		return -errno;
	before = -(uintptr_t)p % HUGE;
	if (before)
		munmap(p, before);
	if (before < HUGE)
		munmap(p + before + w->size, HUGE - before);
	w->memory = p + before;
	return 0;
}

int walk_make(struct walk *w, long kib, long page_kib)
{
	bool huge = page_kib == 2048;
	int err;

	if (kib < 8 || kib % 4 || (!huge && page_kib != 4))
		return -EINVAL;
	w->size = kib * 1024ul;
	if (huge)
		w->size = (w->size + HUGE - 1) & -HUGE;
	err = map_aligned(w);
	if (err)
		return err;
	/* EINVAL: a kernel without huge pages, good for small ones. */
	if (madvise(w->memory, w->size, huge ? MADV_HUGEPAGE :
		    MADV_NOHUGEPAGE) && (huge || errno != EINVAL)) {
		err = errno == EINVAL ? -ENOTSUP : -errno;
		goto unmap;
	}
	memset(w->memory, 0, w->size);
	if (huge && walk_huge_kib(w->memory) < w->size / 1024) {
		err = -ENOTSUP;
		goto unmap;
	}
	err = link_all(w, kib * 1024 / STEP);
	if (!err)
		return 0;
unmap:
	walk_free(w);
	return err;
}

void walk_free(struct walk *w)
{
	munmap(w->memory, w->size);
	w->memory = NULL;
}
