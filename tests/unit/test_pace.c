// SPDX-License-Identifier: GPL-2.0-or-later
/* Which samples and which runs had the core for themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "drivers/sampler.h"
#include "lib/pace.h"
#include "tests/unit/pair.h"

#define N	200

static uint64_t pace[N], v[N], kept[N];

/* The first @shared samples were taken beside a busy sibling. */
static void samples(int shared)
{
	int i;

	for (i = 0; i < N; i++) {
		pace[i] = i < shared ? 5300 + 7 * i : 3062 + i % 3;
		v[i] = i < shared ? 500 + i : 380;
	}
}

static void test_reference(void **state)
{
	samples(0);
	assert_in_range(pace_reference(pace, N), 3062, 3064);
	samples(150);
	assert_in_range(pace_reference(pace, N), 3062, 3064);
	/* Of few samples the first quarter decides. */
	samples(0);
	assert_in_range(pace_reference(pace, 8), 3062, 3064);
	assert_int_equal(pace_reference(pace, 1), 3062);
	assert_int_equal(pace_reference(pace, 0), 0);
	/* It was never alone: the reference is that of the disturbed core. */
	samples(N);
	assert_true(pace_reference(pace, N) >= 5300);
}

static void test_select(void **state)
{
	size_t n, i;

	samples(150);
	n = pace_select(pace, v, N, pace_reference(pace, N), 24.5, kept);
	assert_int_equal(n, 50);
	for (i = 0; i < n; i++)
		assert_int_equal(kept[i], 380);
	/* One step of the clock more or less is the same pace. */
	pace[199] = 3063 * PACE_TOLERANCE + 24;
	assert_int_equal(pace_select(pace, v, N, 3063, 24.5, kept), 50);
	pace[199] = 3063 * PACE_TOLERANCE + 26;
	assert_int_equal(pace_select(pace, v, N, 3063, 24.5, kept), 49);
}

static void test_disturbed(void **state)
{
	assert_false(pace_disturbed(0.80, 0.77));
	assert_true(pace_disturbed(1.30, 0.77));
	/* Unknown is not disturbed. */
	assert_false(pace_disturbed(0, 0.77));
	assert_false(pace_disturbed(1.30, 0));
}

/* The loop's length is what it is said to be: twice as long takes longer. */
static void test_loop(void **state)
{
	uint64_t once = UINT64_MAX, twice = UINT64_MAX, t;
	int i;

	for (i = 0; i < 1000; i++) {
		t = sampler_pace(PACE_ITERATIONS);
		once = t < once ? t : once;
		t = sampler_pace(2 * PACE_ITERATIONS);
		twice = t < twice ? t : twice;
	}
	assert_in_range(100 * twice / once, 150, 250);
}

static void give_pace(struct obs_set *s, int shared)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		s->v[i].pace = (int)i < shared ? 1.35 : 0.77;
	for (i = 0; i < s->nboots; i++)
		s->boot[i].pace = 0.765;
	for (i = 0; (int)i < shared; i++)
		s->v[i].value *= 1.4;
}

/* Runs beside a busy sibling are counted, and left out of the figure. */
static void test_runs_left_out(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 10, 0.004, 1.0);
	give_pace(&p->b, 3);
	judge(p);
	assert_int_equal(p->row->verdict, VERDICT_EQUIVALENT);
	assert_int_equal(p->row->runs_base, 10);
	assert_int_equal(p->row->runs_new, 7);
	assert_int_equal(p->row->disturbed_base, 0);
	assert_int_equal(p->row->disturbed_new, 3);
	assert_true(p->row->flags & ROW_DISTURBED);
}

static void test_too_few_left(void **state)
{
	struct pair *p = *state;

	pair_boot(p, 10, 0.004, 1.0);
	give_pace(&p->b, 6);
	judge(p);
	assert_int_equal(p->row->verdict, VERDICT_UNCHECKED);
	assert_non_null(strstr(p->row->reason, "4 undisturbed runs of v2"));
	pair_boot(p, 10, 0.004, 1.0);
	give_pace(&p->b, 10);
	judge(p);
	assert_int_equal(p->row->verdict, VERDICT_UNCHECKED);
	assert_non_null(strstr(p->row->reason,
			       "shared during every run of v2"));
	assert_true(isnan(p->row->ratio));
	assert_true(p->row->now > 0);
}

static void test_summary_counts_them(void **state)
{
	struct pair *p = *state;
	struct summary_row *rows;
	size_t n;

	pair_boot(p, 10, 0.004, 1.0);
	give_pace(&p->b, 4);
	assert_int_equal(summarize(&p->b, &rows, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rows->runs, 6);
	assert_int_equal(rows->disturbed, 4);
	near(rows->mid, 1000, 5);
	assert_int_equal(rows->status, RUN_OK);
	free(rows);
	/* Nothing but disturbed runs: shown, and said. */
	pair_boot(p, 10, 0.004, 1.0);
	give_pace(&p->b, 10);
	assert_int_equal(summarize(&p->b, &rows, &n), 0);
	assert_int_equal(rows->runs, 10);
	assert_int_equal(rows->status, RUN_DISTURBED);
	near(rows->mid, 1400, 7);
	assert_non_null(strstr(rows->reason, "shared"));
	free(rows);
}

#define PAIR(f)	cmocka_unit_test_setup_teardown(f, pair_setup, pair_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_disturbed),
		cmocka_unit_test(test_loop),
		PAIR(test_runs_left_out),
		PAIR(test_too_few_left),
		PAIR(test_summary_counts_them),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
