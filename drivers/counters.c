// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/driver.h"
#include "lib/file.h"

#define EVENT(name, unit) \
	{ name, unit, BETTER_LOWER, SCALE_LINEAR, NATURE_COUNT, 0 }

static const struct metric metrics[NR_COUNTERS] = {
	[COUNTER_CYCLES]	= EVENT("cycles", "cycles"),
	[COUNTER_CYCLES_USER]	= EVENT("cycles_user", "cycles"),
	[COUNTER_CYCLES_KERNEL]	= EVENT("cycles_kernel", "cycles"),
	[COUNTER_CYCLES_GUEST]	= EVENT("cycles_guest", "cycles"),
	[COUNTER_INSTRUCTIONS]	= EVENT("instructions", "instructions"),
	[COUNTER_INSTRUCTIONS_USER] = EVENT("instructions_user",
					    "instructions"),
	[COUNTER_INSTRUCTIONS_KERNEL] = EVENT("instructions_kernel",
					      "instructions"),
	[COUNTER_INSTRUCTIONS_GUEST] = EVENT("instructions_guest",
					     "instructions"),
	[COUNTER_DTLB_MISSES]	= EVENT("dtlb_misses", "misses"),
	[COUNTER_ITLB_MISSES]	= EVENT("itlb_misses", "misses"),
	[COUNTER_PAGE_FAULTS]	= EVENT("page_faults", "faults"),
	[COUNTER_CONTEXT_SWITCHES] = EVENT("context_switches", "switches"),
	[COUNTER_CPU_MIGRATIONS] = EVENT("cpu_migrations", "migrations"),
};

const struct metric *counter_metric(enum counter counter)
{
	return &metrics[counter];
}

static void why_not(int err, char *buf, size_t size)
{
	long long paranoid;

	switch (err) {
	case -ENOPKG:
		snprintf(buf, size, "built without libperf");
		break;
	case -ENOENT:
	case -ENODEV:
		snprintf(buf, size, "this machine has no such counter (%s)",
			 strerror(-err));
		break;
	case -EOPNOTSUPP:
	case -EINVAL:
		snprintf(buf, size, "its counters cannot tell this (%s)",
			 strerror(-err));
		break;
	case -EACCES:
	case -EPERM:
		if (file_s64("/proc/sys/kernel/perf_event_paranoid",
			     &paranoid))
			paranoid = 0;
		snprintf(buf, size, "not permitted (perf_event_paranoid is %lld): run as root, or sysctl kernel.perf_event_paranoid=1",
			 paranoid);
		break;
	case -EAGAIN:
		snprintf(buf, size, "no counter was free for it");
		break;
	default:
		snprintf(buf, size, "%s", strerror(-err));
	}
}

#ifdef HAVE_LIBPERF

#include <perf/core.h>
#include <perf/evsel.h>
#include <perf/threadmap.h>

#define CACHE_MISS(cache)					\
	((cache) | PERF_COUNT_HW_CACHE_OP_READ << 8 |		\
	 PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

enum part { WHOLE, USER_PART, KERNEL_PART, GUEST_PART };

static const struct {
	__u32 type;
	__u64 config;
	enum part part;
} events[NR_COUNTERS] = {
#define HARDWARE(id, part) \
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_##id, part }
#define CACHE(id) \
	{ PERF_TYPE_HW_CACHE, CACHE_MISS(PERF_COUNT_HW_CACHE_##id), WHOLE }
#define SOFTWARE(id) \
	{ PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##id, WHOLE }
	[COUNTER_CYCLES]	= HARDWARE(CPU_CYCLES, WHOLE),
	[COUNTER_CYCLES_USER]	= HARDWARE(CPU_CYCLES, USER_PART),
	[COUNTER_CYCLES_KERNEL]	= HARDWARE(CPU_CYCLES, KERNEL_PART),
	[COUNTER_CYCLES_GUEST]	= HARDWARE(CPU_CYCLES, GUEST_PART),
	[COUNTER_INSTRUCTIONS]	= HARDWARE(INSTRUCTIONS, WHOLE),
	[COUNTER_INSTRUCTIONS_USER] = HARDWARE(INSTRUCTIONS, USER_PART),
	[COUNTER_INSTRUCTIONS_KERNEL] = HARDWARE(INSTRUCTIONS, KERNEL_PART),
	[COUNTER_INSTRUCTIONS_GUEST] = HARDWARE(INSTRUCTIONS, GUEST_PART),
	[COUNTER_DTLB_MISSES]	= CACHE(DTLB),
	[COUNTER_ITLB_MISSES]	= CACHE(ITLB),
	[COUNTER_PAGE_FAULTS]	= SOFTWARE(PAGE_FAULTS),
	[COUNTER_CONTEXT_SWITCHES] = SOFTWARE(CONTEXT_SWITCHES),
	[COUNTER_CPU_MIGRATIONS] = SOFTWARE(CPU_MIGRATIONS),
};

/**
 * struct counters - the events of one thread
 * @threads:	libperf's way to name it
 * @evsel:	an event each, NULL where it could not be opened
 * @err:	why not
 * @user_only:	opened without the kernel's share, which was forbidden
 */
struct counters {
	struct perf_thread_map *threads;
	struct {
		struct perf_evsel *evsel;
		int err;
		bool user_only;
	} ev[NR_COUNTERS];
};

static int event_try(struct counters *c, enum counter i)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = events[i].type,
		.config = events[i].config,
		.disabled = 1,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
			PERF_FORMAT_TOTAL_TIME_RUNNING,
		.exclude_user = events[i].part == KERNEL_PART,
		.exclude_kernel = events[i].part == USER_PART ||
			c->ev[i].user_only,
		.exclude_hv = events[i].part != WHOLE,
		.exclude_guest = events[i].part == USER_PART ||
			events[i].part == KERNEL_PART,
		.exclude_host = events[i].part == GUEST_PART,
	};
	struct perf_evsel *evsel = perf_evsel__new(&attr);
	int err;

	if (!evsel)
		return -ENOMEM;
	err = perf_evsel__open(evsel, NULL, c->threads);
	if (err)
		perf_evsel__delete(evsel);
	else
		c->ev[i].evsel = evsel;
	return err;
}

static void event_close(struct counters *c, enum counter i)
{
	if (!c->ev[i].evsel)
		return;
	perf_evsel__close(c->ev[i].evsel);
	perf_evsel__delete(c->ev[i].evsel);
	c->ev[i].evsel = NULL;
}

/*
 * What is not permitted is tried again without the kernel's share. Page faults
 * mostly come from user mode and are worth having so. Of the others this only
 * tells whether permission would help: a counter that does not exist stays
 * away from root too, and switches happen in the kernel, so they would read 0.
 */
static void event_open(struct counters *c, enum counter i)
{
	int err = event_try(c, i), again;

	if (err == -EACCES || err == -EPERM) {
		c->ev[i].user_only = true;
		again = event_try(c, i);
		if (again == -ENOENT || i == COUNTER_PAGE_FAULTS)
			err = again;
		else if (!again)
			event_close(c, i);
	}
	c->ev[i].err = err;
}

/* What libperf has to say is said by our reasons. */
static int print_nothing(enum libperf_print_level level, const char *fmt,
			 va_list ap)
{
	return 0;
}

int counters_open(struct counters **out, pid_t tid)
{
	struct counters *c = calloc(1, sizeof(*c));
	int i;

	if (!c)
		return -ENOMEM;
	libperf_init(print_nothing);
	c->threads = perf_thread_map__new_dummy();
	if (!c->threads) {
		free(c);
		return -ENOMEM;
	}
	perf_thread_map__set_pid(c->threads, 0, tid);
	for (i = 0; i < NR_COUNTERS; i++)
		event_open(c, i);
	*out = c;
	return 0;
}

void counters_close(struct counters *c)
{
	int i;

	if (!c)
		return;
	for (i = 0; i < NR_COUNTERS; i++)
		event_close(c, i);
	perf_thread_map__put(c->threads);
	free(c);
}

/* A failure to switch shows as time not enabled, and so as unavailable. */
void counters_enable(struct counters *c)
{
	int i;

	for (i = 0; i < NR_COUNTERS; i++)
		if (c->ev[i].evsel)
			perf_evsel__enable(c->ev[i].evsel);
}

void counters_disable(struct counters *c)
{
	int i;

	for (i = NR_COUNTERS - 1; i >= 0; i--)
		if (c->ev[i].evsel)
			perf_evsel__disable(c->ev[i].evsel);
}

void counters_read(struct counters *c, enum counter i, struct counter_value *v)
{
	struct perf_counts_values count;
	int err = c->ev[i].err;

	memset(v, 0, sizeof(*v));
	if (!err)
		err = perf_evsel__read(c->ev[i].evsel, 0, 0, &count);
	if (!err && !count.run)
		err = -EAGAIN;
	if (err) {
		why_not(err, v->why, sizeof(v->why));
		return;
	}
	v->available = true;
	v->share = (double)count.run / count.ena;
	v->value = count.val / v->share;
	if (c->ev[i].user_only)
		strcpy(v->why, "user mode only");
}

#else

struct counters {
	int err;
};

int counters_open(struct counters **out, pid_t tid)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	(*out)->err = -ENOPKG;
	return 0;
}

void counters_close(struct counters *c)
{
	free(c);
}

void counters_enable(struct counters *c)
{
}

void counters_disable(struct counters *c)
{
}

void counters_read(struct counters *c, enum counter i, struct counter_value *v)
{
	memset(v, 0, sizeof(*v));
	why_not(c->err, v->why, sizeof(v->why));
}

#endif

void counters_store(struct counters *c, struct run_result *res, double ops)
{
	struct counter_value v;
	char key[FACT_KEY_MAX];
	int i;

	for (i = 0; i < NR_COUNTERS; i++) {
		counters_read(c, i, &v);
		if (v.available)
			result_value(res, &metrics[i], v.value / ops, 1);
		snprintf(key, sizeof(key), "counter.%s", metrics[i].name);
		if (v.why[0])
			result_text(res, key, v.why);
		if (!v.available || v.share >= 1)
			continue;
		snprintf(key, sizeof(key), "counter.%s.share",
			 metrics[i].name);
		result_real(res, key, v.share);
	}
}
