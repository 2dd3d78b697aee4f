// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/pages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define SLOT	1
#define SIZE	(BENCH_PAGES * BENCH_PAGES_STRIDE)
#define WORDS	(SIZE / VM_PAGE / 64)

/* KVM write-protects again what it reports; what it reports is counted. */
static int fetch_dirty(struct vm *vm)
{
	uint64_t bitmap[WORDS] = { 0 };
	struct kvm_dirty_log log = { .slot = SLOT, .dirty_bitmap = bitmap };
	size_t i;

	if (ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log) < 0)
		return -errno;
	for (i = 0; i < WORDS; i++)
		vm->dirty += __builtin_popcountll(bitmap[i]);
	return 0;
}

/* Written, so that the host has nothing left to do for the guest. */
static void touch_all(struct vm *vm)
{
	size_t i;

	for (i = 0; i < SIZE; i += BENCH_PAGES_STRIDE)
		bench_touch_write(vm->pages + i);
}

/*
 * The host's pages stay: a moment without access makes KVM drop its mappings
 * alone.
 */
static int unmap_guest(struct vm *vm)
{
	if (mprotect(vm->pages, SIZE, PROT_NONE) ||
	    mprotect(vm->pages, SIZE, PROT_READ | PROT_WRITE))
		return -errno;
	touch_all(vm);
	return 0;
}

int pages_prepare(struct vm *vm)
{
	if (vm->devices & VM_PAGES_LOGGED)
		return fetch_dirty(vm);
	if (vm->devices & VM_PAGES_PRESENT)
		return unmap_guest(vm);
	if (vm->devices & VM_PAGES_ABSENT)
		return madvise(vm->pages, SIZE, MADV_DONTNEED) ? -errno : 0;
	return -ENXIO;
}

int pages_check(struct vm *vm, uint64_t ops, char *why, size_t size)
{
	uint64_t dirty;
	int err;

	if (!(vm->devices & VM_PAGES_LOGGED))
		return 0;
	err = fetch_dirty(vm);
	dirty = vm->dirty;
	vm->dirty = 0;
	if (err) {
		snprintf(why, size, "KVM_GET_DIRTY_LOG: %s", strerror(-err));
		return -EINVAL;
	}
	if (dirty == ops)
		return 0;
	snprintf(why, size, "KVM logged %" PRIu64 " dirty pages of %" PRIu64 " operations",
		 dirty, ops);
	return -EINVAL;
}

int pages_add(struct vm *vm, unsigned int flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = SLOT, .guest_phys_addr = BENCH_PAGES_AT,
		.memory_size = SIZE,
		.flags = flags & VM_PAGES_LOGGED ? KVM_MEM_LOG_DIRTY_PAGES : 0,
	};

	if (!(flags & VM_PAGES))
		return 0;
	vm->failed = "memory of a second slot";
	vm->pages = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->pages == MAP_FAILED) {
		vm->pages = NULL;
		return -errno;
	}
	madvise(vm->pages, SIZE, MADV_NOHUGEPAGE);
	touch_all(vm);
	region.userspace_addr = (uintptr_t)vm->pages;
	vm->failed = "KVM_SET_USER_MEMORY_REGION of a second slot";
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return -errno;
	vm->devices |= flags & VM_PAGES;
	return 0;
}

void pages_remove(struct vm *vm)
{
	if (vm->pages)
		munmap(vm->pages, SIZE);
	vm->pages = NULL;
}
