/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that exit, for operations in a guest. */
#ifndef BENCH_INSN_H
#define BENCH_INSN_H

#include <stdint.h>

#include "bench/bench.h"

static inline __attribute__((always_inline))
void insn_out8(uint16_t port, uint8_t value)
{
	asm volatile("outb %b0, %w1" : : "a" (value), "d" (port) : "memory");
}

static inline __attribute__((always_inline)) void insn_in8(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %w1, %0" : "=a" (value) : "d" (port) : "memory");
}

static inline __attribute__((always_inline))
void insn_store32(unsigned long at, uint32_t value)
{
	asm volatile("movl %1, (%0)" : : "r" (at), "a" (value) : "memory");
}

static inline __attribute__((always_inline)) void insn_load32(unsigned long at)
{
	uint32_t value;

	asm volatile("movl (%1), %0" : "=r" (value) : "r" (at) : "memory");
}

/* String I/O of one byte: KVM has to emulate the access to memory as well. */
static inline __attribute__((always_inline))
void insn_outsb(uint16_t port, const void *from)
{
	asm volatile("outsb" : "+S" (from) : "d" (port) : "memory");
}

static inline __attribute__((always_inline))
void insn_insb(uint16_t port, void *to)
{
	asm volatile("insb" : "+D" (to) : "d" (port) : "memory");
}

/* Leaf 0: leaf 0xd reads state that is slow on some CPUs. */
static inline __attribute__((always_inline)) void insn_cpuid(void)
{
	uint32_t eax = 0, ebx, ecx = 0, edx;

	asm volatile("cpuid"
		     : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
}

static inline __attribute__((always_inline)) void insn_rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	asm volatile("rdmsr" : "=a" (lo), "=d" (hi) : "c" (msr) : "memory");
}

static inline __attribute__((always_inline))
void insn_wrmsr(uint32_t msr, uint32_t low, uint32_t high)
{
	asm volatile("wrmsr"
		     : : "c" (msr), "a" (low), "d" (high) : "memory");
}

static inline __attribute__((always_inline)) void insn_sti_hlt(void)
{
	asm volatile("sti\n\thlt" : : : "memory");
}

#endif
