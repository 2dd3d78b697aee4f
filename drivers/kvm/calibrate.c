// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/exits.h"

#define NOPS		1000.0	/* in sampler_nops() */
#define REPEATS		3

int vm_calibrate(struct vm *vm, struct vm_clock *clock, struct vm_end *end)
{
	struct guest_shared *shared = vm->mem.shared;
	uint64_t before, after, least = UINT64_MAX;
	int err, i;

	/* The first request pays for every page that it is the first on. */
	for (i = 0; i < REPEATS; i++) {
		err = vm_request(vm, GUEST_NOPS, end);
		if (err)
			return err;
		if (shared->nops < least)
			least = shared->nops;
	}
	shared->pages = 0;
	before = tsc_fenced();
	err = vm_request(vm, GUEST_TOUCH, end);
	after = tsc_fenced();
	if (err)
		return err;
	clock->ticks_per_nop = least / NOPS;
	clock->tsc_offset = shared->tsc - before - (after - before) / 2;
	return 0;
}
