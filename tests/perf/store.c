// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the store costs: commits of runs with 2,000 samples, and loading two
 * revisions out of ten. On a tmpfs what is left is the store's own.
 *
 *   store FILE
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

#define SAMPLES		2000
#define VARIANTS	30
#define RUNS		20
#define REVISIONS	10
#define VALUES		6

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static int commit(struct store *s, const struct store_slot *slot)
{
	static const char *const names[VALUES] = {
		"latency", "p99", "single", "exits", "ipis", "pages",
	};
	static uint64_t sample[SAMPLES];
	struct store_value v[VALUES];
	struct store_series series = { .batch = 26, .v = sample,
				       .n = SAMPLES };
	struct fact fact[20] = { 0 };
	struct store_run r = {
		.value = v, .nvalues = VALUES, .series = &series,
		.nseries = 1, .fact = fact, .nfacts = 20, .seconds = 1,
		.started = 1e9,
	};
	char key[32];
	int i;

	for (i = 0; i < SAMPLES; i++)
		sample[i] = 40000 + rand() % 100;
	for (i = 0; i < VALUES; i++)
		v[i] = (struct store_value){
			.metric = { names[i], "tsc", .primary = !i },
			.value = 1500 + rand() % 10, .n = SAMPLES,
		};
	series.metric = v[0].metric;
	for (i = 0; i < 20; i++) {
		fact[i].class = FACT_WITNESS;
		snprintf(key, sizeof(key), "witness.%d", i);
		fact_set_int(&fact[i], key, i);
		fact[i].class = FACT_WITNESS;
	}
	if (store_slot_start(s, slot, &r.slot))
		return -1;
	return store_run(s, &r, NULL);
}

static int fill(struct store *s, double *seconds, int *n)
{
	const struct store_build b = { .release = "6", .build_id = "ab" };
	struct store_slot slot = { 0 };
	struct store_campaign c;
	int64_t host, build;
	char name[32];
	double start;
	int rev, run, v;

	if (store_host(s, "fp", "lab", "lab", NULL, &host) ||
	    store_build(s, &b, &build) ||
	    store_boot(s, host, build, "boot", "host", NULL, &slot.boot) ||
	    store_arm(s, "off", "[]", &slot.arm) ||
	    store_campaign_begin(s, host, slot.boot, "{}", 1, &c))
		return -1;
	slot.campaign = c.id;
	store_campaign_free(&c);
	start = now();
	for (rev = 0; rev < REVISIONS; rev++) {
		struct store_label l = { .series = "s", .revision = name };

		snprintf(name, sizeof(name), "v%d", rev);
		if (store_label(s, &l, build, &slot.label))
			return -1;
		for (run = 0; run < RUNS * VARIANTS; run++) {
			v = run % VARIANTS;
			snprintf(name, sizeof(name), "bench.%d", v);
			if (store_variant(s, name, "{}", PLACE_USER, "",
					  &slot.variant) || commit(s, &slot))
				return -1;
			++*n;
		}
	}
	*seconds = now() - start;
	return 0;
}

static int load(struct store *s, const char *rev, int primary, size_t *n)
{
	struct store_select sel = { .series = "s", .revision = rev,
				    .patch = -1, .primary = primary };
	struct obs_set set;

	if (store_load(s, &sel, rev, &set))
		return -1;
	*n += set.n;
	obs_set_free(&set);
	return 0;
}

int main(int argc, char **argv)
{
	double seconds, start;
	struct store *s;
	size_t n = 0;
	int runs = 0, primary;

	if (argc != 2 || !access(argv[1], F_OK)) {
		fprintf(stderr, "usage: store NEW-FILE\n");
		return 2;
	}
	if (store_open(&s, argv[1], STORE_CREATE) || fill(s, &seconds, &runs))
		return 1;
	printf("commit: %.2f ms a run (slot and run), %d runs\n",
	       seconds * 1e3 / runs, runs);
	store_close(s);
	for (primary = 1; primary >= 0; primary--) {
		start = now();
		if (store_open(&s, argv[1], STORE_READ))
			return 1;
		printf("open: %.2f ms\n", (now() - start) * 1e3);
		n = 0;
		start = now();
		if (load(s, "v3", primary, &n) || load(s, "v7", primary, &n))
			return 1;
		printf("load: %.2f ms, 2 revisions, %zu figures%s\n",
		       (now() - start) * 1e3, n, primary ? "" : " (all)");
		store_close(s);
	}
	return 0;
}
