/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A working set that is as large for the TLB as it can be and as small for
 * the data caches: one cache line of each 4 KiB, on a chain in random order
 * that no prefetcher follows. Whether the pages behind it are of 4 KiB or of
 * 2 MiB changes the translations alone.
 */
#ifndef BENCH_WALK_H
#define BENCH_WALK_H

#include "bench/bench.h"

/* Parameters: KiB of the set, and of its pages. */
#define WALK_PARAMS							\
	{ "ws", "16,64,256,1024,4096,16384,65536" }, { "page", "4,2048" }

/**
 * struct walk - a working set
 * @memory:	@size bytes of it are mapped
 * @first:	link of the chain, which comes back to it
 */
struct walk {
	void *memory;
	unsigned long size;
	void **first;
};

/**
 * walk_make() - map, fill and link a working set
 * @kib:	of it, a multiple of 4
 * @page_kib:	4, or 2048 where huge pages are really given
 * Return: 0 or -errno; -ENOTSUP without huge pages.
 */
int walk_make(struct walk *w, long kib, long page_kib);
void walk_free(struct walk *w);

/* KiB of huge pages in the mapping at @at, as the kernel says it. */
unsigned long walk_huge_kib(const void *at);

/* What -ENOTSUP of it means, in words. */
extern const char walk_no_huge[];

/*
 * Once along the chain: a dependent load in each 4 KiB. The fence keeps the
 * CPU from beginning what comes next before the last load is there.
 */
static inline __attribute__((always_inline))
void walk_all(const struct walk *w)
{
	void **p = w->first;

	do
		p = *(void **volatile *)p;
	while (p != w->first);
	asm volatile("lfence" : : : "memory");
}

#endif
