// SPDX-License-Identifier: GPL-2.0-or-later
/* Contrasts: against numbers worked by hand, and how often they cover. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdio.h>

#include "analysis/contrast.h"
#include "lib/stats.h"
#include "tests/unit/pair.h"

/* ---- numbers ---- */

static void test_difference(void **state)
{
	const struct contrast_cell cell[] = { { 1, 4, 4 }, { 3, 9, 9 } };
	const double w[] = { -1, 1 };
	struct contrast c = contrast(cell, w, 2, 0.95);
	struct stats_welch t = stats_welch(1, 4, 4, 3, 9, 9);

	/* 4/4 + 9/9 = 2; 2^2 / (1^2/3 + 1^2/8) = 96/11. */
	near(c.value, 2, 0);
	near(c.se, sqrt(2), 1e-15);
	near(c.df, 96 / 11., 1e-12);
	/* Of two means it is Welch's. */
	near(c.p, t.p, 1e-15);
	near(c.df, t.df, 1e-12);
	/* t(.975, 8.7273) = 2.2733 */
	near(c.hi - c.value, 2.2733 * sqrt(2), 2e-3);
}

static void test_four(void **state)
{
	const struct contrast_cell cell[] = {
		{ 1, 0.04, 4 }, { 1.5, 0.09, 9 }, { 2, 0.16, 4 },
		{ 2.9, 0.05, 5 },
	};
	const double w[] = { 1, -1, -1, 1 };
	struct contrast c = contrast(cell, w, 4, 0.95);

	/* (2.9 - 2) - (1.5 - 1) = .4; variances .01, .01, .04, .01 */
	near(c.value, 0.4, 1e-12);
	near(c.se, sqrt(0.07), 1e-15);
	near(c.df, 0.0049 / (1e-4 / 3 + 1e-4 / 8 + 16e-4 / 3 + 1e-4 / 4),
	     1e-9);
	near(c.lo, 0.4 - stats_t_quantile(0.975, c.df) * c.se, 1e-12);
}

static void test_unknown(void **state)
{
	const struct contrast_cell one[] = { { 1, 4, 4 }, { 3, 9, 1 } };
	const struct contrast_cell flat[] = { { 1, 0, 4 }, { 3, 0, 4 } };
	const struct contrast_cell odd[] = { { 1, 4, 4 }, { NAN, 9, 4 } };
	const double w[] = { -1, 1 }, only[] = { 1, 0 };

	assert_true(isnan(contrast(one, w, 2, 0.95).p));
	assert_true(isnan(contrast(flat, w, 2, 0.95).se));
	assert_true(isnan(contrast(odd, w, 2, 0.95).p));
	/* What has no weight does not matter. */
	near(contrast(one, only, 2, 0.95).se, 1, 0);
	near(contrast(odd, only, 2, 0.95).value, 1, 0);
}

/* Fieller's set is what a t test of part - rho total does not refuse. */
static void test_fieller(void **state)
{
	const struct contrast_cell cell[] = {
		{ 0, 1, 100 }, { 1, 2, 100 }, { 3, 1.5, 100 },
	};
	const double part[] = { -1, 1, 0 }, total[] = { -1, 0, 1 };
	double lo, hi, share, rho, t;

	share = contrast_share(cell, part, total, 3, 0.95, &lo, &hi);
	near(share, 1 / 3., 1e-12);
	assert_true(lo < share && share < hi);
	for (rho = 0; rho < 1; rho += 0.001) {
		double w[] = { rho - 1, 1, -rho };
		struct contrast c = contrast(cell, w, 3, 0.95);

		t = fabs(c.value / c.se);
		if (rho > lo + 0.002 && rho < hi - 0.002)
			assert_true(t < 1.98);
		if (rho < lo - 0.002 || rho > hi + 0.002)
			assert_true(t > 1.96);
	}
	/* The total is all of itself. */
	near(contrast_share(cell, total, total, 3, 0.95, &lo, &hi), 1, 0);
	near(lo, 1, 1e-9);
	near(hi, 1, 1e-9);
}

static void test_no_share(void **state)
{
	const struct contrast_cell cell[] = {
		{ 0, 1, 5 }, { 1, 1, 5 }, { 0.5, 1, 5 },
	};
	const double part[] = { -1, 1, 0 }, total[] = { -1, 0, 1 },
		     none[] = { 0, 0, 0 };
	double lo, hi;

	/* The total may be nothing: nothing has no shares. */
	assert_true(isnan(contrast_share(cell, part, total, 3, 0.95, &lo,
					 &hi)));
	assert_true(isnan(lo) && isnan(hi));
	assert_true(isnan(contrast_share(cell, part, none, 3, 0.95, &lo,
					 &hi)));
}

/* ---- coverage ---- */

#define REPEAT	4000

static struct contrast_cell drawn(gsl_rng *rng, double mean, double sd, int n)
{
	double v[16];
	int i;

	for (i = 0; i < n; i++)
		v[i] = mean + gsl_ran_gaussian(rng, sd);
	return (struct contrast_cell) { stats_mean(v, n), stats_var(v, n),
					n };
}

/* Intervals of 95 %: at least 93.5, at most 97.5 of 100 hold the truth. */
static void covers(int hits, int n)
{
	if (hits < 0.935 * n || hits > 0.975 * n)
		fail_msg("%d of %d intervals cover: %.3f", hits, n,
			 (double)hits / n);
}

static void test_coverage(void **state)
{
	static const double w[] = { 1, -1, -1, 1 };
	static const struct { int n[4]; double sd[4]; } cases[] = {
		{ { 5, 5, 5, 5 }, { 1, 1, 1, 1 } },
		{ { 3, 5, 4, 8 }, { 1, 1, 1, 1 } },
		{ { 5, 5, 5, 5 }, { 1, 1, 1, 4 } },
		{ { 10, 10, 10, 10 }, { 0.5, 1, 2, 1 } },
	};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t k;
	int i, j;

	gsl_rng_set(rng, 7);
	for (k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		int hits = 0;

		for (i = 0; i < REPEAT; i++) {
			struct contrast_cell cell[4];
			struct contrast c;

			for (j = 0; j < 4; j++)
				cell[j] = drawn(rng, j, cases[k].sd[j],
						cases[k].n[j]);
			c = contrast(cell, w, 4, 0.95);
			hits += c.lo <= 0 && 0 <= c.hi;
		}
		covers(hits, REPEAT);
	}
	gsl_rng_free(rng);
}

/* Of a chain of kernels: base, one patch, all of them. */
static void test_share_coverage(void **state)
{
	static const double part[] = { -1, 1, 0 }, total[] = { -1, 0, 1 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double lo, hi;
	int i, hits = 0, said = 0;

	gsl_rng_set(rng, 8);
	for (i = 0; i < REPEAT; i++) {
		const struct contrast_cell cell[] = {
			drawn(rng, 0, 1, 6), drawn(rng, 3, 1, 6),
			drawn(rng, 10, 1, 6),
		};

		if (isnan(contrast_share(cell, part, total, 3, 0.95, &lo,
					 &hi)))
			continue;
		said++;
		hits += lo <= 0.3 && 0.3 <= hi;
	}
	assert_true(said > 0.99 * REPEAT);
	covers(hits, said);
	gsl_rng_free(rng);
}

/* ---- sets ---- */

#define BOOTS	4

/* @boots boots of 5 runs, spread by half a percent, level @level. */
static struct obs_set set_of(const char *name, const char *arm, int boots,
			     double level)
{
	struct obs_set s = set_new(name);
	int i;

	s.arm = arm;
	set_row(&s, "vmexit.cpuid");
	for (i = 0; i < boots; i++)
		boot_runs(&s, NULL, level * exp(boots > 1 ?
			  0.005 * (2. * i / (boots - 1) - 1) : 0), 0.003, 5);
	return s;
}

static struct contrast_row one(const struct contrast_want *want)
{
	struct contrast_row *rows, r;
	size_t n;

	assert_int_equal(contrast_rows(want, NULL, &rows, &n), 0);
	assert_int_equal(n, 1);
	r = rows[0];
	free(rows);
	return r;
}

/* The cost of a switch, in two revisions; and whether it changed. */
static void test_sets(void **state)
{
	struct obs_set s[4] = {
		set_of("v2@off", "off", BOOTS, 1000),
		set_of("v2@on", "on", BOOTS, 1100),
		set_of("v3@off", "off", BOOTS, 1010),
		set_of("v3@on", "on", BOOTS, 1212),
	};
	static const double w[] = { 1, -1, -1, 1 };
	struct contrast_want want = { .n = 0 };
	struct contrast_row r;
	double var;
	int i;

	for (i = 0; i < 4; i++)
		contrast_term(&want, &s[i], w[i], 0);
	r = one(&want);
	assert_string_equal(r.reason, "");
	assert_int_equal(r.scope, SCOPE_KERNEL);
	assert_int_equal(r.least, BOOTS);
	near(r.ratio, 1.2 / 1.1, 1e-9);
	/* Four boots at -5, -5/3, 5/3, 5 thousandths, four times. */
	var = 2 * (25 + 25 / 9.) / 3 * 1e-6;
	near(r.se, sqrt(4 * var / BOOTS), 1e-9);
	near(r.df, 12, 1e-6);
	assert_true(r.lo < r.ratio && r.ratio < r.hi && r.p < 0.001);
	assert_true(isnan(r.share));
	for (i = 0; i < 4; i++)
		set_free(&s[i]);
}

/* A set with two weights stands in once: what cancels does not matter. */
static void test_terms(void **state)
{
	struct obs_set a = set_of("a", "on", BOOTS, 1000);
	struct obs_set b = set_of("b", "on", BOOTS, 1010);
	struct contrast_want want = { .n = 0 };
	struct contrast_row r;

	contrast_term(&want, &a, -1, -1);
	contrast_term(&want, &b, 1, 0);
	contrast_term(&want, &b, 0, 1);
	assert_int_equal(want.n, 2);
	r = one(&want);
	near(r.share, 1, 1e-12);
	near(r.ratio, 1.01, 1e-9);
	set_free(&a);
	set_free(&b);
}

/* One boot of one of them: runs of one boot of each, and it is said. */
static void test_boot_scope(void **state)
{
	struct obs_set a = set_of("a", "on", BOOTS, 1000);
	struct obs_set b = set_of("b", "on", 1, 1010);
	struct contrast_want want = { .n = 0 };
	struct contrast_row r;

	/* The same boot as b's: that one is taken, whatever its level. */
	a.boot[1].uuid = b.boot[0].uuid = "11111111";
	contrast_term(&want, &a, -1, 0);
	contrast_term(&want, &b, 1, 0);
	r = one(&want);
	assert_int_equal(r.scope, SCOPE_BOOT);
	assert_int_equal(r.least, 5);
	assert_int_equal(r.most, 5);
	near(log(r.ratio), log(1.01) + 0.005 / 3, 1e-9);
	set_free(&a);
	set_free(&b);
}

static void expect_reason(struct obs_set *a, struct obs_set *b,
			  const char *why)
{
	struct contrast_want want = { .n = 0 };
	struct contrast_row r;

	contrast_term(&want, a, -1, 0);
	contrast_term(&want, b, 1, 0);
	r = one(&want);
	if (!strstr(r.reason, why))
		fail_msg("\"%s\", not \"%s\"", r.reason, why);
	assert_true(isnan(r.ratio) && isnan(r.p) && isnan(r.se));
}

/* What compare() would not judge has no contrast. */
static void test_refused(void **state)
{
	struct obs_set a = set_of("a", "on", BOOTS, 1000);
	struct obs_set b = set_of("b", "on", BOOTS, 1010);
	struct obs_set c = set_new("c");

	b.boot[2].state = STATE_CONTRADICTED;
	expect_reason(&a, &b, "contradicted");
	b.boot[2].state = STATE_VERIFIED;
	b.v[3].status = RUN_INTERPRETED;
	expect_reason(&a, &b, "interpreted");
	b.v[3].status = RUN_OK;
	facts_text(&a.boot[0].facts, "cpu.microcode", FACT_ENVIRONMENT, 1,
		   "0x1");
	facts_text(&b.boot[0].facts, "cpu.microcode", FACT_ENVIRONMENT, 1,
		   "0x2");
	expect_reason(&a, &b, "cpu.microcode");
	expect_reason(&a, &c, "not measured in c");
	b.v[0].value = -1;
	set_free(&a);
	a = set_of("a", "on", BOOTS, 1000);
	facts_free(&b.boot[0].facts);
	expect_reason(&a, &b, "not positive");
	set_free(&a);
	set_free(&b);
	set_free(&c);
}

/* Bytes that are the same each time: a ratio without an error. */
static void test_exact(void **state)
{
	const struct metric bytes = { "mapped", "bytes", BETTER_LOWER,
				      SCALE_LINEAR, NATURE_EXACT, 1 };
	struct obs_set s[2] = { set_of("a", "on", 2, 1),
				set_of("b", "on", 2, 1) };
	struct contrast_want want = { .n = 0 };
	struct contrast_row r;
	size_t i;
	int k;

	for (k = 0; k < 2; k++) {
		s[k].row[0].metric = bytes;
		for (i = 0; i < s[k].n; i++)
			s[k].v[i].value = k ? 3 << 20 : 2 << 20;
		contrast_term(&want, &s[k], k ? 1 : -1, 0);
	}
	r = one(&want);
	assert_string_equal(r.reason, "");
	near(r.ratio, 1.5, 1e-12);
	near(r.lo, 1.5, 1e-12);
	near(r.se, 0, 0);
	assert_true(isnan(r.p));
	s[1].v[0].value++;
	expect_reason(&s[0], &s[1], "exact metric");
	set_free(&s[0]);
	set_free(&s[1]);
}

static void test_holm(void **state)
{
	struct contrast_row v[4] = {
		{ .p = 0.01, .id.metric.primary = 1 },
		{ .p = 0.04, .id.metric.primary = 1 },
		{ .p = NAN, .id.metric.primary = 1, .p_holm = NAN },
		{ .p = 0.03 },
	};
	struct contrast_row *row[] = { &v[0], &v[1], &v[2], &v[3] };

	assert_int_equal(contrast_holm(row, 4), 0);
	near(v[0].p_holm, 0.02, 1e-12);
	near(v[1].p_holm, 0.04, 1e-12);
	assert_true(isnan(v[2].p_holm));
	near(v[3].p_holm, 0.03, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_four),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_fieller),
		cmocka_unit_test(test_no_share),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_share_coverage),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_boot_scope),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_holm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
