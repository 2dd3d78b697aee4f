// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How often is compare() wrong? Seeded simulation: the figures are always
 * the same, the bounds are those of the promise plus Monte Carlo error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "analysis/compare.h"
#include "tests/unit/sets.h"

/**
 * struct sim - what is simulated
 * @change:	of the second side, as a factor
 * @changed:	rows that change, the first ones
 */
struct sim {
	int rows;
	int boots;
	int runs;
	double sd_boot;
	double sd_run;
	double change;
	int changed;
};

struct tally {
	int alarms;		/* rows REGRESSED or IMPROVED */
	int wrong;		/* of these, unchanged or in the wrong direction */
	int significant;	/* rows with p_adj <= 0.05 */
	int covered;		/* intervals that hold the truth */
	int equivalent;
	double fdp;		/* wrong / alarms, summed over comparisons */
};

static gsl_rng *rng;

static struct obs_set simulate(const struct sim *sim, double change)
{
	static const char *const names[] = {
		"a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
		"k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
	};
	struct obs_set s = set_new(change > 1 ? "new" : "base");
	int b, r, i;

	for (r = 0; r < sim->rows; r++)
		set_row(&s, names[r]);
	for (b = 0; b < sim->boots; b++) {
		set_boot(&s, NULL);
		for (r = 0; r < sim->rows; r++) {
			double level = log(1000) +
				gsl_ran_gaussian(rng, sim->sd_boot) +
				(r < sim->changed ? log(change) : 0);

			for (i = 0; i < sim->runs; i++)
				set_run(&s, r, b, exp(level +
					gsl_ran_gaussian(rng, sim->sd_run)));
		}
	}
	return s;
}

static struct tally one(const struct sim *sim)
{
	struct obs_set a = simulate(sim, 1), b = simulate(sim, sim->change);
	struct tally t = { 0 };
	struct comparison c;
	size_t i;

	assert_int_equal(compare(&a, &b, NULL, &c), 0);
	for (i = 0; i < c.nrows; i++) {
		const struct compare_row *r = &c.row[i];
		bool changed = (int)i < sim->changed;
		double truth = changed ? sim->change : 1;
		bool alarm = r->verdict == VERDICT_REGRESSED ||
			r->verdict == VERDICT_IMPROVED;

		t.alarms += alarm;
		t.wrong += alarm &&
			(!changed || r->verdict != VERDICT_REGRESSED);
		t.significant += r->p_adj <= 0.05;
		t.covered += r->lo <= truth && truth <= r->hi;
		t.equivalent += r->verdict == VERDICT_EQUIVALENT;
	}
	comparison_free(&c);
	set_free(&a);
	set_free(&b);
	return t;
}

/* Sums over @n comparisons; @families: those with any significant row. */
static struct tally many(const struct sim *sim, int n, int *families)
{
	struct tally sum = { 0 };
	int i;

	*families = 0;
	gsl_rng_set(rng, 20240229);
	for (i = 0; i < n; i++) {
		struct tally t = one(sim);

		*families += t.significant > 0;
		sum.alarms += t.alarms;
		sum.wrong += t.wrong;
		sum.significant += t.significant;
		sum.covered += t.covered;
		sum.equivalent += t.equivalent;
		sum.fdp += t.alarms ? t.wrong / (double)t.alarms : 0;
	}
	return sum;
}

/* @share of @n lies between @lo and @hi. */
static void between(const char *what, int count, int n, double lo, double hi)
{
	double share = count / (double)n;

	if (!(share >= lo && share <= hi))
		fail_msg("%s: %.4f is not in %g..%g", what, share, lo, hi);
}

static void false_alarms_on_one_boot(void **state)
{
	static const struct sim sim = { 20, 1, 5, 0, 0.01, 1, 0 };
	int families;

	many(&sim, 400, &families);
	between("family-wise", families, 400, 0.01, 0.08);
}

/*
 * Boots that differ twice as much as runs do. Were all runs of a side thrown
 * together, more than half of the families would alarm.
 */
static void false_alarms_over_boots(void **state)
{
	static const struct sim sim = { 20, 5, 5, 0.01, 0.005, 1, 0 };
	int families;

	many(&sim, 300, &families);
	between("family-wise", families, 300, 0.01, 0.08);
}

static void coverage(void **state)
{
	static const struct sim runs = { 20, 1, 10, 0, 0.01, 1.03, 20 };
	static const struct sim boots = { 20, 10, 2, 0.01, 0.005, 1.03, 20 };
	struct tally t;
	int families;

	t = many(&runs, 200, &families);
	between("runs", t.covered, 4000, 0.93, 0.97);
	t = many(&boots, 150, &families);
	between("boots", t.covered, 3000, 0.93, 0.97);
}

/* A change as large as the printed minimum is found about as promised. */
static void power_is_as_promised(void **state)
{
	/* 10 a side, one row: 1.3249 sd at 80 % */
	struct sim sim = { 1, 1, 10, 0, 0.02, exp(0.02 * 1.3249), 1 };
	struct tally t;
	int families;

	t = many(&sim, 1500, &families);
	between("power", t.significant, 1500, 0.77, 0.83);
	assert_true(t.wrong <= 3);
}

static void three_percent_is_found(void **state)
{
	static const struct sim sim = { 3, 1, 10, 0, 0.01, 1.03, 3 };
	struct tally t;
	int families;

	t = many(&sim, 200, &families);
	between("found", t.alarms, 600, 0.99, 1);
	assert_int_equal(t.wrong, 0);
}

/* False discoveries with a tenth changed; and TOST exactly at the margin. */
static void false_discoveries(void **state)
{
	static const struct sim mixed = { 20, 1, 8, 0, 0.01, 1.03, 2 };
	static const struct sim edge = { 20, 1, 10, 0, 0.004, 1.01, 20 };
	struct tally t;
	int families;

	t = many(&mixed, 300, &families);
	/* q times 18/20, and three standard errors */
	if (!(t.fdp / 300 > 0.01 && t.fdp / 300 < 0.045 + 0.025))
		fail_msg("false discovery rate %.4f", t.fdp / 300);
	between("found", t.alarms - t.wrong, 600, 0.9, 1);
	t = many(&edge, 150, &families);
	between("false equivalence", t.equivalent, 3000, 0.02, 0.065);
}

static int setup(void **state)
{
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	return rng ? 0 : -1;
}

static int teardown(void **state)
{
	gsl_rng_free(rng);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(false_alarms_on_one_boot),
		cmocka_unit_test(false_alarms_over_boots),
		cmocka_unit_test(coverage),
		cmocka_unit_test(power_is_as_promised),
		cmocka_unit_test(three_percent_is_found),
		cmocka_unit_test(false_discoveries),
	};

	return cmocka_run_group_tests_name("rates", tests, setup, teardown);
}
