/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bench/ring0.h has of its own way in a kernel: pages to touch are those
 * of a process, behind SMAP, and a fault ends in an exception table's entry.
 * Included by bench/ring0.h alone.
 */
#ifndef DRIVERS_MODULE_RING0_ENV_H
#define DRIVERS_MODULE_RING0_ENV_H

#include <linux/compiler.h>
#include <asm/asm.h>
#include <asm/smap.h>

/* Accesses that faulted and should not have, or the other way round. */
extern unsigned long ring0_bad;

ring0_inline void ring0_touch_begin(void)
{
	stac();
}

ring0_inline void ring0_touch_end(void)
{
	clac();
}

/* Was it mapped? */
ring0_inline int ring0_read(const unsigned char *p)
{
	asm goto("1:	movzbl (%0), %%eax\n" _ASM_EXTABLE(1b, %l[unmapped])
		 : : "r" (p) : "eax", "memory" : unmapped);
	return 1;
unmapped:
	return 0;
}

ring0_inline void ring0_touch(const unsigned char *p)
{
	if (!ring0_read(p))
		ring0_bad++;
}

ring0_inline void ring0_enter(struct bench_ctx *ctx, unsigned long cr3)
{
	ring0_set_cr3(cr3);
}

ring0_inline void ring0_leave(struct bench_ctx *ctx)
{
	ring0_set_cr3(ctx->ring0->cr3 | ctx->ring0->noflush);
}

/* The kernel's own handler finds the entry, which is where it is left. */
ring0_inline void ring0_leave_by_fault(struct bench_ctx *ctx,
				       const unsigned char *unmapped)
{
	ring0_touch_begin();
	if (ring0_read(unmapped))
		ring0_bad++;
	ring0_leave(ctx);
	ring0_touch(unmapped);
	ring0_touch_end();
}

#endif
