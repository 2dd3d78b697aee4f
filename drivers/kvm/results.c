// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/results.h"

#include <stdio.h>
#include <sys/ioctl.h>

/* An exit takes longer than this on any CPU, RDTSC itself never does. */
#define RDTSC_INTERCEPTED	400.0

void kvm_store_counters(struct run_result *res, const struct kvm_counters *c,
			uint64_t ops)
{
	char key[FACT_KEY_MAX];
	int i;

	if (c->readings < 2 || !ops)
		return;
	for (i = 0; i < KVM_COUNTERS && c->name[i]; i++) {
		if (!c->offset[i])
			continue;
		snprintf(key, sizeof(key), "kvm.%s_per_op", c->name[i]);
		result_real(res, key,
			    (double)(c->last[i] - c->first[i]) / ops);
	}
}

void kvm_store_levels(struct run_result *res, const struct kvm_counters *c)
{
	char key[FACT_KEY_MAX];
	int i;

	for (i = 0; c->readings && i < KVM_COUNTERS && c->name[i]; i++) {
		snprintf(key, sizeof(key), "kvm.%s", c->name[i]);
		if (c->offset[i])
			result_int(res, key, c->last[i]);
	}
}

void kvm_store_clock(struct run_result *res, const struct host *host,
		     const struct vm *vm, const struct vm_clock *clock)
{
	int khz = ioctl(vm->vcpu[0].fd, KVM_GET_TSC_KHZ, 0);
	uint64_t offset = 0;
	struct kvm_device_attr attr = {
		.group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET,
		.addr = (uintptr_t)&offset,
	};

	result_real(res, "kvm.ticks_per_nop", clock->ticks_per_nop);
	result_real(res, "kvm.ticks_per_rdtsc", clock->ticks_per_rdtsc);
	result_text(res, "kvm.rdtsc", clock->ticks_per_nop > RING_INTERPRETED ?
		    "interpreted" : clock->ticks_per_rdtsc > RDTSC_INTERCEPTED ?
		    "intercepted" : "native");
	result_int(res, "kvm.tsc_offset_seen", clock->tsc_offset);
	if (!ioctl(vm->vcpu[0].fd, KVM_GET_DEVICE_ATTR, &attr))
		result_int(res, "kvm.tsc_offset", offset);
	if (khz > 0) {
		result_int(res, "kvm.tsc_khz", khz);
		result_real(res, "kvm.tsc_scaling",
			    (double)khz / host->tsc_khz);
	}
}
