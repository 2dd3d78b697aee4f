/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One benchmark run once by the kvm driver, on the real /dev/kvm. */
#ifndef TESTS_UNIT_GUEST_H
#define TESTS_UNIT_GUEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "drivers/driver.h"
#include "drivers/host.h"
#include "lib/clock.h"

static struct host host;
static struct run_result *res;

static inline struct bench bench_of(void (*op)(struct bench_ctx *ctx))
{
	return (struct bench) { .name = "test.op", .op = op };
}

static inline void run_bench(const struct bench *bench, enum place place,
		      uint64_t deadline_ns)
{
	struct variant v = { .bench = bench, .place = place, .peer_cpu = -1 };
	struct run_spec spec = {
		.variant = &v, .host = &host, .time_ns = 30 * NSEC_PER_MSEC,
		.deadline_ns = deadline_ns,
	};

	memset(res, 0, sizeof(*res));
	kvm_driver.run(&spec, res);
}

static inline void need_kvm(void)
{
	if (!host.kvm_reason[0])
		return;
	print_message("skipped: %s\n", host.kvm_reason);
	skip();
}

static inline void run_op(void (*op)(struct bench_ctx *ctx), enum place place)
{
	struct bench bench = bench_of(op);

	need_kvm();
	run_bench(&bench, place, 20 * NSEC_PER_SEC);
}

static inline void assert_reason(enum run_status status, const char *word)
{
	if (res->status != status || !strstr(res->reason, word))
		fail_msg("status %s, \"%s\"; expected %s with \"%s\"",
			 run_status_name(res->status), res->reason,
			 run_status_name(status), word);
}

static inline double exits_per_op(void)
{
	uint32_t i;

	for (i = 0; i < res->nvalues; i++)
		if (res->value[i].metric == &metric_exits)
			return res->value[i].value;
	print_message("skipped: this KVM has no binary statistics\n");
	skip();
	return -1;
}

static inline int setup(void **state)
{
	const struct fact *khz;

	res = mmap(NULL, sizeof(*res), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	host.peer_cpu = -1;
	kvm_probe(&host);
	khz = facts_find(&host.facts, "tsc.kvm_khz");
	host.tsc_khz = khz ? khz->i : 1000000;
	host.tsc_step = 1;
	return res == MAP_FAILED;
}

static inline int teardown(void **state)
{
	facts_free(&host.facts);
	return munmap(res, sizeof(*res));
}

#endif
