// SPDX-License-Identifier: GPL-2.0-or-later
/* A vCPU's local APIC as a guest's kernel would have set it up. */
#include "drivers/kvm/vm.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

/* Registers and bits: Intel SDM volume 3, chapter "APIC". */
#define APIC_SVR		0xf0
#define APIC_SVR_ENABLE		(1u << 8)
#define APIC_LVT_TIMER		0x320
#define APIC_TIMER_DEADLINE	(2u << 17)
#define APIC_TIMER_DIVIDE	0x3e0
#define APIC_DIVIDE_BY_1	0xb

static uint32_t get(const struct kvm_lapic_state *apic, int at)
{
	uint32_t value;

	memcpy(&value, apic->regs + at, sizeof(value));
	return value;
}

static void set(struct kvm_lapic_state *apic, int at, uint32_t value)
{
	memcpy(apic->regs + at, &value, sizeof(value));
}

int apic_start(struct vcpu *c)
{
	struct kvm_mp_state runs = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct kvm_lapic_state apic;
	struct vm *vm = c->vm;

	vm->failed = "setting the APIC";
	if (ioctl(c->fd, KVM_GET_LAPIC, &apic) < 0)
		return -errno;
	set(&apic, APIC_SVR, get(&apic, APIC_SVR) | APIC_SVR_ENABLE);
	set(&apic, APIC_LVT_TIMER, BENCH_VECTOR |
	    (vm->cpu & CPU_TSC_DEADLINE ? APIC_TIMER_DEADLINE : 0));
	set(&apic, APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	if (ioctl(c->fd, KVM_SET_LAPIC, &apic) < 0)
		return -errno;
	/* All but the first would wait for the first to start them. */
	if (c->index && ioctl(c->fd, KVM_SET_MP_STATE, &runs) < 0)
		return -errno;
	vm->mem.seat[c->index].vcpu->x2apic = !!(vm->cpu & CPU_X2APIC);
	return 0;
}
