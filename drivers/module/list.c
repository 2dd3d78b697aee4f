// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The upper half of the running table, walked: each page of it is copied
 * before it is looked at, by the kernel's reader that survives a bad address,
 * as nothing keeps the kernel from changing what lies below.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/pgtable.h>
#include <asm/processor-flags.h>

#include "drivers/module/module.h"

#define LEVELS	5
#define ENTRIES	512
#define TABLE	4096
#define GRANTS	0x1ffu		/* bits 0 to 8 */
#define GRANTED_BY_ALL	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)

/**
 * struct walk - in progress
 * @copy:	of the tables on the way down
 * @out:	entries found, @n of them; there is room for @room
 * @from:	addresses below are passed over
 */
struct walk {
	u64 (*copy)[ENTRIES];
	struct module_entry *out;
	u32 n;
	u32 room;
	u64 from;
};

static bool is_leaf(int level, u64 entry)
{
	return !level || (level <= 2 && entry & _PAGE_PSE);
}

/* What an entry grants below what the levels above it do. */
static u32 grants(u32 above, u64 entry)
{
	u32 own = entry & GRANTS;

	if (entry & _PAGE_NX)
		own |= MODULE_ENTRY_NX;
	return (own & ~GRANTED_BY_ALL & ~MODULE_ENTRY_NX) |
		(own & above & GRANTED_BY_ALL) |
		((own | above) & MODULE_ENTRY_NX);
}

/* Alike but for accessed and dirty, which say nothing of what is mapped. */
static bool alike(const struct module_entry *e, u64 at, u32 level, u32 flags)
{
	return e->end + 1 == at && e->level == level &&
		!((e->flags ^ flags) & ~(_PAGE_ACCESSED | _PAGE_DIRTY));
}

static int emit(struct walk *w, u64 at, u64 size, u32 level, u32 flags)
{
	struct module_entry *e = w->out + w->n;

	if (w->n && alike(e - 1, at, level, flags)) {
		e[-1].end = at + size - 1;
		return 0;
	}
	if (w->n == w->room) {
		w->from = at;
		return 1;
	}
	*e = (struct module_entry) {
		.start = at, .end = at + size - 1, .level = level,
		.flags = flags,
	};
	w->n++;
	return 0;
}

/* 0: all of it; 1: no more room, go on at w->from; or a negative errno. */
static int walk_table(struct walk *w, int level, u64 physical, u64 base,
		      u32 above)
{
	const u64 size = 1ull << (PAGE_SHIFT + 9 * level);
	u64 *table = w->copy[level];
	int i, err = 0;
	u64 at;

	/* It may have gone since its entry was read. */
	if (copy_from_kernel_nofault(table, __va(physical), TABLE))
		return 0;
	cond_resched();
	if (signal_pending(current))
		return -EINTR;
	for (i = 0; i < ENTRIES && !err; i++) {
		at = base + i * size;
		if (!(table[i] & _PAGE_PRESENT) || at + size - 1 < w->from)
			continue;
		if (is_leaf(level, table[i]))
			err = emit(w, at, size, level,
				   grants(above, table[i]));
		else
			err = walk_table(w, level - 1,
					 table[i] & PTE_PFN_MASK, at,
					 grants(above, table[i]));
	}
	return err;
}

static int walk_upper(struct walk *w)
{
	const int top = guard_read_cr4() & X86_CR4_LA57 ? 4 : 3;
	const u64 size = 1ull << (PAGE_SHIFT + 9 * top);
	const u64 *own = (const u64 *)current->mm->pgd;
	int i, err = 0;
	u64 at, entry;

	for (i = ENTRIES / 2; i < ENTRIES && !err; i++) {
		/* The sign is extended above the topmost index. */
		at = -((ENTRIES - (u64)i) * size);
		entry = READ_ONCE(own[i]);
		if (entry & _PAGE_PRESENT && at + size - 1 >= w->from)
			err = walk_table(w, top - 1, entry & PTE_PFN_MASK, at,
					 grants(GRANTED_BY_ALL, entry));
	}
	return err;
}

int list_take(struct module_list *list)
{
	struct walk w = { .from = list->from, .room = list->n };
	int err = -ENOMEM;

	if (!w.room || w.room > MODULE_ENTRIES)
		return -EINVAL;
	w.copy = kvcalloc(LEVELS, TABLE, GFP_KERNEL);
	w.out = kvcalloc(w.room, sizeof(*w.out), GFP_KERNEL);
	if (w.copy && w.out)
		err = walk_upper(&w);
	if (err < 0)
		goto free;
	list->n = w.n;
	list->from = err ? w.from : 0;
	err = 0;
	if (copy_to_user((void __user *)list->entry, w.out,
			 w.n * sizeof(*w.out)))
		err = -EFAULT;
free:
	kvfree(w.copy);
	kvfree(w.out);
	return err;
}
