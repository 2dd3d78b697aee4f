// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What VMs take of the kernel's memory: the difference that some of them make
 * to /proc/meminfo, again and again. Whatever else the kernel does meanwhile
 * is in it too, so the median counts.
 */
#include "drivers/kvm/host_ops.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/host.h"
#include "drivers/meminfo.h"
#include "lib/stats.h"

#define VMS	16	/* at a time: what is not theirs is shared by so many */
#define TIMES	5

/* One that has run: its first pages are in KVM's tables. */
static int add_vm(struct vm *vm, const struct run_spec *spec,
		  struct run_result *res)
{
	struct vm_end end;
	int err = vm_create(vm, &(struct vm_config) { .ring = 3 });

	if (err)
		return result_end(res, RUN_FAILED,
				  "no VM can be created (%s: %s)", vm->failed,
				  strerror(-err));
	err = watchdog_start_before(vm->vcpu[0].run, spec->deadline_ns);
	if (!err)
		err = vm_request(vm, GUEST_NOPS, &end);
	watchdog_stop();
	if (!err)
		return 0;
	vm_destroy(vm);
	return result_end(res, end.status, "%s", end.reason);
}

/* Bytes a VM, or a negative number after result_end(). */
static int64_t take_one(const struct run_spec *spec, struct vm *vm,
			struct run_result *res)
{
	int64_t before = kernel_memory_read(), after;
	int n, err = 0;

	for (n = 0; n < VMS && !err; n++)
		err = add_vm(&vm[n], spec, res);
	after = kernel_memory_read();
	n -= !!err;
	while (n)
		vm_destroy(&vm[--n]);
	if (err)
		return err;
	if (before < 0 || after <= before)
		return result_end(res, RUN_INVALID,
				  "/proc/meminfo shows no memory taken by a VM");
	return (after - before) / VMS;
}

int host_memory_run(const struct run_spec *spec, struct run_result *res)
{
	const struct metric *metric = spec->variant->bench->metrics;
	struct vm *vm = calloc(VMS, sizeof(*vm));
	uint64_t bytes[TIMES];
	int64_t one = 0;
	int i;

	if (!vm)
		return result_end(res, RUN_FAILED, "out of memory");
	/* The first fills the kernel's caches. */
	for (i = -1; i < TIMES; i++) {
		one = take_one(spec, vm, res);
		if (one < 0)
			break;
		if (i >= 0)
			bytes[i] = one;
	}
	free(vm);
	if (one < 0)
		return one;
	result_series(res, metric, 1, bytes, TIMES);
	result_value(res, metric, stats_quantile_u64_sort(bytes, TIMES, 0.5),
		     TIMES);
	return 0;
}
