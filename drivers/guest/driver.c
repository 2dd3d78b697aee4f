// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Benchmarks of a whole guest: one run is one boot. This file sets the stage
 * and watches that what ran is what the key says.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "drivers/guest/bench.h"
#include "drivers/guest/exits.h"
#include "drivers/guest/guest.h"
#include "drivers/guest/state.h"
#include "drivers/host.h"
#include "drivers/scratch.h"
#include "drivers/variant.h"
#include "drivers/witness.h"
#include "lib/file.h"
#include "lib/hash.h"

#define GUEST_NS	(60 * NSEC_PER_SEC)
/* The scheduler's, later than ours in any case: so the reason is known. */
#define DEADLINE_NS	(3 * GUEST_NS + 20 * NSEC_PER_SEC)
#define JOB_SLACK_MS	120000u	/* the deadline of all tells a hang */
#define NULL_SIZE	SCRATCH_FILE_SIZE
#define DATA		"data"
#define LONGER		4		/* times as long, of two that are counted */
#define JOB_PATH	"/asibench/job.fio"
#define FIO_PATH	"/bin/fio"
#define NO_SCHED_INFO	"this kernel does not tell how long a thread ran (SCHED_INFO)"

/* What a job's parameters do not say. */
static const struct {
	const char *name;
	const char *value;
} defaults[] = {
	{ "backing", "null" },
	{ "kick", "iothread" },
	{ "queues", "1" },
};

static bool guest_takes(const struct bench *bench, enum place place)
{
	return place == PLACE_GUEST_OS &&
		(bench->fio_job || bench->guest_op ||
		 native_driver.takes(bench, PLACE_USER));
}

static const char *guest_unavailable(struct host *host,
				     const struct bench *bench,
				     enum place place)
{
	if (!host->guest)
		return "this host was not asked for guests";
	if (host->guest->reason[0])
		return host->guest->reason;
	if (bench->fio_job && host->fio_reason[0])
		return host->fio_reason;
	return NULL;
}

static const char *param(const struct variant *v, const char *name)
{
	int at = variant_param(v, name);
	size_t i;

	if (at >= 0)
		return v->value[at];
	for (i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		if (!strcmp(defaults[i].name, name))
			return defaults[i].value;
	return "";
}

/* Guest memory is touched before the boot; its pages as the host gives them. */
static const char *page_size(void)
{
	char line[64];

	if (file_line("/sys/kernel/mm/transparent_hugepage/enabled", line,
		      sizeof(line)) <= 0 || strstr(line, "[never]"))
		return "4k";
	return "thp";
}

static int guest_derive(const struct host *host, struct variant *v)
{
	const struct guest_env *env = host->guest;
	struct fio_job job;
	size_t i;
	int err = 0;

	/* QEMU's own threads are on another CPU too. */
	if (!v->peers) {
		v->peer_cpu = host->peer_cpu;
		v->peer = host->peer;
		v->peers = host->peer_cpu >= 0;
	}
	if (v->bench->fio_job)
		err = fio_key(v, &job);
	for (i = 0; !err && v->bench->fio_job &&
	     i < sizeof(defaults) / sizeof(*defaults); i++)
		err = variant_params_add(v, defaults[i].name,
					 param(v, defaults[i].name));
	if (!err && !strcmp(param(v, "backing"), "file"))
		err = variant_params_add(v, "fs", host->scratch_fs);
	if (!err)
		err = variant_params_add(v, "accel", env && env->accel[0] ?
					 env->accel : "unknown");
	snprintf(v->profile, sizeof(v->profile), "cpu=%.12s,pages=%s",
		 env && env->cpu_model[0] ? env->cpu_model : "unknown",
		 page_size());
	/* Where QEMU's own threads are, from the vCPU's point of view. */
	return err ? err : variant_params_add(v, "peer", host->peer_cpu < 0 ?
					      "none" : host->peer_place);
}

/* Nothing, memory of this host, or a file on its disk. */
static int back_disk(struct guest_bench *g)
{
	const char *backing = param(g->spec->variant, "backing");
	char why[160];
	int err;

	g->fd = -1;
	if (!strcmp(backing, "null"))
		return 0;
	if (!strcmp(backing, "tmpfs")) {
		g->fd = memfd_create("disk", 0);
		if (g->fd < 0 || fallocate(g->fd, 0, 0, g->job.size))
			return result_end(g->res, RUN_FAILED, "no memory for the guest's disk: %s",
					  strerror(errno));
		return 0;
	}
	if (g->spec->host->scratch_reason[0])
		return result_end(g->res, RUN_SKIPPED, "%s",
				  g->spec->host->scratch_reason);
	if (scratch_enter(g->job.size, why, sizeof(why)))
		return result_end(g->res, RUN_FAILED, "%s", why);
	err = scratch_direct();
	if (err)
		return result_end(g->res, RUN_SKIPPED, "%s does not take O_DIRECT: %s",
				  g->spec->host->scratch_fs, strerror(-err));
	g->fd = open(SCRATCH_FILE, O_RDWR | O_DIRECT);
	if (g->fd < 0)
		return result_end(g->res, RUN_FAILED, "the guest's disk: %s",
				  strerror(errno));
	return 0;
}

static void set_disk(struct guest_bench *g)
{
	const struct variant *v = g->spec->variant;
	const char *kick = param(v, "kick");

	g->guest.ndisks = 1;
	g->guest.disk[0] = (struct guest_disk) {
		.name = DATA, .fd = g->fd, .size = NULL_SIZE,
		.direct = !strcmp(param(v, "backing"), "file"),
		.iothread = !strcmp(kick, "iothread"),
		.ioeventfd = strcmp(kick, "exit"),
		.queues = atoi(param(v, "queues")),
	};
	g->guest.vcpus = g->guest.disk[0].queues;
}

static const char *const fio_argv[] = {
	FIO_PATH, "--output-format=json+", "--eta=never", JOB_PATH, NULL,
};

static const char *const fio_start[] = { FIO_PATH, "--version", NULL };

static struct guest_job fio_step(const char *name, const struct fio_env *env,
				 uint64_t ns)
{
	return (struct guest_job) {
		.name = name, .argv = env ? fio_argv : fio_start,
		.env = env ? env->v : NULL,
		.ms = ns / NSEC_PER_MSEC + JOB_SLACK_MS,
	};
}

/*
 * Counted, two jobs differ in their length alone: what one has more than the
 * other is I/O, and not how fio starts. Its libraries are read before.
 */
static size_t set_fio(struct guest_bench *g)
{
	const struct variant *v = g->spec->variant;
	const char *job = v->bench->fio_job;
	const uint64_t shorter = g->ns + FIO_RAMP_NS;
	const uint64_t longer = LONGER * g->ns + FIO_RAMP_NS;

	g->file[0] = (struct guest_file) {
		.host = g->spec->host->fio_path, .guest = FIO_PATH,
	};
	g->file[1] = (struct guest_file) {
		.data = job, .len = strlen(job), .guest = JOB_PATH,
	};
	g->guest.file = g->file;
	g->guest.nfiles = 2;
	fio_environment(&g->env, v, g->ns, 0, "/dev/disk-" DATA);
	g->asked_ns = shorter;
	if (g->spec->mode != MODE_COUNTED) {
		g->step[0] = fio_step("fio", &g->env, shorter);
		return 1;
	}
	fio_environment(&g->longer, v, LONGER * g->ns, 0, "/dev/disk-" DATA);
	g->asked_ns += longer;
	g->step[0] = fio_step("start", NULL, 0);
	g->step[1] = fio_step("shorter", &g->env, shorter);
	g->step[2] = fio_step("fio", &g->longer, longer);
	return 3;
}

/*
 * The first vCPU where everything is measured, others on further CPUs. QEMU's
 * own threads follow where there is one more, else they share the last.
 */
static void set_pins(struct guest_bench *g)
{
	const struct host *host = g->spec->host;
	int n = 0, i;

	g->guest.vcpu_cpu[n++] = host->cpu;
	for (i = 0; n < g->guest.vcpus && n < GUEST_VCPUS - 1 &&
	     i < host->peers; i++)
		g->guest.vcpu_cpu[n++] = host->peer[i];
	g->guest.vcpu_cpu[n] = -1;
	g->guest.io_cpu = i < host->peers ? host->peer[i] :
		i ? host->peer[i - 1] : -1;
}

/* Ourselves where the scheduler is: the measuring CPU is the vCPU's. */
static void leave_cpu(void)
{
	cpu_set_t set;

	if (!sched_getaffinity(getppid(), sizeof(set), &set))
		sched_setaffinity(0, sizeof(set), &set);
}

static int end_of(struct guest_bench *g)
{
	static const enum run_status status[] = {
		[GUEST_DONE] = RUN_OK, [GUEST_JOB] = RUN_FAILED,
		[GUEST_PANIC] = RUN_FAILED, [GUEST_HUNG] = RUN_STUCK,
		[GUEST_LOST] = RUN_FAILED, [GUEST_QEMU] = RUN_FAILED,
		[GUEST_STOPPED] = RUN_INTERRUPTED, [GUEST_HOST] = RUN_FAILED,
	};
	const struct guest_run *run = &g->run;
	const char *log;
	size_t len = 0;

	/* What its kernel said last is kept with the failure. */
	log = guest_record(run, "dmesg", &len);
	if (log && len)
		result_artifact(g->res, "guest.dmesg", log, len);
	else if (run->console[0])
		result_artifact(g->res, "guest.console", run->console,
				strlen(run->console));
	return result_end(g->res, status[run->end], "%s", run->reason);
}

/* Of all jobs, from start to end of their processes. */
static double job_seconds(const struct guest_run *run)
{
	uint64_t ns = 0;
	size_t i;

	for (i = 0; i < run->ntimes; i++)
		ns += run->times[i].host_ns;
	return ns / 1e9;
}

int guest_bench_boot(struct guest_bench *g, size_t n)
{
	const struct host *host = g->spec->host;
	struct witness before, after;
	uint64_t start = clock_now();
	double seconds;
	int err;

	if (!host->guest || !host->guest->accel[0])
		return result_end(g->res, RUN_SKIPPED, "it was not found out how guests run here");
	g->guest.env = host->guest;
	g->guest.words = g->spec->words;
	g->guest.job = g->step;
	g->guest.njobs = n;
	g->guest.counts = g->spec->mode == MODE_COUNTED;
	g->guest.kvm_module = host->kvm_module;
	g->guest.deadline_ns = GUEST_NS + g->ns;
	set_pins(g);
	leave_cpu();
	witness_read(&before, host->cpu, -1);
	err = guest_boot(&g->guest, &g->run);
	witness_read(&after, host->cpu, -1);
	/* A boot makes interrupts, and we wait for it elsewhere. */
	witness_store(g->res, &before, &after,
		      NOISY_IRQS | NOISY_SWITCHES);
	seconds = (clock_now() - start) / 1e9;
	result_real(g->res, "guest.boot_s", g->run.boot_s);
	result_real(g->res, "guest.total_s", seconds);
	result_real(g->res, "guest.job_s", job_seconds(&g->run));
	/* What a figure costs beside the measuring: boot, start, collecting. */
	result_real(g->res, "guest.beyond_s", seconds - g->asked_ns / 1e9);
	guest_describe(&g->guest, &g->run, g->spec->words, g->res);
	return err ? end_of(g) : 0;
}

int guest_bench_clock(struct guest_bench *g)
{
	const size_t last = g->run.ntimes ? g->run.ntimes - 1 : 0;
	const struct guest_times *t = &g->run.times[last];
	double off;
	bool bad = guest_clock_off(t, &off);

	result_real(g->res, "guest.clock_off", off);
	if (!g->run.ntimes || !t->host_ns)
		return result_end(g->res, RUN_INVALID, "the guest's clock could not be held against the host's");
	if (bad)
		return result_end(g->res, RUN_INVALID, "the guest's clock went %+.2f %% against the host's",
				  100 * off);
	return 0;
}

/* Requests that the guest's kernel sent to the disk, by /proc/diskstats. */
static long long disk_requests(const struct guest_run *run)
{
	const char *disks = guest_record(run, "disks", NULL), *line;
	const char *stats = guest_record(run, "/proc/diskstats", NULL);
	long long reads, writes;
	char name[40], serial[64], other[40];

	for (line = disks; line && *line; line += !!*line) {
		if (sscanf(line, "%39s %63s", name, serial) == 2 &&
		    !strcmp(serial, DATA))
			break;
		line += strcspn(line, "\n");
	}
	if (!line || !*line)
		return -1;
	for (line = stats; line && *line; line += !!*line) {
		if (sscanf(line, "%*d %*d %39s %lld %*d %*d %*d %lld", other,
			   &reads, &writes) == 3 && !strcmp(other, name))
			return reads + writes;
		line += strcspn(line, "\n");
	}
	return -1;
}

static int check_requests(struct guest_bench *g, const struct fio_figures *fig)
{
	double ios = fig->ios * (1 + (double)FIO_RAMP_NS / g->ns), per_io;
	long long n = disk_requests(&g->run);
	char why[160];

	if (n < 0)
		return 0;
	per_io = n / ios;
	result_real(g->res, "io.device_blocks_per_io", per_io);
	/* Sequential neighbours may be merged on the way. */
	if (per_io > 0.02 && strncmp(g->job.value[FIO_RW], "rand", 4))
		return 0;
	if (fio_contradicts(true, per_io, why, sizeof(why)))
		return result_end(g->res, RUN_INVALID, "%s", why);
	return 0;
}

static void store_named(struct guest_bench *g, const char *name, double value,
			uint64_t n)
{
	const struct metric *m;

	for (m = g->spec->variant->bench->metrics; m && m->name; m++)
		if (!strcmp(m->name, name))
			result_value(g->res, m, value, n);
}

/* Figures of the job of that name, the last of which is kept whole. */
static int read_fio(struct guest_bench *g, const char *record,
		    struct fio_figures *fig)
{
	const char *out = guest_record(&g->run, record, NULL), *json;
	char why[REASON_MAX];

	json = out ? fio_json_start(out) : NULL;
	if (json)
		result_artifact(g->res, "fio.json", json, strlen(json));
	if (fio_json_parse(out ? out : "", &g->job, fig, why, sizeof(why)))
		return result_end(g->res, RUN_FAILED, "%s", why);
	return 0;
}

/* CPU time of the job's processes, as the guest accounts it. */
static double guest_cpu_ns(const struct guest_run *run, const char *job)
{
	return 1e3 * (guest_job_number(run, job, "user_us") +
		      guest_job_number(run, job, "system_us"));
}

/* Unknown where nothing was counted, or less in the longer one. */
static void store_per_io(struct guest_bench *g, const char *name, double more,
			 double ios, const char *why)
{
	char key[FACT_KEY_MAX];

	if (!why && more <= 0)
		why = "the longer of two jobs took no more";
	snprintf(key, sizeof(key), "counter.%s", name);
	if (why)
		result_text(g->res, key, why);
	store_named(g, name, why ? NAN : more / ios, ios);
}

static int take_counted(struct guest_bench *g, const struct fio_figures *fig)
{
	const struct guest_times *less = &g->run.times[1];
	const struct guest_times *more = &g->run.times[2];
	const char *none = strcmp(g->guest.env->accel, "kvm") ?
		"there are none: guests run by TCG here" : NULL;
	struct fio_figures shorter;
	double ios;
	int err = read_fio(g, "shorter.out", &shorter);

	if (err)
		return err;
	ios = (double)fig->ios - shorter.ios;
	if (ios <= 0)
		return result_end(g->res, RUN_INVALID, "%d times as long a job made no more I/O",
				  LONGER);
	store_per_io(g, "exits_per_io", (double)more->exits - less->exits, ios,
		     none ? none : more->exits >= 0 && less->exits >= 0 ?
		     NULL : "QEMU does not tell them (7.1 does)");
	guest_exits_store(g->run.exits, 1, 2, ios, none, g->res);
	store_per_io(g, "host_cpu_per_io", more->vcpu_ns + more->other_ns -
		     less->vcpu_ns - less->other_ns, ios,
		     more->vcpu_ns < 0 || less->vcpu_ns < 0 ? NO_SCHED_INFO :
		     NULL);
	store_per_io(g, "guest_cpu_per_io", guest_cpu_ns(&g->run, "fio") -
		     guest_cpu_ns(&g->run, "shorter"), ios, NULL);
	return 0;
}

static int take_fio(struct guest_bench *g)
{
	struct fio_figures fig;
	int err;

	err = read_fio(g, "fio.out", &fig);
	if (!err)
		err = guest_bench_clock(g);
	if (!err && g->spec->mode == MODE_COUNTED)
		return take_counted(g, &fig);
	if (!err)
		err = check_requests(g, &fig);
	if (!err)
		fio_store(g->res, g->spec->variant->bench, &fig);
	return err;
}

static int run_fio(struct guest_bench *g)
{
	const struct variant *v = g->spec->variant;
	char hex[HASH_HEX];
	int err;

	if (fio_job_parse(v, &g->job))
		return result_end(g->res, RUN_FAILED, "its job file is wrong");
	hash_hex(v->bench->fio_job, strlen(v->bench->fio_job), hex);
	result_text(g->res, "fio.job", hex);
	result_text(g->res, "fio.version", g->spec->host->fio_version);
	err = back_disk(g);
	if (err)
		return err;
	set_disk(g);
	err = guest_bench_boot(g, set_fio(g));
	return err ? err : take_fio(g);
}

/* CPU time of QEMU's threads a second, and exits. */
static int run_op(struct guest_bench *g)
{
	const struct guest_times *t = &g->run.times[0];
	double seconds;
	int err;

	g->asked_ns = g->ns;
	g->step[0] = (struct guest_job) {
		.name = "guest", .ms = g->ns / NSEC_PER_MSEC,
		.busy = g->spec->variant->bench->guest_op == GUEST_OP_SPIN,
	};
	err = guest_bench_boot(g, 1);
	if (!err)
		err = guest_bench_clock(g);
	if (err)
		return err;
	seconds = t->host_ns / 1e9;
	if (t->vcpu_ns < 0 || t->other_ns < 0)
		return result_end(g->res, RUN_FAILED, NO_SCHED_INFO);
	if (g->spec->mode == MODE_COUNTED) {
		store_named(g, "exits_per_s", t->exits / seconds, t->exits);
		return 0;
	}
	store_named(g, "host_cpu", (t->vcpu_ns + t->other_ns) / seconds, 1);
	store_named(g, "host_cpu_other", t->other_ns / seconds, 1);
	return 0;
}

/* Why this kind of run is not for it, or NULL. */
static const char *wrong_mode(const struct run_spec *spec)
{
	if (spec->variant->bench->op)
		return NULL;
	if (spec->mode == MODE_COUNTED && spec->variant->bench->guest_op &&
	    spec->host->guest && strcmp(spec->host->guest->accel, "kvm"))
		return "exits are counted by KVM, and guests run by TCG here";
	if (spec->mode == MODE_INJECTED)
		return "fio, and a guest that idles or is busy, have no injected runs";
	return NULL;
}

static uint64_t sampling_ns(const struct run_spec *spec)
{
	const struct bench *bench = spec->variant->bench;
	uint64_t least = bench->fio_job ? FIO_TIME_LEAST_NS :
		bench->guest_op ? NSEC_PER_SEC : 0;

	return spec->time_ns > least ? spec->time_ns : least;
}

static int guest_bench_run(const struct run_spec *spec, struct run_result *res)
{
	const struct bench *bench = spec->variant->bench;
	struct guest_bench *g = calloc(1, sizeof(*g));
	const char *why = wrong_mode(spec);
	int err;

	if (!g)
		return result_end(res, RUN_FAILED, "out of memory");
	g->spec = spec;
	g->res = res;
	g->fd = -1;
	g->ns = sampling_ns(spec);
	if (why)
		err = result_end(res, RUN_SKIPPED, "%s", why);
	else if (bench->fio_job)
		err = run_fio(g);
	else
		err = bench->guest_op ? run_op(g) : guest_bench_native(g);
	guest_run_free(&g->run);
	if (g->fd >= 0)
		close(g->fd);
	free(g);
	return err;
}

const struct driver guest_driver = {
	.name = "guest",
	.takes = guest_takes,
	.unavailable = guest_unavailable,
	.derive = guest_derive,
	.run = guest_bench_run,
	.deadline_ns = DEADLINE_NS,
};

int guest_init(struct host *host)
{
	host->guest = calloc(1, sizeof(*host->guest));
	if (!host->guest)
		return -ENOMEM;
	guest_find(host->guest, NULL);
	guest_probe_cached(host->guest);
	return 0;
}
