// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/exits.h"

#define NOPS		1000.0	/* in sampler_nops() */
#define RDTSCS		100.0	/* in sampler_rdtsc() */
#define REPEATS		3

/* The first request pays for every page that it is the first on. */
static int least_of(struct vm *vm, enum guest_request request,
		    const uint64_t *ticks, uint64_t *least, struct vm_end *end)
{
	int i, err;

	*least = UINT64_MAX;
	for (i = 0; i < REPEATS; i++) {
		err = vm_request(vm, request, end);
		if (err)
			return err;
		if (*ticks < *least)
			*least = *ticks;
	}
	return 0;
}

int vm_calibrate(struct vm *vm, struct vm_clock *clock, struct vm_end *end)
{
	struct guest_shared *shared = vm->mem.shared;
	uint64_t before, after, nops, rdtsc;
	int err;

	err = least_of(vm, GUEST_NOPS, &shared->nops, &nops, end);
	if (!err)
		err = least_of(vm, GUEST_RDTSC, &shared->rdtsc, &rdtsc, end);
	if (err)
		return err;
	shared->pages = 0;
	before = tsc_fenced();
	err = vm_request(vm, GUEST_TOUCH, end);
	after = tsc_fenced();
	if (err)
		return err;
	clock->ticks_per_nop = nops / NOPS;
	clock->ticks_per_rdtsc = rdtsc / RDTSCS;
	clock->tsc_offset = shared->tsc - before - (after - before) / 2;
	return 0;
}
