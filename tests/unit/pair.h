/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two sets with one row, compared: what tests of verdicts start from. */
#ifndef TESTS_UNIT_PAIR_H
#define TESTS_UNIT_PAIR_H

#include <math.h>

#include "analysis/compare.h"
#include "tests/unit/sets.h"

/*
 * A pair of sets with one row, and their comparison. Runs lie evenly about
 * the level of their boot, so that mean and sd of their logs are known.
 */
struct pair {
	struct obs_set a;
	struct obs_set b;
	struct comparison c;
	struct compare_row *row;
};

static inline void near(double got, double want, double tolerance)
{
	if (!(fabs(got - want) <= tolerance))
		fail_msg("%.12g is not %.12g +- %g", got, want, tolerance);
}

static inline void pair_clear(struct pair *p)
{
	comparison_free(&p->c);
	set_free(&p->a);
	set_free(&p->b);
}

static inline void pair_new(struct pair *p)
{
	pair_clear(p);
	p->a = set_new("v1");
	p->b = set_new("v2");
	set_row(&p->a, "vmexit.cpuid");
	set_row(&p->b, "vmexit.cpuid");
}

/* @n runs on one more boot, evenly spread over +- @half about log(@level). */
static inline void boot_runs(struct obs_set *s, const char *uuid,
			     double level, double half, int n)
{
	int boot = set_boot(s, uuid), i;

	for (i = 0; i < n; i++)
		set_run(s, 0, boot, level * exp(n > 1 ?
			half * (2. * i / (n - 1) - 1) : 0));
}

/* One boot a side, @n runs each, new @ratio times base. */
static inline void pair_boot(struct pair *p, int n, double half, double ratio)
{
	pair_new(p);
	boot_runs(&p->a, "A", 1000, half, n);
	boot_runs(&p->b, "B", 1000 * ratio, half, n);
}

/* @n boots a side of 3 runs, boot levels spread by +- @half. */
static inline void pair_kernel(struct pair *p, int n, double half,
			       double ratio)
{
	int i;

	pair_new(p);
	for (i = 0; i < n; i++) {
		double level = exp(half * (2. * i / (n - 1) - 1));

		boot_runs(&p->a, NULL, 1000 * level, 0.003, 3);
		boot_runs(&p->b, NULL, 1000 * level * ratio, 0.003, 3);
	}
}

static inline void pair_metric(struct pair *p, struct metric m)
{
	m.name = m.name ? m.name : "latency";
	m.unit = m.unit ? m.unit : "ns";
	p->a.row[0].metric = p->b.row[0].metric = m;
}

static inline void judge_by(struct pair *p, const struct compare_opts *opts)
{
	comparison_free(&p->c);
	assert_int_equal(compare(&p->a, &p->b, opts, &p->c), 0);
	assert_true(p->c.nrows > 0);
	p->row = p->c.row;
	assert_true(*p->row->reason);
}

static inline void judge(struct pair *p)
{
	judge_by(p, NULL);
}

static inline int pair_setup(void **state)
{
	*state = calloc(1, sizeof(struct pair));
	return *state ? 0 : -1;
}

static inline int pair_teardown(void **state)
{
	pair_clear(*state);
	free(*state);
	return 0;
}

static inline void expect(struct pair *p, enum verdict v, const char *words)
{
	if (p->row->verdict != v || !strstr(p->row->reason, words))
		fail_msg("%s (%s), expected %s (%s)",
			 verdict_name(p->row->verdict), p->row->reason,
			 verdict_name(v), words);
}

/* UNCHECKED: the reason, and nothing that could be quoted. */
static inline void expect_unchecked(struct pair *p, const char *words)
{
	expect(p, VERDICT_UNCHECKED, words);
	assert_true(isnan(p->row->ratio) && isnan(p->row->lo));
	assert_true(isnan(p->row->hi) && isnan(p->row->p));
	assert_true(isnan(p->row->p_adj) && isnan(p->row->p_holm));
	assert_true(isnan(p->row->mde));
	assert_int_equal(p->c.count[VERDICT_UNCHECKED], 1);
}

#endif
