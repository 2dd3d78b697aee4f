/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ring 0 as an operation sees it, whether a guest's or a host's. Instructions
 * are the same everywhere and are here; what differs is data, which the place
 * fills in: struct ring0. No operation asks where it runs.
 *
 * Each operation leaves CR3 and CR4 as it found them.
 */
#ifndef BENCH_RING0_H
#define BENCH_RING0_H

#include "bench/bench.h"
#include "bench/ring0_table.h"

#define ring0_inline	static inline __attribute__((always_inline))

#define RING0_NOFLUSH	(1ul << 63)
#define RING0_PGE	(1ul << 7)

/* Pages to touch, by their size; global ones keep their translations. */
enum ring0_size {
	RING0_4K, RING0_2M, RING0_1G, RING0_4K_GLOBAL, RING0_2M_GLOBAL,
	NR_RING0_SIZES,
};

#define RING0_PAGES	512ul	/* of each size, where there are any */

/**
 * struct ring0_window - pages that are there to be touched
 * @at:		of the first; the others follow. Each is read in another line
 *		of its own, so that some may share their memory
 * @pages:	how many; 0: this place has none of the size
 * @span:	bytes of each
 */
struct ring0_window {
	const unsigned char *at;
	unsigned long pages;
	unsigned long span;
};

/**
 * struct ring0 - what a place gives to operations of ring 0
 * @cr3:	as it is: the place's own page table, with its PCID and whatever
 *		other bits belong there
 * @other:	a second top table that maps the same, with another PCID where
 *		there are PCIDs. Anything but @cr3 holds a scratch PCID, which
 *		the place flushes
 * @isolated:	a third one, which lacks @hole
 * @pcid:	of @other
 * @noflush:	RING0_NOFLUSH where CR4.PCIDE is set, else 0
 * @cr4:	as it is
 * @window:	by enum ring0_size
 * @hole:	one mapped page outside of the windows
 * @tables:	pages for the tables that an operation builds
 * @kept:	how many of these a benchmark keeps over all its operations
 * @built:	physical address of the top table it built last
 * @top:	physical address of the table in @cr3
 * @set:	mapped memory to copy, of 4 KiB and of 2 MiB pages; both begin
 *		at a multiple of 1 GiB and have neighbours that are unmapped
 * @core:	what a table must map to be loaded: the operation's code, its
 *		stack and data, the descriptor tables and the handlers'; 0 of
 *		them: none may be loaded
 * @ncore:	how many
 */
struct ring0 {
	unsigned long cr3;
	unsigned long other;
	unsigned long isolated;
	unsigned long pcid;
	unsigned long noflush;
	unsigned long cr4;
	struct ring0_window window[NR_RING0_SIZES];
	const unsigned char *hole;
	struct table_space tables;
	unsigned long kept;
	uint64_t built;
	uint64_t top;
	struct table_range set[2];
	struct table_range core[4];
	unsigned int ncore;
};

ring0_inline void ring0_set_cr3(unsigned long value)
{
	asm volatile("mov %0, %%cr3" : : "r" (value) : "memory");
}

ring0_inline void ring0_set_cr4(unsigned long value)
{
	asm volatile("mov %0, %%cr4" : : "r" (value) : "memory");
}

ring0_inline void ring0_invlpg(const void *at)
{
	asm volatile("invlpg (%0)" : : "r" (at) : "memory");
}

/*
 * Types: 0 an address, 1 a PCID, 2 all and global, 3 all but global. The
 * descriptor is on the stack: gcc 12 cannot compile a variable of this kind
 * with its sanitizers.
 */
ring0_inline void ring0_invpcid(unsigned long type, unsigned long pcid,
				const void *at)
{
	asm volatile("push %2\n\tpush %1\n\t"
		     "invpcid (%%rsp), %0\n\t"
		     "add $16, %%rsp"
		     : : "r" (type), "r" (pcid), "r" (at) : "memory", "cc");
}

/* CR4.PGE cleared and set: all translations are gone, global ones as well. */
ring0_inline void ring0_toggle_pge(const struct ring0 *r)
{
	ring0_set_cr4(r->cr4 & ~RING0_PGE);
	ring0_set_cr4(r->cr4);
}

ring0_inline unsigned long ring0_irqs_off(void)
{
	unsigned long flags;

	asm volatile("pushf\n\tpop %0\n\tcli" : "=r" (flags) : : "memory");
	return flags;
}

ring0_inline void ring0_irqs_restore(unsigned long flags)
{
	asm volatile("push %0\n\tpopf" : : "r" (flags) : "memory", "cc");
}

/* RDTSC not before what precedes it is done, nothing after it begun. */
ring0_inline unsigned long ring0_tsc(void)
{
	unsigned int lo, hi;

	asm volatile("lfence\n\trdtsc\n\tlfence"
		     : "=a" (lo), "=d" (hi) : : "memory");
	return (unsigned long)hi << 32 | lo;
}

/*
 * What the kernel does its own way: user pages stand behind SMAP there, and a
 * fault has to be survived without a handler of ours.
 */
#ifdef __KERNEL__
#include "drivers/module/ring0_env.h"
#else
ring0_inline void ring0_touch_begin(void)
{
}

ring0_inline void ring0_touch_end(void)
{
}

ring0_inline void ring0_touch(const unsigned char *p)
{
	bench_touch_read(p);
}

/* Loaded from here on: faults and interrupts leave it by themselves. */
ring0_inline void ring0_enter(struct bench_ctx *ctx, unsigned long cr3)
{
	ctx->me->cr3 = ctx->ring0->cr3 | ctx->ring0->noflush;
	ctx->me->isolated = 1;
	ring0_set_cr3(cr3);
}

ring0_inline void ring0_leave(struct bench_ctx *ctx)
{
	ctx->me->isolated = 0;
	ring0_set_cr3(ctx->ring0->cr3 | ctx->ring0->noflush);
}

/* The handler leaves, and the access is made again. */
ring0_inline void ring0_leave_by_fault(struct bench_ctx *ctx,
				       const unsigned char *unmapped)
{
	bench_touch_read(unmapped);
}
#endif

/*
 * The line of page @k that is read: always another 4 KiB of the memory behind
 * large pages, and another set of the cache than its neighbours' lines.
 */
ring0_inline const unsigned char *ring0_line(const struct ring0_window *w,
					     unsigned long k)
{
	return w->at + k * w->span +
	       (k * 4096 + k * 37 % 64 * 64) % (w->span < (2ul << 20) ?
						w->span : 2ul << 20);
}

/* Pages @from to @to of a window, each read once. */
ring0_inline void ring0_touch_pages(const struct ring0_window *w,
				    unsigned long from, unsigned long to)
{
	unsigned long k;

	ring0_touch_begin();
	for (k = from; k < to; k++)
		ring0_touch(ring0_line(w, k));
	ring0_touch_end();
}

#endif
