// SPDX-License-Identifier: GPL-2.0-or-later
/* Every reason not to judge a row, and rows of anything at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "tests/unit/pair.h"

static void too_few(void **state)
{
	struct compare_opts opts = compare_defaults;
	struct pair *p = *state;

	pair_boot(p, 4, 0.004, 1.05);
	judge(p);
	expect_unchecked(p, "4 runs of v1, 5 needed");
	near(p->row->base, 1000, 1e-9);
	near(p->row->now, 1050, 1e-9);
	assert_int_equal(p->row->n_base, 4);
	opts.min_runs = 4;
	judge_by(p, &opts);
	expect(p, VERDICT_REGRESSED, "+5.0 %");
	pair_boot(p, 1, 0, 1.05);
	opts.min_runs = 0;
	judge_by(p, &opts);
	expect_unchecked(p, "1 run of v1, 2 needed");
	pair_kernel(p, 4, 0.003, 1.05);
	opts.min_boots = 5;
	judge_by(p, &opts);
	expect_unchecked(p, "4 boots of v1, 5 needed");
}

static void not_measured(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 5, 0.004, 1);
	p->b.n = 0;
	judge(p);
	expect_unchecked(p, "not measured in v2");
	near(p->row->base, 1000, 1e-9);
	assert_true(isnan(p->row->now));
	set_missing(&p->b, 0, RUN_FAILED, "no", 1);
	set_missing(&p->b, 0, RUN_SKIPPED, "no /dev/kvm", 2);
	judge(p);
	expect_unchecked(p, "not measured in v2: skipped: no /dev/kvm");
	p->b.nrows = p->b.nmissing = 0;
	judge(p);
	expect_unchecked(p, "not measured in v2");
	assert_int_equal(p->row->runs_base, 5);
	p->a.nrows = p->a.n = 0;
	comparison_free(&p->c);
	assert_int_equal(compare(&p->a, &p->b, NULL, &p->c), 0);
	assert_int_equal(p->c.nrows, 0);
}

static void redefined(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 5, 0.004, 1);
	p->b.row[0].metric.unit = "tsc";
	judge(p);
	expect_unchecked(p, "unit was ns, is tsc");
	p->b.row[0].metric.unit = "ns";
	p->b.row[0].metric.better = BETTER_HIGHER;
	judge(p);
	expect_unchecked(p, "definition changed");
}

static void interpreted(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 5, 0.004, 1.1);
	p->b.v[3].status = RUN_INTERPRETED;
	judge(p);
	expect_unchecked(p, "ring interpreted in v2");
}

static void claimed_state(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 5, 0.004, 1.1);
	p->a.boot[0].state = STATE_UNVERIFIED;
	p->a.boot[0].evidence = "no such file";
	judge(p);
	expect(p, VERDICT_REGRESSED, "+10");
	p->a.arm = "off";
	judge(p);
	expect_unchecked(p, "claimed state not verified in v1: no such file");
	p->a.boot[0].state = STATE_VERIFIED;
	judge(p);
	expect(p, VERDICT_REGRESSED, "+10");
	p->b.boot[0].state = STATE_CONTRADICTED;
	p->b.boot[0].evidence = "asi=off";
	judge(p);
	expect_unchecked(p, "claimed state contradicted in v2: asi=off");
	p->a.arm = "on";
	judge(p);
	expect_unchecked(p, "claimed state contradicted in v2: asi=off");
}

static void runs_lost(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 10, 0.004, 1.1);
	set_missing(&p->b, 0, RUN_INVALID, "peer was off its CPU", 2);
	set_missing(&p->b, 0, RUN_INTERRUPTED, "", 9);
	judge(p);
	expect(p, VERDICT_REGRESSED, "+10");
	set_missing(&p->b, 0, RUN_STUCK, "", 1);
	judge(p);
	expect_unchecked(p, "runs lost: 0 of 10 of v1, 3 of 13 of v2");
	set_missing(&p->a, 0, RUN_INVALID, "", 3);
	judge(p);
	expect(p, VERDICT_REGRESSED, "+10");
	set_missing(&p->a, 0, RUN_INVALID, "", 3);
	set_missing(&p->b, 0, RUN_FAILED, "", 3);
	judge(p);
	expect_unchecked(p, "runs lost: 6 of 16 of v1, 6 of 16 of v2");
}

static void not_numbers(void **state)
{
	static const double bad[] = { 0, -5, NAN, INFINITY, -INFINITY };
	enum scale scale;
	struct pair *p = *state;
	size_t i;

	for (scale = SCALE_LOG; scale <= SCALE_LINEAR; scale++)
		for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
			pair_boot(p, 5, 0.1, 1);
			pair_metric(p, (struct metric){ .scale = scale });
			p->b.v[1].value = bad[i];
			judge(p);
			if (!isfinite(bad[i]))
				expect_unchecked(p, "1 of 5 figures of v2 are "
						 "not finite");
			else if (scale == SCALE_LOG)
				expect_unchecked(p, "not positive");
			else
				assert_int_not_equal(p->row->verdict,
						     VERDICT_UNCHECKED);
				}
	/* sizes at the ends of what a double holds */
	pair_boot(p, 5, 0.01, 1.1);
	for (i = 0; i < 5; i++) {
		p->a.v[i].value *= 1e300;
		p->b.v[i].value *= 1e300;
	}
	judge(p);
	expect(p, VERDICT_REGRESSED, "+10.0 %");
	for (i = 0; i < 5; i++)
		p->a.v[i].value = 5e-324 * (1 + i);
	judge(p);
	assert_true(p->row->verdict == VERDICT_REGRESSED);
}

static void all_ties(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 5, 0, 1);
	judge(p);
	expect_unchecked(p, "no spread");
	near(p->row->now, 1000, 1e-9);
	/* one side only */
	pair_new(p);
	boot_runs(&p->a, "A", 1000, 0, 5);
	boot_runs(&p->b, "B", 1000, 0.004, 5);
	judge(p);
	expect(p, VERDICT_EQUIVALENT, "90 %");
}

/* ---- anything at all ---- */

static uint32_t dice(uint32_t sides)
{
	static uint64_t x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % sides;
}

static void garbage_side(struct obs_set *s, const struct metric *m)
{
	static const double odd[] = { 0, -1, NAN, INFINITY, -INFINITY, 1e308,
				      5e-324, 1000, 1000, 1001 };
	int boots = dice(4), runs = dice(20), i;
	bool sane = dice(2);

	set_row(s, "a");
	set_row(s, "b");
	s->row[0].metric = m[0];
	s->row[1].metric = m[dice(10) ? 1 : 0];
	for (i = 0; i < boots; i++) {
		set_boot(s, dice(2) ? "A" : "B");
		facts_real(&s->boot[i].facts, "tsc.step", FACT_IDENTITY, 1,
			   dice(9) ? 26 : NAN);
	}
	for (i = 0; i < runs && boots; i++) {
		struct obs *o = set_run(s, dice(2), dice(boots), sane ?
					900 + dice(200) : odd[dice(10)]);

		o->batch = dice(3);
		o->n = dice(2) * dice(1000);
	}
	if (!dice(4))
		set_missing(s, dice(2), dice(NR_RUN_STATUSES), NULL, dice(9));
}

static void no_nonsense(const struct compare_row *r)
{
	assert_true(*r->reason);
	assert_true(isnan(r->p) || (r->p >= 0 && r->p <= r->p_adj &&
				    r->p_adj <= r->p_holm && r->p_holm <= 1));
	assert_true(isnan(r->mde) || (r->mde >= 0 && isfinite(r->mde)));
	assert_true(isnan(r->lo) == isnan(r->hi));
	assert_true(isnan(r->lo) || (r->lo <= r->ratio && r->ratio <= r->hi));
	assert_true(r->need >= 0 && r->need <= 1000);
	if (r->verdict == VERDICT_UNCHECKED && !strstr(r->reason, "neither"))
		assert_true(isnan(r->ratio) && isnan(r->p) && isnan(r->mde));
}

static void garbage(void **state)
{
	struct pair *p = *state;
	struct summary_row *rows;
	struct metric m[2];
	size_t n, k;
	int i;

	for (i = 0; i < 4000; i++) {
		pair_clear(p);
		for (k = 0; k < 2; k++)
			m[k] = (struct metric){
				.name = k ? "p99" : "latency",
				.unit = dice(2) ? "tsc" : "1/s",
				.better = dice(3), .scale = dice(2),
				.nature = dice(3), .primary = dice(2),
			};
		p->a = set_new("v1");
		p->b = set_new("v2");
		garbage_side(&p->a, m);
		garbage_side(&p->b, m);
		judge(p);
		for (k = 0; k < p->c.nrows; k++)
			no_nonsense(&p->c.row[k]);
		assert_int_equal(summarize(&p->a, &rows, &n), 0);
		free(rows);
	}
}

int main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, pair_setup, pair_teardown)
	const struct CMUnitTest tests[] = {
		TEST(too_few),
		TEST(not_measured),
		TEST(redefined),
		TEST(interpreted),
		TEST(claimed_state),
		TEST(runs_lost),
		TEST(not_numbers),
		TEST(all_ties),
		TEST(garbage),
	};

	return cmocka_run_group_tests_name("unchecked", tests, NULL, NULL);
}
