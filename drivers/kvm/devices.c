// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/devices.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum kind { CHIP, EVENTFD, COALESCED, MSR_EXIT };

#define PIO	KVM_IOEVENTFD_FLAG_PIO
#define MATCH	KVM_IOEVENTFD_FLAG_DATAMATCH

/*
 * @flags are those of KVM_IOEVENTFD; of them coalescing knows PIO alone.
 * @expected: signals, or entries of the ring, per operation
 */
static const struct device {
	unsigned int flag;
	enum kind kind;
	unsigned int cap;
	const char *cap_name;
	uint64_t addr;
	uint32_t len;
	uint32_t flags;
	uint64_t match;
	unsigned int expected;
} devices[] = {
	{ VM_IRQCHIP, CHIP, KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP" },
	{ VM_PIT, CHIP, KVM_CAP_PIT2, "KVM_CAP_PIT2" },
	{ VM_IOEVENTFD_PIO, EVENTFD, KVM_CAP_IOEVENTFD, "KVM_CAP_IOEVENTFD",
	  BENCH_PORT_EVENTFD, 1, PIO, 0, 1 },
	{ VM_IOEVENTFD_PIO_HIT, EVENTFD, KVM_CAP_IOEVENTFD,
	  "KVM_CAP_IOEVENTFD",
	  BENCH_PORT_EVENTFD, 1, PIO | MATCH, BENCH_MATCH, 1 },
	{ VM_IOEVENTFD_PIO_MISS, EVENTFD, KVM_CAP_IOEVENTFD,
	  "KVM_CAP_IOEVENTFD",
	  BENCH_PORT_EVENTFD, 1, PIO | MATCH, BENCH_MATCH + 1, 0 },
	{ VM_IOEVENTFD_MMIO, EVENTFD, KVM_CAP_IOEVENTFD, "KVM_CAP_IOEVENTFD",
	  BENCH_MMIO, 4, 0, 0, 1 },
	{ VM_IOEVENTFD_MMIO_HIT, EVENTFD, KVM_CAP_IOEVENTFD,
	  "KVM_CAP_IOEVENTFD", BENCH_MMIO, 4, MATCH, BENCH_MATCH, 1 },
	{ VM_IOEVENTFD_MMIO_ANY, EVENTFD, KVM_CAP_IOEVENTFD_ANY_LENGTH,
	  "KVM_CAP_IOEVENTFD_ANY_LENGTH", BENCH_MMIO, 0, 0, 0, 1 },
	{ VM_COALESCED_MMIO, COALESCED, KVM_CAP_COALESCED_MMIO,
	  "KVM_CAP_COALESCED_MMIO", BENCH_MMIO, 8, 0, 0, 1 },
	{ VM_COALESCED_PIO, COALESCED, KVM_CAP_COALESCED_PIO,
	  "KVM_CAP_COALESCED_PIO", BENCH_PORT, 1, PIO, 0, 1 },
	{ VM_MSR_EXIT, MSR_EXIT, KVM_CAP_X86_MSR_FILTER,
	  "KVM_CAP_X86_MSR_FILTER", BENCH_MSR, 1, 0, 0, 0 },
};

/* Of what is not in the table: KVM's part of it comes by other ways. */
static const struct {
	unsigned int flag;
	unsigned int cap;
	const char *cap_name;
} others[] = {
	{ VM_PAGES_READONLY, KVM_CAP_READONLY_MEM, "KVM_CAP_READONLY_MEM" },
	{ VM_NO_POLL, KVM_CAP_HALT_POLL, "KVM_CAP_HALT_POLL" },
	{ VM_PAGES_RING, KVM_CAP_DIRTY_LOG_RING, "KVM_CAP_DIRTY_LOG_RING" },
};

#define OTHERS		(sizeof(others) / sizeof(*others))
#define DEVICES		(sizeof(devices) / sizeof(*devices))

/*
 * As struct kvm_coalesced_mmio_ring fills a page. One entry stays free. Up to
 * Linux 6.11 the room was (first - last - 1) % 170 of unsigned numbers: with
 * last above first that is (85 - (last - first)) % 170, none after 85.
 */
#define RING_SLOTS	((VM_PAGE - sizeof(struct kvm_coalesced_mmio_ring)) / \
			 sizeof(struct kvm_coalesced_mmio))

const char *devices_lack(int kvm, unsigned int flags)
{
	size_t i;

	for (i = 0; i < DEVICES; i++)
		if (flags & devices[i].flag &&
		    ioctl(kvm, KVM_CHECK_EXTENSION, devices[i].cap) <= 0)
			return devices[i].cap_name;
	for (i = 0; i < OTHERS; i++)
		if (flags & others[i].flag &&
		    ioctl(kvm, KVM_CHECK_EXTENSION, others[i].cap) <= 0)
			return others[i].cap_name;
	return NULL;
}

static int add_eventfd(struct vm *vm, const struct device *d)
{
	struct kvm_ioeventfd io = {
		.addr = d->addr, .len = d->len, .flags = d->flags,
		.datamatch = d->match,
	};

	vm->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vm->eventfd < 0)
		return -errno;
	io.fd = vm->eventfd;
	return ioctl(vm->fd, KVM_IOEVENTFD, &io) < 0 ? -errno : 0;
}

/* The ring is a page of what the vCPU maps; the capability says which. */
static int add_coalesced(struct vm *vm, int kvm, const struct device *d)
{
	struct kvm_coalesced_mmio_zone zone = {
		.addr = d->addr, .size = d->len, .pio = !!(d->flags & PIO),
	};
	int page = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_MMIO);

	if (page <= 0 || (page + 1) * VM_PAGE > vm->vcpu[0].run_size)
		return -EPROTO;
	vm->ring_page = (void *)((char *)vm->vcpu[0].run + page * VM_PAGE);
	return ioctl(vm->fd, KVM_REGISTER_COALESCED_MMIO, &zone) < 0 ?
		-errno : 0;
}

/* By a filter: module parameters decide what becomes of an unknown MSR. */
static int add_msr_exit(struct vm *vm, const struct device *d)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR,
		.args = { KVM_MSR_EXIT_REASON_FILTER },
	};
	uint8_t denied[8] = { 0 };
	struct kvm_msr_filter filter = {
		.flags = KVM_MSR_FILTER_DEFAULT_ALLOW,
		.ranges[0] = {
			.flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			.nmsrs = d->len, .base = d->addr, .bitmap = denied,
		},
	};

	if (ioctl(vm->fd, KVM_ENABLE_CAP, &cap) < 0 ||
	    ioctl(vm->fd, KVM_X86_SET_MSR_FILTER, &filter) < 0)
		return -errno;
	return 0;
}

static int add_chip(struct vm *vm, const struct device *d)
{
	struct kvm_pit_config pit = { 0 };
	int ret;

	if (d->flag == VM_IRQCHIP)
		ret = ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0);
	else
		ret = ioctl(vm->fd, KVM_CREATE_PIT2, &pit);
	return ret < 0 ? -errno : 0;
}

static int add(struct vm *vm, int kvm, const struct device *d)
{
	switch (d->kind) {
	case CHIP:
		return add_chip(vm, d);
	case EVENTFD:
		return vm->eventfd < 0 ? add_eventfd(vm, d) : -EEXIST;
	case COALESCED:
		return vm->ring_page ? -EEXIST : add_coalesced(vm, kvm, d);
	case MSR_EXIT:
		return add_msr_exit(vm, d);
	}
	return -EINVAL;
}

static int add_kinds(struct vm *vm, int kvm, unsigned int flags, int chips)
{
	size_t i;
	int err;

	for (i = 0; i < DEVICES; i++) {
		if (!(flags & devices[i].flag) ||
		    (devices[i].kind == CHIP) != chips)
			continue;
		vm->failed = devices[i].cap_name;
		err = add(vm, kvm, &devices[i]);
		if (err)
			return err;
		vm->devices |= devices[i].flag;
	}
	return 0;
}

int devices_add_chips(struct vm *vm, unsigned int flags)
{
	return add_kinds(vm, -1, flags, 1);
}

int devices_add(struct vm *vm, int kvm, unsigned int flags)
{
	return add_kinds(vm, kvm, flags, 0);
}

uint64_t devices_room(const struct vm *vm)
{
	return vm->ring_page ? RING_SLOTS / 2 - 1 : 0;
}

static int check_eventfd(struct vm *vm, uint64_t expected, uint64_t ops,
			 char *why, size_t size)
{
	uint64_t signals = 0;

	if (read(vm->eventfd, &signals, sizeof(signals)) < 0 &&
	    errno != EAGAIN) {
		snprintf(why, size, "eventfd: %s", strerror(errno));
		return -EINVAL;
	}
	if (signals == expected)
		return 0;
	snprintf(why, size, "the eventfd was signalled %" PRIu64 " times by %" PRIu64 " operations, expected %" PRIu64 ": they went elsewhere",
		 signals, ops, expected);
	return -EINVAL;
}

static int check_coalesced(struct vm *vm, uint64_t expected, uint64_t ops,
			   char *why, size_t size)
{
	struct kvm_coalesced_mmio_ring *ring = vm->ring_page;
	uint32_t first = ring->first, last = ring->last;
	uint64_t entries;

	if (first >= RING_SLOTS || last >= RING_SLOTS) {
		snprintf(why, size, "KVM's coalescing ring is at %u and %u of %zu",
			 first, last, (size_t)RING_SLOTS);
		return -EINVAL;
	}
	entries = (last + RING_SLOTS - first) % RING_SLOTS;
	ring->first = last;
	if (entries == expected)
		return 0;
	snprintf(why, size, "KVM coalesced %" PRIu64 " writes of %" PRIu64 " operations: they went elsewhere",
		 entries, ops);
	return -EINVAL;
}

int devices_check(struct vm *vm, uint64_t ops, char *why, size_t size)
{
	size_t i;
	int err = 0;

	for (i = 0; i < DEVICES && !err; i++) {
		uint64_t expected = ops * devices[i].expected;

		if (!(vm->devices & devices[i].flag))
			continue;
		if (devices[i].kind == EVENTFD)
			err = check_eventfd(vm, expected, ops, why, size);
		else if (devices[i].kind == COALESCED)
			err = check_coalesced(vm, expected, ops, why, size);
	}
	return err;
}
