// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes runs whose content follows from a number, says which are committed,
 * and checks afterwards that just these are there, whole.
 *
 *   storewriter write DB RUNS FIRST	prints "UUID NUMBER" after each commit
 *   storewriter verify DB LOG...	prints what it found
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/codec.h"
#include "store/store.h"

#define SAMPLES	2000
#define VALUES	3
#define FACTS	4

static int die(const char *what, const char *more)
{
	fprintf(stderr, "%s %s\n", what, more);
	exit(1);
}

static void samples_of(uint64_t number, uint64_t v[SAMPLES])
{
	uint64_t x = number * 2654435761u + 1;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		v[i] = 26 * (40000 + number + (x >> 40) % 97);
	}
}

static int ids(struct store *s, struct store_slot *slot)
{
	const struct store_build b = { .release = "6", .build_id = "ab" };
	const struct store_label l = { .series = "kill", .revision = "v1" };
	struct store_campaign c;
	int64_t host, build;

	if (store_host(s, "fp", "lab", "lab", NULL, &host) ||
	    store_build(s, &b, &build) ||
	    store_label(s, &l, build, &slot->label) ||
	    store_boot(s, host, build, "boot", "host", NULL, &slot->boot) ||
	    store_arm(s, "off", "[]", &slot->arm) ||
	    store_variant(s, "null", "{}", PLACE_USER, "", &slot->variant) ||
	    store_campaign_begin(s, host, slot->boot, "{}", 1, &c))
		return -1;
	slot->campaign = c.id;
	store_campaign_free(&c);
	return 0;
}

static int write_run(struct store *s, struct store_slot *slot,
		     uint64_t number)
{
	const struct metric m[VALUES] = {
		{ .name = "latency", .unit = "tsc", .primary = 1 },
		{ .name = "p99", .unit = "tsc" },
		{ .name = "number", .unit = "1" },
	};
	uint64_t sample[SAMPLES];
	const struct store_value v[VALUES] = {
		{ .metric = m[0], .value = number * 2.5, .n = SAMPLES },
		{ .metric = m[1], .value = number * 7.5, .n = SAMPLES },
		{ .metric = m[2], .value = number, .n = 1 },
	};
	const struct store_series series = {
		.metric = m[0], .batch = 26, .v = sample, .n = SAMPLES,
	};
	struct fact fact[FACTS] = { 0 };
	struct store_run r = {
		.value = v, .nvalues = VALUES, .series = &series,
		.nseries = 1, .fact = fact, .nfacts = FACTS,
		.artifact_name = "x", .artifact = sample,
		.artifact_len = 6000, .seconds = 1,
	};
	struct store_run_info info;
	char key[32];
	int64_t id;
	int i;

	samples_of(number, sample);
	for (i = 0; i < FACTS; i++) {
		snprintf(key, sizeof(key), "fact.%d", i);
		fact_set_int(&fact[i], key, number + i);
	}
	if (store_slot_start(s, slot, &r.slot) || store_run(s, &r, &id))
		return -1;
	snprintf(key, sizeof(key), "%" PRId64, id);
	if (store_run_info(s, key, &info))
		return -1;
	printf("%s %" PRIu64 "\n", info.uuid, number);
	fflush(stdout);
	store_run_info_free(&info);
	return 0;
}

static int do_write(const char *db, long runs, long first)
{
	struct store_slot slot = { 0 };
	struct store *s;
	long i;
	int n;

	if (store_open(&s, db, STORE_CREATE) || store_slots_recover(s, &n) ||
	    ids(s, &slot))
		return 1;
	for (i = 0; i < runs; i++) {
		slot.order = i;
		if (write_run(s, &slot, first + i))
			return 1;
	}
	store_close(s);
	return 0;
}

static sqlite3_stmt *query(sqlite3 *db, const char *sql, const char *arg)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL))
		die(sql, sqlite3_errmsg(db));
	if (arg)
		sqlite3_bind_text(st, 1, arg, -1, SQLITE_TRANSIENT);
	return st;
}

static long count(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = query(db, sql, NULL);
	long n;

	if (sqlite3_step(st) != SQLITE_ROW)
		die(sql, sqlite3_errmsg(db));
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static void verify_samples(sqlite3 *db, const char *uuid, uint64_t number)
{
	sqlite3_stmt *st = query(db, "SELECT codec, blob, count, checksum "
				 "FROM sample WHERE run = (SELECT id FROM run "
				 "WHERE uuid = ?)", uuid);
	uint64_t want[SAMPLES], *v = NULL;

	samples_of(number, want);
	if (sqlite3_step(st) != SQLITE_ROW ||
	    sqlite3_column_int(st, 2) != SAMPLES ||
	    codec_decode((const char *)sqlite3_column_text(st, 0),
			 sqlite3_column_blob(st, 1),
			 sqlite3_column_bytes(st, 1), SAMPLES,
			 (const char *)sqlite3_column_text(st, 3), &v))
		die("no samples, or bad ones:", uuid);
	if (memcmp(v, want, sizeof(want)))
		die("other samples:", uuid);
	free(v);
	sqlite3_finalize(st);
}

/* A run that was said to be committed: there, with what belongs to it. */
static void verify_run(sqlite3 *db, const char *uuid, uint64_t number)
{
	sqlite3_stmt *st = query(db, "SELECT (SELECT group_concat(value) FROM "
				 "(SELECT value FROM value WHERE run = r.id "
				 "ORDER BY metric)), (SELECT sum(value) FROM "
				 "fact WHERE scope = 'run' AND owner = r.id) "
				 "FROM run AS r WHERE uuid = ?", uuid);
	char want[100];

	if (sqlite3_step(st) != SQLITE_ROW)
		die("lost:", uuid);
	snprintf(want, sizeof(want), "%.1f,%.1f,%.1f", number * 2.5,
		 number * 7.5, (double)number);
	if (strcmp(want, (const char *)sqlite3_column_text(st, 0)))
		die("other values:", uuid);
	if (sqlite3_column_int64(st, 1) != (int64_t)(4 * number + 6))
		die("other facts:", uuid);
	sqlite3_finalize(st);
	verify_samples(db, uuid, number);
}

static long verify_log(sqlite3 *db, const char *log)
{
	FILE *f = fopen(log, "r");
	char uuid[40], line[128];
	uint64_t number;
	long n = 0;

	if (!f)
		die("cannot read", log);
	/* A line that the writer did not live to end says nothing. */
	while (fgets(line, sizeof(line), f)) {
		if (!strchr(line, '\n') ||
		    sscanf(line, "%36s %" SCNu64, uuid, &number) != 2)
			continue;
		verify_run(db, uuid, number);
		n++;
	}
	fclose(f);
	return n;
}

/* Nothing half written, whoever was told of it. */
static void verify_all(sqlite3 *db)
{
	static const char *const none[] = {
		"SELECT count(*) FROM pragma_integrity_check "
		"WHERE integrity_check <> 'ok'",
		"SELECT count(*) FROM pragma_foreign_key_check",
		"SELECT count(*) FROM slot WHERE state = 'started'",
		"SELECT count(*) FROM slot WHERE (state = 'done') <> "
		"EXISTS (SELECT 1 FROM run WHERE slot = slot.id)",
		"SELECT count(*) FROM run WHERE "
		"(SELECT count(*) FROM value WHERE run = run.id) <> 3 OR "
		"(SELECT count(*) FROM sample WHERE run = run.id) <> 1 OR "
		"(SELECT count(*) FROM artifact WHERE run = run.id) <> 1 OR "
		"(SELECT count(*) FROM fact WHERE scope = 'run' AND "
		"owner = run.id) <> 4",
		"SELECT count(*) FROM fact WHERE scope = 'run' AND "
		"owner NOT IN (SELECT id FROM run)",
	};
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (count(db, none[i]))
			die("not so:", none[i]);
}

static int do_verify(const char *path, char **logs)
{
	struct store *s;
	sqlite3 *db;
	long said = 0;
	int n;

	if (store_open(&s, path, STORE_CREATE) || store_slots_recover(s, &n))
		return 1;
	store_close(s);
	if (sqlite3_open(path, &db))
		die("cannot open", path);
	verify_all(db);
	for (; *logs; logs++)
		said += verify_log(db, *logs);
	printf("said %ld runs %ld interrupted %ld\n", said,
	       count(db, "SELECT count(*) FROM run"),
	       count(db, "SELECT count(*) FROM slot WHERE state = "
		     "'interrupted'"));
	sqlite3_close(db);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "write"))
		return do_write(argv[2], atol(argv[3]), atol(argv[4]));
	if (argc >= 3 && !strcmp(argv[1], "verify"))
		return do_verify(argv[2], argv + 3);
	return die("usage: storewriter write DB RUNS FIRST |", "verify DB LOG");
}
