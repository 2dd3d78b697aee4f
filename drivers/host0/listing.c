// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/host0/listing.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/host0/module.h"

#define NR(a)		(sizeof(a) / sizeof(*(a)))
#define ROUNDS		65536		/* answers to one listing */
#define ENTRY_RW	(1u << 1)
#define ENTRY_USER	(1u << 2)
#define ENTRY_PWT	(1u << 3)
#define ENTRY_PCD	(1u << 4)
#define ENTRY_PSE	(1u << 7)
#define ENTRY_GLOBAL	(1u << 8)

/**
 * struct marker - where a region begins, and what the kernel's listings call it
 */
struct marker {
	uint64_t at;
	const char *name;
};

/* By address: those whose place may be random, and those that never move. */
static size_t markers(const struct module_info *info, struct marker *m)
{
	const struct marker all[] = {
		{ -(info->slot << 8), "Kernel Space" },
		{ info->direct_at, "Low Kernel Mapping" },
		{ info->vmalloc_at, "vmalloc() Area" },
		{ info->vmemmap_at, "Vmemmap" },
		{ 0xfffffe0000000000, "CPU entry Area" },
		{ 0xffffff0000000000, "ESPfix Area" },
		{ 0xffffffef00000000, "EFI Runtime Services" },
		{ 0xffffffff80000000, "High Kernel Mapping" },
		{ 0xffffffffc0000000, "Modules" },
		{ 0xffffffffff000000, "End Modules" },
	};

	memcpy(m, all, sizeof(all));
	return NR(all);
}

static void put_size(FILE *f, uint64_t bytes)
{
	const char *unit = "KMGTPE";

	for (bytes >>= 10; !(bytes & 1023) && unit[1]; unit++)
		bytes >>= 10;
	fprintf(f, "%9llu%c", (unsigned long long)bytes, *unit);
}

static void put_line(FILE *f, uint64_t at, uint64_t last,
		     const struct module_entry *e)
{
	static const char *const levels[] = { "pte", "pmd", "pud" };
	uint32_t flags = e->flags;

	fprintf(f, "0x%016llx-0x%016llx   ", (unsigned long long)at,
		(unsigned long long)(last + 1));
	put_size(f, last - at + 1);
	fprintf(f, " %s %s %s %s %s %s %s %s\n",
		flags & ENTRY_USER ? "USR" : "   ",
		flags & ENTRY_RW ? "RW" : "ro",
		flags & ENTRY_PWT ? "PWT" : "   ",
		flags & ENTRY_PCD ? "PCD" : "   ",
		flags & ENTRY_PSE && e->level ? "PSE" : "   ",
		flags & ENTRY_GLOBAL ? "GLB" : "   ",
		flags & MODULE_ENTRY_NX ? "NX" : "x ",
		e->level < NR(levels) ? levels[e->level] : "?");
}

/**
 * struct writer - a listing on its way out
 * @next:	of @marker, not named yet
 */
struct writer {
	FILE *f;
	struct marker marker[16];
	size_t markers;
	size_t next;
};

/* Entries that go on across the beginning of a region are cut there. */
static void put_entry(struct writer *w, const struct module_entry *e)
{
	uint64_t at = e->start, last;

	for (;;) {
		while (w->next < w->markers && w->marker[w->next].at <= at)
			fprintf(w->f, "---[ %s ]---\n",
				w->marker[w->next++].name);
		last = e->end;
		if (w->next < w->markers && w->marker[w->next].at <= last)
			last = w->marker[w->next].at - 1;
		put_line(w->f, at, last, e);
		if (last == e->end)
			return;
		at = last + 1;
	}
}

static int write_all(struct writer *w, int fd, struct module_entry *entry)
{
	struct module_list list = { .abi = MODULE_ABI };
	uint64_t from = 0;
	uint32_t i;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		list.from = from;
		list.n = MODULE_ENTRIES;
		list.entry = (uintptr_t)entry;
		if (ioctl(fd, MODULE_IOC_LIST, &list))
			return -errno;
		for (i = 0; i < list.n && i < MODULE_ENTRIES; i++)
			put_entry(w, &entry[i]);
		if (!list.from)
			return ferror(w->f) ? -EIO : 0;
		if (list.from <= from)
			return -EBADMSG;
		from = list.from;
	}
	return -EFBIG;
}

int listing_write(FILE *f, char *why, size_t size)
{
	struct module_entry *entry = calloc(MODULE_ENTRIES, sizeof(*entry));
	struct writer w = { .f = f };
	struct module_use m;
	int err;

	err = entry ? module_missing(why, size) : -ENOMEM;
	if (!err)
		err = module_open(&m, why, size);
	else if (!entry)
		snprintf(why, size, "out of memory");
	if (err)
		goto free;
	w.markers = markers(&m.info, w.marker);
	err = write_all(&w, m.fd, entry);
	if (err)
		snprintf(why, size, "the module's listing: %s",
			 strerror(-err));
	module_close(&m);
free:
	free(entry);
	return err;
}
