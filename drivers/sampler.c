// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The timed loop. Freestanding: everything it calls is in the asi_guest
 * section, everything it reads is reached through its argument.
 */
#include "drivers/sampler.h"

/*
 * A delay of known length: @n dependent decrements, one cycle each on any
 * out-of-order x86. Registers only, so that nothing else about the operation
 * changes.
 */
static inline __attribute__((always_inline)) void delay_loop(uint64_t n)
{
	if (n)
		asm volatile("1:\n\tdec %0\n\tjnz 1b" : "+r" (n) : : "cc");
}

__guest void sampler_loop(struct sampler *s)
{
	void (*op)(struct bench_ctx *) = s->op;
	struct bench_ctx *ctx = s->ctx;
	uint64_t inject = s->inject;
	unsigned long batch = s->batch;
	uint64_t first = tsc_fenced(), start, end, k;
	unsigned long i;

	ctx->batch = batch;
	for (k = 0; k < s->n; k++) {
		if (s->prepare) {
			int err = s->prepare(ctx, batch);

			if (err) {
				s->error = err;
				break;
			}
		}
		start = tsc_fenced();
		for (i = 0; i < batch; i++) {
			ctx->i = i;
			op(ctx);
			delay_loop(inject);
		}
		end = tsc_fenced();
		s->sample[k] = end - start;
		if (s->limit && end - first >= s->limit) {
			k++;
			break;
		}
	}
	s->done = k;
}

__guest uint64_t sampler_nops(void)
{
	uint64_t start = tsc_fenced();

	asm volatile(".rept 1000\n\tnop\n\t.endr");
	return tsc_fenced() - start;
}
