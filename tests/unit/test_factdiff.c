// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "analysis/compare.h"
#include "tests/unit/sets.h"

/* Two sets of two boots a side, each with one clear regression. */
struct pair {
	struct obs_set a;
	struct obs_set b;
	struct comparison c;
};

static void fill(struct obs_set *s, double level)
{
	int i, k;

	set_row(s, "vmexit.cpuid");
	for (k = 0; k < 2; k++) {
		set_boot(s, NULL);
		for (i = 0; i < 5; i++)
			set_run(s, 0, k, level * (1 + .001 * (i + k)));
	}
}

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	*state = p;
	if (!p)
		return -1;
	p->a = set_new("v1");
	p->b = set_new("v2");
	fill(&p->a, 1000);
	fill(&p->b, 1100);
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	comparison_free(&p->c);
	set_free(&p->a);
	set_free(&p->b);
	free(p);
	return 0;
}

/* The same fact on all boots of a side; NULL: absent. */
static void text(struct pair *p, const char *key, enum fact_class class,
		 const char *base, const char *now)
{
	int k;

	for (k = 0; k < 2; k++) {
		if (base)
			facts_text(&p->a.boot[k].facts, key, class, 1, base);
		if (now)
			facts_text(&p->b.boot[k].facts, key, class, 1, now);
	}
}

static void real(struct pair *p, const char *key, double base, double now)
{
	int k;

	for (k = 0; k < 2; k++) {
		facts_real(&p->a.boot[k].facts, key, FACT_ENVIRONMENT, 1,
			   base);
		facts_real(&p->b.boot[k].facts, key, FACT_ENVIRONMENT, 1,
			   now);
	}
}

static void judge(struct pair *p, const char *allow)
{
	struct compare_opts opts = compare_defaults;

	opts.allow = &allow;
	opts.nallow = allow ? 1 : 0;
	comparison_free(&p->c);
	assert_int_equal(compare(&p->a, &p->b, &opts, &p->c), 0);
	assert_int_equal(p->c.nrows, 1);
}

static void expect_refused(struct pair *p, const char *words)
{
	const struct compare_row *r = p->c.row;

	assert_true(p->c.refused);
	if (!strstr(p->c.refusal, words))
		fail_msg("\"%s\" does not say \"%s\"", p->c.refusal, words);
	assert_string_equal(r->reason, p->c.refusal);
	assert_int_equal(r->verdict, VERDICT_UNCHECKED);
	assert_true(isnan(r->ratio) && isnan(r->lo) && isnan(r->hi));
	assert_true(isnan(r->p) && isnan(r->p_adj) && isnan(r->mde));
	assert_true(r->base > 999 && r->now > 1099);
	assert_int_equal(r->n_base, 2);
	assert_int_equal(r->runs_new, 10);
}

static void expect_judged(struct pair *p)
{
	assert_false(p->c.refused);
	assert_int_equal(p->c.row->verdict, VERDICT_REGRESSED);
}

static void same(void **state)
{
	struct pair *p = *state;

	text(p, "cpu.model", FACT_ENVIRONMENT, "EPYC", "EPYC");
	text(p, "kernel.release", FACT_IDENTITY, "6.1", "6.1");
	judge(p, NULL);
	expect_judged(p);
	assert_int_equal(p->c.ndiffs, 0);
}

static void environment_refuses(void **state)
{
	struct pair *p = *state;

	text(p, "cpu.microcode", FACT_ENVIRONMENT, "0x1", "0x2");
	judge(p, NULL);
	expect_refused(p, "cpu.microcode (0x1 against 0x2)");
	assert_int_equal(p->c.ndiffs, 1);
	assert_string_equal(p->c.diff->base, "0x1");
	assert_string_equal(p->c.diff->now, "0x2");
	assert_string_equal(p->c.diff->host, "lab1");
	assert_int_equal(p->c.diff->allowed, 0);
	text(p, "cpu.governor", FACT_ENVIRONMENT, "powersave", "performance");
	judge(p, "cpu.microcode");
	expect_refused(p, "cpu.governor (powersave against performance)");
	judge(p, "cpu.governor");
	expect_refused(p, "cpu.microcode (0x1 against 0x2)");
	judge(p, NULL);
	expect_refused(p, " and 1 more");
}

static void allowed_by_name(void **state)
{
	struct pair *p = *state;

	text(p, "cpu.microcode", FACT_ENVIRONMENT, "0x1", "0x2");
	judge(p, "cpu.microcode");
	expect_judged(p);
	assert_int_equal(p->c.ndiffs, 1);
	assert_int_equal(p->c.diff->allowed, 1);
	assert_int_equal(p->c.diff->class, FACT_ENVIRONMENT);
	judge(p, "cpu.*");
	expect_judged(p);
	judge(p, "*");
	expect_judged(p);
	judge(p, "cpu.micro");
	expect_refused(p, "cpu.microcode");
	judge(p, "cpu");
	expect_refused(p, "cpu.microcode");
	judge(p, "");
	expect_refused(p, "cpu.microcode");
}

static void identity_and_treatment_are_listed(void **state)
{
	struct pair *p = *state;

	text(p, "vulnerabilities.mds", FACT_TREATMENT, "a", "b");
	text(p, "kernel.release", FACT_IDENTITY, "6.1", "6.2");
	text(p, "run.load", FACT_WITNESS, "0.1", "0.2");
	text(p, "cpu.microcode", FACT_ENVIRONMENT, "0x1", "0x2");
	judge(p, "cpu.microcode");
	expect_judged(p);
	assert_int_equal(p->c.ndiffs, 3);
	assert_string_equal(p->c.diff[0].key, "cpu.microcode");
	assert_string_equal(p->c.diff[1].key, "kernel.release");
	assert_string_equal(p->c.diff[2].key, "vulnerabilities.mds");
}

static void within_a_side(void **state)
{
	struct pair *p = *state;

	text(p, "cpu.governor", FACT_ENVIRONMENT, "performance",
	     "performance");
	facts_text(&p->b.boot[1].facts, "cpu.governor", FACT_ENVIRONMENT, 1,
		   "powersave");
	judge(p, NULL);
	expect_refused(p, "(performance against performance, powersave)");
}

static void absent(void **state)
{
	struct pair *p = *state;

	text(p, "thp.shmem", FACT_ENVIRONMENT, NULL, "never");
	judge(p, NULL);
	expect_judged(p);
	assert_int_equal(p->c.ndiffs, 1);
	assert_int_equal(p->c.diff->class, FACT_IDENTITY);
	assert_string_equal(p->c.diff->base, "absent");
	assert_string_equal(p->c.diff->now, "never");
	/* but not two values on the side that has it */
	facts_text(&p->b.boot[1].facts, "thp.shmem", FACT_ENVIRONMENT, 1,
		   "always");
	judge(p, NULL);
	expect_refused(p, "thp.shmem (absent against always, never)");
}

static void measured_numbers(void **state)
{
	struct pair *p = *state;

	real(p, "cache.ns", 26, 26.2);
	judge(p, NULL);
	expect_judged(p);
	assert_int_equal(p->c.ndiffs, 0);
	real(p, "cache.ns", 26, 26.4);
	judge(p, NULL);
	expect_refused(p, "cache.ns (26 against 26.4)");
	real(p, "cache.ns", NAN, NAN);
	judge(p, NULL);
	expect_judged(p);
	real(p, "cache.ns", 26, NAN);
	judge(p, NULL);
	expect_refused(p, "cache.ns");
	real(p, "cache.ns", 0, 0);
	facts_int(&p->b.boot[1].facts, "cache.ns", FACT_ENVIRONMENT, 1, 0);
	judge(p, NULL);
	expect_judged(p);
	text(p, "cache.ns", FACT_ENVIRONMENT, "0", "0");
	facts_int(&p->b.boot[1].facts, "cache.ns", FACT_ENVIRONMENT, 1, 0);
	judge(p, NULL);
	expect_refused(p, "cache.ns");
	text(p, "cache.ns", FACT_ENVIRONMENT, "0", "0");
	facts_int(&p->a.boot[0].facts, "cpus", FACT_ENVIRONMENT, 1, 1000);
	facts_int(&p->b.boot[0].facts, "cpus", FACT_ENVIRONMENT, 1, 1001);
	judge(p, NULL);
	expect_refused(p, "cpus (1000 against 1001)");
}

static void unpublished_values_stay(void **state)
{
	struct pair *p = *state;

	text(p, "kernel.cmdline", FACT_ENVIRONMENT, "key=secret", "key=none");
	p->b.boot[0].facts.v[0].publish = 0;
	judge(p, NULL);
	expect_refused(p, "kernel.cmdline");
	assert_null(strstr(p->c.refusal, "secret"));
	assert_int_equal(p->c.diff->publish, 0);
}

/* Boots without figures, and hosts on one side only, do not count. */
static void other_boots(void **state)
{
	struct pair *p = *state;
	int k;

	text(p, "cpu.model", FACT_ENVIRONMENT, "EPYC", "EPYC");
	k = set_boot(&p->b, NULL);
	facts_text(&p->b.boot[k].facts, "cpu.model", FACT_ENVIRONMENT, 1,
		   "Xeon");
	judge(p, NULL);
	expect_judged(p);
	p->b.boot[k].host = "lab2";
	set_run(&p->b, 0, k, 1);
	comparison_free(&p->c);
	assert_int_equal(compare(&p->a, &p->b, NULL, &p->c), 0);
	assert_false(p->c.refused);
	assert_int_equal(p->c.ndiffs, 0);
}

/* Many long values: cut, and said to be. */
static void long_lists(void **state)
{
	struct pair *p = *state;
	char value[FACT_TEXT_MAX];
	int i, k;

	for (i = 0; i < 20; i++) {
		k = set_boot(&p->a, NULL);
		set_run(&p->a, 0, k, 1000);
		memset(value, 'a' + i, sizeof(value) - 1);
		value[sizeof(value) - 1] = 0;
		facts_text(&p->a.boot[k].facts, "cpu.flags", FACT_ENVIRONMENT,
			   1, value);
		value[30] = 0;
		facts_text(&p->a.boot[k].facts, "cpu.short", FACT_ENVIRONMENT,
			   1, value);
	}
	text(p, "cpu.flags", FACT_ENVIRONMENT, NULL, "z");
	text(p, "cpu.short", FACT_ENVIRONMENT, NULL, "z");
	judge(p, NULL);
	assert_true(p->c.refused);
	assert_int_equal(p->c.ndiffs, 2);
	assert_int_equal(strlen(p->c.diff[1].base), FACT_TEXT_MAX - 1);
	assert_string_equal(p->c.diff[1].base + FACT_TEXT_MAX - 4, "...");
}

int main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(same),
		TEST(environment_refuses),
		TEST(allowed_by_name),
		TEST(identity_and_treatment_are_listed),
		TEST(within_a_side),
		TEST(absent),
		TEST(measured_numbers),
		TEST(unpublished_values_stay),
		TEST(other_boots),
		TEST(long_lists),
	};

	return cmocka_run_group_tests_name("factdiff", tests, NULL, NULL);
}
