// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The suite tests itself on this machine.
 *
 * A/A: pairs of equal revisions, interleaved by the one scheduler; none should
 * be told apart. Then the same with a true delay of some percent in one of them:
 * a register loop between fences inside the timed region. Its size is measured
 * apart, by runs of its own: on the null benchmark, and a delay of a few ticks
 * also in its place, where the operation before it may overlap a cycle or two.
 * That size is what the intervals must cover.
 *
 * "usual": 3 %, as many runs as the precision takes. "small": 0.9 % in an exit
 * that the kernel answers and one that user space does, by five runs a side.
 *
 *	aa [usual|small] [PAIRS] [SECONDS-PER-PAIR]	default 20 pairs
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "analysis/compare.h"
#include "drivers/schedule.h"
#include "drivers/session.h"
#include "lib/pace.h"
#include "lib/stats.h"

#define TARGETS_MOST	3
#define SIZE_RUNS	60	/* to measure a delay's size */
#define PRECISION	0.0075
#define SHORT_DELAY	100	/* ticks: there a cycle or two matter */

/**
 * struct set - a proof
 * @effect:	of the delay, about
 * @margin:	see struct compare_opts
 * @runs_least:	before the precision may stop a benchmark
 * @run_ns:	of sampling
 * @seconds:	for a pair, at most
 * @found:	of 20 pairs with a delay, at least
 * @covered:	of 20 intervals, at least
 */
static const struct set {
	const char *name;
	double effect;
	double margin;
	int runs_least;
	int runs_most;
	uint64_t run_ns;
	double seconds;
	int found;
	int covered;
	int n;
	struct target {
		const char *name;
		enum place place;
	} target[TARGETS_MOST];
} sets[] = {
	{ "usual", 0.03, 0.01, 10, 60, 30000000, 90, 18, 17, 3, {
		{ "vmexit.pio_out", PLACE_GUEST3 },
		{ "cr3.switch_process", PLACE_USER },
		{ "syscall.getpid", PLACE_USER } } },
	{ "small", 0.009, 0.005, 5, 5, 100000000, 30, 16, 0, 2, {
		{ "vmexit.ioeventfd_pio", PLACE_GUEST3 },
		{ "vmexit.pio_out", PLACE_GUEST3 } } },
};

static struct eval {
	const struct set *set;
	struct store *store;
	struct host host;
	struct variant_list target;
	struct variant_list null[TARGETS_MOST];
	double seconds;
	uint64_t k[TARGETS_MOST];		/* iterations of the delay loop */
	double truth[TARGETS_MOST];		/* ratio that it makes, measured apart */
	double typical[TARGETS_MOST];	/* ticks of the undelayed operation */
} e;

static void die(const char *what)
{
	fprintf(stderr, "aa: %s\n", what);
	exit(2);
}

/* Of @name's variants the one at @place. */
static void find(const char *name, enum place place, struct variant_list *to)
{
	struct variant_list all;
	size_t i;

	if (variants_expand(&e.host, &name, 1, &all))
		die("out of memory");
	for (i = 0; i < all.n; i++) {
		if (all.v[i].v.place != place)
			continue;
		if (all.v[i].reason[0])
			die(all.v[i].reason);
		to->v = realloc(to->v, (to->n + 1) * sizeof(*to->v));
		to->v[to->n++] = all.v[i];
	}
	variants_free(&all);
}

/* Two revisions of a series, measured interleaved. */
static void measure(const char *series, const struct variant_list *variants,
		    enum run_mode mode, const uint64_t *inject, double precision)
{
	static const char *const rev[2] = { "a", "b" };
	static volatile int never;
	struct plan_arm arm[2] = { { 0 } };
	struct store_campaign row;
	struct schedule_end end;
	struct plan plan = {
		.variants = variants, .arm = arm, .narms = 2, .mode = mode,
		.rules = plan_defaults, .inject = inject,
	};
	struct session s;
	int i;

	for (i = 0; i < 2; i++) {
		struct session_request req = {
			.series = series, .revision = rev[i], .arm = "",
		};

		if (session_begin(e.store, &e.host, &req, &s))
			exit(2);
		arm[i].label = s.label;
		arm[i].arm = s.arm;
	}
	plan.rules.budget = e.seconds;
	plan.rules.precision = precision;
	plan.rules.runs_least = e.set->runs_least;
	plan.rules.runs_most = e.set->runs_most;
	/* What intervals are held against wants more than they do. */
	if (precision < PRECISION)
		plan.rules.runs_least = plan.rules.runs_most = SIZE_RUNS;
	plan.rules.run_ns = e.set->run_ns;
	plan.seed = 1 + (unsigned int)time(NULL) % 1000000;
	plan.host_id = s.host;
	plan.boot = s.boot;
	if (store_campaign_begin(e.store, s.host, s.boot, "{}", plan.seed,
				 &row))
		exit(2);
	plan.campaign = row.id;
	if (schedule(e.store, &e.host, &plan, &never, NULL, NULL, &end))
		exit(2);
	store_campaign_end(e.store, row.id, "done", end.stop);
	store_campaign_free(&row);
}

static void load(const char *series, const char *rev, enum run_mode mode,
		 struct obs_set *set)
{
	struct store_select sel = {
		.series = series, .revision = rev, .patch = -1, .mode = mode,
		.primary = 1,
	};

	if (store_load(e.store, &sel, rev, set))
		exit(2);
}

static void judge(const char *series, enum run_mode mode,
		  struct comparison *c, struct obs_set set[2])
{
	struct compare_opts opts = compare_defaults;

	opts.margin = e.set->margin;
	load(series, "a", mode, &set[0]);
	load(series, "b", mode, &set[1]);
	if (compare(&set[0], &set[1], &opts, c))
		die("out of memory");
	if (c->refused)
		die(c->refusal);
}

/* NULL: it was never run, for want of a quiet core. */
static const struct compare_row *row_of(const struct comparison *c,
					const struct target *t)
{
	size_t i;

	for (i = 0; i < c->nrows; i++)
		if (!strcmp(c->row[i].id.benchmark, t->name) &&
		    !strcmp(c->row[i].id.place, place_name(t->place)))
			return &c->row[i];
	return NULL;
}

static int found(const struct compare_row *r)
{
	return r->verdict == VERDICT_REGRESSED || r->verdict == VERDICT_IMPROVED;
}

static int aa_pairs(int pairs)
{
	int alarmed = 0, fine = 0, scored = 0, measured[TARGETS_MOST] = { 0 };
	int i, t;

	printf("A/A: %d pairs of at most %d runs a side\n", pairs,
	       e.set->runs_most);
	for (i = 0; i < pairs; i++) {
		struct obs_set set[2];
		struct comparison c;
		char series[32];
		int any = 0;

		snprintf(series, sizeof(series), "aa-%02d", i + 1);
		measure(series, &e.target, MODE_TIMED, NULL, PRECISION);
		judge(series, MODE_TIMED, &c, set);
		printf("  %s ", series);
		for (t = 0; t < e.set->n; t++) {
			const struct compare_row *r = row_of(&c, &e.set->target[t]);

			if (!r) {
				printf(" no run of %s", e.set->target[t].name);
				continue;
			}
			any |= found(r);
			scored += r->verdict != VERDICT_UNCHECKED;
			fine += r->mde <= 0.03;
			if (!isnan(r->base)) {
				e.typical[t] += r->base;
				measured[t]++;
			}
			printf(" %-12s %+6.2f %% mde %5.2f %%",
			       verdict_name(r->verdict), 100 * (r->ratio - 1),
			       100 * r->mde);
		}
		printf("\n");
		fflush(stdout);
		alarmed += any;
		comparison_free(&c);
		obs_set_free(&set[0]);
		obs_set_free(&set[1]);
	}
	for (t = 0; t < e.set->n; t++) {
		if (!measured[t])
			die("no pair could be measured at all");
		e.typical[t] /= measured[t];
	}
	printf("  alarmed in %d of %d pairs (at most 1 of 20); smallest detectable effect of 3 %% or less in %d of %d rows (at least 80 %%)\n",
	       alarmed, pairs, fine, scored);
	/* What could not be scored, for want of a quiet core, is no success. */
	return alarmed * 20 <= pairs && fine * 10 >= 8 * scored &&
		scored * 10 >= 9 * pairs * e.set->n;
}

/* Median of a side's runs that had the core: an odd run moves a mean. */
static double median_run(const struct obs_set *set)
{
	double *v = calloc(set->n + 1, sizeof(*v)), mid;
	size_t i, n = 0;

	for (i = 0; v && i < set->n; i++)
		if (!pace_disturbed(set->v[i].pace,
				    set->boot[set->v[i].boot].pace))
			v[n++] = set->v[i].value;
	mid = stats_median(v, n);
	free(v);
	return mid;
}

/* One variant without and with @k iterations: its two figures. */
static void delay_pair(const char *series, const struct variant_list *variants,
		       uint64_t k, double precision, double v[2])
{
	uint64_t inject[2] = { 0, k };
	struct obs_set set[2];
	int i;

	measure(series, variants, MODE_INJECTED, inject, precision);
	load(series, "a", MODE_INJECTED, &set[0]);
	load(series, "b", MODE_INJECTED, &set[1]);
	for (i = 0; i < 2; i++) {
		v[i] = median_run(&set[i]);
		obs_set_free(&set[i]);
	}
}

static void choose_delays(void)
{
	char series[32];
	double v[2], op;
	int t;

	printf("The delay, measured apart:\n");
	for (t = 0; t < e.set->n; t++) {
		struct variant_list one = { &e.target.v[t], 1 };
		unsigned long per_op = variant_per_op(&e.target.v[t].v);

		snprintf(series, sizeof(series), "slope-%d", t);
		delay_pair(series, &e.null[t], 1000, PRECISION, v);
		op = e.typical[t] * per_op;
		e.k[t] = lround(e.set->effect * op / (v[1] - v[0]) * 1000);
		snprintf(series, sizeof(series), "null-%d", t);
		delay_pair(series, &e.null[t], e.k[t], PRECISION, v);
		printf("  %-20s %5lu iterations: %.1f ticks on null",
		       e.set->target[t].name, (unsigned long)e.k[t], v[1] - v[0]);
		e.truth[t] = 1 + (v[1] - v[0]) / op;
		if (v[1] - v[0] < SHORT_DELAY) {
			snprintf(series, sizeof(series), "size-%d", t);
			delay_pair(series, &one, e.k[t], PRECISION / 3, v);
			e.truth[t] = v[1] / v[0];
			printf(", %.1f in place", (v[1] - v[0]) *
			       per_op);
		}
		printf(": %+.2f %%\n", 100 * (e.truth[t] - 1));
	}
}

static int injected_pairs(int pairs)
{
	int hit[TARGETS_MOST] = { 0 }, covered[TARGETS_MOST] = { 0 }, i, t, ok = 1;
	uint64_t inject[2 * TARGETS_MOST] = { 0 };

	for (t = 0; t < e.set->n; t++)
		inject[2 * t + 1] = e.k[t];
	printf("Injected: %d pairs\n", pairs);
	for (i = 0; i < pairs; i++) {
		struct obs_set set[2];
		struct comparison c;
		char series[32];

		snprintf(series, sizeof(series), "inj-%02d", i + 1);
		measure(series, &e.target, MODE_INJECTED, inject, PRECISION);
		judge(series, MODE_INJECTED, &c, set);
		printf("  %s", series);
		for (t = 0; t < e.set->n; t++) {
			const struct compare_row *r = row_of(&c, &e.set->target[t]);

			if (!r) {
				printf(" no run of %s", e.set->target[t].name);
				continue;
			}
			hit[t] += r->verdict == VERDICT_REGRESSED;
			covered[t] += r->lo <= e.truth[t] &&
				e.truth[t] <= r->hi;
			printf(" %-12s %+6.2f [%+.2f, %+.2f]",
			       verdict_name(r->verdict), 100 * (r->ratio - 1),
			       100 * (r->lo - 1), 100 * (r->hi - 1));
		}
		printf("\n");
		fflush(stdout);
		comparison_free(&c);
		obs_set_free(&set[0]);
		obs_set_free(&set[1]);
	}
	for (t = 0; t < e.set->n; t++) {
		printf("  %-20s found in %d of %d (at least %d of 20), covered in %d (at least %d of 20)\n",
		       e.set->target[t].name, hit[t], pairs, e.set->found,
		       covered[t], e.set->covered);
		ok = ok && hit[t] * 20 >= e.set->found * pairs &&
			covered[t] * 20 >= e.set->covered * pairs;
	}
	return ok;
}

static const struct set *find_set(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		if (!strcmp(sets[i].name, name))
			return &sets[i];
	return NULL;
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/asibench-aa-XXXXXX", path[64];
	int pairs, t, ok;

	e.set = argc > 1 ? find_set(argv[1]) : NULL;
	if (e.set) {
		argv++;
		argc--;
	} else {
		e.set = &sets[0];
	}
	pairs = argc > 1 ? atoi(argv[1]) : 20;
	e.seconds = argc > 2 ? atof(argv[2]) : e.set->seconds;
	if (pairs < 1 || !(e.seconds > 0))
		die("usage: aa [usual|small] [PAIRS] [SECONDS-PER-PAIR]");
	if (!mkdtemp(dir))
		die("no temporary directory");
	snprintf(path, sizeof(path), "%s/results.db", dir);
	if (host_init(&e.host) || store_open(&e.store, path, STORE_CREATE))
		return 2;
	for (t = 0; t < e.set->n; t++) {
		find(e.set->target[t].name, e.set->target[t].place, &e.target);
		find("null", e.set->target[t].place, &e.null[t]);
	}
	ok = aa_pairs(pairs);
	choose_delays();
	ok &= injected_pairs(pairs);
	store_close(e.store);
	host_exit(&e.host);
	printf("%s; the runs are in %s\n", ok ? "passed" : "FAILED", path);
	return !ok;
}
