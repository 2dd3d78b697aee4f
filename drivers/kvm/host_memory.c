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
#include "lib/clock.h"
#include "lib/stats.h"

#define VMS	16	/* at a time: what is not theirs is shared by so many */
#define TIMES	5
#define LIMIT_NS	(60 * NSEC_PER_SEC)	/* where there is no deadline */

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

/*
 * Bytes a VM, 0 where the kernel gave back more than it took. 0, or a negative
 * number after result_end().
 */
static int take_one(const struct run_spec *spec, struct vm *vm,
		    struct run_result *res, uint64_t *bytes)
{
	int64_t before = kernel_memory_read(), after;
	int n, err = 0;

	for (n = 0; n < VMS && !err; n++)
		err = add_vm(&vm[n], spec, res);
	after = kernel_memory_read();
	n -= !!err;
	while (n)
		vm_destroy(&vm[--n]);
	*bytes = before >= 0 && after > before ? (after - before) / VMS : 0;
	return err;
}

/* How many were taken; or a negative number after result_end(). */
static int take_all(const struct run_spec *spec, struct vm *vm,
		    struct run_result *res, uint64_t *bytes)
{
	uint64_t limit = spec->deadline_ns ? spec->deadline_ns : LIMIT_NS;
	uint64_t until = clock_now() + limit / 2, first;
	int n = 0, err;

	/* The first fills the kernel's caches. */
	err = take_one(spec, vm, res, &first);
	if (err)
		return err;
	/* On a busy host fewer, rather than none in time. */
	do {
		err = take_one(spec, vm, res, &bytes[n]);
		if (err)
			return err;
	} while (++n < TIMES && clock_now() < until);
	return n;
}

int host_memory_run(const struct run_spec *spec, struct run_result *res)
{
	const struct metric *metric = spec->variant->bench->metrics;
	struct vm *vm = calloc(VMS, sizeof(*vm));
	uint64_t bytes[TIMES];
	double median;
	int n;

	if (!vm)
		return result_end(res, RUN_FAILED, "out of memory");
	n = take_all(spec, vm, res, bytes);
	free(vm);
	if (n < 0)
		return n;
	result_series(res, metric, 1, bytes, n);
	median = stats_quantile_u64_sort(bytes, n, 0.5);
	if (median <= 0)
		return result_end(res, RUN_INVALID,
				  "/proc/meminfo shows no memory taken by a VM");
	result_value(res, metric, median, n);
	return 0;
}
