// SPDX-License-Identifier: GPL-2.0-or-later
/* Counting: software events exactly, hardware events or a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/counters.h"
#include "drivers/driver.h"
#include "tests/unit/skip.h"

#define PAGES	200

static int opened(void **state)
{
	return counters_open((struct counters **)state, 0);
}

static int closed(void **state)
{
	counters_close(*state);
	return 0;
}

/* A sanitizer's look at its shadow memory would fault as well. */
static __attribute__((no_sanitize("address"))) void
touch(unsigned char *p, long size, int pages)
{
	int i;

	for (i = 0; i < pages; i++)
		*(volatile unsigned char *)(p + i * size) = 1;
}

static void page_faults_are_exact(void **state)
{
	struct counters *c = *state;
	struct counter_value before, after, idle;
	long size = sysconf(_SC_PAGESIZE);
	unsigned char *p;

	p = mmap(NULL, PAGES * size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(p != MAP_FAILED);
	madvise(p, PAGES * size, MADV_NOHUGEPAGE);
	/* Once for the faults of the switching code itself. */
	counters_enable(c);
	touch(p, size, 1);
	counters_disable(c);
	counters_read(c, COUNTER_PAGE_FAULTS, &before);
	if (!before.available) {
		print_message("skipped: page faults: %s\n", before.why);
		skip();
	}
	touch(p + size, size, PAGES / 2);
	counters_read(c, COUNTER_PAGE_FAULTS, &idle);
	assert_true(idle.value == before.value);
	counters_enable(c);
	touch(p + (1 + PAGES / 2) * size, size, PAGES / 2 - 1);
	counters_disable(c);
	counters_read(c, COUNTER_PAGE_FAULTS, &after);
	munmap(p, PAGES * size);
	assert_true(after.available);
	assert_true(after.share == 1);
	assert_true(after.value - before.value == PAGES / 2 - 1);
}

static void switches_are_seen(void **state)
{
	struct counters *c = *state;
	struct counter_value v;
	int i;

	counters_enable(c);
	for (i = 0; i < 5; i++)
		usleep(1000);
	counters_disable(c);
	counters_read(c, COUNTER_CONTEXT_SWITCHES, &v);
	if (!v.available) {
		print_message("skipped: context switches: %s\n", v.why);
		skip();
	}
	assert_true(v.value >= 5);
}

/* A figure above 0, or a reason: never a zero that stands for "unknown". */
static void hardware_or_reason(void **state)
{
	struct counters *c = *state;
	struct counter_value v;
	volatile int spin;
	int i;

	counters_enable(c);
	for (spin = 0; spin < 1000000; spin++)
		;
	counters_disable(c);
	for (i = COUNTER_CYCLES; i <= COUNTER_INSTRUCTIONS; i++) {
		if (i == COUNTER_CYCLES_GUEST)
			continue;
		counters_read(c, i, &v);
		if (v.available) {
			assert_true(v.value > 0);
			assert_true(v.share > 0 && v.share <= 1);
		} else {
			assert_true(strlen(v.why) > 10);
		}
	}
}

static void no_pmu_is_said(void **state)
{
	struct counter_value v;

	counters_read(*state, COUNTER_CYCLES, &v);
	if (v.available || !strstr(v.why, "no such counter"))
		skip_because("cycles are counted here, or for another reason not");
	assert_non_null(strstr(v.why, strerror(ENOENT)));
	/* The software events do not depend on it. */
	counters_enable(*state);
	counters_disable(*state);
	counters_read(*state, COUNTER_PAGE_FAULTS, &v);
	assert_true(v.available);
}

static void stored_per_operation(void **state)
{
	static struct run_result res;
	struct counters *c = *state;
	struct counter_value v;
	uint32_t i, seen = 0;

	memset(&res, 0, sizeof(res));
	counters_enable(c);
	usleep(1000);
	counters_disable(c);
	counters_store(c, &res, 4);
	for (i = 0; i < res.nvalues; i++) {
		int k;

		for (k = 0; k < NR_COUNTERS; k++) {
			if (res.value[i].metric != counter_metric(k))
				continue;
			counters_read(c, k, &v);
			assert_true(res.value[i].value == v.value / 4);
			assert_int_equal(res.value[i].metric->nature,
					 NATURE_COUNT);
			seen++;
		}
	}
	assert_int_equal(seen, res.nvalues);
	/* Each counter left a value or a fact. */
	assert_true(res.nvalues + res.nfacts >= NR_COUNTERS);
	for (i = 0; i < res.nfacts; i++)
		assert_int_equal(strncmp(res.fact[i].key, "counter.", 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(page_faults_are_exact, opened,
						closed),
		cmocka_unit_test_setup_teardown(switches_are_seen, opened,
						closed),
		cmocka_unit_test_setup_teardown(hardware_or_reason, opened,
						closed),
		cmocka_unit_test_setup_teardown(no_pmu_is_said, opened,
						closed),
		cmocka_unit_test_setup_teardown(stored_per_operation, opened,
						closed),
	};

	return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
