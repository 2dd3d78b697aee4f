/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A database of one host with all that a run needs; what tests of it share. */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"

#define __fixture static inline __attribute__((unused))

/* A scratch directory per test, removed by its teardown. */
struct scratch {
	char dir[64];
	char db[96];
	char other[96];
};

/* Ids of what runs refer to. */
struct ids {
	int64_t host;
	int64_t build;
	int64_t boot;
	int64_t label;
	int64_t arm;
	int64_t variant;
	int64_t campaign;
	int order;
};

__fixture int scratch_setup(void **state)
{
	struct scratch *d = calloc(1, sizeof(*d));

	if (!d)
		return -1;
	/* Memory where there is some: syncing is not what is tested. */
	snprintf(d->dir, sizeof(d->dir), "%s/asibench-store.XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(d->dir))
		return -1;
	snprintf(d->db, sizeof(d->db), "%s/results.db", d->dir);
	snprintf(d->other, sizeof(d->other), "%s/other.db", d->dir);
	*state = d;
	return 0;
}

__fixture int scratch_teardown(void **state)
{
	static const char *const names[] = {
		"results.db", "other.db", "results.db-journal",
		"other.db-journal", "link.db", "file", "state/asibench",
		"state",
	};
	struct scratch *d = *state;
	char path[160];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", d->dir, names[i]);
		remove(path);
	}
	rmdir(d->dir);
	free(d);
	return 0;
}

/* A test with a directory of its own. */
#define SCRATCH(name)							\
	cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

/* What @call says on stderr, and that it is one line. */
#define SAYS(call, want)						\
do {									\
	char said_[4096];						\
	int saved_ = said_begin();					\
	int ret_ = (call);						\
									\
	said_end(saved_, said_, sizeof(said_));				\
	if (ret_ >= 0)							\
		fail_msg("%s: returned %d", #call, ret_);		\
	if (!strstr(said_, want))					\
		fail_msg("%s: said \"%s\", not \"%s\"", #call, said_,	\
			 want);						\
	if (!*said_ || strchr(said_, '\n') != said_ + strlen(said_) - 1) \
		fail_msg("%s: not one line: %s", #call, said_);		\
} while (0)

#define STDERR_FILE	"/tmp/asibench-said.XXXXXX"

__fixture int said_begin(void)
{
	char name[] = STDERR_FILE;
	int fd = mkstemp(name), saved = dup(2);

	unlink(name);
	fflush(stderr);
	dup2(fd, 2);
	close(fd);
	return saved;
}

__fixture void said_end(int saved, char *buf, size_t size)
{
	ssize_t n;

	fflush(stderr);
	n = pread(2, buf, size - 1, 0);
	buf[n > 0 ? n : 0] = '\0';
	dup2(saved, 2);
	close(saved);
}

static const struct metric fix_latency = {
	"latency", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1
};
static const struct metric fix_p99 = {
	"p99", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0
};

__fixture void fix_build(struct store *s, const char *build_id, int64_t *id)
{
	const struct store_build b = {
		.release = "6.16.0", .build_id = build_id,
		.commit = "0123456789abcdef", .tree = "linux",
	};

	assert_int_equal(store_build(s, &b, id), 0);
}

__fixture void fix_label(struct store *s, const char *revision, int64_t build,
			 int64_t *id)
{
	const struct store_label l = { .series = "asi", .revision = revision };

	assert_int_equal(store_label(s, &l, build, id), 0);
}

/* Host, boot and campaign; label v1, arm off, variant vmexit.cpuid. */
__fixture void fix_ids(struct store *s, const char *host, const char *boot,
		       struct ids *ids)
{
	struct fact_list hf = { 0 }, bf = { 0 };
	struct store_campaign c;

	memset(ids, 0, sizeof(*ids));
	facts_text(&hf, "cpu.model", FACT_ENVIRONMENT, 1, "Xeon");
	facts_text(&bf, "cpu.governor", FACT_ENVIRONMENT, 1, "performance");
	facts_int(&bf, "cpu.smt", FACT_ENVIRONMENT, 1, 1);
	assert_int_equal(store_host(s, host, "lab", "lab.example.com", &hf,
				    &ids->host), 0);
	fix_build(s, "aabbccddeeff00112233", &ids->build);
	fix_label(s, "v1", ids->build, &ids->label);
	assert_int_equal(store_boot(s, ids->host, ids->build, boot, "host",
				    &bf, &ids->boot), 0);
	assert_int_equal(store_arm(s, "off", "[]", &ids->arm), 0);
	assert_int_equal(store_arm_state(s, ids->boot, ids->arm, "off",
					 STATE_VERIFIED, "cpuinfo"), 0);
	assert_int_equal(store_variant(s, "vmexit.cpuid", "{}", PLACE_GUEST3,
				       "minimal", &ids->variant), 0);
	assert_int_equal(store_campaign_begin(s, ids->host, ids->boot, "{}",
					      ~0ull, &c), 0);
	ids->campaign = c.id;
	store_campaign_free(&c);
	facts_free(&hf);
	facts_free(&bf);
}

__fixture void fix_slot(struct ids *ids, struct store_slot *slot)
{
	*slot = (struct store_slot){
		.campaign = ids->campaign, .boot = ids->boot,
		.label = ids->label, .arm = ids->arm,
		.variant = ids->variant, .order = ids->order++,
	};
}

/* A fresh database at the scratch place with one host's identities. */
__fixture void fix_open(struct scratch *d, struct store **s, struct ids *ids)
{
	assert_int_equal(store_open(s, d->db, STORE_CREATE), 0);
	fix_ids(*s, "fp1", "boot-1", ids);
}

/* A run of @value with 100 samples around it. */
__fixture int fix_run_as(struct store *s, struct ids *ids, double value,
			 enum run_status status, const char *reason,
			 int64_t *id)
{
	uint64_t sample[100];
	const struct store_value v[] = {
		{ .metric = fix_latency, .value = value, .n = 100,
		  .lo = value - 1, .hi = value + 1 },
		{ .metric = fix_p99, .value = 2 * value, .n = 1024 },
	};
	const struct store_series series = {
		.metric = fix_latency, .batch = 16, .v = sample, .n = 100,
	};
	struct fact_list facts = { 0 };
	struct store_run r = {
		.status = status, .reason = reason, .started = 1.7e9,
		.seconds = 0.5, .lost = 3, .noisy = NOISY_STEAL,
		.value = v, .series = &series,
		.artifact_name = "fio.json", .artifact = "{}",
		.artifact_len = 2,
	};
	struct store_slot slot;
	int err, i;

	for (i = 0; i < 100; i++)
		sample[i] = 16 * (value + i % 7 - 3);
	if (status == RUN_OK || status == RUN_INTERPRETED) {
		r.nvalues = 2;
		r.nseries = 1;
	}
	facts_real(&facts, "witness.steal", FACT_WITNESS, 1, 0.25);
	r.fact = facts.v;
	r.nfacts = facts.n;
	fix_slot(ids, &slot);
	err = store_slot_start(s, &slot, &r.slot);
	if (!err)
		err = store_run(s, &r, id);
	facts_free(&facts);
	return err;
}

__fixture int fix_run(struct store *s, struct ids *ids, double value)
{
	return fix_run_as(s, ids, value, RUN_OK, "", NULL);
}

/* @n runs of revision v1 on a fresh database. */
__fixture void fix_db(const char *path, const char *host, const char *boot,
		      int n)
{
	struct store *s;
	struct ids ids;
	int i;

	assert_int_equal(store_open(&s, path, STORE_CREATE), 0);
	fix_ids(s, host, boot, &ids);
	for (i = 0; i < n; i++)
		assert_int_equal(fix_run(s, &ids, 1000 + i), 0);
	assert_int_equal(store_campaign_end(s, ids.campaign, "done",
					    "budget"), 0);
	store_close(s);
}

/* As another program would: no defence, no checks. */
__fixture void fix_sql(const char *path, const char *sql)
{
	char *said = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), 0);
	if (sqlite3_exec(db, sql, NULL, NULL, &said))
		fail_msg("%s: %s", sql, said);
	sqlite3_close(db);
}

__fixture int64_t fix_int(const char *path, const char *sql)
{
	sqlite3_stmt *st;
	int64_t v = -1;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), 0);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), 0);
	if (sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return v;
}

__fixture void fix_text(const char *path, const char *sql, char *buf,
			size_t size)
{
	sqlite3_stmt *st;
	sqlite3 *db;

	buf[0] = '\0';
	assert_int_equal(sqlite3_open(path, &db), 0);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), 0);
	if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_text(st, 0))
		snprintf(buf, size, "%s",
			 (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	sqlite3_close(db);
}

#endif
