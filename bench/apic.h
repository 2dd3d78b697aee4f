/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local APIC as an operation in a guest reaches it, in its two modes. */
#ifndef BENCH_APIC_H
#define BENCH_APIC_H

#include "bench/insn.h"

#define APIC_TPR	0x80
#define APIC_EOI	0xb0
#define APIC_ICR	0x300
#define APIC_ICR_HIGH	0x310
#define APIC_INITIAL	0x380		/* count of the timer */
#define X2APIC_MSRS	0x800		/* the same registers, as MSRs */
#define X2APIC_SELF_IPI	0x83f
#define MSR_TSC_DEADLINE 0x6e0

#define ICR_ASSERT	0x4000u
#define ICR_SELF	0x40000u	/* destination: who writes it */
#define ICR_LOGICAL	0x800u		/* destination: a set */

#define PEER_ID		1u		/* of the second vCPU's APIC */

static inline __attribute__((always_inline))
void apic_write(uint32_t at, uint32_t value)
{
	asm volatile("movl %1, (%0)"
		     : : "r" (BENCH_APIC + at), "r" (value) : "memory");
}

static inline __attribute__((always_inline))
void x2apic_write(uint32_t at, uint32_t low, uint32_t high)
{
	insn_wrmsr(X2APIC_MSRS + at / 16, low, high);
}

/* The TSC as an operand, never to take a time. */
static inline __attribute__((always_inline)) uint64_t tsc_now(void)
{
	uint32_t lo, hi;

	asm volatile("rdtsc" : "=a" (lo), "=d" (hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

#endif
