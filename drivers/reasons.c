// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * By perf_event_open(2) itself: libperf's interface knows neither filters nor
 * the descriptor that the ioctl for them needs.
 */
#include "drivers/reasons.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drivers/counters.h"

const struct reasons_of reasons_vmx = {
	"kvm:kvm_exit", "exit_reason", "", 0, "",
};
const struct reasons_of reasons_svm = {
	"kvm:kvm_exit", "exit_reason", "", 1, "",
};
/* After an error the field has what an earlier exit left in it. */
const struct reasons_of reasons_user = {
	"kvm:kvm_userspace_exit", "reason", " && errno >= 0", 0, "KVM_EXIT_",
};

/**
 * struct reasons - the events
 * @name:	of each value
 * @n:		values
 * @nthreads:	groups
 * @fd:		[@nthreads][1 + @n], the leader counts all hits
 */
struct reasons {
	char name[REASONS_MAX][SYMBOL_NAME];
	size_t n;
	size_t nthreads;
	int *fd;
};

/* What read(2) gives of a group. */
struct group_reading {
	uint64_t nr;
	uint64_t enabled;
	uint64_t running;
	uint64_t value[1 + REASONS_MAX];
};

const struct reasons_of *reasons_for(const char *kvm_module)
{
	return strcmp(kvm_module, "kvm_intel") ? &reasons_svm : &reasons_vmx;
}

static int event_open(uint64_t id, pid_t tid, int leader)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr), .type = PERF_TYPE_TRACEPOINT,
		.config = id, .disabled = leader < 0,
		.read_format = PERF_FORMAT_GROUP |
			PERF_FORMAT_TOTAL_TIME_ENABLED |
			PERF_FORMAT_TOTAL_TIME_RUNNING,
	};
	int fd = syscall(SYS_perf_event_open, &attr, tid, -1, leader,
			 PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int member_open(const struct reasons_of *of, uint64_t id, pid_t tid,
		       int leader, uint32_t value)
{
	char filter[128];
	int fd = event_open(id, tid, leader);
	int err;

	snprintf(filter, sizeof(filter), "%s == %u%s", of->field, value,
		 of->also);
	if (fd < 0 || !ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int group_open(struct reasons *r, const struct reasons_of *of,
		      const struct symbol *symbol, uint64_t id, pid_t tid,
		      int *fd)
{
	size_t i;

	fd[0] = event_open(id, tid, -1);
	if (fd[0] < 0)
		return fd[0];
	for (i = 0; i < r->n; i++) {
		fd[1 + i] = member_open(of, id, tid, fd[0], symbol[i].value);
		if (fd[1 + i] < 0)
			return fd[1 + i];
	}
	return 0;
}

/* Two values of one name (there are none so far) would be two metrics. */
static void take_names(struct reasons *r, const struct reasons_of *of,
		       const struct symbol *symbol)
{
	size_t skip = strlen(of->prefix), i;

	for (i = 0; i < r->n; i++)
		snprintf(r->name[i], sizeof(r->name[i]), "%s", symbol[i].name +
			 (strncmp(symbol[i].name, of->prefix, skip) ? 0 :
			  skip));
}

static int threads_open(struct reasons *r, const struct reasons_of *of,
			const struct symbol *symbol, uint64_t id,
			const pid_t *tid, size_t ntids)
{
	size_t i, each = 1 + r->n;
	int err = 0;

	r->fd = malloc(ntids * each * sizeof(*r->fd));
	if (!r->fd)
		return -ENOMEM;
	for (i = 0; i < ntids * each; i++)
		r->fd[i] = -1;
	r->nthreads = ntids;
	for (i = 0; i < ntids && !err; i++)
		err = group_open(r, of, symbol, id, tid[i],
				 r->fd + i * each);
	return err;
}

static int find_event(const struct reasons_of *of, struct symbol *symbol,
		      uint64_t *id, char *why, size_t size)
{
	int dir = tracefs_open(why, size), err, n;

	if (dir < 0)
		return dir;
	err = tracepoint_id(dir, of->event, id);
	n = err ? err : tracepoint_symbols(dir, of->event, of->table, symbol,
					   REASONS_MAX);
	close(dir);
	if (err == -ENOENT)
		snprintf(why, size, "this kernel has no tracepoint %s",
			 of->event);
	else if (n == -ENOENT)
		snprintf(why, size, "the tracepoint %s has no table of reasons",
			 of->event);
	else if (n < 0)
		snprintf(why, size, "tracepoint %s: %s", of->event,
			 strerror(-n));
	return n;
}

int reasons_open(struct reasons **out, const struct reasons_of *of,
		 const pid_t *tid, size_t ntids, char *why, size_t size)
{
	struct symbol *symbol = calloc(REASONS_MAX, sizeof(*symbol));
	struct reasons *r = calloc(1, sizeof(*r));
	uint64_t id;
	int err = -ENOMEM, n;

	why[0] = '\0';
	if (!symbol || !r)
		goto fail;
	n = find_event(of, symbol, &id, why, size);
	if (n < 0) {
		err = n;
		goto fail;
	}
	r->n = n;
	take_names(r, of, symbol);
	err = threads_open(r, of, symbol, id, tid, ntids);
	if (err)
		goto fail;
	free(symbol);
	*out = r;
	return 0;
fail:
	if (!why[0])
		counters_why_not(err, why, size);
	free(symbol);
	reasons_close(r);
	return err;
}

void reasons_close(struct reasons *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->nthreads * (1 + r->n); i++)
		if (r->fd[i] >= 0)
			close(r->fd[i]);
	free(r->fd);
	free(r);
}

/* The leader alone: the others run when it does. */
static void switch_all(struct reasons *r, unsigned long request)
{
	size_t i;

	for (i = 0; i < r->nthreads; i++)
		ioctl(r->fd[i * (1 + r->n)], request, 0);
}

void reasons_enable(struct reasons *r)
{
	switch_all(r, PERF_EVENT_IOC_ENABLE);
}

void reasons_disable(struct reasons *r)
{
	switch_all(r, PERF_EVENT_IOC_DISABLE);
}

int reasons_read(struct reasons *r, struct reason_count *v, size_t *n,
		 uint64_t *total)
{
	struct group_reading g;
	size_t i, k;
	ssize_t got;

	*n = r->n;
	*total = 0;
	for (i = 0; i < r->n; i++) {
		memcpy(v[i].name, r->name[i], sizeof(v[i].name));
		v[i].n = 0;
	}
	for (k = 0; k < r->nthreads; k++) {
		got = read(r->fd[k * (1 + r->n)], &g, sizeof(g));
		if (got < 0)
			return -errno;
		if (got < (ssize_t)offsetof(struct group_reading, value) ||
		    g.nr != 1 + r->n)
			return -EIO;
		*total += g.value[0];
		for (i = 0; i < r->n; i++)
			v[i].n += g.value[1 + i];
	}
	return 0;
}
