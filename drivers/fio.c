// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Benchmarks that are fio's: it reads, this file sets the stage and watches
 * that what happened is what the key of the result says.
 */
#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "drivers/count.h"
#include "drivers/driver.h"
#include "drivers/fio.h"
#include "drivers/fio_job.h"
#include "drivers/fio_json.h"
#include "drivers/host.h"
#include "drivers/scratch.h"
#include "drivers/variant.h"
#include "drivers/witness.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/text.h"

#define SLACK_NS	(10 * NSEC_PER_SEC)	/* start, end, a slow disk */

/* A run whose halves differ is noisy if chance does that so rarely, */
#define HALVES_P	0.001
#define HALVES_LEAST	0.02	/* and if it is by so much */

/* Blocks read from the device per I/O, which tell what a run was. */
#define CACHED_MOST	0.01
#define DIRECT_LEAST	0.5
#define DIRECT_MOST	2.0

static bool fio_takes(const struct bench *bench, enum place place)
{
	return place == PLACE_USER && bench->fio_job;
}

int fio_probe(struct host *host)
{
	const char *const argv[] = { host->fio_path, "--version", NULL };
	struct child_end end;
	char *out = NULL;
	int err;

	host->fio_reason[0] = host->fio_version[0] = '\0';
	if (file_in_path("fio", host->fio_path, sizeof(host->fio_path))) {
		snprintf(host->fio_reason, sizeof(host->fio_reason),
			 "fio is not in PATH: install the package fio, as make deps does");
		return 0;
	}
	err = child_output(argv, NULL, SLACK_NS, &out, NULL, 4096, NULL, 0,
			   &end);
	if (!err && end.code == 0 && !strncmp(out, "fio-", 4)) {
		text_ascii(host->fio_version, sizeof(host->fio_version),
			   text_trim(out) + 4);
		facts_text(&host->facts, "fio.version", FACT_IDENTITY, 1,
			   host->fio_version);
	} else {
		snprintf(host->fio_reason, sizeof(host->fio_reason),
			 "%.128s does not say its version (%s): is it fio?",
			 host->fio_path,
			 err ? strerror(-err) : "unknown answer");
	}
	free(out);
	return 0;
}

static const char *fio_unavailable(struct host *host,
				   const struct bench *bench,
				   enum place place)
{
	if (host->fio_reason[0])
		return host->fio_reason;
	if (host->scratch_reason[0] && strstr(bench->fio_job, "filename="))
		return host->scratch_reason;
	if (bench->fs && strcmp(bench->fs, host->scratch_fs)) {
		snprintf(host->fs_reason, sizeof(host->fs_reason),
			 "the scratch directory is on %.30s: set scratch in hosts.d/localhost.conf, or TMPDIR, to one on the file system of the benchmark's name",
			 host->scratch_fs);
		return host->fs_reason;
	}
	return NULL;
}

static bool is_declared(const struct bench *bench, const char *name)
{
	const struct bench_param *p;

	for (p = bench->params; p && p->name; p++)
		if (!strcmp(p->name, name))
			return true;
	return false;
}

int fio_key(struct variant *v, struct fio_job *job)
{
	int err, i;

	err = fio_job_parse(v, job);
	for (i = 0; !err && i < NR_FIO_KEYS; i++)
		if (job->value[i][0] &&
		    !is_declared(v->bench, fio_options[i].key))
			err = variant_params_add(v, fio_options[i].key,
						 job->value[i]);
	return err;
}

static int fio_derive(const struct host *host, struct variant *v)
{
	struct fio_job job;
	int err = fio_key(v, &job);

	if (!err && job.file && host->scratch_fs[0])
		err = variant_params_add(v, "fs", host->scratch_fs);
	return err;
}

/**
 * struct fio_run - one run
 * @ns:		to measure, after the ramp
 * @fig:	what fio says
 * @own_bytes:	read from storage for fio itself, -1 unknown
 * @dev_reads:	requests the device served meanwhile, also for others; -1
 *		unknown
 * @count:	of a counting run, else NULL
 */
struct fio_run {
	const struct run_spec *spec;
	struct run_result *res;
	struct fio_job job;
	uint64_t start;
	uint64_t ns;
	struct fio_figures fig;
	double own_bytes;
	double dev_reads;
	struct count *count;
};

/* The job file in memory, named so that fio can open it. */
static int job_file(const char *job, char *path, size_t size)
{
	int fd = memfd_create("job.fio", 0), err = 0;
	size_t n = strlen(job);

	if (fd < 0)
		return -errno;
	if (write(fd, job, n) != (ssize_t)n) {
		err = errno ? -errno : -EIO;
		close(fd);
		return err;
	}
	snprintf(path, size, "/proc/self/fd/%d", fd);
	return fd;
}

void fio_environment(struct fio_env *e, const struct variant *v, uint64_t ns,
		     int cpu, const char *file)
{
	const struct bench_param *p = v->bench->params;
	int n = 0, i;
	char *c;

	snprintf(e->text[n++], 64, FIO_ENV_PREFIX "RUNTIME=%llums",
		 (unsigned long long)(ns / NSEC_PER_MSEC));
	snprintf(e->text[n++], 64, FIO_ENV_PREFIX "RAMP=%llums",
		 (unsigned long long)(FIO_RAMP_NS / NSEC_PER_MSEC));
	/* A little less, or the last one is not complete when fio ends. */
	snprintf(e->text[n++], 64, FIO_ENV_PREFIX "HALF=%llu",
		 (unsigned long long)(ns / NSEC_PER_MSEC / 2 - 10));
	snprintf(e->text[n++], 64, FIO_ENV_PREFIX "EIGHTH=%llu",
		 (unsigned long long)(ns / NSEC_PER_MSEC / 8 - 4));
	snprintf(e->text[n++], 64, FIO_ENV_PREFIX "CPU=%d", cpu);
	snprintf(e->text[n++], 64, FIO_ENV_PREFIX "FILE=%.40s", file);
	snprintf(e->text[n++], 64, "LC_ALL=C");
	for (i = 0; p && p[i].name && n < FIO_ENV_MAX; i++, n++) {
		snprintf(e->text[n], 64, FIO_ENV_PREFIX "%.20s=%s", p[i].name,
			 v->value[i]);
		for (c = e->text[n]; *c && *c != '='; c++)
			*c = toupper((unsigned char)*c);
	}
	for (i = 0; i < n; i++)
		e->v[i] = e->text[i];
	e->v[n] = NULL;
}

/*
 * The job's error is the last line of stdout ahead of the JSON, "fio: pid=...,
 * err=..., func=..., error=..."; the pid would make each reason another one.
 */
static void job_error(const char *out, char *buf, size_t size)
{
	const char *json = out ? fio_json_start(out) : NULL;
	char raw[512], *text, *line, *func;

	if (!out || (json && json - out >= (int)sizeof(raw)))
		out = "";
	snprintf(raw, sizeof(raw), "%.*s", json ? (int)(json - out) : 400,
		 out);
	text = text_trim(raw);
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	func = strstr(line, "func=");
	snprintf(buf, size, "%s", func ? func : line);
}

void fio_complaint(const char *said, const char *out, char *buf, size_t size)
{
	char raw[1600], first[512], *text, *c;

	job_error(out, first, sizeof(first));
	snprintf(raw, sizeof(raw), "%s\n%s", first, said);
	text = text_trim(raw);
	for (c = text; *c; c++)
		if (*c == '\n')
			*c = ';';
	text_clean(buf, size, text);
}

static int fio_ended(struct fio_run *r, int err, const struct child_end *end,
		     char *said, const char *out)
{
	struct run_result *res = r->res;
	char line[180];

	fio_complaint(said, out, line, sizeof(line));
	if (err == -EFBIG)
		return result_end(res, RUN_FAILED,
				  "fio printed more than %u bytes",
				  FIO_JSON_MAX);
	if (err)
		return result_end(res, RUN_FAILED, "fio: %s", strerror(-err));
	if (end->timed_out)
		return result_end(res, RUN_STUCK, "fio did not end in time and was killed: %s",
				  line[0] ? line : "it said nothing");
	if (end->signal)
		return result_end(res, RUN_FAILED, "fio was ended by signal %d: %s",
				  end->signal, line);
	if (end->code)
		return result_end(res, RUN_FAILED, "fio ended with status %d: %s",
				  end->code, line);
	return 0;
}

/* Before the scheduler's deadline, so that the reason is fio's and not ours. */
static uint64_t time_left(const struct fio_run *r)
{
	uint64_t most = FIO_RAMP_NS + r->ns + SLACK_NS;
	uint64_t gone = clock_now() - r->start + 200 * NSEC_PER_MSEC;

	if (!r->spec->deadline_ns)
		return most;
	if (r->spec->deadline_ns <= gone)
		return 1;
	return most < r->spec->deadline_ns - gone ?
		most : r->spec->deadline_ns - gone;
}

/*
 * fio's main thread wakes up every 10 ms and would push the measuring thread
 * aside. So only that one stays on the CPU, by the job file; the others run
 * where the scheduler of our runs does.
 */
static void leave_cpu(void)
{
	cpu_set_t set;

	if (!sched_getaffinity(getppid(), sizeof(set), &set))
		sched_setaffinity(0, sizeof(set), &set);
}

static int fio_exec(struct fio_run *r)
{
	char path[32], said[1024] = "", why[REASON_MAX];
	const char *argv[] = {
		r->spec->host->fio_path, "--output-format=json+", "--eta=never",
		"--readonly", path, NULL,
	};
	struct fio_env env;
	char *out = NULL;
	struct child_end end;
	int fd, err;

	fd = job_file(r->spec->variant->bench->fio_job, path, sizeof(path));
	if (fd < 0)
		return result_end(r->res, RUN_FAILED, "job file: %s",
				  strerror(-fd));
	fio_environment(&env, r->spec->variant, r->ns, r->spec->host->cpu,
			SCRATCH_FILE);
	leave_cpu();
	err = child_output(argv, env.v, time_left(r), &out, NULL, FIO_JSON_MAX,
			   said, sizeof(said), &end);
	close(fd);
	err = fio_ended(r, err, &end, said, out);
	if (out && fio_json_start(out))
		result_artifact(r->res, "fio.json", fio_json_start(out),
				strlen(fio_json_start(out)));
	if (!err && fio_json_parse(out, &r->job, &r->fig, why, sizeof(why)))
		err = result_end(r->res, RUN_FAILED, "%s", why);
	free(out);
	return err;
}

/**
 * struct reading - what is read before fio and after it
 * @w:		of this CPU; switches and faults are fio's as well
 * @own_bytes:	read from storage for children that have ended, and for nobody
 *		else; -1 on a kernel without task I/O accounting
 * @dev_reads:	requests that the device has served, -1 unknown
 */
struct reading {
	struct witness w;
	double own_bytes;
	double dev_reads;
};

static void reading_take(struct reading *rd, const struct host *host)
{
	struct rusage ru = { .ru_inblock = 0 };
	uint64_t reads;

	witness_read(&rd->w, host->cpu, -1);
	getrusage(RUSAGE_CHILDREN, &ru);
	rd->w.nvcsw += ru.ru_nvcsw;
	rd->w.nivcsw += ru.ru_nivcsw;
	rd->w.faults += ru.ru_minflt;
	/* In units of 512 bytes, whatever the device's block size. */
	rd->own_bytes = access("/proc/self/io", F_OK) ? -1 :
		512.0 * ru.ru_inblock;
	rd->dev_reads = scratch_reads(host, &reads) ? -1 : (double)reads;
}

/* fio between two readings of everything that disturbs or bears witness. */
static int fio_witnessed(struct fio_run *r)
{
	struct reading before, after;
	int err;

	reading_take(&before, r->spec->host);
	if (r->count)
		count_start(r->count);
	err = fio_exec(r);
	if (r->count)
		count_stop(r->count);
	reading_take(&after, r->spec->host);
	if (before.own_bytes >= 0)
		r->own_bytes = after.own_bytes - before.own_bytes;
	if (before.dev_reads >= 0 && after.dev_reads >= 0)
		r->dev_reads = after.dev_reads - before.dev_reads;
	/* A disk's interrupts are part of what is measured. */
	witness_store(r->res, &before.w, &after.w, NOISY_IRQS);
	return err;
}

bool fio_contradicts(bool direct, double per_io, char *why, size_t size)
{
	why[0] = '\0';
	if (!direct && per_io > CACHED_MOST)
		snprintf(why, size, "said to read from the page cache, but %.1f %% of its reads went to the device",
			 100 * per_io);
	else if (direct && per_io < DIRECT_LEAST)
		snprintf(why, size, "said to read past the page cache, but only %.1f %% of its reads reached the device",
			 100 * per_io);
	else if (direct && per_io > DIRECT_MOST)
		snprintf(why, size, "said to read one block at a time, but the device was asked for %.1f blocks per read",
			 per_io);
	return why[0];
}

/* I/Os of the ramp are known by its share of the time alone. */
static double all_ios(const struct fio_run *r)
{
	return r->fig.ios * (1 + (double)FIO_RAMP_NS / r->ns);
}

/* Did what the key says happen? */
static int judge_cache(struct fio_run *r)
{
	double ios = all_ios(r), per_io;
	char why[160];

	if (!r->spec->host->scratch_dev[0] ||
	    (r->own_bytes < 0 && r->dev_reads < 0)) {
		result_text(r->res, "io.device_reads", "unavailable");
		return 0;
	}
	if (r->dev_reads >= 0)
		result_int(r->res, "io.device_reads", r->dev_reads);
	if (r->own_bytes >= 0)
		result_int(r->res, "io.own_bytes", r->own_bytes);
	per_io = (r->own_bytes >= 0 ? r->own_bytes / r->job.bs :
		  r->dev_reads) / ios;
	result_real(r->res, "io.device_blocks_per_io", per_io);
	if (fio_contradicts(r->job.direct, per_io, why, sizeof(why)))
		return result_end(r->res, RUN_INVALID, "%s", why);
	return 0;
}

static int set_stage(struct fio_run *r)
{
	char why[160];
	int err;

	if (r->job.size > SCRATCH_FILE_SIZE)
		return result_end(r->res, RUN_FAILED, "the job's file is larger than the scratch file may be");
	if (scratch_enter(r->job.size, why, sizeof(why)))
		return result_end(r->res, RUN_FAILED, "%s", why);
	err = r->job.direct ? scratch_direct() : 0;
	if (err)
		return result_end(r->res, RUN_SKIPPED, "%s does not take O_DIRECT: %s",
				  r->spec->host->scratch_fs, strerror(-err));
	err = r->job.direct ? scratch_drop() : scratch_warm();
	if (err)
		return result_end(r->res, RUN_FAILED, "preparing the page cache: %s",
				  strerror(-err));
	return 0;
}

/* A run that had not come to rest, or was disturbed for a while. */
static void judge_halves(struct run_result *res, const struct fio_figures *fig)
{
	if (fig->halves_p < 0)
		return;
	result_real(res, "io.halves_differ", fig->halves);
	if (fig->halves_p < HALVES_P && fig->halves > HALVES_LEAST)
		res->noisy |= NOISY_HALVES;
}

void fio_store(struct run_result *res, const struct bench *bench,
	       const struct fio_figures *fig)
{
	const struct {
		const char *name;
		double value;
	} v[] = {
		{ "iops", fig->iops },
		{ "lat_p50", fig->lat_p50 },
		{ "lat_p99", fig->lat_p99 },
	};
	const struct metric *m;
	size_t i;

	for (m = bench->metrics; m && m->name; m++)
		for (i = 0; i < sizeof(v) / sizeof(*v); i++)
			if (!strcmp(m->name, v[i].name))
				result_value(res, m, v[i].value, fig->ios);
	judge_halves(res, fig);
}

/* fio is another process: what it starts with and ends with counts as well. */
static int open_count(struct fio_run *r)
{
	static const struct count_target fio = { .who.inherit = true };

	if (r->spec->mode != MODE_COUNTED)
		return 0;
	result_text(r->res, "counter.scope", "all of fio, from its start to its end");
	return count_open(&r->count, &fio);
}

static int fio_run(const struct run_spec *spec, struct run_result *res)
{
	const char *job = spec->variant->bench->fio_job;
	struct fio_run r = {
		.spec = spec, .res = res, .start = clock_now(),
		.own_bytes = -1, .dev_reads = -1,
		.ns = spec->time_ns > FIO_TIME_LEAST_NS ?
			spec->time_ns : FIO_TIME_LEAST_NS,
	};
	char hex[HASH_HEX];
	int err;

	if (spec->mode == MODE_INJECTED)
		return result_end(res, RUN_SKIPPED, "fio has no %s runs",
				  run_mode_name(spec->mode));
	if (fio_job_parse(spec->variant, &r.job))
		return result_end(res, RUN_FAILED, "its job file is wrong");
	hash_hex(job, strlen(job), hex);
	result_text(res, "fio.job", hex);
	result_text(res, "fio.version", spec->host->fio_version);
	err = r.job.file ? set_stage(&r) : 0;
	if (!err && open_count(&r))
		err = result_end(res, RUN_FAILED, "out of memory");
	if (!err)
		err = fio_witnessed(&r);
	if (!err && r.count)
		count_store(r.count, res, all_ios(&r));
	else if (!err)
		fio_store(res, spec->variant->bench, &r.fig);
	count_close(r.count);
	if (err)
		return err;
	return r.job.file ? judge_cache(&r) : 0;
}

const struct driver fio_driver = {
	.name = "fio",
	.takes = fio_takes,
	.unavailable = fio_unavailable,
	.derive = fio_derive,
	.run = fio_run,
};
