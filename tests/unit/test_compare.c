// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "lib/stats.h"
#include "tests/unit/pair.h"

/* ---- the verdicts ---- */

static void regressed(void **state)
{
	struct pair *p = *state;
	struct compare_row *r;
	double se, half;

	pair_boot(p, 5, 0.004, 1.031);
	judge(p);
	r = p->row;
	expect(p, VERDICT_REGRESSED, "+3.1 % [");
	expect(p, VERDICT_REGRESSED, "adjusted p ");
	expect(p, VERDICT_REGRESSED, "not attributed to the kernel");
	assert_int_equal(r->scope, SCOPE_BOOT);
	assert_int_equal(r->flags, ROW_BEYOND);
	near(r->base, 1000, 1e-9);
	near(r->now, 1031, 1e-9);
	near(r->ratio, 1.031, 1e-12);
	/* sd of -.004, -.002, 0, .002, .004 is .002 sqrt(2.5) */
	near(r->sd_run, 0.002 * sqrt(2.5), 1e-12);
	assert_true(isnan(r->sd_boot));
	se = r->sd_run * sqrt(2 / 5.);
	half = stats_t_quantile(0.975, 8) * se;
	near(log(r->lo), log(1.031) - half, 1e-12);
	near(log(r->hi), log(1.031) + half, 1e-12);
	near(r->p, 2 * stats_t_upper(log(1.031) / se, 8), 1e-15);
	near(r->p_adj, r->p, 1e-15);
	near(r->mde, expm1(stats_mde(se / sqrt(stats_var_median(8)), 8, 0.05,
				      0.8)), 1e-9);
	assert_int_equal(r->n_base, 5);
	assert_int_equal(r->n_new, 5);
}

static void improved_is_suspect(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 5, 0.004, 0.95);
	judge(p);
	expect(p, VERDICT_IMPROVED, "-5.0 % [");
	assert_true(p->row->flags & ROW_SUSPECT);
	pair_metric(p, (struct metric){ .better = BETTER_HIGHER });
	judge(p);
	expect(p, VERDICT_REGRESSED, "-5.0 % [");
	assert_false(p->row->flags & ROW_SUSPECT);
	pair_metric(p, (struct metric){ .better = BETTER_NEITHER });
	judge(p);
	expect(p, VERDICT_UNCHECKED, "neither direction");
	near(p->row->ratio, 0.95, 1e-12);
}

static void equivalent(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 5, 0.004, 1.001);
	judge(p);
	expect(p, VERDICT_EQUIVALENT, "90 % interval within 1 %");
	assert_int_equal(p->row->flags, 0);
	pair_boot(p, 10, 0.002, 1.005);
	judge(p);
	expect(p, VERDICT_EQUIVALENT, "yet not 0");
	assert_int_equal(p->row->flags, ROW_NONZERO);
}

/* The 90 % interval must be inside: its ends are put on either side of L. */
static void equivalent_at_the_edge(void **state)
{
	struct compare_opts opts = compare_defaults;
	double se = 0.002 * sqrt(2.5) * sqrt(2 / 5.);
	double end = log(1.001) + stats_t_quantile(0.95, 8) * se;
	struct pair *p = *state;

	pair_boot(p, 5, 0.004, 1.001);
	opts.margin = expm1(end * (1 + 1e-9));
	judge_by(p, &opts);
	expect(p, VERDICT_EQUIVALENT, "90 %");
	opts.margin = expm1(end * (1 - 1e-9));
	judge_by(p, &opts);
	expect(p, VERDICT_INCONCLUSIVE, "no difference shown");
	opts.margin = 0;
	judge_by(p, &opts);
	expect(p, VERDICT_INCONCLUSIVE, "no difference shown");
}

static void small(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 10, 0.004, 1.009);
	judge(p);
	expect(p, VERDICT_SMALL, "+0.90 % [");
	expect(p, VERDICT_SMALL, "below 1 %");
	assert_false(p->row->flags & ROW_BEYOND);
}

static void inconclusive(void **state)
{
	struct pair *p = *state;
	double mde, sd;
	char words[64];
	int n;

	pair_boot(p, 5, 0.02, 1.01);
	judge(p);
	expect(p, VERDICT_INCONCLUSIVE, "no difference shown; could have "
	       "seen 3.4 %");
	mde = p->row->mde;
	n = p->row->need;
	sd = p->row->sd_run / sqrt(stats_var_median(8));
	near(mde, 0.0336, 0.0005);
	/* so many would do, one fewer would not */
	assert_true(stats_mde(sd * sqrt(2. / n), 2 * n - 2, 0.05, 0.8) <=
		    log(1.01));
	assert_true(stats_mde(sd * sqrt(2. / (n - 1)), 2 * n - 4, 0.05, 0.8) >
		    log(1.01));
	snprintf(words, sizeof(words), "%d runs a side would see 1 %%", n);
	expect(p, VERDICT_INCONCLUSIVE, words);
	pair_boot(p, 5, 0.4, 1.01);
	judge(p);
	expect(p, VERDICT_INCONCLUSIVE, "1 % is out of reach of 1000 runs");
	assert_int_equal(p->row->need, 0);
}

/* A ratio of exactly the margin is REGRESSED, not SMALL: |theta| >= L. */
static void beyond_margin(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 10, 0.002, 1.0105);
	judge(p);
	expect(p, VERDICT_REGRESSED, "+1.");
	assert_false(p->row->flags & ROW_BEYOND);
	pair_boot(p, 10, 0.002, 1.02);
	judge(p);
	assert_true(p->row->flags & ROW_BEYOND);
}

/* ---- units and scope ---- */

static void boots_are_the_units(void **state)
{
	struct pair *p = *state;

	/* Runs within 0.3 %, boots within 3 %: by runs this would be clear. */
	pair_kernel(p, 5, 0.03, 1.012);
	judge(p);
	assert_int_equal(p->row->scope, SCOPE_KERNEL);
	assert_int_equal(p->row->n_base, 5);
	assert_int_equal(p->row->runs_base, 15);
	near(p->row->sd_run, 0.003, 1e-12);
	near(p->row->sd_boot, 0.015 * sqrt(2.5), 1e-12);
	expect(p, VERDICT_INCONCLUSIVE, "boots a side would see 1 %");
	assert_false(p->row->flags & ROW_PROVISIONAL);

	pair_kernel(p, 3, 0.002, 1.03);
	judge(p);
	expect(p, VERDICT_REGRESSED, "+3.0 %");
	assert_null(strstr(p->row->reason, "not attributed"));
	assert_true(p->row->flags & ROW_PROVISIONAL);
	boot_runs(&p->a, NULL, 1000, 0.003, 3);
	boot_runs(&p->a, NULL, 1000, 0.003, 3);
	judge(p);
	assert_true(p->row->flags & ROW_PROVISIONAL);
	boot_runs(&p->b, NULL, 1030, 0.003, 3);
	boot_runs(&p->b, NULL, 1030, 0.003, 3);
	judge(p);
	assert_false(p->row->flags & ROW_PROVISIONAL);
	p->a.n -= 6;
	judge(p);
	assert_int_equal(p->row->n_base, 3);
	assert_true(p->row->flags & ROW_PROVISIONAL);
}

static void one_boot_against_several(void **state)
{
	struct pair *p = *state;

	pair_new(p);
	boot_runs(&p->a, "A", 1000, 0.004, 5);
	boot_runs(&p->b, "B", 1300, 0.004, 5);
	boot_runs(&p->b, "C", 1030, 0.004, 6);
	boot_runs(&p->b, "D", 1200, 0.004, 6);
	boot_runs(&p->b, "E", 1100, 0.004, 3);
	judge(p);
	/* D: most runs, the later of two */
	expect(p, VERDICT_REGRESSED, "of 4 boots of v2 the one with most "
	       "runs was used");
	assert_int_equal(p->row->scope, SCOPE_BOOT);
	assert_int_equal(p->row->n_new, 6);
	assert_int_equal(p->row->runs_new, 6);
	near(p->row->ratio, 1.2, 1e-12);
}

static void shared_boot_is_used(void **state)
{
	struct pair *p = *state;

	pair_new(p);
	boot_runs(&p->a, "B", 1000, 0.004, 5);
	boot_runs(&p->b, "A", 1200, 0.004, 9);
	boot_runs(&p->b, "B", 1050, 0.004, 5);
	judge(p);
	expect(p, VERDICT_REGRESSED, "the one shared was used");
	near(p->row->ratio, 1.05, 1e-12);
	/* and the other way round */
	comparison_free(&p->c);
	assert_int_equal(compare(&p->b, &p->a, NULL, &p->c), 0);
	near(p->c.row->ratio, 1 / 1.05, 1e-12);
}

static void one_boot_for_both(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 5, 0.004, 1.05);
	p->b.boot[0].uuid = "A";
	judge(p);
	expect(p, VERDICT_REGRESSED, "on this boot, not attributed");
	assert_int_equal(p->row->scope, SCOPE_BOOT);
}

/* ---- the clock ---- */

static void variance_floor(void **state)
{
	struct pair *p = *state;
	double floor = 26. / (10 * 1000);
	size_t i;

	pair_boot(p, 5, 0, 1.03);
	judge(p);
	expect_unchecked(p, "no spread");
	pair_metric(p, (struct metric){ .unit = "tsc", .primary = 1 });
	judge(p);
	expect_unchecked(p, "no spread");
	facts_real(&p->a.boot[0].facts, "tsc.step", FACT_IDENTITY, 1, 26);
	facts_real(&p->b.boot[0].facts, "tsc.step", FACT_IDENTITY, 1, 26);
	for (i = 0; i < 5; i++)
		p->a.v[i].batch = p->b.v[i].batch = 10;
	judge(p);
	expect(p, VERDICT_REGRESSED, "+3.0 %");
	assert_true(p->row->flags & ROW_FLOORED);
	floor = floor * floor / 12;
	near(log(p->row->hi / p->row->ratio), stats_t_quantile(0.975,
	     stats_welch(0, floor, 5, 0, floor / (1.03 * 1.03), 5).df) *
	     sqrt(floor / 5 * (1 + 1 / (1.03 * 1.03))), 1e-12);
	/* one batch of 1 makes the clock coarser than the effect */
	p->b.v[2].batch = 1;
	judge(p);
	near(p->row->hi, 1.0394, 0.0005);
	pair_boot(p, 5, 0.02, 1.03);
	pair_metric(p, (struct metric){ .unit = "tsc", .primary = 1 });
	facts_int(&p->a.boot[0].facts, "tsc.step", FACT_IDENTITY, 1, 1);
	judge(p);
	assert_false(p->row->flags & ROW_FLOORED);
}

/* ---- scales and natures ---- */

static void linear_scale(void **state)
{
	static const double a[] = { 9, 10, 11, 9, 11 };
	static const double b[] = { 12, 13, 14, 12, 14 };
	struct pair *p = *state;
	int i;

	pair_new(p);
	pair_metric(p, (struct metric){ .scale = SCALE_LINEAR, .primary = 1 });
	set_boot(&p->a, "A");
	set_boot(&p->b, "B");
	for (i = 0; i < 5; i++) {
		set_run(&p->a, 0, 0, a[i]);
		set_run(&p->b, 0, 0, b[i]);
	}
	judge(p);
	expect(p, VERDICT_REGRESSED, "+30.0 % [");
	near(p->row->ratio, 1.3, 1e-12);
	near(p->row->hi - 1.3, stats_t_quantile(0.975, 8) * sqrt(2 / 5.) / 10,
	     1e-12);
	/* shifted so that base is not positive: a difference, no ratio */
	for (i = 0; i < 5; i++) {
		p->a.v[i].value -= 11;
		p->b.v[i].value -= 11;
	}
	judge(p);
	expect(p, VERDICT_REGRESSED, "2, was -1");
	assert_true(isnan(p->row->ratio) && isnan(p->row->mde));
	assert_int_equal(p->row->need, 0);
	near(p->row->base, -1, 1e-12);
}

static void exact_metric(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 2, 0, 1);
	pair_metric(p, (struct metric){ .nature = NATURE_EXACT });
	judge(p);
	expect(p, VERDICT_EQUIVALENT, "identical");
	assert_true(isnan(p->row->p));
	p->b.v[0].value = p->b.v[1].value = 1200;
	judge(p);
	expect(p, VERDICT_REGRESSED, "exact: 1200, was 1000 (+20.0 %)");
	assert_true(isnan(p->row->p) && isnan(p->row->p_adj));
	near(p->row->ratio, 1.2, 1e-12);
	p->b.v[0].value = p->b.v[1].value = 1001;
	judge(p);
	expect(p, VERDICT_SMALL, "(+0.10 %)");
	p->b.v[0].value = 1000;
	judge(p);
	expect_unchecked(p, "exact metric varies within v2");
	p->a.v[0].value = p->a.v[1].value = 0;
	p->b.v[0].value = p->b.v[1].value = 4096;
	judge(p);
	expect(p, VERDICT_REGRESSED, "exact: 4096, was 0");
	assert_true(isnan(p->row->ratio));
	p->b.v[0].value = p->b.v[1].value = 0;
	judge(p);
	expect(p, VERDICT_EQUIVALENT, "identical");
	pair_metric(p, (struct metric){ .nature = NATURE_EXACT,
					 .better = BETTER_HIGHER });
	p->a.v[0].value = p->a.v[1].value = 7;
	judge(p);
	expect(p, VERDICT_REGRESSED, "exact: 0, was 7 (-100.0 %)");
}

static void set_counts(struct obs_set *s, const double v[5])
{
	int i;

	for (i = 0; i < 5; i++) {
		s->v[i].value = v[i];
		s->v[i].n = 1;
	}
}

static void counts(void **state)
{
	static const double none[5] = { 0, 0, 0, 0, 0 };
	static const double same[5] = { 3, 3, 3, 3, 3 };
	static const double low[5] = { 100, 104, 98, 97, 101 };
	static const double high[5] = { 200, 204, 198, 197, 201 };
	static const double burst[5] = { 20, 0, 0, 0, 0 };
	static const double steady[5] = { 20, 19, 22, 21, 20 };
	static const double four[5] = { 1, 1, 1, 1, 0 };
	static const double few[5] = { 1, 0, 1, 0, 0 };
	static const double negative[5] = { -1, -2, -1, -3, 0 };
	struct stats_rates t = stats_quasi_poisson(low, 5, high, 5);
	struct pair *p = *state;

	pair_boot(p, 5, 0, 1);
	pair_metric(p, (struct metric){ .nature = NATURE_COUNT });
	set_counts(&p->a, low);
	set_counts(&p->b, high);
	judge(p);
	expect(p, VERDICT_REGRESSED, "+100.0 % [");
	near(p->row->p, t.p, 1e-15);
	near(log(p->row->hi / p->row->ratio),
	     stats_t_quantile(0.975, 8) * t.se, 1e-12);
	set_counts(&p->a, same);
	set_counts(&p->b, same);
	judge(p);
	expect(p, VERDICT_EQUIVALENT, "identical");
	set_counts(&p->a, none);
	judge(p);
	expect(p, VERDICT_REGRESSED, "exact: 3, was 0");
	set_counts(&p->b, burst);
	judge(p);
	expect(p, VERDICT_INCONCLUSIVE, "no difference shown");
	/* steady, but four events all on one side are 1 in 8 */
	set_counts(&p->b, four);
	judge(p);
	expect(p, VERDICT_INCONCLUSIVE, "no difference shown");
	near(p->row->p, 0.125, 1e-12);
	set_counts(&p->b, steady);
	judge(p);
	expect(p, VERDICT_REGRESSED, "20.4, was 0, adjusted p");
	assert_true(isnan(p->row->ratio) && isnan(p->row->mde));
	set_counts(&p->a, few);
	set_counts(&p->b, none);
	judge(p);
	expect(p, VERDICT_INCONCLUSIVE, "no difference shown");
	set_counts(&p->b, negative);
	judge(p);
	expect_unchecked(p, "a count is negative");
}

/* ---- many rows ---- */

static void noisy(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 10, 0.004, 1.1);
	p->b.v[0].noisy = NOISY_STEAL;
	judge(p);
	assert_false(p->row->flags & ROW_NOISY);
	assert_int_equal(p->row->noisy_new, 1);
	p->b.v[4].noisy = NOISY_IRQS | NOISY_STEAL;
	judge(p);
	assert_true(p->row->flags & ROW_NOISY);
	assert_int_equal(p->row->noisy_new, 2);
	p->b.v[4].noisy = 0;
	p->a.v[0].noisy = NOISY_STEAL;
	judge(p);
	assert_false(p->row->flags & ROW_NOISY);
	p->a.v[1].noisy = NOISY_STEAL;
	judge(p);
	assert_true(p->row->flags & ROW_NOISY);
	expect(p, VERDICT_REGRESSED, "+10");
}

static void rows_are_matched(void **state)
{
	static const char *const name[] = { "z", "a", "m" };
	struct pair *p = *state;
	int i, r;

	pair_clear(p);
	p->a = set_new("v1");
	p->b = set_new("v2");
	set_boot(&p->a, "A");
	set_boot(&p->b, "B");
	for (r = 0; r < 3; r++) {
		set_row(&p->a, name[r]);
		set_row(&p->b, name[2 - r]);
	}
	/* the same name twice, told apart by each part of the key in turn */
	for (r = 3; r < 9; r++) {
		set_row(&p->a, "m");
		set_row(&p->b, "m");
	}
	for (i = 0; i < 2; i++) {
		struct obs_row *row = i ? p->b.row : p->a.row;

		row[3].place = "guest3";
		row[4].params = "{\"size\":1}";
		row[5].metric.name = "p99";
		row[6].host = "lab2";
		row[7].profile = "linux";
		row[8].mode = MODE_INJECTED;
	}
	for (i = 0; i < 5; i++)
		for (r = 0; r < 9; r++) {
			set_run(&p->a, r, 0, 100 * (r + 1) * (1 + .001 * i));
			set_run(&p->b, r, 0, 100 * (1 + .001 * i) *
				(r < 3 ? 3 - r : r + 1));
		}
	judge(p);
	assert_int_equal(p->c.nrows, 9);
	for (r = 0; r < 9; r++) {
		near(p->c.row[r].ratio, 1, 1e-9);
		assert_int_equal(p->c.row[r].verdict, VERDICT_EQUIVALENT);
	}
	assert_string_equal(p->c.row[0].id.benchmark, "a");
	assert_string_equal(p->c.row[8].id.benchmark, "z");
	assert_string_equal(p->c.row[7].id.place, "guest3");
	assert_int_equal(p->c.count[VERDICT_EQUIVALENT], 9);
	/* indices that are none are left out */
	p->a.v[0].row = 99;
	p->a.v[1].boot = -1;
	judge(p);
	assert_int_equal(p->c.count[VERDICT_UNCHECKED], 2);
}

static void one_boot_each(struct pair *p)
{
	pair_clear(p);
	p->a = set_new("v1");
	p->b = set_new("v2");
	set_boot(&p->a, "A");
	set_boot(&p->b, "B");
}

/* What is 0 on one side alone stays: a new reason to exit is the news. */
static void zero_counts_are_dropped(void **state)
{
	static const double base[] = { 0, 0, 3, 0 }, now[] = { 0, 2, 0, 0 };
	struct pair *p = *state;
	int i, r;

	one_boot_each(p);
	for (r = 0; r < 4; r++) {
		const struct metric m = {
			.name = (char *[]){ "a", "b", "c", "d" }[r],
			.unit = "exits", .scale = SCALE_LINEAR,
			.nature = r == 3 ? NATURE_REPLICATED : NATURE_COUNT,
		};

		set_row(&p->a, "vmexit.x");
		set_row(&p->b, "vmexit.x");
		p->a.row[r].metric = p->b.row[r].metric = m;
		for (i = 0; i < 5; i++) {
			set_run(&p->a, r, 0, base[r]);
			set_run(&p->b, r, 0, now[r]);
		}
	}
	judge(p);
	assert_int_equal(p->c.nrows, 4);
	comparison_drop_zeros(&p->c);
	assert_int_equal(p->c.nrows, 3);
	assert_int_equal(p->c.zeros, 1);
	assert_string_equal(p->c.row[0].id.metric.name, "b");
	assert_int_equal(p->c.row[0].verdict, VERDICT_REGRESSED);
	assert_string_equal(p->c.row[1].id.metric.name, "c");
	assert_int_equal(p->c.row[1].verdict, VERDICT_IMPROVED);
	assert_int_equal(p->c.count[VERDICT_EQUIVALENT] +
			 p->c.count[VERDICT_REGRESSED] +
			 p->c.count[VERDICT_IMPROVED] +
			 p->c.count[VERDICT_UNCHECKED], 3);
}

/* Ten primary rows, ten counters; a change in one of each. */
static void families(void **state)
{
	struct pair *p = *state;
	int i, r;

	one_boot_each(p);
	for (r = 0; r < 20; r++) {
		char *name = (char *[]){ "a", "b", "c", "d", "e", "f", "g",
			"h", "i", "j" }[r / 2];

		set_row(&p->a, name);
		set_row(&p->b, name);
		p->a.row[r].metric.primary = p->b.row[r].metric.primary = r % 2;
		p->a.row[r].metric.name = p->b.row[r].metric.name =
			r % 2 ? "latency" : "irqs";
		for (i = 0; i < 5; i++) {
			set_run(&p->a, r, 0, 100 + i);
			set_run(&p->b, r, 0, 100 + i + 8 * (r == 3) +
				9 * (r == 2) + 0.01 * r);
		}
	}
	judge(p);
	for (r = 0; r < 20; r++) {
		struct compare_row *row = &p->c.row[r];
		bool changed = !strcmp(row->id.benchmark, "b");

		assert_int_equal(row->verdict, changed ? VERDICT_REGRESSED :
				 VERDICT_INCONCLUSIVE);
		if (changed) {
			/* the smallest of ten, not of twenty */
			near(row->p_adj, 10 * row->p, 1e-12);
			near(row->p_holm, 10 * row->p, 1e-12);
		} else {
			assert_true(row->p_holm >= row->p_adj);
		}
		/* one found among ten: it decides at q/10 */
		near(log1p(row->mde) / stats_mde(1, 8, 0.005, 0.8) /
		     (row->sd_run * sqrt(2 / 5.)), 1, 0.05);
	}
	assert_int_equal(p->c.count[VERDICT_REGRESSED], 2);
	assert_int_equal(p->c.count[VERDICT_INCONCLUSIVE], 18);
	/* a second latency found: two tenths of q */
	for (i = 0; i < 5; i++)
		p->b.v[5 * 5 + i].value += 9;
	assert_string_equal(p->b.row[5].benchmark, "c");
	judge(p);
	assert_int_equal(p->c.count[VERDICT_REGRESSED], 3);
	near(log1p(p->c.row[19].mde) / stats_mde(1, 8, 0.01, 0.8) /
	     (p->c.row[19].sd_run * sqrt(2 / 5.)), 1, 0.05);
	near(log1p(p->c.row[18].mde) / stats_mde(1, 8, 0.005, 0.8) /
	     (p->c.row[18].sd_run * sqrt(2 / 5.)), 1, 0.05);
}

/* ---- one side alone ---- */

static void summary(void **state)
{
	struct obs_set s = set_new("v1");
	struct summary_row *r;
	double half;
	size_t n;
	int row;

	set_row(&s, "a");
	boot_runs(&s, "A", 1000, 0.004, 5);
	row = set_row(&s, "b");
	set_missing(&s, row, RUN_SKIPPED, "no /dev/kvm", 1);
	row = set_row(&s, "c");
	set_run(&s, row, 0, 0);
	set_run(&s, row, 0, 4)->status = RUN_INTERPRETED;
	set_missing(&s, row, RUN_INVALID, "peer", 2);
	row = set_row(&s, "d");
	set_run(&s, row, 0, 10)->noisy = NOISY_FREQ;
	assert_int_equal(summarize(&s, &r, &n), 0);
	assert_int_equal(n, 4);
	half = stats_t_quantile(0.975, 4) * 0.002 * sqrt(2.5) / sqrt(5);
	near(r[0].mid, 1000, 1e-9);
	near(log(r[0].lo / 1000), -half, 1e-12);
	near(log(r[0].hi / 1000), half, 1e-12);
	assert_int_equal(r[0].runs, 5);
	assert_int_equal(r[0].scope, SCOPE_BOOT);
	assert_string_equal(r[0].reason, "");
	assert_int_equal(r[1].status, RUN_SKIPPED);
	assert_string_equal(r[1].reason, "no /dev/kvm");
	assert_true(isnan(r[1].mid));
	assert_int_equal(r[2].status, RUN_INTERPRETED);
	assert_string_equal(r[2].reason, "2 more invalid: peer");
	near(r[2].mid, 2, 1e-12);
	assert_true(isnan(r[2].lo));
	near(r[3].mid, 10, 1e-12);
	assert_true(isnan(r[3].lo) && isnan(r[3].hi));
	assert_int_equal(r[3].noisy, 1);
	free(r);
	/* a second boot, and boots are the units */
	boot_runs(&s, "B", 1020, 0.004, 5);
	assert_int_equal(summarize(&s, &r, &n), 0);
	assert_int_equal(r[0].boots, 2);
	assert_int_equal(r[0].scope, SCOPE_KERNEL);
	near(r[0].mid, 1000 * sqrt(1.02), 1e-9);
	near(log(r[0].hi / r[0].mid), 12.7062 * log(1.02) / 2, 1e-5);
	free(r);
	set_free(&s);
	s = set_new("nothing");
	assert_int_equal(summarize(&s, &r, &n), 0);
	assert_int_equal(n, 0);
	free(r);
}

static void names(void **state)
{
	assert_string_equal(verdict_name(VERDICT_REGRESSED), "regressed");
	assert_string_equal(verdict_name(VERDICT_UNCHECKED), "unchecked");
	assert_string_equal(verdict_name(NR_VERDICTS), "?");
	assert_string_equal(scope_name(SCOPE_KERNEL), "kernel");
	assert_string_equal(row_flag_name(0), "provisional");
	assert_string_equal(row_flag_name(NR_ROW_FLAGS), "?");
}

int main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		TEST(regressed),
		TEST(improved_is_suspect),
		TEST(equivalent),
		TEST(equivalent_at_the_edge),
		TEST(small),
		TEST(inconclusive),
		TEST(beyond_margin),
		TEST(boots_are_the_units),
		TEST(one_boot_against_several),
		TEST(shared_boot_is_used),
		TEST(one_boot_for_both),
		TEST(variance_floor),
		TEST(linear_scale),
		TEST(exact_metric),
		TEST(counts),
		TEST(noisy),
		TEST(rows_are_matched),
		TEST(zero_counts_are_dropped),
		TEST(families),
		TEST(summary),
		TEST(names),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
