// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/inject.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GSI		24	/* the first that no chip has */
#define ID_SHIFT	12	/* of the destination, in a message's address */

static uint32_t address(int index)
{
	return BENCH_APIC | (uint32_t)index << ID_SHIFT;
}

/* Instead of KVM's routes to its chips, which nothing here uses. */
static int add_route(struct vm *vm, int index)
{
	union {
		struct kvm_irq_routing table;
		char room[sizeof(struct kvm_irq_routing) +
			  sizeof(struct kvm_irq_routing_entry)];
	} route = { .table.nr = 1 };

	route.table.entries[0] = (struct kvm_irq_routing_entry) {
		.gsi = GSI, .type = KVM_IRQ_ROUTING_MSI,
		.u.msi.address_lo = address(index),
		.u.msi.data = BENCH_VECTOR,
	};
	vm->failed = "KVM_SET_GSI_ROUTING";
	return ioctl(vm->fd, KVM_SET_GSI_ROUTING, &route.table) < 0 ? -errno : 0;
}

int inject_add(struct vm *vm, int index)
{
	struct kvm_irqfd irqfd = { .gsi = GSI };
	int err = add_route(vm, index);

	if (err)
		return err;
	vm->failed = "KVM_IRQFD";
	vm->irqfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vm->irqfd < 0)
		return -errno;
	irqfd.fd = vm->irqfd;
	return ioctl(vm->fd, KVM_IRQFD, &irqfd) < 0 ? -errno : 0;
}

int inject_irqfd(struct vm *vm)
{
	uint64_t one = 1;

	return write(vm->irqfd, &one, sizeof(one)) == sizeof(one) ? 0 : -errno;
}

int inject_msi(struct vm *vm, int index)
{
	struct kvm_msi msi = {
		.address_lo = address(index), .data = BENCH_VECTOR,
	};

	return ioctl(vm->fd, KVM_SIGNAL_MSI, &msi) < 0 ? -errno : 0;
}
