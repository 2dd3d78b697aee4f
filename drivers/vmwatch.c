// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/vmwatch.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/tracefs.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/num.h"

#define THREADS_MAX	4096	/* of one VMM */

/* CPU time of a process so far, in seconds. */
struct cpu_time {
	double total;
	double user;
	double kernel;
	double guest;
};

/**
 * struct breakdown - exits by reason; @why where that cannot be had
 */
struct breakdown {
	struct reasons *r;
	char why[VMWATCH_WHY];
};

struct vmwatch {
	struct vmwatch_target target;
	pid_t pid;
	struct qmp *qmp;
	int debugfs;
	char no_stats[VMWATCH_WHY];
	char no_cpu[VMWATCH_WHY];
	struct vmstats stats;
	uint64_t *begun;	/* values of @stats at the beginning */
	size_t nbegun;
	struct cpu_time cpu;
	struct breakdown by[2];	/* hardware, user space */
	uint64_t start;
	struct vmwatch_stat *stat;
	struct vmwatch_reason *reason;
};

/* ---- whose VM ---- */

/* The process of a thread; 0 where there is none. */
static pid_t process_of(long long tid)
{
	char path[64], *text, *at;
	uint64_t pid = 0;

	snprintf(path, sizeof(path), "/proc/%lld/status", tid);
	if (file_read(path, 64 << 10, &text, NULL))
		return 0;
	at = strstr(text, "\nTgid:\t");
	if (at) {
		at += 7;
		at[strcspn(at, "\n")] = '\0';
		if (num_u64(at, 1, INT32_MAX, &pid))
			pid = 0;
	}
	free(text);
	return pid;
}

static void find_process(struct vmwatch *w)
{
	json_t *ret = NULL;
	const json_t *tid;

	if (qmp_execute(w->qmp, "query-cpus-fast", NULL, &ret, w->no_cpu,
			sizeof(w->no_cpu)))
		return;
	tid = json_object_get(json_array_get(ret, 0), "thread-id");
	if (json_is_integer(tid))
		w->pid = process_of(json_integer_value(tid));
	if (!w->pid)
		snprintf(w->no_cpu, sizeof(w->no_cpu),
			 "the process of this QEMU is not to be seen from here: say --pid");
	json_decref(ret);
}

/* Without an answer of QEMU and without a process there is nothing to watch. */
static int open_source(struct vmwatch *w)
{
	const struct vmwatch_target *t = &w->target;
	int err;

	if (!t->qmp) {
		w->debugfs = debugfs_open(w->no_stats, sizeof(w->no_stats));
		return 0;
	}
	err = qmp_open(&w->qmp, t->qmp,
		       t->timeout_ns ? t->timeout_ns : VMWATCH_TIMEOUT_NS,
		       w->no_stats, sizeof(w->no_stats));
	if (err)
		return t->pid ? 0 : err;
	if (!w->pid)
		find_process(w);
	return 0;
}

/* ---- threads and their exits ---- */

static int list_threads(pid_t pid, pid_t **tid, size_t *n)
{
	char path[64];
	struct dirent *e;
	uint64_t v;
	DIR *dir;

	*n = 0;
	*tid = calloc(THREADS_MAX, sizeof(**tid));
	if (!*tid)
		return -ENOMEM;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && *n < THREADS_MAX && (e = readdir(dir)))
		if (!num_u64(e->d_name, 1, INT32_MAX, &v))
			(*tid)[(*n)++] = v;
	if (dir)
		closedir(dir);
	return *n ? 0 : -ESRCH;
}

/* A thread may end between being listed and being opened: then once more. */
static void open_breakdown(struct vmwatch *w, struct breakdown *b,
			   const struct reasons_of *of)
{
	int err = -ESRCH, tries;
	pid_t *tid;
	size_t n;

	for (tries = 0; err == -ESRCH && tries < 3; tries++) {
		err = list_threads(w->pid, &tid, &n);
		if (!err)
			err = reasons_open(&b->r, of, tid, n, b->why,
					   sizeof(b->why));
		else
			snprintf(b->why, sizeof(b->why), "no such process");
		free(tid);
	}
}

static void open_reasons(struct vmwatch *w)
{
	const char *module = w->target.kvm_module;

	if (!w->target.reasons)
		return;
	if (!w->pid) {
		snprintf(w->by[0].why, sizeof(w->by[0].why),
			 "its process is unknown: say --pid");
		w->by[1] = w->by[0];
		return;
	}
	open_breakdown(w, &w->by[0], reasons_for(module ? module : ""));
	open_breakdown(w, &w->by[1], &reasons_user);
}

int vmwatch_open(struct vmwatch **out, const struct vmwatch_target *t,
		 char *why, size_t size)
{
	struct vmwatch *w;
	int err;

	if (t->pid && kill(t->pid, 0) && errno == ESRCH) {
		snprintf(why, size, "there is no process %d", t->pid);
		return -ESRCH;
	}
	w = calloc(1, sizeof(*w));
	if (!w) {
		snprintf(why, size, "out of memory");
		return -ENOMEM;
	}
	w->target = *t;
	w->pid = t->pid;
	w->debugfs = -1;
	err = open_source(w);
	if (err) {
		snprintf(why, size, "%s: %s", t->qmp, w->no_stats);
		vmwatch_close(w);
		return err;
	}
	open_reasons(w);
	*out = w;
	return 0;
}

void vmwatch_close(struct vmwatch *w)
{
	if (!w)
		return;
	qmp_close(w->qmp);
	if (w->debugfs >= 0)
		close(w->debugfs);
	reasons_close(w->by[0].r);
	reasons_close(w->by[1].r);
	vmstats_free(&w->stats);
	free(w->begun);
	free(w->stat);
	free(w->reason);
	free(w);
}

/* ---- readings ---- */

static int read_stats(struct vmwatch *w)
{
	if (w->no_stats[0])
		return -ENODATA;
	if (w->qmp)
		return vmstats_qmp(w->qmp, &w->stats, w->no_stats,
				   sizeof(w->no_stats));
	return vmstats_debugfs(w->debugfs, w->pid, &w->stats, w->no_stats,
			       sizeof(w->no_stats));
}

/*
 * Fields 14, 15 and 43 of /proc/PID/stat, counted from behind the name, which
 * may hold spaces: utime with the guest's time in it, stime, guest_time.
 */
static int parse_stat(char *text, double hz, struct cpu_time *t)
{
	char *at = strrchr(text, ')'), *word;
	uint64_t v[44] = { 0 };
	int i = 3;

	at = at ? at + 2 : NULL;
	while ((word = strsep(&at, " \n")) && i < 44) {
		if (i >= 14 && num_u64(word, 0, UINT64_MAX, &v[i]))
			v[i] = 0;
		i++;
	}
	if (i < 44 || v[14] < v[43])
		return -EBADMSG;
	t->guest = v[43] / hz;
	t->user = (v[14] - v[43]) / hz;
	t->kernel = v[15] / hz;
	return 0;
}

static int read_cpu(struct vmwatch *w, struct cpu_time *t)
{
	char path[64], *text;
	clockid_t clock;
	int err;

	if (!w->pid)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/stat", w->pid);
	err = file_read(path, 16 << 10, &text, NULL);
	if (!err) {
		err = parse_stat(text, sysconf(_SC_CLK_TCK), t);
		free(text);
	}
	/* In ns, and of threads that have ended as well. */
	if (!err && clock_getcpuclockid(w->pid, &clock))
		err = -ESRCH;
	if (!err)
		t->total = clock_ns(clock) / 1e9;
	if (err)
		snprintf(w->no_cpu, sizeof(w->no_cpu), "%s",
			 err == -ESRCH || err == -ENOENT ?
			 "the process has ended" : strerror(-err));
	return err;
}

void vmwatch_begin(struct vmwatch *w)
{
	int i;

	free(w->begun);
	w->begun = NULL;
	w->nbegun = 0;
	if (!read_stats(w)) {
		w->nbegun = w->stats.set.nvalues;
		w->begun = malloc((w->nbegun + 1) * sizeof(*w->begun));
	}
	if (w->nbegun && w->begun)
		memcpy(w->begun, w->stats.set.value,
		       w->nbegun * sizeof(*w->begun));
	read_cpu(w, &w->cpu);
	for (i = 0; i < 2; i++)
		if (w->by[i].r)
			reasons_enable(w->by[i].r);
	w->start = clock_now();
}

/* ---- figures ---- */

/* How far a statistic went; NaN if it was set back, as by a new VM. */
static double went(const struct vmwatch *w, const struct kvmstat *s)
{
	uint64_t before = 0, after = 0;
	uint32_t i;

	if (s->first + s->n > w->nbegun)
		return NAN;
	for (i = s->first; i < s->first + s->n; i++) {
		before += w->begun[i];
		after += w->stats.set.value[i];
	}
	return after < before ? NAN : (double)(after - before);
}

static void take_stat(const struct vmwatch *w, const struct kvmstat *s,
		      double seconds, struct vmwatch_stat *to)
{
	const bool state = s->kind == KVMSTAT_INSTANT ||
		s->kind == KVMSTAT_PEAK;
	double scale;

	memcpy(to->name, s->name, sizeof(to->name));
	to->kind = s->kind;
	to->unit = kvmstat_unit(s, state ? "at end" : "events", &scale);
	if (kvmstat_is_histogram(s)) {
		to->unit = "events";
		scale = 1;
	}
	to->value = scale * (state ? (double)w->stats.set.value[s->first] :
			     went(w, s) / seconds);
}

static int by_name(const void *a, const void *b)
{
	const struct vmwatch_stat *sa = a, *sb = b;

	return strcmp(sa->name, sb->name);
}

static void take_stats(struct vmwatch *w, struct vmwatch_figures *f)
{
	const struct kvmstats *set = &w->stats.set;
	size_t i;

	free(w->stat);
	w->stat = NULL;
	if (!w->begun || w->no_stats[0])
		return;
	w->stat = calloc(set->n + 1, sizeof(*w->stat));
	if (!w->stat)
		return;
	for (i = 0; i < set->n; i++)
		take_stat(w, &set->v[i], f->seconds, &w->stat[i]);
	qsort(w->stat, set->n, sizeof(*w->stat), by_name);
	f->stat = w->stat;
	f->nstats = set->n;
	f->source = w->qmp ? "qmp" : "debugfs";
	f->vcpus = w->stats.vcpus;
	f->vms = w->stats.vms;
	f->left_out = set->left_out;
	f->hists = w->stats.hists;
}

static void take_cpu(struct vmwatch *w, struct vmwatch_figures *f)
{
	struct cpu_time now;

	if (w->no_cpu[0] || read_cpu(w, &now)) {
		snprintf(f->no_cpu, sizeof(f->no_cpu), "%s", w->no_cpu[0] ?
			 w->no_cpu : "its process is unknown: say --pid");
		return;
	}
	f->cpu = (now.total - w->cpu.total) / f->seconds;
	f->cpu_user = (now.user - w->cpu.user) / f->seconds;
	f->cpu_kernel = (now.kernel - w->cpu.kernel) / f->seconds;
	f->cpu_guest = (now.guest - w->cpu.guest) / f->seconds;
}

static void add_reason(struct vmwatch_figures *f, struct vmwatch_reason *to,
		       const char *name, bool user, uint64_t n)
{
	to += f->nreasons++;
	snprintf(to->name, sizeof(to->name), "%s", name);
	to->user = user;
	to->per_second = n / f->seconds;
}

/* Return: hits of the tracepoint; NaN where they are unknown. */
static double take_breakdown(struct vmwatch *w, struct breakdown *b,
			     struct vmwatch_figures *f)
{
	struct reason_count *v = calloc(REASONS_MAX, sizeof(*v));
	const bool user = b == &w->by[1];
	uint64_t total, named = 0;
	size_t n, i;

	if (!b->r || !v || reasons_read(b->r, v, &n, &total)) {
		free(v);
		return NAN;
	}
	for (i = 0; i < n; i++) {
		add_reason(f, w->reason, v[i].name, user, v[i].n);
		named += v[i].n;
	}
	add_reason(f, w->reason, "other", user, total - named);
	free(v);
	return total;
}

const struct vmwatch_stat *vmwatch_stat(const struct vmwatch_figures *f,
					const char *name)
{
	size_t i;

	for (i = 0; i < f->nstats; i++)
		if (!strcmp(f->stat[i].name, name))
			return &f->stat[i];
	return NULL;
}

/*
 * No hit stands for no exit only where KVM's statistics say the same: there
 * are KVMs that do not pass the tracepoint.
 */
static void take_reasons(struct vmwatch *w, struct vmwatch_figures *f)
{
	const struct vmwatch_stat *exits = vmwatch_stat(f, "exits");
	double total;
	int i;

	free(w->reason);
	w->reason = calloc(2 * (REASONS_MAX + 1), sizeof(*w->reason));
	if (!w->reason)
		return;
	f->reason = w->reason;
	total = take_breakdown(w, &w->by[0], f);
	if (total == 0 && !(exits && exits->value == 0)) {
		f->nreasons = 0;
		snprintf(w->by[0].why, sizeof(w->by[0].why),
			 exits ? "the tracepoint kvm_exit never fired although the guest ran: this KVM does not pass it" :
			 "the tracepoint kvm_exit never fired: no KVM, or one that does not pass it");
	} else if (total > 0 && !exits) {
		f->exits = total / f->seconds;
		f->exits_by = "tracepoint";
	}
	take_breakdown(w, &w->by[1], f);
	for (i = 0; i < 2; i++)
		snprintf(i ? f->no_user_reasons : f->no_reasons, VMWATCH_WHY,
			 "%s", w->by[i].why);
}

static void take_exits(struct vmwatch *w, struct vmwatch_figures *f)
{
	const struct vmwatch_stat *exits = vmwatch_stat(f, "exits");
	const struct kvmstat *ever = kvmstats_find(&w->stats.set, "exits");

	if (f->exits_by[0])
		return;
	if (!exits) {
		snprintf(f->no_exits, sizeof(f->no_exits), "%s",
			 w->no_stats[0] ? w->no_stats :
			 "KVM has no statistic of that name");
		return;
	}
	/* Not one since it was made, and yet its guest ran. */
	if (!w->stats.set.value[ever->first] && f->cpu_guest > 0) {
		snprintf(f->no_exits, sizeof(f->no_exits),
			 "0 exits of a VM that ran: this KVM does not count them");
		return;
	}
	f->exits = exits->value;
	f->exits_by = isnan(exits->value) ? "" : "statistics";
	if (isnan(exits->value))
		snprintf(f->no_exits, sizeof(f->no_exits),
			 "the count was set back meanwhile");
}

void vmwatch_end(struct vmwatch *w, struct vmwatch_figures *f)
{
	int i;

	*f = (struct vmwatch_figures) {
		.pid = w->pid, .vcpus = -1, .vms = -1, .source = "",
		.exits = NAN, .exits_by = "", .cpu = NAN, .cpu_user = NAN,
		.cpu_kernel = NAN, .cpu_guest = NAN,
	};
	f->seconds = (clock_now() - w->start) / 1e9;
	for (i = 0; i < 2; i++)
		if (w->by[i].r)
			reasons_disable(w->by[i].r);
	take_cpu(w, f);
	if (w->begun)
		read_stats(w);
	take_stats(w, f);
	snprintf(f->no_stats, sizeof(f->no_stats), "%s", w->no_stats);
	if (w->target.reasons)
		take_reasons(w, f);
	take_exits(w, f);
}
