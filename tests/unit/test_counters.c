// SPDX-License-Identifier: GPL-2.0-or-later
/* Counting: software events exactly, hardware events or a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/counters.h"
#include "drivers/driver.h"
#include "tests/unit/skip.h"

#define PAGES	200

static int opened(void **state)
{
	static const struct counted self;

	return counters_open((struct counters **)state, &self);
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

static bool has_fact(const struct run_result *res, const char *name)
{
	char key[FACT_KEY_MAX];
	size_t i;

	snprintf(key, sizeof(key), "counter.%s", name);
	for (i = 0; i < res->nfacts; i++)
		if (!strcmp(res->fact[i].key, key))
			return true;
	return false;
}

/* The thread of this process that is not @self. */
static pid_t other_tid(pid_t self)
{
	DIR *dir = opendir("/proc/self/task");
	pid_t tid = 0;
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (atoi(e->d_name) > 0 && atoi(e->d_name) != self)
			tid = atoi(e->d_name);
	if (dir)
		closedir(dir);
	return tid;
}

static void stored_per_operation(void **state)
{
	static struct run_result res;
	struct counters *c = *state;
	struct counter_value v;
	size_t i;

	memset(&res, 0, sizeof(res));
	counters_enable(c);
	usleep(1000);
	counters_disable(c);
	counters_store(c, &res, 4);
	/* Each has a value: where there is none, it is unknown and not 0. */
	assert_int_equal(res.nvalues, counters_n(c));
	assert_int_equal(res.dropped, 0);
	for (i = 0; i < res.nvalues; i++) {
		counters_read(c, i, &v);
		assert_string_equal(res.value[i].metric->name,
				    counters_name(c, i));
		assert_string_equal(res.value[i].metric->unit,
				    counters_unit(c, i));
		assert_int_equal(res.value[i].metric->nature, NATURE_COUNT);
		assert_false(res.value[i].metric->primary);
		assert_true(v.available ? res.value[i].value == v.value / 4 :
			    isnan(res.value[i].value) && !res.value[i].n);
		if (!v.available)
			assert_true(has_fact(&res, counters_name(c, i)));
	}
	for (i = 0; i < res.nfacts; i++)
		assert_int_equal(strncmp(res.fact[i].key, "counter.", 8), 0);
}

static void refused_is_unknown(void **state)
{
	struct counters *c = *state;
	struct counter_value v;

	counters_refuse(c, "page_faults", "a reason");
	counters_enable(c);
	counters_disable(c);
	counters_read(c, COUNTER_PAGE_FAULTS, &v);
	assert_false(v.available);
	assert_string_equal(v.why, "a reason");
}

/* Of a child that was started while it counted, its children included. */
static void children_are_counted(void **state)
{
	static const struct counted inherit = { .inherit = true };
	long size = sysconf(_SC_PAGESIZE);
	struct counter_value v;
	struct counters *c;
	unsigned char *p;
	pid_t pid;

	p = mmap(NULL, PAGES * size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(p != MAP_FAILED);
	madvise(p, PAGES * size, MADV_NOHUGEPAGE);
	assert_int_equal(counters_open(&c, &inherit), 0);
	counters_enable(c);
	pid = fork();
	if (!pid) {
		touch(p, size, PAGES);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	counters_disable(c);
	counters_read(c, COUNTER_PAGE_FAULTS, &v);
	counters_close(c);
	munmap(p, PAGES * size);
	if (!v.available)
		skip_because("page faults: %s", v.why);
	assert_true(v.value >= PAGES);
}

static void *wait_for_end(void *arg)
{
	read(*(int *)arg, &(char) { 0 }, 1);
	return NULL;
}

/* A thread that sleeps all the while has counts: none. */
static void other_threads(void **state)
{
	struct counter_value v;
	struct counted two = { .ntids = 2 };
	struct counters *c;
	pthread_t thread;
	pid_t tid[2];
	int fd[2], i;

	assert_int_equal(pipe(fd), 0);
	tid[0] = gettid();
	assert_int_equal(pthread_create(&thread, NULL, wait_for_end, fd), 0);
	two.tid = tid;
	tid[1] = other_tid(tid[0]);
	assert_true(tid[1] > 0);
	assert_int_equal(counters_open(&c, &two), 0);
	counters_enable(c);
	for (i = 0; i < 3; i++)
		usleep(1000);
	counters_disable(c);
	counters_read(c, COUNTER_CONTEXT_SWITCHES, &v);
	counters_close(c);
	close(fd[1]);
	pthread_join(thread, NULL);
	close(fd[0]);
	if (!v.available)
		skip_because("context switches: %s", v.why);
	assert_true(v.value >= 3);
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
		cmocka_unit_test_setup_teardown(refused_is_unknown, opened,
						closed),
		cmocka_unit_test(children_are_counted),
		cmocka_unit_test(other_threads),
	};

	return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
