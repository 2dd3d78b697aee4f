// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One boot from start to end: QEMU runs, init marks its way on the console,
 * threads are pinned before the first instruction, records come at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/guest/boot.h"
#include "drivers/guest/console.h"
#include "drivers/guest/exits.h"
#include "drivers/guest/initrd.h"
#include "drivers/guest/monitor.h"
#include "drivers/guest/qemu.h"
#include "drivers/guest/records.h"
#include "drivers/guest/wire.h"
#include "lib/arena.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/text.h"

#define RESULTS_SIZE	(64ull << 20)	/* sparse: what is written counts */
#define MEMORY_LEAST	192u		/* MiB, of a kernel by itself */
#define END_NS		(2 * NSEC_PER_SEC)	/* for QEMU to end by itself */
#define POLL_MS		200

/**
 * struct boot - while it runs
 * @fd:		console, QEMU's stderr, QMP; -1 once at its end
 * @said:	last line of QEMU's stderr
 * @late:	the deadline has come
 * @base:	CPU times and exits at the begin of the job
 */
struct boot {
	const struct guest_spec *spec;
	struct guest_run *run;
	struct console console;
	struct monitor monitor;
	pid_t pid;
	int out;
	int err;
	char said[512];
	size_t nsaid;
	uint64_t start;
	uint64_t deadline;
	bool late;
	struct guest_times base[GUEST_JOBS];
};

static int __attribute__((format(printf, 3, 4)))
finish(struct guest_run *run, enum guest_end end, const char *fmt, ...)
{
	char raw[2 * GUEST_REASON];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	run->end = end;
	text_ascii(run->reason, sizeof(run->reason), text_trim(raw));
	return end == GUEST_DONE ? 0 : -EIO;
}

static void pin(pid_t tid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(tid, sizeof(set), &set);
}

/* All threads to the CPU of the others first, then each vCPU to its own. */
static void pin_threads(struct boot *b)
{
	const struct guest_spec *spec = b->spec;
	pid_t tid[BOOT_THREADS];
	int n = boot_threads(b->pid, tid), i;

	for (i = 0; i < n && spec->io_cpu >= 0; i++)
		pin(tid[i], spec->io_cpu);
	for (i = 0; i < b->monitor.nvcpus && spec->vcpu_cpu[i] >= 0; i++)
		pin(b->monitor.vcpu[i], spec->vcpu_cpu[i]);
}

/* The guest waits for them. */
static void on_threads(void *priv)
{
	struct boot *b = priv;

	pin_threads(b);
	if (b->spec->counts && !b->run->exits)
		b->run->exits = guest_exits_open(b->monitor.vcpu,
						 b->monitor.nvcpus,
						 b->spec->kvm_module ?: "");
}

static bool is_vcpu(const struct boot *b, pid_t tid)
{
	int i;

	for (i = 0; i < b->monitor.nvcpus; i++)
		if (b->monitor.vcpu[i] == tid)
			return true;
	return false;
}

static void read_times(const struct boot *b, struct guest_times *t)
{
	pid_t tid[BOOT_THREADS];
	int n = boot_threads(b->pid, tid), i;
	int64_t ns;

	t->vcpu_ns = t->other_ns = n ? 0 : -1;
	for (i = 0; i < n; i++) {
		ns = boot_thread_ns(b->pid, tid[i]);
		/* A worker that has ended meanwhile takes its time along. */
		if (ns < 0)
			continue;
		if (is_vcpu(b, tid[i]))
			t->vcpu_ns += ns;
		else
			t->other_ns += ns;
	}
}

/* Which answer belongs to which mark: two a job. */
static void on_count(void *priv, int tag)
{
	struct boot *b = priv;
	size_t job = tag / 2;
	struct guest_times *t = &b->run->times[job];

	if (tag % 2 == 0)
		b->base[job].exits = b->monitor.exits;
	else if (b->monitor.exits >= 0 && b->base[job].exits >= 0)
		t->exits = b->monitor.exits - b->base[job].exits;
	/* It runs, so none at all means that they are not counted. */
	if (!t->exits)
		t->exits = -1;
}

static void on_mark(void *priv, enum console_mark mark, size_t job)
{
	struct boot *b = priv;
	struct guest_times *t = &b->run->times[job], now;

	if (mark == MARK_INIT)
		b->run->boot_s = (clock_now() - b->start) / 1e9;
	if (mark == MARK_BEGIN) {
		t->exits = b->base[job].exits = -1;
		if (b->spec->counts)
			monitor_count(&b->monitor, 2 * job);
		guest_exits_mark(b->run->exits, job, false);
		read_times(b, &b->base[job]);
	}
	if (mark == MARK_END) {
		read_times(b, &now);
		guest_exits_mark(b->run->exits, job, true);
		t->vcpu_ns = now.vcpu_ns - b->base[job].vcpu_ns;
		t->other_ns = now.other_ns - b->base[job].other_ns;
		if (b->spec->counts)
			monitor_count(&b->monitor, 2 * job + 1);
		b->run->ntimes = job + 1;
	}
}

static void take_said(struct boot *b, const char *data, size_t n)
{
	size_t keep = sizeof(b->said) - 1;

	if (n > keep) {
		data += n - keep;
		n = keep;
	}
	if (b->nsaid + n > keep) {
		memmove(b->said, b->said + b->nsaid + n - keep, keep - n);
		b->nsaid = keep - n;
	}
	memcpy(b->said + b->nsaid, data, n);
	b->nsaid += n;
	b->said[b->nsaid] = '\0';
}

/* From the console (@is_out) or from QEMU itself; closes it at its end. */
static void take_output(struct boot *b, int *fd, bool is_out)
{
	char data[4096];
	ssize_t n = read(*fd, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close(*fd);
		*fd = -1;
		return;
	}
	if (is_out) {
		console_feed(&b->console, data, n, clock_now());
		/* A log that cannot be written costs the log. */
		if (b->spec->console && write(b->spec->console, data, n) < 0)
			return;
	} else {
		take_said(b, data, n);
	}
}

/*
 * Where others have the CPUs, waiting for one is no fault of the guest: that
 * time is not counted, up to as much again twice over.
 */
static bool too_late(struct boot *b, uint64_t now)
{
	uint64_t waited, most = 2 * b->spec->deadline_ns;

	if (now < b->deadline)
		return false;
	waited = boot_waited_ns(b->pid);
	return now >= b->deadline + (waited < most ? waited : most);
}

/* Until the last mark, QEMU's end, the deadline or a stop. */
static void follow(struct boot *b)
{
	const volatile int *stop = b->spec->stop;

	while (b->out >= 0 && !b->console.seen[MARK_DONE]) {
		struct pollfd p[3] = {
			{ .fd = b->out, .events = POLLIN },
			{ .fd = b->err, .events = POLLIN },
			{ .fd = monitor_fd(&b->monitor), .events = POLLIN },
		};

		b->late = too_late(b, clock_now());
		if (b->late || (stop && *stop))
			return;
		if (poll(p, 3, POLL_MS) <= 0)
			continue;
		if (p[0].revents)
			take_output(b, &b->out, true);
		if (p[1].revents)
			take_output(b, &b->err, false);
		if (p[2].revents)
			monitor_read(&b->monitor);
	}
}

/* What QEMU said last, on one line. */
static const char *qemu_words(struct boot *b)
{
	char *text = text_trim(b->said), *line = strrchr(text, '\n');

	line = line ? line + 1 : text;
	return line[0] ? line : b->monitor.error[0] ? b->monitor.error :
		"it said nothing";
}

static const char *how_far(const struct boot *b)
{
	if (!b->console.seen[MARK_INIT])
		return "before init ran";
	if (!b->console.job)
		return "after init began, before a job did";
	return b->console.end[b->console.job - 1].n ?
		"after a job, before all records were written" :
		"while a job ran";
}

/* What a job said last. */
static const char *last_line(const struct guest_run *run, const char *job)
{
	char name[80];
	const char *text, *next;

	snprintf(name, sizeof(name), "%.60s.err", job);
	text = guest_record(run, name, NULL);
	while (text && (next = strchr(text, '\n')) && next[1])
		text = next + 1;
	return text && *text ? text : "it said nothing";
}

static int judge_job(struct guest_run *run, const struct guest_job *job)
{
	long long code = guest_job_number(run, job->name, "code");
	long long signal = guest_job_number(run, job->name, "signal");

	if (!code && !signal)
		return 0;
	if (guest_job_number(run, job->name, "late") == 1)
		return finish(run, GUEST_JOB, "%s did not end within %u ms in the guest",
			      job->name, job->ms);
	if (signal > 0)
		return finish(run, GUEST_JOB, "%s was ended by signal %lld in the guest%s",
			      job->name, signal, signal == SIGKILL ?
			      ": it ran out of memory, or was killed" : "");
	if (code < 0)
		return finish(run, GUEST_JOB, "%s did not run in the guest: %s",
			      job->name, guest_record(run, WIRE_END, NULL));
	return finish(run, GUEST_JOB, "%s ended with status %lld in the guest: %.120s",
		      job->name, code, last_line(run, job->name));
}

/* By the first job that did not end with 0. */
static int judge_jobs(struct boot *b)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < b->spec->njobs; i++)
		err = judge_job(b->run, &b->spec->job[i]);
	return err;
}

static int judge_records(struct boot *b)
{
	struct guest_run *run = b->run;
	const char *why, *trouble;
	int err;

	if (records_check(run->records, run->size, &why))
		return finish(run, GUEST_LOST, "the guest's results are not complete: %s%s%s",
			      why, b->console.said[0] ? "; it said: " : "",
			      b->console.said);
	err = judge_jobs(b);
	if (err)
		return err;
	trouble = guest_record(run, WIRE_END, NULL);
	if (trouble && *trouble)
		return finish(run, GUEST_JOB, "in the guest: %s", trouble);
	return finish(run, GUEST_DONE, "%s", "");
}

static int judge(struct boot *b, const struct child_end *end)
{
	struct guest_run *run = b->run;

	if (b->spec->stop && *b->spec->stop)
		return finish(run, GUEST_STOPPED, "stopped while the guest ran");
	if (b->console.panic[0])
		return finish(run, GUEST_PANIC, "the guest's %s", b->console.panic);
	if (b->console.seen[MARK_DONE])
		return judge_records(b);
	if (b->late)
		return finish(run, GUEST_HUNG, "the guest did not end within %.0f s (%s): it was killed %s",
			      b->spec->deadline_ns / 1e9, b->spec->env->accel,
			      how_far(b));
	if (end->signal)
		return finish(run, GUEST_QEMU, "QEMU was ended by signal %d %s: %.120s",
			      end->signal, how_far(b), qemu_words(b));
	if (end->code)
		return finish(run, GUEST_QEMU, "QEMU ended with status %d: %.160s",
			      end->code, qemu_words(b));
	return finish(run, GUEST_LOST, "the guest ended %s", how_far(b));
}

static void collect(struct boot *b, int results)
{
	struct guest_run *run = b->run;
	off_t size = lseek(results, 0, SEEK_END);
	void *map;

	snprintf(run->console, sizeof(run->console), "%s", b->console.tail);
	/* Only what was written takes memory; it ends at the first hole. */
	size = lseek(results, 0, SEEK_HOLE) > 0 ?
		lseek(results, 0, SEEK_HOLE) : 0;
	map = size ? mmap(NULL, size, PROT_READ, MAP_SHARED, results, 0) :
		MAP_FAILED;
	run->records = calloc(1, size + 1);
	if (map != MAP_FAILED && run->records) {
		memcpy(run->records, map, size);
		run->size = size;
	}
	if (map != MAP_FAILED)
		munmap(map, size);
}

static int run_qemu(struct boot *b, const struct qemu_args *args, int results)
{
	struct child_end end;
	uint64_t left;
	size_t i;
	int fds[3];

	b->start = clock_now();
	b->deadline = b->start + b->spec->deadline_ns;
	b->pid = child_spawn(args->word, NULL, false, fds);
	if (b->pid < 0)
		return finish(b->run, GUEST_QEMU, "%.120s: %s",
			      args->word[0], strerror(-b->pid));
	b->out = fds[1];
	b->err = fds[2];
	follow(b);
	b->run->total_s = (clock_now() - b->start) / 1e9;
	/* All is in memory that is ours: it need not shut down in beauty. */
	left = b->out < 0 ? END_NS : 0;
	child_wait(b->pid, left, NULL, &end);
	while (b->err >= 0)
		take_output(b, &b->err, false);
	for (i = 0; i < b->run->ntimes; i++)
		console_times(&b->console, i, &b->run->times[i]);
	collect(b, results);
	if (end.timed_out)
		end.signal = 0;
	return judge(b, &end);
}

/* The archive, unpacked, twice over while it is unpacked; tmpfs takes half. */
static unsigned int memory_for(const struct guest_spec *spec, uint64_t initrd)
{
	if (spec->memory)
		return spec->memory;
	return (MEMORY_LEAST + 3 * (initrd >> 20) + 63) & ~63u;
}

static int with_files(struct boot *b, struct qemu_args *args)
{
	struct qemu_fds fds = { .results = -1 };
	char why[GUEST_REASON];
	int pair[2] = { -1, -1 }, err;
	struct initrd initrd;

	if (initrd_make(b->spec, &initrd, why, sizeof(why)))
		return finish(b->run, GUEST_HOST, "%s", why);
	fds.initrd = initrd.fd;
	fds.payload = initrd.payload;
	fds.results = memfd_create("results", 0);
	if (fds.results < 0 || ftruncate(fds.results, RESULTS_SIZE) ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
		err = finish(b->run, GUEST_HOST, "no memory for the guest's results: %s",
			     strerror(errno));
		goto out;
	}
	fds.qmp = pair[1];
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	monitor_begin(&b->monitor, pair[0]);
	b->monitor.threads = on_threads;
	b->monitor.counted = on_count;
	b->monitor.priv = b->console.priv = b;
	b->console.mark = on_mark;
	err = qemu_command(args, b->spec, &fds,
			   memory_for(b->spec, initrd.size)) ?
		finish(b->run, GUEST_HOST, "QEMU's command is too long") :
		run_qemu(b, args, fds.results);
	monitor_end(&b->monitor);
	if (b->out >= 0)
		close(b->out);
	close(pair[1]);
out:
	if (fds.results >= 0)
		close(fds.results);
	initrd_close(&initrd);
	return err;
}

int guest_boot(const struct guest_spec *spec, struct guest_run *run)
{
	struct boot *b = calloc(1, sizeof(*b));
	struct qemu_args args = { .arena = arena_new() };
	int err;

	memset(run, 0, sizeof(*run));
	if (!b || !args.arena || spec->njobs > GUEST_JOBS ||
	    spec->ndisks > GUEST_DISKS || spec->vcpus > GUEST_VCPUS) {
		err = finish(run, GUEST_HOST, "out of memory, or too many jobs, disks or vCPUs");
	} else {
		b->spec = spec;
		b->run = run;
		b->out = b->err = -1;
		err = with_files(b, &args);
	}
	arena_free(args.arena);
	free(b);
	return err;
}

void guest_run_free(struct guest_run *run)
{
	free(run->records);
	guest_exits_close(run->exits);
	memset(run, 0, sizeof(*run));
}

const char *guest_record(const struct guest_run *run, const char *name,
			 size_t *len)
{
	return records_find(run->records, run->size, name, len);
}

long long guest_job_number(const struct guest_run *run, const char *job,
			   const char *key)
{
	char name[80];
	const char *text, *line;
	size_t n = strlen(key);

	snprintf(name, sizeof(name), "%.60s.end", job);
	text = guest_record(run, name, NULL);
	for (line = text; line; line = strchr(line, '\n')) {
		line += line[0] == '\n';
		if (!strncmp(line, key, n) && line[n] == ' ')
			return atoll(line + n + 1);
	}
	return -1;
}

bool guest_clock_off(const struct guest_times *t, double *share)
{
	*share = t->host_ns ? (double)t->guest_ns / t->host_ns - 1 : 0;
	return !t->host_ns || *share > 0.01 || *share < -0.01;
}
