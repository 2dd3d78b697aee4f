/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the micro-VMM and its guest agree on.
 *
 * The guest is a loop in this very binary: it carries out the request it
 * finds in shared memory, then stops at a port until the next. All memory
 * has the same virtual address on both sides.
 */
#ifndef DRIVERS_KVM_GUEST_H
#define DRIVERS_KVM_GUEST_H

#include "bench/ring0.h"
#include "drivers/sampler.h"

#define GUEST_PORT_WAIT	0x5e8	/* a request is done: what next? */
#define GUEST_PORT_TRAP	0x5ec	/* an exception was taken, for ever */

#define GUEST_VECTORS	32	/* exceptions; above are interrupts */
#define GUEST_STUB_SIZE	16	/* bytes between entries of guest_stubs */

#define VM_VCPUS	16		/* at most */

/**
 * enum guest_request - what the guest is asked to do
 * @GUEST_LOOP:	sampler_loop() on guest_shared.sampler
 * @GUEST_NOPS:	sampler_nops() into guest_shared.nops
 * @GUEST_RDTSC: sampler_rdtsc() into guest_shared.rdtsc
 * @GUEST_TOUCH: touch guest_shared.pages pages at guest_shared.touch, so that
 *		the mappings behind them exist
 */
enum guest_request { GUEST_LOOP, GUEST_NOPS, GUEST_RDTSC, GUEST_TOUCH };

/**
 * struct guest_tables - where page tables of the guest are
 * @ram:	guest-physical address 0, as mapped
 * @size:	bytes
 * @pages:	guest-physical address of those for new tables
 */
struct guest_tables {
	unsigned char *ram;
	uint64_t size;
	uint64_t pages;
};

/**
 * struct guest_shared - requests and answers
 * @request:	enum guest_request
 * @tsc:	the guest's TSC when it last began a request
 * @nops:	TSC ticks of 1,000 NOPs
 * @rdtsc:	TSC ticks of 100 RDTSC
 * @touch:	see GUEST_TOUCH
 * @pages:	see GUEST_TOUCH
 * @sampler:	see GUEST_LOOP
 * @ctx:	context of the operation
 * @repeat:	what guest_repeat() does
 * @repeat_ctx:	its context, of each vCPU
 * @vcpu:	of each vCPU
 * @ring0:	see VM_RING0
 * @tables:	of @ring0
 */
struct guest_shared {
	uint64_t request;
	uint64_t tsc;
	uint64_t nops;
	uint64_t rdtsc;
	volatile unsigned char *touch;
	uint64_t pages;
	struct sampler sampler;
	struct bench_ctx ctx;
	void (*repeat)(struct bench_ctx *ctx);
	struct bench_ctx repeat_ctx[VM_VCPUS];
	struct bench_vcpu vcpu[VM_VCPUS];
	struct ring0 ring0;
	struct guest_tables tables;
};

/**
 * struct guest_trap - an exception, as its handler leaves it on top of its
 * stack: pushed by the handler up to @error, by the CPU from there
 */
struct guest_trap {
	uint64_t cr2;
	uint64_t vector;
	uint64_t error;
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
};

/* Where the guest starts, in either ring. */
void guest_main(struct guest_shared *shared);

/* Where a vCPU starts that does one thing for ever. */
void guest_repeat(struct guest_shared *shared, struct bench_ctx *ctx);

/*
 * Handlers that return: of interrupts, and of #PF with VM_GUEST_FAULTS. Each
 * has a stack of one page, which begins with a pointer to the bench_vcpu.
 */
extern const unsigned char guest_interrupt[];
extern const unsigned char guest_fault[];

/*
 * The same with VM_RING0. Both leave the isolated page table if it is loaded;
 * a fault then happens again or not at all, without it is an exception.
 */
extern const unsigned char guest_interrupt_leave[];
extern const unsigned char guest_fault_leave[];

/* Callbacks of table_space, with a struct guest_tables as its priv. */
uint64_t *guest_table_at(const struct table_space *s, uint64_t phys);
uint64_t guest_table_page(const struct table_space *s, unsigned long i);

/* Entries for each vector, GUEST_STUB_SIZE bytes apart. */
extern const unsigned char guest_stubs[];

/* The section that all of this is in: see __guest. */
extern const unsigned char __start_asi_guest[];
extern const unsigned char __stop_asi_guest[];

#endif
