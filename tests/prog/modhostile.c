// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asks the module for what it must refuse: each request is a good one but for
 * one member. Prints what was answered otherwise than expected, then "refused
 * N"; ends with 0 if all was.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/host0/module.h"

#define PAGE		4096ul
#define KERNEL		0xffff888000000000ul

static uint64_t sample[16];
static unsigned char *page;
static int fd, wrong, right;

static struct module_run good(void)
{
	return (struct module_run) {
		.abi = MODULE_ABI, .bench = "null.host0", .batch = 1, .n = 4,
		.memory = (uintptr_t)page, .pages = 1, .page = PAGE,
		.sample = (uintptr_t)sample, .pace = (uintptr_t)sample,
	};
}

static void expect(const char *what, unsigned long request, void *arg, int err)
{
	int got = ioctl(fd, request, arg) ? errno : 0;

	if (got == err) {
		right++;
		return;
	}
	wrong++;
	printf("%s: %s, expected %s\n", what, strerror(got), strerror(err));
}

#define REFUSED(member, value, err) do {				\
	struct module_run r = good();					\
									\
	r.member = value;						\
	expect(#member " = " #value, MODULE_IOC_RUN, &r, err);		\
} while (0)

static void runs(void)
{
	struct module_run r = good();

	expect("a good request", MODULE_IOC_RUN, &r, 0);
	REFUSED(abi, MODULE_ABI + 1, EPROTO);
	REFUSED(bench[0], 'x', ENOENT);
	memset(r.bench, 'a', sizeof(r.bench));
	expect("a name without an end", MODULE_IOC_RUN, &r, EINVAL);
	REFUSED(n, 0, EINVAL);
	REFUSED(n, MODULE_SAMPLES + 1, EINVAL);
	REFUSED(n, ~0ull, EINVAL);
	REFUSED(batch, 0, EINVAL);
	REFUSED(batch, MODULE_BATCH + 1, EINVAL);
	REFUSED(batch, ~0ull, EINVAL);
	REFUSED(inject, ~0ull, EINVAL);
	REFUSED(pace_n, ~0ull, EINVAL);
	REFUSED(sample, 0, EFAULT);
	REFUSED(sample, KERNEL, EFAULT);
	REFUSED(memory, (uintptr_t)page + 1, EINVAL);
	REFUSED(memory, KERNEL, EINVAL);
	REFUSED(memory, 0x10000, EFAULT);
	REFUSED(pages, MODULE_PAGES + 1, EINVAL);
	REFUSED(pages, ~0ull, EINVAL);
	REFUSED(pages, 2, EFAULT);
	REFUSED(page, 0, EINVAL);
	REFUSED(page, 2 * PAGE, EINVAL);
	REFUSED(hole, (uintptr_t)page, EINVAL);
	REFUSED(hole, -1ull << 39, EINVAL);
	REFUSED(tables, MODULE_TABLES + 1, EINVAL);
	REFUSED(tables, ~0ull, EINVAL);
}

static void sets(void)
{
	struct module_run r = good();

	r.set[0] = (uintptr_t)page;
	r.set[1] = (uintptr_t)page + PAGE - 1;
	r.set_page = PAGE;
	expect("a good set", MODULE_IOC_RUN, &r, 0);
	r.which = 2;
	expect("no such set", MODULE_IOC_RUN, &r, EINVAL);
	r.which = 0;
	r.set_page = 0;
	expect("a set of no size", MODULE_IOC_RUN, &r, EINVAL);
	r.set_page = 2ul << 20;
	expect("a set of another size", MODULE_IOC_RUN, &r, ENXIO);
	r.set_page = PAGE;
	r.set[1] = r.set[0] - 1;
	expect("a set that ends first", MODULE_IOC_RUN, &r, EINVAL);
	r.set[1] = r.set[0] + MODULE_SET;
	expect("a set too long", MODULE_IOC_RUN, &r, EINVAL);
	r.set[0] = KERNEL;
	r.set[1] = KERNEL + PAGE - 1;
	expect("a set of the kernel", MODULE_IOC_RUN, &r, EINVAL);
	r.set[0] = 0;
	r.set[1] = ~0ull;
	expect("a set of everything", MODULE_IOC_RUN, &r, EINVAL);
}

static void lists(void)
{
	static struct module_entry entry[4];
	struct module_list l = {
		.abi = MODULE_ABI, .n = 4, .entry = (uintptr_t)entry,
	};

	expect("a good listing", MODULE_IOC_LIST, &l, 0);
	l.n = 0;
	expect("no entries", MODULE_IOC_LIST, &l, EINVAL);
	l.n = MODULE_ENTRIES + 1;
	expect("too many entries", MODULE_IOC_LIST, &l, EINVAL);
	l.n = 4;
	l.from = 0;
	l.entry = KERNEL;
	expect("entries into the kernel", MODULE_IOC_LIST, &l, EFAULT);
	l.entry = (uintptr_t)entry;
	l.from = ~0ull;
	expect("from the end", MODULE_IOC_LIST, &l, 0);
	l.abi = 0;
	expect("another version", MODULE_IOC_LIST, &l, EPROTO);
	expect("no such request", _IOWR('A', 0x7f, int), &l, ENOTTY);
	expect("no argument", MODULE_IOC_INFO, NULL, EFAULT);
	expect("the kernel's argument", MODULE_IOC_RUN, (void *)KERNEL,
	       EFAULT);
}

int main(void)
{
	struct module_use m;
	char why[256];

	/* One page with nothing behind it. */
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || munmap(page + PAGE, PAGE) ||
	    module_open(&m, why, sizeof(why))) {
		puts(why);
		return 1;
	}
	page[0] = 1;
	fd = m.fd;
	runs();
	sets();
	lists();
	module_close(&m);
	if (m.loaded && !access("/dev/" MODULE_NAME, F_OK)) {
		puts("it was not unloaded");
		wrong++;
	}
	printf("refused %d\n", right);
	return wrong ? 1 : 0;
}
