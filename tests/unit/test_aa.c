// SPDX-License-Identifier: GPL-2.0-or-later
/* A/A: counting false alarms, keeping them, and who is put in quarantine. */
#include "tests/unit/store_fixture.h"
#include "tests/unit/pair.h"

#include "analysis/aa.h"
#include "store/aa.h"
#include "store/metric.h"

#define ROOM	256

/* Results made by hand. */
struct made {
	struct aa_obs v[ROOM];
	struct aa_set set;
};

static void add(struct made *m, const char *host, const char *benchmark,
		int64_t pair, double p, enum verdict verdict)
{
	m->v[m->set.n++] = (struct aa_obs) {
		.id = { .benchmark = benchmark, .params = "{}",
			.place = "user", .profile = "", .host = host,
			.metric = fix_latency },
		.pair = pair, .n_a = 10, .n_b = 10, .ratio = 1 + p / 100,
		.p = p, .verdict = verdict_name(verdict),
	};
	m->set.v = m->v;
}

/* @alarms of @n comparisons of "lab" find something in "x". */
static void add_many(struct made *m, int alarms, int n)
{
	int i;

	for (i = 0; i < n; i++)
		add(m, "lab", "x", i, i < alarms ? 0.01 : 0.5,
		    VERDICT_INCONCLUSIVE);
}

static void test_rates(void **state)
{
	struct made m = { .set.n = 0 };
	const struct aa_rate *r;
	const struct aa_host *h;
	struct aa_rates rates;
	struct obs_row other;

	add(&m, "lab", "x", 1, 0.01, VERDICT_REGRESSED);
	add(&m, "lab", "y", 1, 0.5, VERDICT_EQUIVALENT);
	add(&m, "lab", "x", 2, 0.05, VERDICT_SMALL);
	add(&m, "lab", "y", 2, NAN, VERDICT_UNCHECKED);
	/* Compared for equality: no p. */
	add(&m, "lab", "z", 2, NAN, VERDICT_EQUIVALENT);
	add(&m, "lab", "z", 3, NAN, VERDICT_IMPROVED);
	add(&m, "other", "x", 4, 0.9, VERDICT_EQUIVALENT);
	assert_int_equal(aa_rates(&m.set, 0.05, &rates), 0);
	assert_int_equal(rates.nrows, 4);
	assert_int_equal(rates.nhosts, 2);
	other = m.v[0].id;
	r = aa_find(&rates, &other);
	assert_int_equal(r->tests, 2);
	assert_int_equal(r->alarms, 2);
	assert_int_equal(r->called, 1);
	near(r->largest, 0.0005, 1e-12);
	/* Both of 2: (.05 / 2)^(1/2). */
	near(r->lo, sqrt(0.025), 1e-9);
	near(r->hi, 1, 0);
	assert_true(r->quarantined);
	r = aa_find(&rates, &m.v[1].id);
	assert_int_equal(r->tests, 1);
	assert_int_equal(r->unjudged, 1);
	r = aa_find(&rates, &m.v[4].id);
	assert_int_equal(r->tests, 2);
	assert_int_equal(r->alarms, 1);
	h = aa_find_host(&rates, "lab");
	assert_int_equal(h->pairs, 3);
	assert_int_equal(h->alarmed, 2);
	assert_int_equal(h->tests, 5);
	assert_int_equal(h->alarms, 3);
	assert_int_equal(aa_find_host(&rates, "other")->alarmed, 0);
	assert_null(aa_find_host(&rates, "third"));
	other.benchmark = "w";
	assert_null(aa_find(&rates, &other));
	aa_rates_free(&rates);
	m.set.n = 0;
	assert_int_equal(aa_rates(&m.set, 0.05, &rates), 0);
	assert_int_equal(rates.nrows, 0);
	aa_rates_free(&rates);
}

/* The rule: the lower bound of 95 % above the nominal level. */
static void test_quarantine(void **state)
{
	static const struct { int alarms, n; bool in; } cases[] = {
		{ 0, 20, false }, { 1, 1, false }, { 2, 2, true },
		{ 3, 20, false }, { 4, 20, true }, { 9, 100, false },
		{ 11, 100, true }, { 2, 10, false }, { 3, 10, true },
	};
	struct aa_rates rates;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct made m = { .set.n = 0 };

		add_many(&m, cases[i].alarms, cases[i].n);
		assert_int_equal(aa_rates(&m.set, 0.05, &rates), 0);
		if (rates.row[0].quarantined != cases[i].in)
			fail_msg("%d of %d: bounds %g, %g", cases[i].alarms,
				 cases[i].n, rates.row[0].lo,
				 rates.row[0].hi);
		assert_int_equal(rates.host[0].quarantined, cases[i].in);
		aa_rates_free(&rates);
	}
}

static void test_mark(void **state)
{
	struct made m = { .set.n = 0 };
	struct compare_row row[3] = { 0 };
	struct comparison c = { .row = row, .nrows = 3 };
	struct aa_rates rates;

	add_many(&m, 8, 20);
	add(&m, "lab", "y", 1, 0.5, VERDICT_EQUIVALENT);
	assert_int_equal(aa_rates(&m.set, 0.05, &rates), 0);
	row[0].id = m.v[0].id;
	row[1].id = m.v[20].id;
	row[2].id = m.v[0].id;
	row[2].id.host = "other";
	row[0].flags = ROW_NOISY;
	aa_mark(&rates, &c);
	assert_int_equal(row[0].flags, ROW_NOISY | ROW_QUARANTINED);
	assert_int_equal(row[1].flags, 0);
	assert_int_equal(row[2].flags, 0);
	aa_rates_free(&rates);
}

/* ---- the store ---- */

static struct aa_obs fix_result(double p, const char *verdict)
{
	return (struct aa_obs) {
		.id = { .benchmark = "vmexit.cpuid", .params = "{}",
			.place = "guest3", .profile = "minimal",
			.host = "lab", .metric = fix_latency },
		.n_a = 10, .n_b = 9, .ratio = 1.01, .p = p,
		.verdict = verdict,
	};
}

/* A database with a pair in a series of its own, newest of all. */
static struct store *fix_aa(struct scratch *d, struct ids *ids)
{
	const struct store_label l = { .series = "aa", .revision = "6.16" };
	struct aa_obs o = fix_result(0.03, "small");
	struct store_campaign row;
	struct store *s;

	fix_open(d, &s, ids);
	assert_int_equal(fix_run(s, ids, 1000), 0);
	assert_int_equal(store_campaign_end(s, ids->campaign, "done",
					    "budget"), 0);
	assert_int_equal(store_campaign_begin(s, ids->host, ids->boot, "{}",
					      1, &row), 0);
	ids->campaign = row.id;
	store_campaign_free(&row);
	assert_int_equal(store_aa_begin(s, ids->campaign), 0);
	assert_int_equal(store_label(s, &l, ids->build, &ids->label), 0);
	assert_int_equal(fix_run(s, ids, 1000), 0);
	assert_int_equal(store_aa_results(s, ids->campaign, &o, 1), 0);
	assert_int_equal(store_campaign_end(s, ids->campaign, "interrupted",
					    "signal"), 0);
	return s;
}

/* Of two pairs the older one may be left out, of each host. */
static void test_newest(void **state)
{
	struct store_campaign row;
	struct aa_obs o = fix_result(0.5, "equivalent");
	struct aa_set set;
	struct ids ids;
	struct store *s = fix_aa(*state, &ids);

	assert_int_equal(store_campaign_begin(s, ids.host, ids.boot, "{}", 1,
					      &row), 0);
	assert_int_equal(store_aa_begin(s, row.id), 0);
	assert_int_equal(store_aa_results(s, row.id, &o, 1), 0);
	assert_int_equal(store_aa_load(s, 0, &set), 0);
	assert_int_equal(set.n, 2);
	assert_string_equal(set.v[0].verdict, "small");
	assert_ptr_equal(set.v[0].id.benchmark, set.v[1].id.benchmark);
	store_aa_free(&set);
	assert_int_equal(store_aa_load(s, 1, &set), 0);
	assert_int_equal(set.n, 1);
	assert_string_equal(set.v->verdict, "equivalent");
	store_aa_free(&set);
	store_campaign_free(&row);
	store_close(s);
}

static void test_stored(void **state)
{
	struct store_campaign row;
	struct aa_set set;
	struct ids ids;
	struct store *s = fix_aa(*state, &ids);
	struct store_revision *rev;
	size_t n;

	assert_int_equal(store_aa_load(s, 0, &set), 0);
	assert_int_equal(set.n, 1);
	assert_string_equal(set.v->id.benchmark, "vmexit.cpuid");
	assert_string_equal(set.v->id.host, "lab");
	assert_string_equal(set.v->id.metric.name, "latency");
	assert_string_equal(set.v->verdict, "small");
	near(set.v->p, 0.03, 0);
	near(set.v->ratio, 1.01, 0);
	assert_int_equal(set.v->n_b, 9);
	store_aa_free(&set);
	/* Its series is nobody's default, and it is not gone on with. */
	assert_int_equal(store_revisions(s, NULL, &rev, &n), 0);
	assert_string_equal(rev->series, "asi");
	store_revisions_free(rev, n);
	assert_int_equal(store_campaign_resumable(s, ids.boot, &row),
			 -ENOENT);
	store_close(s);
}

static void test_refused(void **state)
{
	struct aa_obs o = fix_result(1.5, "small");
	struct scratch *d = *state;
	struct ids ids;
	struct store *s = fix_aa(d, &ids);

	SAYS(store_aa_results(s, ids.campaign, &o, 1), "refused");
	o = fix_result(0.5, "fine");
	SAYS(store_aa_results(s, ids.campaign, &o, 1), "refused");
	o = fix_result(0.5, "small");
	SAYS(store_aa_results(s, ids.campaign, &o, 1), "refused");
	store_close(s);
}

static void test_merged(void **state)
{
	struct scratch *d = *state;
	struct store_merge n;
	struct aa_set set;
	struct ids ids;
	struct store *s;

	store_close(fix_aa(d, &ids));
	assert_int_equal(store_open(&s, d->other, STORE_CREATE), 0);
	assert_int_equal(store_merge(s, d->db, &n), 0);
	assert_int_equal(store_merge(s, d->db, &n), 0);
	assert_int_equal(store_aa_load(s, 0, &set), 0);
	assert_int_equal(set.n, 1);
	store_aa_free(&set);
	store_close(s);
	/* Another result of the same pair is a lie of one of the two. */
	fix_sql(d->db, "UPDATE aa_result SET p = 0.9");
	assert_int_equal(store_open(&s, d->other, 0), 0);
	SAYS(store_merge(s, d->db, &n), "refused");
	/* One of a campaign that is not there. */
	fix_sql(d->db, "UPDATE aa_result SET p = 0.03; "
		"PRAGMA foreign_keys = OFF; INSERT INTO aa VALUES (9999)");
	SAYS(store_merge(s, d->db, &n), "NOT NULL constraint failed");
	store_close(s);
}

static void test_forgotten(void **state)
{
	const struct store_label l = { .series = "aa", .revision = "6.16" };
	struct scratch *d = *state;
	struct ids ids;
	struct store *s = fix_aa(d, &ids);
	int runs;

	assert_int_equal(store_forget(s, &l, &runs), 0);
	assert_int_equal(runs, 1);
	store_close(s);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM aa_result"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_quarantine),
		cmocka_unit_test(test_mark),
		SCRATCH(test_newest),
		SCRATCH(test_stored),
		SCRATCH(test_refused),
		SCRATCH(test_merged),
		SCRATCH(test_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
