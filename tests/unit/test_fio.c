// SPDX-License-Identifier: GPL-2.0-or-later
/* The fio driver: its key, fio's JSON, and real runs of the real fio. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "drivers/fio.h"
#include "drivers/fio_job.h"
#include "drivers/fio_json.h"
#include "drivers/host.h"
#include "drivers/runner.h"
#include "drivers/scratch.h"
#include "drivers/variant.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "tests/unit/skip.h"

#define DATA	"tests/data/"

static struct host host;
static struct run_result *res;

static int begin(void **state)
{
	host.cpu = sched_getcpu();
	res = runner_result();
	if (!res || fio_probe(&host) || scratch_probe(&host))
		return -1;
	return scratch_create(&host);
}

static int end(void **state)
{
	scratch_remove();
	runner_result_free(res);
	facts_free(&host.facts);
	return 0;
}

static const struct bench *bench_named(const char *name)
{
	const struct bench *const *b;
	size_t n, i;

	b = bench_all(&n);
	for (i = 0; i < n; i++)
		if (!strcmp(b[i]->name, name))
			return b[i];
	fail_msg("no benchmark %s", name);
	return NULL;
}

static struct variant variant_of(const struct bench *bench, const char *direct)
{
	struct variant v = {
		.bench = bench, .place = PLACE_USER, .params = "{}",
		.peer_cpu = -1,
	};

	if (direct) {
		strcpy(v.value[0], direct);
		v.param[0] = atoi(direct);
		assert_int_equal(variant_params_add(&v, "direct", direct), 0);
	}
	return v;
}

/* Everything that changes the number is in the key. */
static void key_holds_all(void **state)
{
	const struct bench *bench = bench_named("io.host_randread");
	struct host h = { .scratch_fs = "xfs" };
	struct variant v = variant_of(bench, "1");

	assert_int_equal(fio_driver.derive(&h, &v), 0);
	assert_string_equal(v.params, "{\"bs\":\"4k\",\"depth\":1,"
			    "\"direct\":1,\"engine\":\"psync\","
			    "\"fs\":\"xfs\",\"rw\":\"randread\","
			    "\"size\":\"64m\"}");
	v = variant_of(bench_named("io.null"), NULL);
	assert_int_equal(fio_driver.derive(&h, &v), 0);
	assert_string_equal(v.params, "{\"bs\":\"4k\",\"depth\":1,"
			    "\"engine\":\"null\",\"rw\":\"randread\","
			    "\"size\":\"64m\"}");
	assert_ptr_equal(driver_for(bench, PLACE_USER), &fio_driver);
	assert_false(fio_driver.takes(bench, PLACE_GUEST3));
}

static void job_sizes_are_strict(void **state)
{
	static const struct {
		const char *job;
		uint64_t size;
	} c[] = {
		{ "[j]\nsize=64m\nbs=4k\n", 64 << 20 },
		{ "[j]\nbs=512\nsize=1G\n", 1 << 30 },
		{ "[j]\nsize=64mb\nbs=4k\n", 0 },
		{ "[j]\nsize=99999999999g\nbs=4k\n", 0 },
		{ "[j]\nsize=-1\nbs=4k\n", 0 },
		{ "[j]\nsize=0\nbs=4k\n", 0 },
		{ "[j]\nbs=4k\n", 0 },
		{ "[j]\nsize=${BENCH_NONE}\nbs=4k\n", 0 },
		{ "[j]\nsize=1m\nbs=4k\nrw=a_name_that_is_longer_than_any_of_fio\n",
		  0 },
	};
	struct fio_job job;
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(*c); i++) {
		struct bench bench = { .fio_job = c[i].job };
		struct variant v = { .bench = &bench };
		int err = fio_job_parse(&v, &job);

		assert_int_equal(err, c[i].size ? 0 : -EINVAL);
		if (!err)
			assert_int_equal(job.size, c[i].size);
	}
}

static struct fio_job job_of(const char *direct)
{
	struct variant v = variant_of(bench_named("io.host_randread"), direct);
	struct fio_job job;

	assert_int_equal(fio_job_parse(&v, &job), 0);
	assert_true(job.file);
	return job;
}

/* Inlined, gcc 12 takes its result for the address of its own variable. */
static __attribute__((noinline)) char *data(const char *name)
{
	char *text;

	assert_int_equal(file_read(name, FIO_JSON_MAX, &text, NULL), 0);
	return text;
}

static int parse(const char *text, const char *direct,
		 struct fio_figures *fig, char why[200])
{
	struct fio_job job = job_of(direct);

	why[0] = '\0';
	return fio_json_parse(text, &job, fig, why, 200);
}

static void json_of_a_real_run(void **state)
{
	char *text = data(DATA "fio-direct.json"), why[200];
	char *noisy = malloc(strlen(text) + 64);
	struct fio_figures fig;

	assert_int_equal(parse(text, "1", &fig, why), 0);
	assert_true(fig.iops == 7717.607973);
	assert_true(fig.lat_p50 == 118272);
	assert_true(fig.lat_p99 == 292864);
	assert_int_equal(fig.ios, 2323);
	/* fio's warnings precede its JSON; some of its versions add a line. */
	sprintf(noisy, "fio: a warning of [sorts]\n%s\nfio: done }\n", text);
	assert_int_equal(parse(noisy, "1", &fig, why), 0);
	assert_int_equal(fig.ios, 2323);
	/* Another thing ran than the key says. */
	assert_int_equal(parse(text, "0", &fig, why), -EINVAL);
	assert_string_equal(why, "fio was asked for direct=0 and says 1");
	free(noisy);
	free(text);
}

static void json_cut_anywhere(void **state)
{
	char *text = data(DATA "fio-cached.json"), why[200];
	size_t n = strrchr(text, '}') - text, cut;
	struct fio_figures fig;

	assert_int_equal(parse(text, "0", &fig, why), 0);
	for (cut = n + 1; cut-- > 0;) {
		text[cut] = '\0';
		assert_int_equal(parse(text, "0", &fig, why), -EINVAL);
		assert_true(strlen(why) > 10);
		assert_null(strchr(why, '\n'));
	}
	free(text);
	text = data(DATA "fio-truncated.json");
	assert_int_equal(parse(text, "1", &fig, why), -EINVAL);
	assert_non_null(strstr(why, "fio's JSON cannot be read: line "));
	free(text);
	text = data(DATA "fio-failed.json");
	assert_int_equal(parse(text, "1", &fig, why), -EINVAL);
	assert_string_equal(why, "fio's job failed: No such file or directory");
	free(text);
}

static double halves_p(int samples, double low, double high, double dev)
{
	char *text = data(DATA "fio-direct.json"), why[200], *end;
	struct fio_figures fig;
	FILE *f;

	end = strstr(text, "\"bw_mean\"");
	assert_non_null(end);
	*end = '\0';
	f = fopen("halves.json", "w");
	fprintf(f, "%s\"bw_mean\" : 1000, \"bw_dev\" : %g, \"bw_samples\" : 8, "
		"\"iops_min\" : %g, \"iops_max\" : %g, \"iops_samples\" : %d, "
		"\"was\" : {", text, dev, low, high, samples);
	free(text);
	text = data(DATA "fio-direct.json");
	end = strchr(strstr(text, "\"iops_samples\""), '}');
	assert_non_null(end);
	fprintf(f, "}%s", end);
	fclose(f);
	free(text);
	text = data("halves.json");
	assert_int_equal(parse(text, "1", &fig, why), 0);
	free(text);
	unlink("halves.json");
	return fig.halves_p;
}

/* Student's t of 2.1909 with 6 degrees of freedom, integrated numerically. */
static void halves_of_a_run(void **state)
{
	/* 970 990 1010 1030 against 1010 1030 1050 1070, of mean 1020. */
	const double dev = 1000 * 32.0713490 / 1020;

	assert_float_equal(halves_p(2, 1000, 1040, dev), 0.0709, 5e-4);
	/* None where fio took another number of samples, or made no sense. */
	assert_true(halves_p(3, 1000, 1040, dev) == -1);
	assert_true(halves_p(2, 0, 1040, dev) == -1);
	assert_true(halves_p(2, 1040, 1000, dev) == -1);
	/* All there is lies between the halves. */
	assert_true(halves_p(2, 900, 1100, 100) < 1e-4);
}

/* A real run's JSON with one piece put in the place of another. */
static int parse_with(const char *old, const char *new, char why[200])
{
	char *text = data(DATA "fio-direct.json"), *at = strstr(text, old);
	char *other = malloc(strlen(text) + strlen(new) + 1);
	struct fio_figures fig;
	int err;

	assert_non_null(at);
	sprintf(other, "%.*s%s%s", (int)(at - text), text, new,
		at + strlen(old));
	err = parse(other, "1", &fig, why);
	free(other);
	free(text);
	return err;
}

static void json_wrong_values(void **state)
{
	static const struct {
		const char *old, *new, *why;
	} c[] = {
		{ "\"error\" : 0", "\"error\" : 5", "job failed: Input/output" },
		{ "\"error\" : 0", "\"error\" : \"no\"", "no \"error\"" },
		{ "\"jobs\" : [", "\"jobs\" : [], \"x\" : [", "0 jobs" },
		{ "\"jobs\" : [", "\"jobs\" : [{}, ", "2 jobs" },
		{ "\"jobs\" : [", "\"jobs\" : 7, \"x\" : [", "0 jobs" },
		{ "7717.607973", "0.0", "says 0 for \"iops\"" },
		{ "7717.607973", "-1e5", "says -100000 for \"iops\"" },
		{ "7717.607973", "NaN", "cannot be read" },
		{ "7717.607973", "1e999", "cannot be read" },
		{ "7717.607973", "\"7717\"", "no number \"iops\"" },
		{ ": 2323,", ": -2323,", "for \"total_ios\"" },
		{ ": 2323,", ": 1e300,", "for \"total_ios\"" },
		{ "\"99.000000\"", "\"98.000000\"", "no number \"99.000000\"" },
		{ "\"psync\"", "\"null\"", "ioengine=psync and says null" },
		{ "\"psync\"", "\"\\u001b[2Jmmap\"", "says \\x1b[2Jmmap" },
		{ "\"size\" : \"64m\"", "\"x\" : 1", "size=64m and says nothing" },
	};
	char why[200];
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(*c); i++) {
		assert_int_equal(parse_with(c[i].old, c[i].new, why),
				 -EINVAL);
		if (!strstr(why, c[i].why))
			fail_msg("\"%s\" does not say \"%s\"", why, c[i].why);
	}
}

static void json_hostile_shapes(void **state)
{
	char *deep = malloc(FIO_JSON_MAX + 16), why[200];
	struct fio_figures fig;

	assert_int_equal(parse("", "0", &fig, why), -EINVAL);
	assert_string_equal(why, "fio printed no JSON");
	assert_int_equal(parse("{}", "0", &fig, why), -EINVAL);
	assert_int_equal(parse("{\"jobs\":[null]}", "0", &fig, why), -EINVAL);
	memset(deep, '[', FIO_JSON_MAX + 15);
	memcpy(deep, "{\"a\":", 5);
	deep[FIO_JSON_MAX - 1] = '\0';
	assert_int_equal(parse(deep, "0", &fig, why), -EINVAL);
	deep[FIO_JSON_MAX - 1] = '[';
	deep[FIO_JSON_MAX + 15] = '\0';
	assert_int_equal(parse(deep, "0", &fig, why), -EINVAL);
	assert_string_equal(why, "fio printed more than 1048576 bytes");
	free(deep);
}

static void contradictions(void **state)
{
	char why[160];

	assert_false(fio_contradicts(false, 0, why, sizeof(why)));
	assert_false(fio_contradicts(false, 0.01, why, sizeof(why)));
	assert_string_equal(why, "");
	assert_true(fio_contradicts(false, 0.02, why, sizeof(why)));
	assert_non_null(strstr(why, "2.0 % of its reads went to the device"));
	assert_false(fio_contradicts(true, 1, why, sizeof(why)));
	assert_true(fio_contradicts(true, 0, why, sizeof(why)));
	assert_true(fio_contradicts(true, 16, why, sizeof(why)));
}

/* One real run in a process of its own, as the scheduler does it. */
static void run(const struct variant *v, double deadline_s)
{
	struct run_spec spec = {
		.variant = v, .host = &host, .mode = MODE_TIMED,
		.time_ns = 100 * NSEC_PER_MSEC,
		.deadline_ns = deadline_s * NSEC_PER_SEC,
	};
	double seconds;

	if (host.fio_reason[0] || host.scratch_reason[0]) {
		print_message("skipped: %s%s\n", host.fio_reason, host.scratch_reason);
		skip();
	}
	runner_run(&fio_driver, &spec, NULL, res, &seconds);
}

static const struct fact *fact_of(const char *key)
{
	uint32_t i;

	for (i = 0; i < res->nfacts; i++)
		if (!strcmp(res->fact[i].key, key))
			return &res->fact[i];
	return NULL;
}

static double value_of(const char *metric)
{
	uint32_t i;

	for (i = 0; i < res->nvalues; i++)
		if (!strcmp(res->value[i].metric->name, metric))
			return res->value[i].value;
	return -1;
}

/* Every I/O is in a bucket of the histogram that is kept. */
static void histogram_is_whole(void)
{
	json_t *root = json_loadb(res->artifact, res->artifact_len, 0, NULL);
	const json_t *reads = json_object_get(
		json_array_get(json_object_get(root, "jobs"), 0), "read");
	json_t *bins = json_object_get(json_object_get(reads, "lat_ns"),
				       "bins"), *n;
	json_int_t sum = 0;
	const char *ns;

	json_object_foreach(bins, ns, n)
		sum += json_integer_value(n);
	assert_true(sum > 0);
	assert_int_equal(sum, json_integer_value(
				 json_object_get(reads, "total_ios")));
	json_decref(root);
}

static void run_is_ok(void)
{
	if (res->status != RUN_OK)
		fail_msg("%s: %s", run_status_name(res->status), res->reason);
	assert_int_equal(res->nvalues, 3);
	assert_true(value_of("iops") > 0);
	assert_true(value_of("lat_p50") > 0);
	assert_true(value_of("lat_p99") >= value_of("lat_p50"));
	assert_string_equal(res->artifact_name, "fio.json");
	assert_int_equal(res->artifact[0], '{');
	/* Nothing of this machine's paths in what may be published. */
	assert_null(memmem(res->artifact, res->artifact_len, host.scratch,
			   strlen(host.scratch)));
	assert_non_null(fact_of("fio.job"));
	histogram_is_whole();
}

static void null_engine_runs(void **state)
{
	struct variant v = variant_of(bench_named("io.null"), NULL);

	run(&v, 30);
	run_is_ok();
	assert_null(fact_of("io.device_blocks_per_io"));
}

static void cached_and_direct_run(void **state)
{
	const struct bench *bench = bench_named("io.host_randread");
	struct variant v = variant_of(bench, "0");
	double cached;

	run(&v, 60);
	run_is_ok();
	cached = value_of("iops");
	if (fact_of("io.device_blocks_per_io"))
		assert_true(fact_of("io.device_blocks_per_io")->r <= 0.01);
	v = variant_of(bench, "1");
	run(&v, 60);
	if (res->status == RUN_SKIPPED) {
		print_message("skipped: %s\n", res->reason);
		skip();
	}
	run_is_ok();
	if (!fact_of("io.device_blocks_per_io")) {
		assert_string_equal(fact_of("io.device_reads")->text,
				    "unavailable");
		print_message("skipped: %s has no device to watch\n", host.scratch_fs);
		skip();
	}
	assert_true(fact_of("io.device_blocks_per_io")->r >= 0.5);
	assert_true(value_of("iops") < cached);
}

/* For @seconds; from about its middle on others want its CPU, too. */
static void run_halves(int seconds)
{
	struct variant v = variant_of(bench_named("io.null"), NULL);
	struct run_spec spec = {
		.variant = &v, .host = &host,
		.time_ns = seconds * NSEC_PER_SEC,
		.deadline_ns = 60 * NSEC_PER_SEC,
	};
	pid_t other[4];
	cpu_set_t set;
	double ran;
	int i;

	for (i = 0; i < 4; i++) {
		other[i] = fork();
		if (other[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		CPU_ZERO(&set);
		CPU_SET(host.cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
		usleep(300000 + seconds * 500000);
		for (;;)
			;
	}
	runner_run(&fio_driver, &spec, NULL, res, &ran);
	for (i = 0; i < 4; i++) {
		kill(other[i], SIGKILL);
		waitpid(other[i], NULL, 0);
	}
}

/*
 * Where fio is slow to start its halves are others: then for longer. Where
 * others have the CPU all the time there is no undisturbed half, or no sample.
 */
static void halves_that_differ(void **state)
{
	const struct fact *differ;
	int seconds;

	if (host.fio_reason[0])
		skip_because("%s", host.fio_reason);
	for (seconds = 2; seconds <= 8; seconds *= 2) {
		run_halves(seconds);
		run_is_ok();
		differ = fact_of("io.halves_differ");
		if (differ && differ->r > 0.3)
			return;
	}
	skip_because("others have the CPU in both halves");
}

/* By much, and hardly by chance: else it is not said. */
static void halves_are_flagged(void **state)
{
	static const struct {
		double halves, p;
		bool flag;
	} c[] = {
		{ 0.3, 1e-5, true }, { 0.3, 0.01, false },
		{ 0.01, 1e-9, false }, { 0.3, -1, false },
	};
	struct fio_figures fig = { .iops = 1, .lat_p50 = 1, .lat_p99 = 1 };
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(*c); i++) {
		memset(res, 0, sizeof(*res));
		fig.halves = c[i].halves;
		fig.halves_p = c[i].p;
		fio_store(res, bench_named("io.null"), &fig);
		assert_int_equal(!!(res->noisy & NOISY_HALVES), c[i].flag);
	}
}

#define JOB_TIMES "runtime=${BENCH_RUNTIME}\nramp_time=${BENCH_RAMP}\n"	\
	"time_based=1\nthread=1\nlat_percentiles=1\nclat_percentiles=0\n" \
	"percentile_list=50:99\n"

/* The cases below are job files that go wrong, run by the real fio. */
static void run_job(const char *job, double deadline_s)
{
	struct bench bench = { .name = "io.test", .fio_job = job };
	struct variant v = { .bench = &bench, .params = "{}" };

	run(&v, deadline_s);
}

/* invalidate=1: fio drops the file from the cache it is said to be in. */
static void cached_run_that_is_not(void **state)
{
	run_job("[j]\nioengine=psync\nrw=randread\nbs=4k\nsize=64m\ndirect=0\n"
		"filename=data\ninvalidate=1\n" JOB_TIMES, 60);
	if (!host.scratch_dev[0])
		skip_because("no device is behind the scratch directory");
	assert_int_equal(res->status, RUN_INVALID);
	assert_non_null(strstr(res->reason, "said to read from the page cache"));
}

static void option_unknown_to_fio(void **state)
{
	run_job("[j]\nioengine=null\nrw=read\nbs=4k\nsize=1m\nbogus=1\n", 30);
	assert_int_equal(res->status, RUN_FAILED);
	assert_non_null(strstr(res->reason, "fio ended with status 1: "));
	assert_non_null(strstr(res->reason, "Bad option <bogus=1>"));
	assert_null(strchr(res->reason, '\n'));
}

static void file_that_is_not_there(void **state)
{
	run_job("[j]\nioengine=psync\nrw=randread\nbs=4k\nsize=1m\n"
		"filename=other\nallow_file_create=0\n" JOB_TIMES, 30);
	assert_int_equal(res->status, RUN_FAILED);
	assert_non_null(strstr(res->reason, ": func=open(other), "
			       "error=No such file or directory"));
	assert_int_equal(res->nvalues, 0);
}

static void ends_at_its_deadline(void **state)
{
	run_job("[j]\nioengine=null\nrw=read\nbs=4k\nsize=1m\ntime_based=1\n"
		"thread=1\nruntime=100s\n", 2);
	assert_int_equal(res->status, RUN_STUCK);
	assert_non_null(strstr(res->reason, "fio did not end in time"));
}

/*
 * The driver's process is killed: fio must go with it. As its subreaper this
 * process inherits what is left over.
 */
static void dies_with_its_driver(void **state)
{
	struct bench bench = {
		.name = "io.test", .fio_job = "[j]\nioengine=null\nrw=read\n"
			"bs=4k\nsize=1m\ntime_based=1\nthread=1\nruntime=100s\n",
	};
	struct variant v = { .bench = &bench, .params = "{}" };
	struct run_spec spec = {
		.variant = &v, .host = &host, .deadline_ns = 60 * NSEC_PER_SEC,
	};
	int status = 0, left = 0;
	pid_t driver, pid;

	if (host.fio_reason[0])
		skip_because("%s", host.fio_reason);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	driver = fork();
	if (!driver) {
		fio_driver.run(&spec, res);
		_exit(0);
	}
	sleep(1);
	kill(driver, SIGKILL);
	alarm(60);
	while ((pid = wait(&status)) > 0)
		if (pid != driver) {
			left++;
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), SIGKILL);
		}
	alarm(0);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	/* It ran, and is gone. */
	assert_int_equal(left, 1);
}

static void modes_that_fio_has_not(void **state)
{
	struct variant v = variant_of(bench_named("io.null"), NULL);
	struct run_spec spec = {
		.variant = &v, .host = &host, .mode = MODE_INJECTED,
	};

	memset(res->reason, 0, sizeof(res->reason));
	assert_int_equal(fio_driver.run(&spec, res), -EINVAL);
	assert_int_equal(res->status, RUN_SKIPPED);
	assert_string_equal(res->reason, "fio has no injected runs");
}

static void probe_gives_reasons(void **state)
{
	char *path = strdup(getenv("PATH")), file[300];
	struct host h = { .cpu = 0 };
	FILE *f;

	setenv("PATH", "/nonexistent::relative", 1);
	assert_int_equal(fio_probe(&h), 0);
	assert_non_null(strstr(h.fio_reason, "install the package fio"));
	assert_string_equal(h.fio_path, "");
	assert_ptr_equal(fio_driver.unavailable(&h, bench_named("io.null"),
						PLACE_USER), h.fio_reason);
	/* Another program of that name. */
	snprintf(file, sizeof(file), "%s/fio", host.scratch);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs("#!/bin/sh\necho Fiona 1.0\n", f);
	fclose(f);
	chmod(file, 0700);
	setenv("PATH", host.scratch, 1);
	assert_int_equal(fio_probe(&h), 0);
	assert_non_null(strstr(h.fio_reason, "is it fio?"));
	unlink(file);
	setenv("PATH", path, 1);
	free(path);
	facts_free(&h.facts);
}

static void unavailable_by_need(void **state)
{
	struct host h = { .scratch_reason = "no room" };

	assert_null(fio_driver.unavailable(&h, bench_named("io.null"),
					   PLACE_USER));
	assert_string_equal(fio_driver.unavailable(&h,
			    bench_named("io.host_randread"), PLACE_USER),
			    "no room");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_holds_all),
		cmocka_unit_test(job_sizes_are_strict),
		cmocka_unit_test(json_of_a_real_run),
		cmocka_unit_test(json_cut_anywhere),
		cmocka_unit_test(json_wrong_values),
		cmocka_unit_test(halves_of_a_run),
		cmocka_unit_test(json_hostile_shapes),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(null_engine_runs),
		cmocka_unit_test(cached_and_direct_run),
		cmocka_unit_test(halves_that_differ),
		cmocka_unit_test(halves_are_flagged),
		cmocka_unit_test(cached_run_that_is_not),
		cmocka_unit_test(option_unknown_to_fio),
		cmocka_unit_test(file_that_is_not_there),
		cmocka_unit_test(ends_at_its_deadline),
		cmocka_unit_test(dies_with_its_driver),
		cmocka_unit_test(modes_that_fio_has_not),
		cmocka_unit_test(probe_gives_reasons),
		cmocka_unit_test(unavailable_by_need),
	};

	return cmocka_run_group_tests_name("fio", tests, begin, end);
}
