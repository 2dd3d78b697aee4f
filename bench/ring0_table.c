// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/ring0_table.h"

#ifdef __KERNEL__
#include <linux/errno.h>
#else
#include <errno.h>
#endif

#include "bench/bench.h"

/* Both may change while a walk is going on, in a live kernel. */
#define entry_read(p)	(*(const volatile uint64_t *)(p))
#define entry_write(p, v)	(*(volatile uint64_t *)(p) = (v))

/**
 * struct pass - one operation on tables
 * @level:	whose entries are written
 */
struct pass {
	struct table_space *s;
	int level;
	struct table_work *work;
};

static inline __attribute__((always_inline))
unsigned int index_of(uint64_t va, int level)
{
	return va >> (12 + 9 * (level - 1)) & (TABLE_ENTRIES - 1);
}

/* Last address of what the entry of @va stands for, at most @last. */
static inline __attribute__((always_inline))
uint64_t end_of(uint64_t va, int level, uint64_t last)
{
	uint64_t end = va | (table_span(level) - 1);

	return end < last ? end : last;
}

static inline __attribute__((always_inline))
int is_page(uint64_t entry, int level)
{
	return level == LEVEL_PTE ||
	       (level <= LEVEL_PUD && entry & ENTRY_HUGE);
}

static inline __attribute__((always_inline))
uint64_t *below(const struct table_space *s, uint64_t entry)
{
	return s->at(s, entry & s->address);
}

static inline __attribute__((always_inline))
int top_of(const struct table_space *s, enum table_level level)
{
	return (int)level < s->levels ? (int)level : s->levels;
}

__guest uint64_t tables_new(struct table_space *s)
{
	unsigned long n = TABLE_ENTRIES;
	uint64_t *table;
	uint64_t phys;

	if (s->used >= s->pages)
		return 0;
	phys = s->page(s, s->used);
	table = phys ? s->at(s, phys) : NULL;
	if (!table)
		return 0;
	s->used++;
	/* No loop: a compiler makes memset() of it, which a guest has not. */
	asm volatile("rep stosq"
		     : "+D" (table), "+c" (n) : "a" (0ul) : "memory");
	return phys;
}

/* The table below an entry of a copy, made where there is none. */
static __guest int descend(const struct pass *p, uint64_t *slot, int level,
			   uint64_t **table)
{
	uint64_t entry = entry_read(slot);

	if (!(entry & ENTRY_PRESENT)) {
		entry = tables_new(p->s);
		if (!entry)
			return -ENOMEM;
		p->work->tables++;
		entry |= p->s->link;
		entry_write(slot, entry);
	} else if (is_page(entry, level)) {
		return -EEXIST;
	}
	*table = below(p->s, entry);
	return *table ? 0 : -EFAULT;
}

/* A larger page of the source, in a table above the level that is copied. */
static __guest int copy_page(const struct pass *p, uint64_t *slot,
			     uint64_t entry, int level)
{
	uint64_t old = entry_read(slot);

	/* A table of the copy's own would be lost. */
	if (old & ENTRY_PRESENT && !is_page(old, level))
		return -EEXIST;
	entry_write(slot, entry);
	p->work->entries++;
	return 0;
}

/* Entries of the level that is copied: most of the work of a deep copy. */
static __guest void copy_entries(const struct pass *p, uint64_t *to,
				 const uint64_t *from, unsigned int first,
				 unsigned int last)
{
	unsigned long n = 0;
	uint64_t entry;
	unsigned int i;

	for (i = first; i <= last; i++) {
		entry = entry_read(&from[i]);
		if (entry & ENTRY_PRESENT) {
			entry_write(&to[i], entry);
			n++;
		}
	}
	p->work->entries += n;
}

static __guest int copy_level(const struct pass *p, uint64_t *to,
			      const uint64_t *from, int level, uint64_t va,
			      uint64_t last);

static __guest int copy_below(const struct pass *p, uint64_t *slot,
			      uint64_t entry, int level, uint64_t va,
			      uint64_t last)
{
	uint64_t *from = below(p->s, entry), *to;
	int err = from ? descend(p, slot, level, &to) : -EFAULT;

	return err ? err : copy_level(p, to, from, level - 1, va, last);
}

static __guest int copy_level(const struct pass *p, uint64_t *to,
			      const uint64_t *from, int level, uint64_t va,
			      uint64_t last)
{
	uint64_t entry, end;
	unsigned int i;
	int err = 0;

	if (level <= p->level) {
		copy_entries(p, to, from, index_of(va, level),
			     index_of(last, level));
		return 0;
	}
	for (;; va = end + 1) {
		end = end_of(va, level, last);
		i = index_of(va, level);
		entry = entry_read(&from[i]);
		if (!(entry & ENTRY_PRESENT))
			;
		else if (is_page(entry, level))
			err = copy_page(p, &to[i], entry, level);
		else
			err = copy_below(p, &to[i], entry, level, va, end);
		if (err || end == last)
			return err;
	}
}

__guest int tables_copy(struct table_space *s, uint64_t to, uint64_t from,
		       const struct table_range *range, enum table_level level,
		       struct table_work *work)
{
	const struct pass p = { s, top_of(s, level), work };
	uint64_t *dst = s->at(s, to), *src = s->at(s, from);

	if (!dst || !src)
		return -EFAULT;
	return copy_level(&p, dst, src, s->levels, range->first, range->last);
}

static __guest void clear_entries(const struct pass *p, uint64_t *table,
				  unsigned int first, unsigned int last)
{
	unsigned long n = 0;
	unsigned int i;

	for (i = first; i <= last; i++)
		if (entry_read(&table[i]) & ENTRY_PRESENT) {
			entry_write(&table[i], 0);
			n++;
		}
	p->work->entries += n;
}

static __guest int clear_level(const struct pass *p, uint64_t *table,
			       int level, uint64_t va, uint64_t last);

/* A table that is emptied as a whole is given up. */
static __guest int clear_below(const struct pass *p, uint64_t *slot, int level,
			       uint64_t va, uint64_t last)
{
	uint64_t *table = below(p->s, entry_read(slot));
	int err = table ? clear_level(p, table, level - 1, va, last) : -EFAULT;

	if (err || last - va != table_span(level) - 1)
		return err;
	entry_write(slot, 0);
	p->work->tables++;
	return 0;
}

static __guest int clear_level(const struct pass *p, uint64_t *table,
			       int level, uint64_t va, uint64_t last)
{
	uint64_t *slot, end;
	int err = 0;

	if (level <= p->level) {
		clear_entries(p, table, index_of(va, level),
			      index_of(last, level));
		return 0;
	}
	for (;; va = end + 1) {
		end = end_of(va, level, last);
		slot = &table[index_of(va, level)];
		if (is_page(entry_read(slot), level))
			clear_entries(p, slot, 0, 0);
		else if (entry_read(slot) & ENTRY_PRESENT)
			err = clear_below(p, slot, level, va, end);
		if (err || end == last)
			return err;
	}
}

__guest int tables_clear(struct table_space *s, uint64_t top,
			const struct table_range *range,
			enum table_level level, struct table_work *work)
{
	const struct pass p = { s, top_of(s, level), work };
	uint64_t *table = s->at(s, top);

	return table ? clear_level(&p, table, s->levels, range->first,
				   range->last) : -EFAULT;
}

__guest int tables_find(const struct table_space *s, uint64_t top, uint64_t va,
		       uint64_t *entry)
{
	uint64_t *table = s->at(s, top);
	int level = s->levels;

	for (; table; level--) {
		*entry = entry_read(&table[index_of(va, level)]);
		if (!(*entry & ENTRY_PRESENT))
			return 0;
		if (is_page(*entry, level))
			return level;
		table = below(s, *entry);
	}
	return -EFAULT;
}

__guest int tables_differs(const struct table_space *s, uint64_t a, uint64_t b,
			  uint64_t va)
{
	uint64_t entry_a = 0, entry_b = 0;
	int level_a = tables_find(s, a, va, &entry_a);
	int level_b = tables_find(s, b, va, &entry_b);

	if (level_a < 0 || level_b < 0)
		return -EFAULT;
	if (level_a != level_b)
		return 1;
	return level_a &&
	       (entry_a ^ entry_b) & ~(ENTRY_ACCESSED | ENTRY_DIRTY) ? 1 : 0;
}

__guest int tables_verify(const struct table_space *s, uint64_t a, uint64_t b,
			 const struct table_range *range, uint64_t step,
			 uint64_t *wrong)
{
	uint64_t va = range->first;
	int ret;

	for (;;) {
		*wrong = va;
		ret = tables_differs(s, a, b, va);
		if (ret || va == range->last)
			return ret;
		va = range->last - va > step ? va + step : range->last;
	}
}
