/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86-64 page tables walked, copied, cleared and compared. Plain C over two
 * callbacks: the same code works on a guest's tables, on a kernel's, and on
 * those that a test made up.
 *
 * A copy at a level shares what is below it with the table it was made from:
 * at the PGD one entry stands for 512 GiB (4 levels) and needs no page but
 * the top one; at the PTE each page has an entry of its own in tables of its
 * own. What a level's entry maps beyond the range asked for is mapped as well.
 */
#ifndef BENCH_RING0_TABLE_H
#define BENCH_RING0_TABLE_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#define TABLE_ENTRIES	512

#define ENTRY_PRESENT	(1ull << 0)
#define ENTRY_WRITE	(1ull << 1)
#define ENTRY_USER	(1ull << 2)
#define ENTRY_ACCESSED	(1ull << 5)
#define ENTRY_DIRTY	(1ull << 6)
#define ENTRY_HUGE	(1ull << 7)	/* a page, where a table might be */
#define ENTRY_GLOBAL	(1ull << 8)
#define ENTRY_ADDRESS	0x000ffffffffff000ull

/**
 * enum table_level - whose entries are copied
 *
 * Without LA57 there are four levels and the P4D is folded into the PGD: both
 * then mean the top table.
 */
enum table_level { LEVEL_PTE = 1, LEVEL_PMD, LEVEL_PUD, LEVEL_P4D, LEVEL_PGD };

/**
 * struct table_space - where tables are, and where new ones come from
 * @at:		the table at a physical address, or NULL: it cannot be reached
 * @page:	physical address of the i-th page for new tables
 * @priv:	the callbacks' own
 * @address:	bits of an entry that are a physical address
 * @link:	bits of an entry that leads to a new table, beside the address
 * @levels:	4, or 5 with LA57
 * @used:	pages of new tables taken so far; 0 gives all back
 * @pages:	how many there are
 */
struct table_space {
	uint64_t *(*at)(const struct table_space *s, uint64_t phys);
	uint64_t (*page)(const struct table_space *s, unsigned long i);
	void *priv;
	uint64_t address;
	uint64_t link;
	int levels;
	unsigned long used;
	unsigned long pages;
};

/**
 * struct table_range - virtual addresses, both ends included
 */
struct table_range {
	uint64_t first;
	uint64_t last;
};

/**
 * struct table_work - what an operation did
 * @tables:	pages taken (copying) or given up (clearing)
 * @entries:	entries written that are no link to one of these pages
 */
struct table_work {
	unsigned long tables;
	unsigned long entries;
};

/**
 * tables_new() - an empty table
 * Return: its physical address; 0: no page is left.
 */
uint64_t tables_new(struct table_space *s);

/**
 * tables_copy() - map in one table what another one maps
 * @to:		physical address of the top table that is changed
 * @from:	of the one that is read
 * @level:	whose entries are copied. A larger page of @from is copied
 *		whole, at its own level
 * @work:	added to
 *
 * What @from does not map stays as it is in @to.
 *
 * Return: 0; -ENOMEM: no page is left; -EEXIST: @to has a page where a table
 * is needed, or a table of its own where an entry of @from would go; -EFAULT:
 * a table cannot be reached. What was copied until then stays.
 */
int tables_copy(struct table_space *s, uint64_t to, uint64_t from,
	       const struct table_range *range, enum table_level level,
	       struct table_work *work);

/**
 * tables_clear() - undo tables_copy()
 * @level:	as then: what is below it belongs to another table
 * @work:	added to
 *
 * Tables that are within @range as a whole are given up; their pages come
 * back by table_space.used alone.
 *
 * Return: 0 or -EFAULT.
 */
int tables_clear(struct table_space *s, uint64_t top,
		const struct table_range *range, enum table_level level,
		struct table_work *work);

/**
 * tables_find() - how an address is mapped
 * @entry:	out: the entry that maps it
 * Return: the level of @entry: LEVEL_PTE 4 KiB, LEVEL_PMD 2 MiB, LEVEL_PUD
 * 1 GiB; 0: unmapped; -EFAULT.
 */
int tables_find(const struct table_space *s, uint64_t top, uint64_t va,
	       uint64_t *entry);

/**
 * tables_differs() - does an address mean something else in two tables?
 *
 * Compared are the page's size, address and flags but for accessed and dirty,
 * which the CPU sets.
 *
 * Return: 1: it does, 0: it does not, or -EFAULT.
 */
int tables_differs(const struct table_space *s, uint64_t a, uint64_t b,
		  uint64_t va);

/**
 * tables_verify() - is a range the same in two tables?
 * @step:	bytes between the addresses looked at; the last one always is
 * @wrong:	out: the first one that differs
 * Return: as tables_differs().
 */
int tables_verify(const struct table_space *s, uint64_t a, uint64_t b,
		 const struct table_range *range, uint64_t step,
		 uint64_t *wrong);

/* Bytes that an entry of a level stands for. */
static inline __attribute__((always_inline)) uint64_t table_span(int level)
{
	return 1ull << (12 + 9 * (level - 1));
}

#endif
