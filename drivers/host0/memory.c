// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/host0/memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "bench/ring0.h"
#include "bench/walk.h"
#include "drivers/variant.h"

#define PAGE		4096ul
#define PAGES		128	/* where a variant does not say */
#define HUGE		(2ul << 20)
#define GIB		(1ul << 30)
#define HOLE_SLOTS_4	32	/* far from what programs have: 16 TiB */
#define FOUR_LEVELS	(1ull << 39)	/* bytes of an entry of the top table */

/* Pages of the tables of one set of so many 2 MiB, six times. */
#define TABLES(n)	(6 * ((n) + 4))

_Static_assert(TABLES((512ul << 20) / HUGE) <= MODULE_TABLES,
	       "the module makes fewer tables");

/* Room for others is left: half of what is free at most. */
static bool fits(unsigned long bytes)
{
	struct sysinfo si;

	return !sysinfo(&si) &&
	       bytes / si.mem_unit <= (si.freeram + si.bufferram) / 2;
}

static int lend_pages(const struct variant *v, struct module_run *run,
		      char *why, size_t size)
{
	int pages = variant_param(v, "pages"), page = variant_param(v, "page");
	long kib = page < 0 ? 4 : v->param[page], least;
	struct walk w;
	int err;

	run->pages = pages < 0 ? PAGES : v->param[pages];
	run->page = kib * 1024;
	/* It makes a chain of two links at least. */
	least = run->pages * kib < 8 ? 8 : run->pages * kib;
	if (!fits(least * 1024ul)) {
		snprintf(why, size, "%ld MiB of pages of %ld KiB: there is not twice as much free memory",
			 least >> 10, kib);
		return -ENOTSUP;
	}
	err = walk_make(&w, least, kib);
	if (err) {
		snprintf(why, size, "%s", err == -ENOTSUP ? walk_no_huge :
			 strerror(-err));
		return err;
	}
	run->memory = (uintptr_t)w.memory;
	return 0;
}

/* Does this process have anything in there? */
static bool is_empty(uint64_t from, uint64_t to)
{
	unsigned long start, end;
	bool empty = true;
	char line[512];
	FILE *f = fopen("/proc/self/maps", "re");

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2 &&
		    start < to && end > from)
			empty = false;
	fclose(f);
	return empty;
}

/* One page, alone in all that an entry of the top table maps. */
static int lend_hole(const struct module_info *info, struct module_run *run,
		     char *why, size_t size)
{
	uint64_t at = info->slot *
		(info->slot == FOUR_LEVELS ? HOLE_SLOTS_4 : 1);
	unsigned char *p;

	if (!is_empty(at, at + info->slot))
		goto taken;
	p = mmap((void *)at, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (p != (void *)at)
		goto taken;
	*p = 1;
	if (mlock(p, PAGE)) {
		snprintf(why, size, "mlock: %s", strerror(errno));
		return -errno;
	}
	run->hole = at;
	return 0;
taken:
	snprintf(why, size, "address %#llx is not free in this process",
		 (unsigned long long)at);
	return -EBUSY;
}

/* At a multiple of 1 GiB, read only: no page of it has memory of its own. */
static int lend_set(const struct variant *v, struct module_run *run, char *why,
		    size_t size)
{
	unsigned long bytes = v->param[variant_param(v, "mib")] << 20, i;
	bool huge = v->param[variant_param(v, "page")] == 2048;
	char *p = mmap(NULL, bytes + 2 * GIB, PROT_NONE, MAP_PRIVATE |
		       MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		goto failed;
	p += -(uintptr_t)p % GIB;
	if (mprotect(p, bytes, PROT_READ) ||
	    (madvise(p, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) &&
	     (huge || errno != EINVAL)))
		goto failed;
	for (i = 0; i < bytes; i += huge ? HUGE : PAGE)
		bench_touch_read(p + i);
	run->set[0] = (uintptr_t)p;
	run->set[1] = (uintptr_t)p + bytes - 1;
	run->set_page = huge ? HUGE : PAGE;
	run->which = huge;
	run->tables = TABLES(bytes / HUGE);
	return 0;
failed:
	snprintf(why, size, "mapping %lu MiB: %s", bytes >> 20,
		 strerror(errno));
	return -errno;
}

int memory_lend(const struct variant *v, const struct module_info *info,
		struct module_run *run, char *why, size_t size)
{
	int err = 0;

	if (!(v->bench->vm & VM_RING0))
		return 0;
	if (v->bench->vm & VM_RING0_TABLES)
		err = lend_set(v, run, why, size);
	else
		err = lend_pages(v, run, why, size);
	return err ? err : lend_hole(info, run, why, size);
}
