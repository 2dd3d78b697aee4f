// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "drivers/tracefs.h"
#include "lib/file.h"

#define POINTS_MAX	32	/* tracepoints */

enum part { WHOLE, USER_PART, KERNEL_PART, GUEST_PART };

static const struct {
	const char *name;
	const char *unit;
	__u32 type;
	__u64 config;
	enum part part;
} events[NR_COUNTERS] = {
#define CYCLES(name, part)						\
	{ name, "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, part }
#define INSTRUCTIONS(name, part)					\
	{ name, "instructions", PERF_TYPE_HARDWARE,			\
	  PERF_COUNT_HW_INSTRUCTIONS, part }
#define CACHE_MISS(name, id)						\
	{ name, "misses", PERF_TYPE_HW_CACHE,				\
	  PERF_COUNT_HW_CACHE_##id |					\
	  PERF_COUNT_HW_CACHE_OP_READ << 8 |				\
	  PERF_COUNT_HW_CACHE_RESULT_MISS << 16, WHOLE }
#define SOFTWARE(name, unit, id)					\
	{ name, unit, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_##id, WHOLE }
	[COUNTER_CYCLES]	= CYCLES("cycles", WHOLE),
	[COUNTER_CYCLES_USER]	= CYCLES("cycles_user", USER_PART),
	[COUNTER_CYCLES_KERNEL]	= CYCLES("cycles_kernel", KERNEL_PART),
	[COUNTER_CYCLES_GUEST]	= CYCLES("cycles_guest", GUEST_PART),
	[COUNTER_INSTRUCTIONS]	= INSTRUCTIONS("instructions", WHOLE),
	[COUNTER_INSTRUCTIONS_USER] =
		INSTRUCTIONS("instructions_user", USER_PART),
	[COUNTER_INSTRUCTIONS_KERNEL] =
		INSTRUCTIONS("instructions_kernel", KERNEL_PART),
	[COUNTER_INSTRUCTIONS_GUEST] =
		INSTRUCTIONS("instructions_guest", GUEST_PART),
	[COUNTER_DTLB_MISSES]	= CACHE_MISS("dtlb_misses", DTLB),
	[COUNTER_ITLB_MISSES]	= CACHE_MISS("itlb_misses", ITLB),
	[COUNTER_PAGE_FAULTS]	= SOFTWARE("page_faults", "faults",
					   PAGE_FAULTS),
	[COUNTER_CONTEXT_SWITCHES] = SOFTWARE("context_switches", "switches",
					      CONTEXT_SWITCHES),
	[COUNTER_CPU_MIGRATIONS] = SOFTWARE("cpu_migrations", "migrations",
					    CPU_MIGRATIONS),
};

/* What a VM's threads pass on their way; exits by reason: drivers/reasons.h */
static const char *const kvm_points[] = {
	"kvm:kvm_exit", "kvm:kvm_entry", "kvm:kvm_userspace_exit",
	"kvm:kvm_page_fault", "kvm:kvm_pio", "kvm:kvm_mmio",
	"kvm:kvm_fast_mmio", "kvm:kvm_msr", "kvm:kvm_cpuid", "kvm:kvm_cr",
	"kvm:kvm_hypercall", "kvm:kvm_emulate_insn", "kvm:kvm_inj_virq",
	"kvm:kvm_apic_ipi", "kvm:kvm_vcpu_wakeup",
};

/**
 * struct event - one of them
 * @name:	of its metric
 * @id:		of a tracepoint
 * @evsel:	NULL where it could not be opened
 * @err:	why not
 * @user_only:	opened without the kernel's share, which was forbidden
 * @refused:	of counters_refuse(), or NULL
 */
struct event {
	char name[64];
	uint64_t id;
	struct perf_evsel *evsel;
	int err;
	bool user_only;
	const char *refused;
};

/**
 * struct counters - the events of some threads
 * @threads:	libperf's way to name them
 * @no_tracefs:	why there are no tracepoints, or ""
 */
struct counters {
	struct perf_thread_map *threads;
	size_t nthreads;
	bool inherit;
	char no_tracefs[160];
	size_t n;
	struct event ev[NR_COUNTERS + POINTS_MAX];
};

void counters_why_not(int err, char *buf, size_t size)
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
		snprintf(buf, size, "not permitted (perf_event_paranoid is %lld): run as root, or sysctl kernel.perf_event_paranoid=%d",
			 paranoid, paranoid > 1 ? 1 : -1);
		break;
	case -EAGAIN:
		snprintf(buf, size, "no counter was free for it");
		break;
	case -EMFILE:
		snprintf(buf, size, "too many open files: raise ulimit -n");
		break;
	default:
		snprintf(buf, size, "%s", strerror(-err));
	}
}

static bool is_point(size_t i)
{
	return i >= NR_COUNTERS;
}

/* The part of a tracepoint's name behind its subsystem. */
static void add_point(struct counters *c, int tracefs, const char *name)
{
	struct event *ev = &c->ev[c->n];

	if (c->n == sizeof(c->ev) / sizeof(*c->ev))
		return;
	c->n++;
	snprintf(ev->name, sizeof(ev->name), "%s", strchr(name, ':') + 1);
	ev->err = tracefs < 0 ? tracefs :
		tracepoint_id(tracefs, name, &ev->id);
}

static void find_points(struct counters *c, bool vm)
{
	char asi[POINTS_MAX / 2][64];
	int dir = tracefs_open(c->no_tracefs, sizeof(c->no_tracefs)), n;
	size_t i;

	for (i = 0; vm && i < sizeof(kvm_points) / sizeof(*kvm_points); i++)
		add_point(c, dir, kvm_points[i]);
	/* Isolation exits by a fault; a kernel without isolation has none. */
	n = dir < 0 ? 0 : tracepoint_list(dir, "asi", asi, POINTS_MAX / 2);
	for (i = 0; n > 0 && i < (size_t)n; i++)
		add_point(c, dir, asi[i]);
	if (n <= 0)
		add_point(c, dir < 0 ? dir : -ENOENT, "asi:asi_exit_pf");
	if (dir >= 0)
		close(dir);
}

static struct counters *counters_new(const struct counted *t)
{
	struct counters *c = calloc(1, sizeof(*c));
	size_t i;

	if (!c)
		return NULL;
	for (i = 0; i < NR_COUNTERS; i++)
		snprintf(c->ev[i].name, sizeof(c->ev[i].name), "%s",
			 events[i].name);
	c->n = NR_COUNTERS;
	c->inherit = t->inherit;
	c->nthreads = t->tid ? t->ntids : 1;
	find_points(c, t->vm);
	return c;
}

#ifdef HAVE_LIBPERF

#include <perf/core.h>
#include <perf/evlist.h>
#include <perf/evsel.h>
#include <perf/threadmap.h>

static struct perf_event_attr attr_of(const struct counters *c, size_t i)
{
	enum part part = is_point(i) ? WHOLE : events[i].part;

	return (struct perf_event_attr) {
		.size = sizeof(struct perf_event_attr),
		.type = is_point(i) ? PERF_TYPE_TRACEPOINT : events[i].type,
		.config = is_point(i) ? c->ev[i].id : events[i].config,
		.disabled = 1,
		.inherit = c->inherit,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
			PERF_FORMAT_TOTAL_TIME_RUNNING,
		.exclude_user = part == KERNEL_PART,
		.exclude_kernel = part == USER_PART || c->ev[i].user_only,
		.exclude_hv = part != WHOLE,
		.exclude_guest = part == USER_PART || part == KERNEL_PART,
		.exclude_host = part == GUEST_PART,
	};
}

/*
 * Instructions count whenever the cycles of the same part do, also where
 * events take turns, so that their ratio holds.
 */
static struct perf_evsel *leader_of(const struct counters *c, size_t i)
{
	if (i < COUNTER_INSTRUCTIONS || i > COUNTER_INSTRUCTIONS_GUEST)
		return NULL;
	return c->ev[i - COUNTER_INSTRUCTIONS + COUNTER_CYCLES].evsel;
}

/* libperf makes groups out of lists alone. */
static void join(struct perf_evsel *leader, struct perf_evsel *evsel)
{
	struct perf_evlist *list = perf_evlist__new();

	if (!list)
		return;
	perf_evlist__add(list, leader);
	perf_evlist__add(list, evsel);
	perf_evlist__set_leader(list);
	perf_evlist__remove(list, evsel);
	perf_evlist__remove(list, leader);
	perf_evlist__delete(list);
}

static int event_try(struct counters *c, size_t i, struct perf_evsel *leader)
{
	struct perf_event_attr attr = attr_of(c, i);
	struct perf_evsel *evsel = perf_evsel__new(&attr);
	int err;

	if (!evsel)
		return -ENOMEM;
	if (leader)
		join(leader, evsel);
	err = perf_evsel__open(evsel, NULL, c->threads);
	if (err) {
		perf_evsel__close(evsel);
		perf_evsel__delete(evsel);
	} else {
		c->ev[i].evsel = evsel;
	}
	return err;
}

static void event_close(struct event *ev)
{
	if (!ev->evsel)
		return;
	perf_evsel__close(ev->evsel);
	perf_evsel__delete(ev->evsel);
	ev->evsel = NULL;
}

/*
 * What is not permitted is tried again without the kernel's share. Page faults
 * mostly come from user mode and are worth having so. Of the others this only
 * tells whether permission would help: a counter that does not exist stays
 * away from root too, and switches happen in the kernel, so they would read 0.
 */
static void event_open(struct counters *c, size_t i)
{
	struct perf_evsel *leader = leader_of(c, i);
	struct event *ev = &c->ev[i];
	int err = event_try(c, i, leader), again;

	if (err && leader)
		err = event_try(c, i, NULL);

	if ((err == -EACCES || err == -EPERM) && !is_point(i)) {
		ev->user_only = true;
		again = event_try(c, i, NULL);
		if (again == -ENOENT || i == COUNTER_PAGE_FAULTS)
			err = again;
		else if (!again)
			event_close(ev);
	}
	ev->err = err;
}

/* What libperf has to say is said by our reasons. */
static int print_nothing(enum libperf_print_level level, const char *fmt,
			 va_list ap)
{
	return 0;
}

int counters_open(struct counters **out, const struct counted *t)
{
	struct counters *c = counters_new(t);
	size_t i;

	if (!c)
		return -ENOMEM;
	libperf_init(print_nothing);
	c->threads = perf_thread_map__new_array(c->nthreads, NULL);
	if (!c->threads) {
		free(c);
		return -ENOMEM;
	}
	for (i = 0; i < c->nthreads; i++)
		perf_thread_map__set_pid(c->threads, i,
					 t->tid ? t->tid[i] : 0);
	for (i = 0; i < c->n; i++)
		if (!c->ev[i].err)
			event_open(c, i);
	*out = c;
	return 0;
}

void counters_close(struct counters *c)
{
	size_t i;

	if (!c)
		return;
	/* Members before their leaders. */
	for (i = c->n; i-- > 0;)
		event_close(&c->ev[i]);
	perf_thread_map__put(c->threads);
	free(c);
}

/* A failure to switch shows as time not enabled, and so as unavailable. */
void counters_enable(struct counters *c)
{
	size_t i;

	for (i = c->n; i-- > NR_COUNTERS;)
		if (c->ev[i].evsel)
			perf_evsel__enable(c->ev[i].evsel);
	for (i = 0; i < NR_COUNTERS; i++)
		if (c->ev[i].evsel)
			perf_evsel__enable(c->ev[i].evsel);
}

void counters_disable(struct counters *c)
{
	size_t i;

	for (i = NR_COUNTERS; i-- > 0;)
		if (c->ev[i].evsel)
			perf_evsel__disable(c->ev[i].evsel);
	for (i = NR_COUNTERS; i < c->n; i++)
		if (c->ev[i].evsel)
			perf_evsel__disable(c->ev[i].evsel);
}

/* Each thread is scaled by the share of its own time. */
static int event_read(struct counters *c, size_t i, struct counter_value *v)
{
	struct perf_counts_values count;
	double enabled = 0, running = 0;
	size_t k;
	int err;

	for (k = 0; k < c->nthreads; k++) {
		err = perf_evsel__read(c->ev[i].evsel, 0, k, &count);
		if (err)
			return err;
		enabled += count.ena;
		running += count.run;
		if (count.run)
			v->value += (double)count.val * count.ena / count.run;
	}
	/* A thread that slept all the while did nothing: that is a count. */
	if (enabled > 0 && !(running > 0))
		return -EAGAIN;
	if (!(enabled > 0) && c->nthreads == 1 && !c->inherit)
		return -EAGAIN;
	v->share = enabled > 0 ? running / enabled : 1;
	return 0;
}

#else

int counters_open(struct counters **out, const struct counted *t)
{
	size_t i;

	*out = counters_new(t);
	if (!*out)
		return -ENOMEM;
	for (i = 0; i < (*out)->n; i++)
		if (!(*out)->ev[i].err)
			(*out)->ev[i].err = -ENOPKG;
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

static int event_read(struct counters *c, size_t i, struct counter_value *v)
{
	return -ENOPKG;
}

#endif

size_t counters_n(const struct counters *c)
{
	return c->n;
}

const char *counters_name(const struct counters *c, size_t i)
{
	return c->ev[i].name;
}

const char *counters_unit(const struct counters *c, size_t i)
{
	return is_point(i) ? "events" : events[i].unit;
}

static void say_why(const struct counters *c, size_t i, int err, char *buf,
		    size_t size)
{
	if (!is_point(i) || c->ev[i].evsel)
		counters_why_not(err, buf, size);
	else if (c->no_tracefs[0])
		snprintf(buf, size, "%s", c->no_tracefs);
	else if (err == -ENOENT)
		snprintf(buf, size, "this kernel has no such tracepoint");
	else
		counters_why_not(err, buf, size);
}

void counters_refuse(struct counters *c, const char *name, const char *why)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!strcmp(c->ev[i].name, name))
			c->ev[i].refused = why;
}

void counters_read(struct counters *c, size_t i, struct counter_value *v)
{
	int err = c->ev[i].err;

	memset(v, 0, sizeof(*v));
	if (c->ev[i].refused) {
		snprintf(v->why, sizeof(v->why), "%s", c->ev[i].refused);
		return;
	}
	if (!err)
		err = event_read(c, i, v);
	if (err) {
		v->value = 0;
		say_why(c, i, err, v->why, sizeof(v->why));
		return;
	}
	v->available = true;
	if (c->ev[i].user_only)
		strcpy(v->why, "user mode only");
}

void counters_store(struct counters *c, struct run_result *res, double ops)
{
	const struct metric *metric;
	struct counter_value v;
	char key[FACT_KEY_MAX];
	size_t i;

	for (i = 0; i < c->n; i++) {
		counters_read(c, i, &v);
		metric = result_metric(res, c->ev[i].name, counters_unit(c, i),
				       BETTER_LOWER, NATURE_COUNT);
		result_value(res, metric, v.available ? v.value / ops : NAN,
			     v.available);
		snprintf(key, sizeof(key), "counter.%.48s", c->ev[i].name);
		if (v.why[0])
			result_text(res, key, v.why);
		if (!v.available || v.share >= 1)
			continue;
		strcat(key, ".share");
		result_real(res, key, v.share);
	}
}
