/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host gives to operations of ring 0: see struct ring0. */
#ifndef DRIVERS_MODULE_SPACE_H
#define DRIVERS_MODULE_SPACE_H

#include "bench/ring0.h"
#include "drivers/module/abi.h"

struct page;

enum { SPACE_OTHER, SPACE_ISOLATED, NR_SPACE_TABLES };

/**
 * struct space - of one request
 * @ring0:	what operations see
 * @table:	the topmost level of the process's own table twice more. All
 *		below is shared. Each has two pages: with PTI the kernel tells
 *		its tables from those of user space by bit 12 of their address
 * @slot:	the entry that the isolated one lacks, -1: none
 * @pin:	pages of the process, @pins of them
 * @page:	for new tables, @ring0.tables.pages of them
 * @features:	set of enum module_feature
 */
struct space {
	struct ring0 ring0;
	u64 *table[NR_SPACE_TABLES];
	int slot;
	struct page **pin;
	unsigned long pins;
	u64 **page;
	unsigned int features;
};

/**
 * space_make() - pin pages, allocate tables
 * @run:	@run->why is filled in with -EOPNOTSUPP
 * Return: 0 or a negative errno.
 */
int space_make(struct space *s, const struct bench *bench,
	       struct module_run *run);
void space_free(struct space *s);

/**
 * space_enter() - with interrupts off: look at CR3, copy its table, see to it
 * that nothing stale is in the TLB for the others
 * Return: 0, or -EBUSY where CR3 holds another table than the process's.
 */
int space_enter(struct space *s);

/**
 * space_leave() - back to the first table and to CR4, TLB in order
 * Return: 0, or -EFAULT where an access failed that should not have, or did
 * not that should.
 */
int space_leave(struct space *s);

#endif
