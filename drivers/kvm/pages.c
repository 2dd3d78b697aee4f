// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/pages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define SLOT		1
#define HUGE		(2ul << 20)
#define WORDS		(BENCH_PAGES * BENCH_PAGES_STRIDE / VM_PAGE / 64)
#define RING_ENTRIES	4096u	/* KVM keeps more than 512 free */
#define RING_BYTES	(RING_ENTRIES * sizeof(struct kvm_dirty_gfn))

/* KVM write-protects again what it reports; what it reports is counted. */
static int fetch_log(struct vm *vm)
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

/* The same by the ring of the only vCPU. */
static int fetch_ring(struct vm *vm)
{
	struct kvm_dirty_gfn *gfn = &vm->dirty_ring[vm->dirty_next];

	while (__atomic_load_n(&gfn->flags, __ATOMIC_ACQUIRE) ==
	       KVM_DIRTY_GFN_F_DIRTY) {
		__atomic_store_n(&gfn->flags, KVM_DIRTY_GFN_F_RESET,
				 __ATOMIC_RELEASE);
		vm->dirty++;
		vm->dirty_next = (vm->dirty_next + 1) % RING_ENTRIES;
		gfn = &vm->dirty_ring[vm->dirty_next];
	}
	return ioctl(vm->fd, KVM_RESET_DIRTY_RINGS, 0) < 0 ? -errno : 0;
}

static int fetch_dirty(struct vm *vm)
{
	return vm->devices & VM_PAGES_RING ? fetch_ring(vm) : fetch_log(vm);
}

/* Written, so that the host has nothing left to do for the guest. */
static void touch_all(struct vm *vm)
{
	size_t step = vm->pages_size == pages_size(VM_PAGES_HUGE) ?
		BENCH_HUGE_STRIDE : BENCH_PAGES_STRIDE;
	size_t i;

	for (i = 0; i < vm->pages_size; i += step)
		bench_touch_write(vm->pages + i);
}

/*
 * The host's pages stay: a moment without access makes KVM drop its mappings
 * alone.
 */
static int unmap_guest(struct vm *vm)
{
	if (mprotect(vm->pages, vm->pages_size, PROT_NONE) ||
	    mprotect(vm->pages, vm->pages_size, PROT_READ | PROT_WRITE))
		return -errno;
	touch_all(vm);
	return 0;
}

int pages_prepare(struct vm *vm)
{
	if (vm->devices & (VM_PAGES_LOGGED | VM_PAGES_RING))
		return fetch_dirty(vm);
	if (vm->devices & (VM_PAGES_PRESENT | VM_PAGES_READONLY))
		return unmap_guest(vm);
	if (vm->devices & VM_PAGES_ABSENT)
		return madvise(vm->pages, vm->pages_size, MADV_DONTNEED) ?
			-errno : 0;
	return -ENXIO;
}

int pages_check(struct vm *vm, uint64_t ops, char *why, size_t size)
{
	uint64_t dirty;
	int err;

	if (!(vm->devices & (VM_PAGES_LOGGED | VM_PAGES_RING)))
		return 0;
	err = fetch_dirty(vm);
	dirty = vm->dirty;
	vm->dirty = 0;
	if (err) {
		snprintf(why, size, "reading KVM's dirty log: %s",
			 strerror(-err));
		return -EINVAL;
	}
	if (dirty == ops)
		return 0;
	snprintf(why, size, "KVM logged %" PRIu64 " dirty pages of %" PRIu64 " operations",
		 dirty, ops);
	return -EINVAL;
}

int pages_add_ring(struct vm *vm, unsigned int flags)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_DIRTY_LOG_RING, .args = { RING_BYTES },
	};

	if (!(flags & VM_PAGES_RING))
		return 0;
	vm->failed = "KVM_CAP_DIRTY_LOG_RING";
	return ioctl(vm->fd, KVM_ENABLE_CAP, &cap) < 0 ? -errno : 0;
}

static int map_ring(struct vm *vm)
{
	void *ring = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
			  vm->vcpu[0].fd, KVM_DIRTY_LOG_PAGE_OFFSET * VM_PAGE);

	vm->failed = "mmap of the dirty ring";
	if (ring == MAP_FAILED)
		return -errno;
	vm->dirty_ring = ring;
	return 0;
}

/*
 * Whole huge pages, also for small ones: a huge page that a mapping begins or
 * ends in is taken from KVM with all that lies next to it, each time the
 * mapping's protection changes.
 */
static int map_host(struct vm *vm, unsigned int flags)
{
	size_t size = pages_size(flags), before;
	unsigned char *p;

	p = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	before = -(uintptr_t)p & (HUGE - 1);
	if (before)
		munmap(p, before);
	if (before < HUGE)
		munmap(p + before + size, HUGE - before);
	vm->pages = p + before;
	vm->pages_size = size;
	madvise(vm->pages, size, flags & VM_PAGES_HUGE ? MADV_HUGEPAGE :
		MADV_NOHUGEPAGE);
	touch_all(vm);
	return 0;
}

int pages_add(struct vm *vm, unsigned int flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = SLOT, .guest_phys_addr = BENCH_PAGES_AT,
		.memory_size = pages_size(flags),
	};
	int err;

	if (!(flags & VM_PAGES))
		return 0;
	vm->failed = "memory of a second slot";
	err = map_host(vm, flags);
	if (err)
		return err;
	region.userspace_addr = (uintptr_t)vm->pages;
	if (flags & (VM_PAGES_LOGGED | VM_PAGES_RING))
		region.flags = KVM_MEM_LOG_DIRTY_PAGES;
	if (flags & VM_PAGES_READONLY)
		region.flags = KVM_MEM_READONLY;
	vm->failed = "KVM_SET_USER_MEMORY_REGION of a second slot";
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return -errno;
	vm->devices |= flags & (VM_PAGES | VM_PAGES_HUGE);
	return flags & VM_PAGES_RING ? map_ring(vm) : 0;
}

void pages_remove(struct vm *vm)
{
	if (vm->dirty_ring)
		munmap(vm->dirty_ring, RING_BYTES);
	if (vm->pages)
		munmap(vm->pages, vm->pages_size);
	vm->dirty_ring = NULL;
	vm->pages = NULL;
}
