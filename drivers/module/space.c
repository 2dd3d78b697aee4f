// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/module/space.h"

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/processor-flags.h>

#include "drivers/module/module.h"

/*
 * Kernels hand out PCIDs from the lowest up, with PTI also those with bit 11
 * set for user space; those with INVLPGB hand out many. So these are flushed
 * before they are used and after.
 */
#define PCID_OTHER	0x7feul
#define PCID_ISOLATED	0x7fdul
#define PCID_MASK	0xffful

#define TABLE_ORDER	1
#define HUGE_PAGE	(2ul << 20)

unsigned long ring0_bad;

static int pin_pages(struct space *s, const struct module_run *run)
{
	struct ring0_window *w = &s->ring0.window[run->page == PAGE_SIZE ?
						  RING0_4K : RING0_2M];
	unsigned long at = run->memory, i;
	int got;

	if (!run->pages)
		return 0;
	if (run->pages > MODULE_PAGES ||
	    (run->page != PAGE_SIZE && run->page != HUGE_PAGE) ||
	    !IS_ALIGNED(at, run->page) ||
	    !access_ok((void __user *)at, run->pages * run->page))
		return -EINVAL;
	s->pin = kvcalloc(run->pages, sizeof(*s->pin), GFP_KERNEL);
	if (!s->pin)
		return -ENOMEM;
	for (i = 0; i < run->pages; i++, at += run->page) {
		got = pin_user_pages_fast(at, 1, FOLL_WRITE, s->pin + i);
		if (got != 1)
			return got < 0 ? got : -EFAULT;
		s->pins++;
		if (run->page == HUGE_PAGE && !PageCompound(s->pin[i]))
			return -EINVAL;
	}
	*w = (struct ring0_window) {
		.at = (const unsigned char *)(unsigned long)run->memory,
		.pages = run->pages, .span = run->page,
	};
	return 0;
}

/* An entry of the topmost table, in user space. */
static int set_hole(struct space *s, u64 at)
{
	s->slot = -1;
	if (!at)
		return 0;
	if (!IS_ALIGNED(at, PGDIR_SIZE) || !access_ok((void __user *)at, 1))
		return -EINVAL;
	s->slot = pgd_index(at);
	s->ring0.hole = (const unsigned char *)(unsigned long)at;
	return 0;
}

/* What is copied is the process's own; -ENXIO: its pages are of another size. */
static int add_set(struct space *s, const struct module_run *run)
{
	const struct table_range set = { run->set[0], run->set[1] };
	const int level = run->set_page == PAGE_SIZE ? LEVEL_PTE : LEVEL_PMD;
	u64 at, entry;

	if (!set.last)
		return 0;
	if (run->which >= ARRAY_SIZE(s->ring0.set) || set.last < set.first ||
	    (level == LEVEL_PMD && run->set_page != HUGE_PAGE) ||
	    set.last - set.first >= MODULE_SET ||
	    !access_ok((void __user *)set.first, set.last - set.first + 1))
		return -EINVAL;
	for (at = set.first; at < set.last; at += HUGE_PAGE)
		if (tables_find(&s->ring0.tables, __pa(current->mm->pgd), at,
				&entry) != level)
			return -ENXIO;
	s->ring0.set[run->which] = set;
	return 0;
}

static uint64_t *table_at(const struct table_space *t, uint64_t phys)
{
	return pfn_valid(PHYS_PFN(phys)) ? __va(phys) : NULL;
}

static uint64_t table_page(const struct table_space *t, unsigned long i)
{
	u64 **page = t->priv;

	return __pa(page[i]);
}

static int make_tops(struct space *s)
{
	int i;

	for (i = 0; i < NR_SPACE_TABLES; i++) {
		s->table[i] = (u64 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO,
						      TABLE_ORDER);
		if (!s->table[i])
			return -ENOMEM;
	}
	return 0;
}

static int make_tables(struct space *s, u64 n)
{
	struct table_space *t = &s->ring0.tables;
	u64 i;

	*t = (struct table_space) {
		.at = table_at, .page = table_page, .address = PTE_PFN_MASK,
		.link = _PAGE_TABLE_NOENC | sme_me_mask,
		.levels = s->features & MODULE_LA57 ? 5 : 4,
	};
	if (!n)
		return 0;
	if (n > MODULE_TABLES)
		return -EINVAL;
	t->priv = s->page = kvcalloc(n, sizeof(*s->page), GFP_KERNEL);
	if (!s->page)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		s->page[i] = (u64 *)get_zeroed_page(GFP_KERNEL);
		if (!s->page[i])
			return -ENOMEM;
		t->pages++;
	}
	return 0;
}

/* What an operation needs, against what is switched on. */
static int check_features(const struct space *s, const struct bench *bench,
			  char *why)
{
	static const struct {
		unsigned int cpu, feature;
		const char *name;
	} need[] = {
		{ CPU_PGE, MODULE_PGE, "CR4.PGE" },
		{ CPU_PCID, MODULE_PCID, "PCID (CR4.PCIDE is not set)" },
		{ CPU_INVPCID, MODULE_INVPCID, "INVPCID" },
	};
	unsigned int i, known = 0;

	for (i = 0; i < ARRAY_SIZE(need); i++) {
		known |= need[i].cpu;
		if (!(bench->cpu & need[i].cpu) ||
		    s->features & need[i].feature)
			continue;
		strscpy(why, need[i].name, MODULE_TEXT);
		return -EOPNOTSUPP;
	}
	if (!(bench->cpu & ~known) && 
	    !(bench->vm & ~(VM_RING0 | VM_RING0_TABLES)))
		return 0;
	strscpy(why, "what only a guest is given", MODULE_TEXT);
	return -EOPNOTSUPP;
}

int space_make(struct space *s, const struct bench *bench,
	       struct module_run *run)
{
	int err;

	s->features = guard_features();
	err = check_features(s, bench, run->why);
	if (!err)
		err = set_hole(s, run->hole);
	if (!err)
		err = pin_pages(s, run);
	if (!err)
		err = make_tops(s);
	if (!err)
		err = make_tables(s, run->tables);
	if (!err)
		err = add_set(s, run);
	if (err)
		space_free(s);
	return err;
}

void space_free(struct space *s)
{
	unsigned long i;

	if (s->pins)
		unpin_user_pages(s->pin, s->pins);
	kvfree(s->pin);
	for (i = 0; s->page && i < s->ring0.tables.pages; i++)
		free_page((unsigned long)s->page[i]);
	kvfree(s->page);
	for (i = 0; i < NR_SPACE_TABLES; i++)
		free_pages((unsigned long)s->table[i], TABLE_ORDER);
	memset(s, 0, sizeof(*s));
}

/* Everything of a PCID but what is global; the table loaded stays. */
static void flush_pcid(const struct space *s, unsigned long pcid)
{
	const struct ring0 *r = &s->ring0;

	if (!r->noflush)
		return;
	if (s->features & MODULE_INVPCID) {
		ring0_invpcid(1, pcid, NULL);
		return;
	}
	ring0_set_cr3((r->cr3 & ~PCID_MASK) | pcid);
	ring0_set_cr3(r->cr3 | r->noflush);
}

static void flush_scratch(const struct space *s)
{
	flush_pcid(s, PCID_OTHER);
	flush_pcid(s, PCID_ISOLATED);
}

/* But for the addresses of these tables all is as it is in the first. */
static void copy_tops(struct space *s)
{
	const u64 *own = (const u64 *)current->mm->pgd;
	int i;

	for (i = 0; i < TABLE_ENTRIES; i++) {
		u64 entry = READ_ONCE(own[i]);

		s->table[SPACE_OTHER][i] = entry;
		s->table[SPACE_ISOLATED][i] = i == s->slot ? 0 : entry;
	}
}

/* Whatever else CR3 holds goes with each table: encryption, LAM. */
static unsigned long cr3_of(const struct ring0 *r, const u64 *table,
			    unsigned long pcid)
{
	unsigned long v = r->cr3 - r->top + __pa(table);

	return r->noflush ? (v & ~PCID_MASK) | pcid : v;
}

int space_enter(struct space *s)
{
	struct ring0 *r = &s->ring0;
	int err;

	/* What is read has bit 63 clear. */
	r->cr3 = guard_read_cr3();
	r->cr4 = guard_read_cr4();
	err = guard_cr3(r->cr3);
	if (err)
		return err;
	copy_tops(s);
	r->top = __pa(current->mm->pgd);
	r->noflush = r->cr4 & X86_CR4_PCIDE ? RING0_NOFLUSH : 0;
	r->pcid = r->noflush ? PCID_OTHER : 0;
	r->other = cr3_of(r, s->table[SPACE_OTHER], PCID_OTHER);
	r->isolated = cr3_of(r, s->table[SPACE_ISOLATED], PCID_ISOLATED);
	r->tables.used = 0;
	ring0_bad = 0;
	flush_scratch(s);
	pagefault_disable();
	return 0;
}

int space_leave(struct space *s)
{
	const struct ring0 *r = &s->ring0;

	if (guard_read_cr4() != r->cr4)
		ring0_set_cr4(r->cr4);
	/* Without PCIDs, or under one and the same, this flushes it. */
	ring0_set_cr3(r->cr3);
	flush_scratch(s);
	pagefault_enable();
	return ring0_bad ? -EFAULT : 0;
}
