// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A database as a careful tester would fill it: a base kernel and two versions
 * of a series of four patches, several boots of each, switched on and off.
 *
 *   seriesdb DB BOOTS [SEED]
 *
 * True costs, in percent of what was before:
 *
 *	carrying	v2 0	v3 0.5 (by patch 1)
 *	patch, on	v2 0 4 0 1	v3 0 2 0 1
 *
 * Boots scatter by 0.3 %, runs within a boot by 0.4 %.
 */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/revision.h"
#include "store/sql.h"
#include "store/store.h"

#define PATCHES		4
#define RUNS		4
#define SD_BOOT		0.003
#define SD_RUN		0.004
#define SECONDS		0.25

static const struct metric latency = {
	"latency", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1
};

static const struct version {
	const char *name;
	double off[PATCHES];
	double on[PATCHES];
	const char *subject[PATCHES];
	const char *id[PATCHES];
} versions[] = {
	{ "v2", { 0, 0, 0, 0 }, { 0, 0.04, 0, 0.01 },
	  { "mm: prepare", "kvm: switch CR3", "kvm: count", "kvm: flush" },
	  { "a1", "a2", "a3", "a4" } },
	{ "v3", { 0.005, 0, 0, 0 }, { 0.005, 0.02, 0, 0.01 },
	  { "mm: prepare", "kvm: switch CR3", "kvm: trace", "kvm: flush" },
	  { "b1", "b2", "b3", "a4" } },
};

static const struct bench {
	const char *name;
	enum place place;
	double ticks;
} benches[] = {
	{ "vmexit.pio_out", PLACE_GUEST3, 74000 },
	{ "syscall.getpid", PLACE_USER, 380 },
};

static struct maker {
	struct store *store;
	gsl_rng *rng;
	int64_t host;
	int boots;
	int boot;	/* number of the last one */
	double clock;
} m;

static void must(int err)
{
	if (err) {
		fprintf(stderr, "seriesdb: the store refused: %d\n", err);
		exit(1);
	}
}

static void one_run(struct store_slot *slot, const struct bench *b,
		    double level)
{
	const struct store_value v = {
		.metric = latency, .n = 800,
		.value = b->ticks * exp(level +
					gsl_ran_gaussian(m.rng, SD_RUN)),
	};
	struct store_run r = {
		.value = &v, .nvalues = 1, .started = m.clock,
		.seconds = SECONDS,
	};
	struct store_value with = v;

	/* What a run's own samples leave open: 0.1 %, two-sided. */
	with.lo = v.value * 0.998;
	with.hi = v.value * 1.002;
	r.value = &with;
	m.clock += SECONDS;
	must(store_slot_start(m.store, slot, &r.slot));
	must(store_run(m.store, &r, NULL));
}

static int64_t new_boot(int64_t build)
{
	struct fact_list facts = { 0 };
	char id[40];
	int64_t boot;

	snprintf(id, sizeof(id), "boot-%d", ++m.boot);
	facts_text(&facts, "cpu.governor", FACT_ENVIRONMENT, 1,
		   "performance");
	facts_int(&facts, "tsc.khz", FACT_ENVIRONMENT, 1, 2445406);
	must(store_boot(m.store, m.host, build, id, "host", &facts, &boot));
	facts_free(&facts);
	m.clock += 90;
	return boot;
}

/* One boot of a kernel in one arm. */
static void one_boot(const struct store_label *l, int64_t build,
		     const char *arm, double cost)
{
	struct store_slot slot = { 0 };
	struct store_campaign c;
	size_t b;
	int i;

	slot.boot = new_boot(build);
	must(store_label(m.store, l, build, &slot.label));
	must(store_arm(m.store, arm, "[]", &slot.arm));
	must(store_arm_state(m.store, slot.boot, slot.arm, arm,
			     STATE_VERIFIED, "cpuinfo"));
	must(store_campaign_begin(m.store, m.host, slot.boot, "{}", 1, &c));
	slot.campaign = c.id;
	for (b = 0; b < sizeof(benches) / sizeof(*benches); b++) {
		double level = gsl_ran_gaussian(m.rng, SD_BOOT);

		/* A system call does not exit: it costs what it did. */
		if (benches[b].place != PLACE_USER)
			level += cost;
		must(store_variant(m.store, benches[b].name, "{}",
				   benches[b].place, "", &slot.variant));
		for (i = 0; i < RUNS; i++) {
			slot.block = i;
			slot.order = b;
			one_run(&slot, &benches[b], level);
		}
	}
	must(store_campaign_end(m.store, c.id, "done", "precision"));
	store_campaign_free(&c);
}

static void kernel(const struct store_label *l, const char *arm, double cost)
{
	struct store_build b = { .release = "6.16.0" };
	char id[64];
	int64_t build;
	int i;

	snprintf(id, sizeof(id), "build-%s-%d", l->revision, l->patch);
	b.build_id = id;
	must(store_build(m.store, &b, &build));
	for (i = 0; i < m.boots; i++)
		one_boot(l, build, arm, cost);
}

static void version(const struct version *v)
{
	struct store_patch patch[PATCHES];
	struct store_label l = { .series = "asi", .revision = v->name,
				 .patches = PATCHES };
	double off = 0, on = 0;
	int k;

	for (k = 0; k < PATCHES; k++) {
		patch[k] = (struct store_patch) {
			.patch = k + 1, .patches = PATCHES, .commit = "",
			.patch_id = (char *)v->id[k],
			.subject = (char *)v->subject[k],
		};
		off += log1p(v->off[k]);
		on += log1p(v->on[k]);
		l.patch = k + 1;
		kernel(&l, "on", on);
	}
	l.patch = l.patches = 0;
	kernel(&l, "off", off);
	kernel(&l, "on", on);
	must(store_revision_add(m.store, "asi", v->name, patch, PATCHES));
}

int main(int argc, char **argv)
{
	const struct store_label base = { .series = "asi",
					  .revision = "base" };
	size_t i;

	if (argc < 3 || (m.boots = atoi(argv[2])) < 1) {
		fprintf(stderr, "usage: seriesdb DB BOOTS [SEED]\n");
		return 2;
	}
	m.rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(m.rng, argc > 3 ? strtoul(argv[3], NULL, 0) : 1);
	m.clock = 1.7e9;
	must(store_open(&m.store, argv[1], STORE_CREATE));
	must(store_host(m.store, "fingerprint", "lab1", "lab1", NULL,
			&m.host));
	/* At once: syncing is not what is tested. */
	must(sql_tx_begin(m.store));
	kernel(&base, "off", 0);
	for (i = 0; i < sizeof(versions) / sizeof(*versions); i++)
		version(&versions[i]);
	must(sql_tx_end(m.store, 0));
	store_close(m.store);
	gsl_rng_free(m.rng);
	return 0;
}
