// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is in the guest's memory. All of it is laid out from the host's side:
 * where ring 0 is interpreted, an instruction there costs a microsecond.
 */
#include "drivers/kvm/memory.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "drivers/kvm/pages.h"

#define STACK_SIZE	(4 * VM_PAGE)
#define VECTOR_PF	14
#define HUGE		(2ul << 20)

void *memory_alloc(struct vm_memory *mem, size_t size, size_t align)
{
	size_t at = (mem->used + align - 1) & -align;

	size = (size + VM_PAGE - 1) & -VM_PAGE;
	if (at > mem->size || size > mem->size - at) {
		mem->err = -ENOMEM;
		return mem->ram;
	}
	mem->used = at + size;
	return mem->ram + at;
}

static void *alloc(struct vm_memory *mem, size_t size)
{
	return memory_alloc(mem, size, VM_PAGE);
}

/* The table that entry @index of @table leads to, made if there is none. */
static uint64_t *descend(struct vm_memory *mem, uint64_t *table,
			 unsigned int index)
{
	uint64_t *next;

	if (table[index] & ENTRY_PRESENT)
		return (uint64_t *)(mem->ram + (table[index] & ENTRY_ADDRESS));
	next = alloc(mem, VM_PAGE);
	table[index] = memory_physical(mem, next) | MEMORY_LINK;
	return next;
}

void memory_map(struct vm_memory *mem, uint64_t va, uint64_t pa,
		uint64_t flags, enum table_level level)
{
	int shift, last = 12 + 9 * (level - LEVEL_PTE);
	uint64_t *table = mem->top;

	for (shift = 39; shift > last && !mem->err; shift -= 9)
		table = descend(mem, table, va >> shift & 511);
	if (mem->err)
		return;
	table += va >> last & 511;
	if (*table & ENTRY_PRESENT)
		mem->err = -EEXIST;
	*table = pa | flags | ENTRY_PRESENT | ENTRY_ACCESSED | ENTRY_DIRTY |
		 (level > LEVEL_PTE ? ENTRY_HUGE : 0);
}

static void map_page(struct vm_memory *mem, uint64_t va, uint64_t pa,
		     uint64_t flags)
{
	memory_map(mem, va, pa, flags, LEVEL_PTE);
}

/* Pages of the guest's RAM, at the address they have here. */
static void map_ram(struct vm_memory *mem, const void *p, size_t size,
		    uint64_t flags)
{
	size_t i;

	for (i = 0; i < size; i += VM_PAGE)
		map_page(mem, (uintptr_t)p + i, memory_physical(mem, p) + i,
			 flags);
}

static void *alloc_mapped(struct vm_memory *mem, size_t size, uint64_t flags)
{
	void *p = alloc(mem, size);

	map_ram(mem, p, size, flags);
	return p;
}

/*
 * The section need not begin on a page: the pages it touches are copied
 * whole, which are part of the same mapping of this program.
 */
static void load_code(struct vm_memory *mem)
{
	uintptr_t start = (uintptr_t)__start_asi_guest & -VM_PAGE;
	uintptr_t end = ((uintptr_t)__stop_asi_guest + VM_PAGE - 1) & -VM_PAGE;
	unsigned char *copy = alloc(mem, end - start);
	uintptr_t va;

	if (mem->err)
		return;
	memcpy(copy, (const void *)start, end - start);
	for (va = start; va < end; va += VM_PAGE)
		map_page(mem, va, memory_physical(mem, copy + (va - start)),
			 PAGE_CODE);
}

/* A descriptor of memory or, with @type 0xb of a system segment, of a TSS. */
static uint64_t descriptor(uint64_t base, uint64_t limit, uint64_t access,
			   uint64_t flags)
{
	return (limit & 0xffff) | (base & 0xffffff) << 16 | access << 40 |
	       (limit >> 16 & 0xf) << 48 | flags << 52 |
	       (base >> 24 & 0xff) << 56;
}

/* Access bytes: present, DPL, code or data, accessed; flags: G, L or D. */
static void fill_gdt(struct vm_tables *t)
{
	uint64_t tss = (uintptr_t)&t->tss;

	t->gdt[VM_CS0 / 8] = descriptor(0, 0xfffff, 0x9b, 0xa);
	t->gdt[VM_SS0 / 8] = descriptor(0, 0xfffff, 0x93, 0xc);
	t->gdt[VM_SS3 / 8] = descriptor(0, 0xfffff, 0xf3, 0xc);
	t->gdt[VM_CS3 / 8] = descriptor(0, 0xfffff, 0xfb, 0xa);
	t->gdt[VM_TSS / 8] = descriptor(tss, sizeof(t->tss) - 1, 0x8b, 0);
	t->gdt[VM_TSS / 8 + 1] = tss >> 32;
}

/* A 64-bit interrupt gate to ring 0, on stack @ist of the TSS. */
static void set_gate(struct vm_tables *t, int vector, uintptr_t entry,
		     uint64_t ist)
{
	t->idt[2 * vector] = (entry & 0xffff) | VM_CS0 << 16 | ist << 32 |
			     0xeeull << 40 | (entry >> 16 & 0xffff) << 48;
	t->idt[2 * vector + 1] = entry >> 32;
}

/*
 * Exceptions have their own stack: also an operation that ruined its stack
 * pointer is reported, not shut down. Open to ring 3 for INT3.
 */
static void fill_idt(struct vm_tables *t, unsigned int flags)
{
	uintptr_t entry = (uintptr_t)guest_stubs;
	int i;

	for (i = 0; i < GUEST_VECTORS; i++, entry += GUEST_STUB_SIZE)
		set_gate(t, i, entry, 1);
	entry = (uintptr_t)(flags & VM_RING0 ? guest_interrupt_leave :
			    guest_interrupt);
	for (; i < 256; i++)
		set_gate(t, i, entry, 2);
	if (flags & VM_GUEST_FAULTS)
		set_gate(t, VECTOR_PF, (uintptr_t)guest_fault, 2);
	if (flags & VM_RING0)
		set_gate(t, VECTOR_PF, (uintptr_t)guest_fault_leave, 1);
}

static void fill_tables(struct vm_seat *seat, unsigned char *trap_stack,
			unsigned char *irq_stack, unsigned int flags)
{
	struct vm_tables *t = seat->tables;

	fill_gdt(t);
	fill_idt(t, flags);
	memcpy(irq_stack, &seat->vcpu, sizeof(seat->vcpu));
	memcpy(trap_stack, &seat->vcpu, sizeof(seat->vcpu));
	t->tss.ist[0] = (uintptr_t)trap_stack + VM_PAGE;
	t->tss.ist[1] = (uintptr_t)irq_stack + VM_PAGE;
	t->tss.rsp[0] = t->tss.ist[0];
	t->tss.iomap_base = offsetof(struct vm_tables, tss.iomap) -
			    offsetof(struct vm_tables, tss);
	t->tss.iomap[sizeof(t->tss.iomap) - 1] = 0xff;
	seat->trap = (void *)(trap_stack + VM_PAGE - sizeof(*seat->trap));
}

static void lay_out_seat(struct vm_memory *mem, int index,
			 unsigned int flags)
{
	struct vm_seat *seat = &mem->seat[index];
	unsigned char *trap_stack, *irq_stack;

	seat->tables = alloc_mapped(mem, sizeof(*seat->tables), PAGE_KERNEL);
	trap_stack = alloc_mapped(mem, VM_PAGE, PAGE_KERNEL);
	irq_stack = alloc_mapped(mem, VM_PAGE, PAGE_KERNEL);
	seat->stack = alloc_mapped(mem, STACK_SIZE, PAGE_DATA);
	if (mem->err)
		return;
	seat->vcpu = &mem->shared->vcpu[index];
	fill_tables(seat, trap_stack, irq_stack, flags);
	/* As after a call: 8 below a multiple of 16. */
	seat->stack += STACK_SIZE - 8;
}

static void lay_out(struct vm_memory *mem, int vcpus, unsigned int flags,
		    unsigned int cpu)
{
	enum table_level level = flags & VM_PAGES_HUGE ? LEVEL_PMD : LEVEL_PTE;
	uint64_t step = flags & VM_PAGES_HUGE ? BENCH_HUGE_STRIDE :
		BENCH_PAGES_STRIDE;
	uint64_t end = BENCH_PAGES_AT + pages_size(flags), at;
	int i;

	mem->top = alloc(mem, VM_PAGE);
	load_code(mem);
	mem->shared = alloc_mapped(mem, sizeof(*mem->shared), PAGE_DATA);
	for (i = 0; i < vcpus; i++)
		lay_out_seat(mem, i, flags);
	mem->sample = alloc_mapped(mem, 2 * VM_SAMPLES * sizeof(*mem->sample),
				   PAGE_DATA);
	map_page(mem, BENCH_MMIO, BENCH_MMIO, PAGE_DATA);
	map_page(mem, BENCH_APIC, BENCH_APIC, PAGE_DATA);
	for (at = BENCH_PAGES_AT; at < end; at += step)
		memory_map(mem, at, at, PAGE_DATA, level);
	if (flags & VM_RING0)
		ring0_lay_out(mem, cpu);
}

/* On a huge page's boundary, in both kinds of memory. */
static int map_memory(struct vm_memory *mem)
{
	mem->map_size = mem->size + HUGE;
	mem->map = mmap(NULL, mem->map_size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem->map == MAP_FAILED) {
		mem->map = NULL;
		return -errno;
	}
	mem->ram = (unsigned char *)(((uintptr_t)mem->map + HUGE - 1) & -HUGE);
	/* Whether a huge page is at hand must not decide over a figure. */
	madvise(mem->ram, mem->size, MADV_NOHUGEPAGE);
	memset(mem->ram, 0, mem->size);
	return 0;
}

int vm_memory_init(struct vm_memory *mem, int vcpus, unsigned int flags,
		   unsigned int cpu)
{
	int err;

	memset(mem, 0, sizeof(*mem));
	mem->size = flags & VM_RING0 ? VM_RING0_RAM_SIZE : VM_RAM_SIZE;
	err = map_memory(mem);
	if (err)
		return err;
	lay_out(mem, vcpus, flags, cpu);
	err = mem->err;
	if (err)
		vm_memory_exit(mem);
	return err;
}

void vm_memory_exit(struct vm_memory *mem)
{
	if (mem->map)
		munmap(mem->map, mem->map_size);
	memset(mem, 0, sizeof(*mem));
}
