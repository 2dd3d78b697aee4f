// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a database, compare() has a defined answer: random sets
 * of hostile figures, judged and printed. FUZZ_SECONDS=N goes on for so long
 * with new ones each time; the default is the same short run every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "analysis/past.h"
#include "analysis/report/report.h"
#include "tests/unit/sets.h"

#define ROUNDS	300

static uint64_t state;

static uint64_t draw(uint64_t below)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (state >> 33) % below;
}

static double figure(int sort)
{
	static const double odd[] = {
		NAN, INFINITY, -INFINITY, 0, -0.0, -1, DBL_MAX, -DBL_MAX,
		DBL_MIN, 5e-324, 1, 1e300, 1e-300,
	};

	switch (sort) {
	case 0:
		return odd[draw(sizeof(odd) / sizeof(*odd))];
	case 1:
		return 7;
	case 2:
		return draw(3);
	case 3:
		return exp((double)draw(1400) - 700);
	default:
		return 100 + draw(1000) / 100. + (draw(50) ? 0 : 13) +
			(draw(2) ? 8 : 0);
	}
}

static struct metric metric(void)
{
	static const char *const units[] = { "tsc", "ns", "", "bytes" };

	return (struct metric){ "latency", units[draw(4)], draw(3), draw(2),
				draw(8) ? NATURE_REPLICATED : draw(3),
				draw(4) != 0 };
}

static const char *const names[] = {
	"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n",
	"o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "\x1b[2J", "",
};
#define NNAMES	(sizeof(names) / sizeof(*names))

static struct obs_set side(const char *name, const struct metric *shared)
{
	static const char *const hosts[] = { "lab1", "lab2", NULL, "" };
	struct obs_set s = set_new(name);
	size_t rows = draw(NNAMES + 1), boots = draw(7), i, k;
	int sort = draw(5), hostile = draw(3);

	for (i = 0; i < boots; i++) {
		k = set_boot(&s, draw(3) ? NULL : "same");
		s.boot[k].state = draw(9) ? STATE_VERIFIED : draw(3);
	}
	for (i = 0; i < rows; i++) {
		struct obs_row *row;

		k = set_row(&s, names[i]);
		row = &s.row[k];
		row->metric = draw(20) ? *shared : metric();
		row->host = hosts[draw(hostile ? 2 : 1)];
	}
	for (i = 0; i < rows; i++)
		for (k = draw(12) * (boots > 0); k > 0; k--) {
			struct obs *o = set_run(&s, i, draw(boots),
				figure(hostile && !draw(20) ? 0 : sort));

			o->batch = draw(3) ? draw(100) : UINT64_MAX;
			o->n = draw(2) ? draw(100) : UINT64_MAX;
			o->noisy = draw(1u << NR_NOISY);
			o->pace = draw(10) ? 1 : figure(0);
			if (!draw(200))
				o->row = (int)draw(100) - 50;
			if (!draw(200))
				o->boot = (int)draw(100) - 50;
		}
	if (rows && !draw(4))
		set_missing(&s, draw(rows), draw(NR_RUN_STATUSES), "why", 3);
	return s;
}

static void check_p(double p)
{
	assert_true(isnan(p) || (p >= 0 && p <= 1));
}

static void check_row(const struct compare_row *r)
{
	assert_in_range(r->verdict, 0, NR_VERDICTS - 1);
	assert_true(*r->reason);
	check_p(r->p);
	check_p(r->p_adj);
	check_p(r->p_holm);
	check_p(r->p_raw);
	if (!isnan(r->lo) && !isnan(r->hi))
		assert_true(r->lo <= r->hi);
	if (!isnan(r->lo) && !isnan(r->ratio))
		assert_true(r->lo <= r->ratio);
	if (!isnan(r->ranks_lo))
		assert_true(r->ranks_lo <= r->ranks_hi);
	if (r->lender)
		assert_true(r->lent_df > 0 && r->sd_used > 0);
}

/* Every format can say it; unknown is null. */
static void check_printed(const struct comparison *c)
{
	struct report_ctx ctx = { .margin = 0.01 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(report_compare_json(c, &ctx, out), 0);
	rewind(out);
	assert_null(strstr(text, ": nan"));
	assert_null(strstr(text, ": inf"));
	assert_int_equal(report_compare_text(c, &ctx, out), 0);
	assert_int_equal(report_compare_csv(c, &ctx, out), 0);
	assert_int_equal(report_mail(c, &ctx, out), 0);
	fclose(out);
	free(text);
}

static void one_round(void)
{
	static const struct compare_set_opt sets[] = {
		{ "all", "*" }, { "few", "[a-c]" }, { "none", "zz" },
	};
	struct compare_opts opts = compare_defaults;
	struct metric shared = draw(3) ? metric() : (struct metric){
		"latency", "ns", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1 };
	struct obs_set s[4] = { side("v1", &shared), side("v2", &shared),
				side("p1", &shared), side("p2", &shared) };
	struct compare_past *past;
	struct comparison c;
	size_t i;

	assert_int_equal(past_pool(s + 2, 2, &past, &opts.npast), 0);
	opts.past = past;
	opts.set = sets;
	opts.nsets = draw(4);
	opts.margin = draw(5) ? 0.01 : draw(3) * 10;
	assert_int_equal(compare(&s[0], &s[1], &opts, &c), 0);
	for (i = 0; i < c.nrows; i++)
		check_row(&c.row[i]);
	for (i = 0; i < c.nsets; i++)
		check_row(&c.set[i]);
	for (i = 0; i < c.nacross; i++)
		check_p(c.across[i].p);
	if (!draw(4))
		check_printed(&c);
	comparison_free(&c);
	free(past);
	for (i = 0; i < 4; i++)
		set_free(&s[i]);
}

static void fuzz(void **unused)
{
	const char *seconds = getenv("FUZZ_SECONDS");
	time_t end = time(NULL) + (seconds ? atoi(seconds) : 0);
	uint64_t seed = seconds ? (uint64_t)time(NULL) : 1;
	long rounds = 0;

	if (seconds)
		print_message("seed %llu\n", (unsigned long long)seed);
	state = seed;
	do
		one_round();
	while (++rounds < ROUNDS || time(NULL) < end);
	print_message("%ld comparisons\n", rounds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fuzz),
	};

	return cmocka_run_group_tests_name("compare fuzz", tests, NULL, NULL);
}
