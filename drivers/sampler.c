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

static inline __attribute__((always_inline)) uint64_t pace_loop(uint64_t n)
{
	uint64_t start = tsc_fenced();

	delay_loop(n);
	return tsc_fenced() - start;
}

__guest uint64_t sampler_pace(uint64_t n)
{
	return pace_loop(n);
}

__guest void sampler_loop(struct sampler *s)
{
	void (*op)(struct bench_ctx *) = s->op;
	struct bench_ctx *ctx = s->ctx;
	int64_t delayed = s->delayed;
	uint64_t inject = s->inject;
	unsigned long batch = s->batch;
	uint64_t first = tsc_fenced(), start, end, before = 0, after, k;
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
		if (s->pace_n)
			before = pace_loop(s->pace_n);
		start = tsc_fenced();
		for (i = 0; i < batch; i++) {
			ctx->i = i;
			op(ctx);
			if (delayed) {
				asm volatile("lfence" : : : "memory");
				delay_loop(inject);
				asm volatile("lfence" : : : "memory");
			}
		}
		end = tsc_fenced();
		s->sample[k] = end - start;
		if (s->pace_n) {
			after = pace_loop(s->pace_n);
			s->pace[k] = after > before ? after : before;
		}
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

__guest uint64_t sampler_rdtsc(void)
{
	uint64_t start = tsc_fenced();

	asm volatile(".rept 100\n\trdtsc\n\t.endr" : : : "rax", "rdx");
	return tsc_fenced() - start;
}
