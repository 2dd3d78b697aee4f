/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Laying out the guest's memory, from the host's side. */
#ifndef DRIVERS_KVM_MEMORY_H
#define DRIVERS_KVM_MEMORY_H

#include "drivers/kvm/vm.h"

/* Flags of pages of the guest; ENTRY_HUGE is not one of them. */
#define PAGE_DATA	(ENTRY_WRITE | ENTRY_USER)
#define PAGE_CODE	ENTRY_USER
#define PAGE_KERNEL	ENTRY_WRITE

/* ... and of an entry that leads to a table. */
#define MEMORY_LINK	(ENTRY_PRESENT | ENTRY_WRITE | ENTRY_USER |	\
			 ENTRY_ACCESSED)

/**
 * memory_alloc() - whole zeroed pages
 * @align:	a power of two, of the guest-physical address
 * Return: where; when they have run out the first ones, and mem->err is set.
 */
void *memory_alloc(struct vm_memory *mem, size_t size, size_t align);

/**
 * memory_map() - one page in the guest's table
 * @level:	its size: LEVEL_PTE, LEVEL_PMD, LEVEL_PUD
 *
 * Sets mem->err where something is mapped already. Accessed and dirty are set:
 * no walk has to write.
 */
void memory_map(struct vm_memory *mem, uint64_t va, uint64_t pa,
		uint64_t flags, enum table_level level);

static inline uint64_t memory_physical(const struct vm_memory *mem,
				       const void *p)
{
	return (const unsigned char *)p - mem->ram;
}

/**
 * ring0_lay_out() - what VM_RING0 adds (ring0.c)
 * @cpu:	set of CPU_*
 *
 * Last of all: it copies the top table. Fills mem->shared->ring0.
 */
void ring0_lay_out(struct vm_memory *mem, unsigned int cpu);

#endif
