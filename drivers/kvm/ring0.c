// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What VM_RING0 adds to a guest: pages of all sizes to touch, memory of many
 * mappings and little content to be copied, pages for new tables, and top
 * tables to switch between. See struct ring0.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "drivers/kvm/memory.h"

#define HUGE		(2ul << 20)
#define GIB		(1ul << 30)
#define SLOT		(512 * GIB)	/* that an entry of the top table maps */

/*
 * Where no process has anything: its program and heap are at 0x55..., its
 * libraries and stack at 0x7f..., and what the guest has of them keeps its
 * address.
 */
#define RING0_AT	0x100000000000ul
#define AT_4K		RING0_AT
#define AT_2M		(AT_4K + GIB)
#define AT_4K_GLOBAL	(AT_2M + GIB)
#define AT_2M_GLOBAL	(AT_4K_GLOBAL + GIB)
#define AT_1G		(RING0_AT + SLOT)
#define AT_SETS		(AT_1G + SLOT)
#define AT_HOLE		(AT_SETS + SLOT)

#define SET_SIZE	(512ul << 20)	/* of 4 KiB pages */
#define SET_2M_SIZE	(8 * GIB)

/*
 * For the tables of five copies of the first set at its PTEs, the last with
 * that of all memory.
 */
#define TABLE_PAGES	1400ul

#define PCID_OTHER	1ul
#define PCID_ISOLATED	2ul

static void add_window(struct vm_memory *mem, enum ring0_size size,
		       uint64_t at, uint64_t phys, uint64_t flags,
		       enum table_level level)
{
	uint64_t span = table_span(level);
	/* Small pages have memory of their own; large ones all have the same. */
	uint64_t step = level == LEVEL_PTE ? span : 0;
	uint64_t base = level == LEVEL_PTE ? phys : phys & -span;
	unsigned long i;

	for (i = 0; i < RING0_PAGES; i++)
		memory_map(mem, at + i * span, base + i * step,
			   PAGE_KERNEL | flags, level);
	mem->shared->ring0.window[size] = (struct ring0_window) {
		.at = (const unsigned char *)(at + phys - base),
		.pages = RING0_PAGES, .span = span,
	};
}

static void add_windows(struct vm_memory *mem, unsigned int cpu,
			uint64_t small, uint64_t large)
{
	add_window(mem, RING0_4K, AT_4K, small, 0, LEVEL_PTE);
	add_window(mem, RING0_4K_GLOBAL, AT_4K_GLOBAL, small, ENTRY_GLOBAL,
		   LEVEL_PTE);
	add_window(mem, RING0_2M, AT_2M, large, 0, LEVEL_PMD);
	add_window(mem, RING0_2M_GLOBAL, AT_2M_GLOBAL, large, ENTRY_GLOBAL,
		   LEVEL_PMD);
	if (cpu & CPU_PAGES_1G)
		add_window(mem, RING0_1G, AT_1G, large, 0, LEVEL_PUD);
}

/* Mappings are what is copied; what they map does not matter. */
static void add_sets(struct vm_memory *mem, uint64_t small, uint64_t large)
{
	struct table_range *set = mem->shared->ring0.set;
	uint64_t i;

	set[0].first = AT_SETS;
	set[0].last = AT_SETS + SET_SIZE - 1;
	for (i = 0; i < SET_SIZE; i += VM_PAGE)
		memory_map(mem, set[0].first + i, small + i % HUGE,
			   PAGE_KERNEL, LEVEL_PTE);
	set[1].first = AT_SETS + GIB;
	set[1].last = set[1].first + SET_2M_SIZE - 1;
	for (i = 0; i < SET_2M_SIZE; i += HUGE)
		memory_map(mem, set[1].first + i, large, PAGE_KERNEL,
			   LEVEL_PMD);
}

/* So that a wrong translation shows: each 4 KiB says where it is. */
static void number_pages(struct vm_memory *mem, unsigned char *p)
{
	uint64_t i;

	for (i = 0; i < HUGE; i += VM_PAGE)
		*(uint64_t *)(p + i) = memory_physical(mem, p + i);
}

static struct table_range range_of(const void *p, uint64_t size)
{
	return (struct table_range) {
		(uintptr_t)p & -VM_PAGE, ((uintptr_t)p + size - 1) | (VM_PAGE - 1),
	};
}

/* All of the guest's memory at the address it has here, its tables as well. */
static void map_all(struct vm_memory *mem)
{
	struct guest_shared *shared = mem->shared;
	struct ring0 *r = &shared->ring0;
	uint64_t at, entry;

	for (at = 0; at < mem->size && !mem->err; at += VM_PAGE)
		if (!tables_find(&r->tables, r->top,
				 (uintptr_t)mem->ram + at, &entry))
			memory_map(mem, (uintptr_t)mem->ram + at, at,
				   PAGE_KERNEL, LEVEL_PTE);
	r->core[0] = range_of(mem->ram, mem->size);
	r->core[1] = range_of(__start_asi_guest,
			      __stop_asi_guest - __start_asi_guest);
	r->core[2] = range_of((void *)BENCH_APIC, VM_PAGE);
	r->ncore = 3;
}

/* A second top table of the same mappings; its entry for @but is left out. */
static uint64_t copy_top(struct vm_memory *mem, uint64_t but)
{
	uint64_t *top = memory_alloc(mem, VM_PAGE, VM_PAGE);
	unsigned int i;

	for (i = 0; i < TABLE_ENTRIES; i++)
		top[i] = i == but / SLOT ? 0 : mem->top[i];
	return memory_physical(mem, top);
}

/*
 * Mapped anew, for its small pages have left a page table behind: a kernel
 * puts no huge page in its place.
 */
static void remap_huge(struct vm_memory *mem, unsigned char *p)
{
	if (mmap(p, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		 MAP_FIXED, -1, 0) == MAP_FAILED) {
		mem->err = -errno;
		return;
	}
	madvise(p, HUGE, MADV_HUGEPAGE);
	memset(p, 0, HUGE);
}

void ring0_lay_out(struct vm_memory *mem, unsigned int cpu)
{
	struct guest_shared *shared = mem->shared;
	struct ring0 *r = &shared->ring0;
	unsigned char *large = memory_alloc(mem, HUGE, HUGE);
	unsigned char *small = memory_alloc(mem, HUGE, HUGE);
	unsigned char *pages = memory_alloc(mem, TABLE_PAGES * VM_PAGE,
					    VM_PAGE);
	uint64_t pcids = cpu & CPU_PCID ? ~0ul : 0;

	if (mem->err)
		return;
	remap_huge(mem, large);
	if (mem->err)
		return;
	number_pages(mem, large);
	number_pages(mem, small);
	shared->tables = (struct guest_tables) {
		mem->ram, mem->size, memory_physical(mem, pages),
	};
	r->top = memory_physical(mem, mem->top);
	r->tables = (struct table_space) {
		.at = guest_table_at, .page = guest_table_page,
		.priv = &shared->tables, .address = ENTRY_ADDRESS,
		.link = MEMORY_LINK, .levels = 4, .pages = TABLE_PAGES,
	};
	add_windows(mem, cpu, memory_physical(mem, small),
		    memory_physical(mem, large));
	add_sets(mem, memory_physical(mem, small), memory_physical(mem, large));
	memory_map(mem, AT_HOLE, memory_physical(mem, small), PAGE_KERNEL,
		   LEVEL_PTE);
	r->hole = (const unsigned char *)AT_HOLE;
	map_all(mem);
	r->cr3 = r->top;
	r->other = copy_top(mem, ~0ul) | (pcids & PCID_OTHER);
	r->isolated = copy_top(mem, AT_HOLE) | (pcids & PCID_ISOLATED);
	r->pcid = pcids & PCID_OTHER;
	r->noflush = pcids & RING0_NOFLUSH;
	r->cr4 = profile_cr4(cpu);
}
