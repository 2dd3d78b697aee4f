// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is in the guest's memory. All of it is laid out from the host's side:
 * where ring 0 is interpreted, an instruction there costs a microsecond.
 */
#include "drivers/kvm/pages.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#define STACK_SIZE	(4 * VM_PAGE)
#define VECTOR_PF	14

/* Page table entries. Accessed and dirty are set: no walk has to write. */
#define PTE_PRESENT	(1ull << 0)
#define PTE_WRITE	(1ull << 1)
#define PTE_USER	(1ull << 2)
#define PTE_ACCESSED	(1ull << 5)
#define PTE_DIRTY	(1ull << 6)
#define PTE_HUGE	(1ull << 7)
#define PTE_ADDRESS	0x000ffffffffff000ull

#define PTE_DATA	(PTE_WRITE | PTE_USER)
#define PTE_CODE	PTE_USER
#define PTE_KERNEL	PTE_WRITE

/* Whole zeroed pages; when they run out the first ones, and mem->err. */
static void *alloc(struct vm_memory *mem, size_t size)
{
	void *p = mem->ram + mem->used;

	size = (size + VM_PAGE - 1) & -VM_PAGE;
	if (size > VM_RAM_SIZE - mem->used) {
		mem->err = -ENOMEM;
		return mem->ram;
	}
	mem->used += size;
	return p;
}

static uint64_t physical(const struct vm_memory *mem, const void *p)
{
	return (const unsigned char *)p - mem->ram;
}

/* The table that entry @index of @table leads to, made if there is none. */
static uint64_t *descend(struct vm_memory *mem, uint64_t *table,
			 unsigned int index)
{
	uint64_t *next;

	if (table[index] & PTE_PRESENT)
		return (uint64_t *)(mem->ram + (table[index] & PTE_ADDRESS));
	next = alloc(mem, VM_PAGE);
	table[index] = physical(mem, next) | PTE_PRESENT | PTE_WRITE |
		       PTE_USER | PTE_ACCESSED;
	return next;
}

/* A page of 4 KiB, or with PTE_HUGE of 2 MiB. */
static void map_page(struct vm_memory *mem, uint64_t va, uint64_t pa,
		     uint64_t flags)
{
	int shift, last = flags & PTE_HUGE ? 21 : 12;
	uint64_t *table = mem->top;

	for (shift = 39; shift > last && !mem->err; shift -= 9)
		table = descend(mem, table, va >> shift & 511);
	if (mem->err)
		return;
	table += va >> last & 511;
	if (*table & PTE_PRESENT)
		mem->err = -EEXIST;
	*table = pa | flags | PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY;
}

/* Pages of the guest's RAM, at the address they have here. */
static void map_ram(struct vm_memory *mem, const void *p, size_t size,
		    uint64_t flags)
{
	size_t i;

	for (i = 0; i < size; i += VM_PAGE)
		map_page(mem, (uintptr_t)p + i, physical(mem, p) + i, flags);
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
		map_page(mem, va, physical(mem, copy + (va - start)),
			 PTE_CODE);
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
	for (; i < 256; i++)
		set_gate(t, i, (uintptr_t)guest_interrupt, 2);
	if (flags & VM_GUEST_FAULTS)
		set_gate(t, VECTOR_PF, (uintptr_t)guest_fault, 2);
}

static void fill_tables(struct vm_seat *seat, unsigned char *trap_stack,
			unsigned char *irq_stack, unsigned int flags)
{
	struct vm_tables *t = seat->tables;

	fill_gdt(t);
	fill_idt(t, flags);
	memcpy(irq_stack, &seat->vcpu, sizeof(seat->vcpu));
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

	seat->tables = alloc_mapped(mem, sizeof(*seat->tables), PTE_KERNEL);
	trap_stack = alloc_mapped(mem, VM_PAGE, PTE_KERNEL);
	irq_stack = alloc_mapped(mem, VM_PAGE, PTE_KERNEL);
	seat->stack = alloc_mapped(mem, STACK_SIZE, PTE_DATA);
	if (mem->err)
		return;
	seat->vcpu = &mem->shared->vcpu[index];
	fill_tables(seat, trap_stack, irq_stack, flags);
	/* As after a call: 8 below a multiple of 16. */
	seat->stack += STACK_SIZE - 8;
}

static void lay_out(struct vm_memory *mem, unsigned int flags)
{
	uint64_t page = PTE_DATA | (flags & VM_PAGES_HUGE ? PTE_HUGE : 0);
	uint64_t step = flags & VM_PAGES_HUGE ? BENCH_HUGE_STRIDE :
		BENCH_PAGES_STRIDE;
	uint64_t end = BENCH_PAGES_AT + pages_size(flags), at;
	int i;

	mem->top = alloc(mem, VM_PAGE);
	load_code(mem);
	mem->shared = alloc_mapped(mem, sizeof(*mem->shared), PTE_DATA);
	for (i = 0; i < VM_VCPUS; i++)
		lay_out_seat(mem, i, flags);
	mem->sample = alloc_mapped(mem, 2 * VM_SAMPLES * sizeof(*mem->sample),
				   PTE_DATA);
	map_page(mem, BENCH_MMIO, BENCH_MMIO, PTE_DATA);
	map_page(mem, BENCH_APIC, BENCH_APIC, PTE_DATA);
	for (at = BENCH_PAGES_AT; at < end; at += step)
		map_page(mem, at, at, page);
}

int vm_memory_init(struct vm_memory *mem, unsigned int flags)
{
	int err;

	memset(mem, 0, sizeof(*mem));
	mem->ram = mmap(NULL, VM_RAM_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem->ram == MAP_FAILED) {
		mem->ram = NULL;
		return -errno;
	}
	/* Whether a huge page is at hand must not decide over a figure. */
	madvise(mem->ram, VM_RAM_SIZE, MADV_NOHUGEPAGE);
	memset(mem->ram, 0, VM_RAM_SIZE);
	lay_out(mem, flags);
	err = mem->err;
	if (err)
		vm_memory_exit(mem);
	return err;
}

void vm_memory_exit(struct vm_memory *mem)
{
	if (mem->ram)
		munmap(mem->ram, VM_RAM_SIZE);
	memset(mem, 0, sizeof(*mem));
}
