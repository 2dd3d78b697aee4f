// SPDX-License-Identifier: GPL-2.0-or-later
/* What the store hands to analysis, and what it says when it cannot. */
#include "tests/unit/store_fixture.h"

static struct store_select select_all(const char *revision, const char *arm)
{
	return (struct store_select){ .series = "asi", .revision = revision,
				      .patch = -1, .arm = arm };
}

static int load(struct store *s, const char *revision, const char *arm,
		struct obs_set *set)
{
	struct store_select sel = select_all(revision, arm);

	return store_load(s, &sel, "name", set);
}

static void test_empty(void **state)
{
	struct scratch *d = *state;
	struct store_run_info info;
	struct store_revision *rev;
	struct store *s;
	struct obs_set set;
	struct store_select sel = { .patch = -1 };
	size_t n;

	assert_int_equal(store_open(&s, d->db, STORE_CREATE), 0);
	SAYS(store_load(s, &sel, "x", &set), "no results yet: `asibench run`");
	SAYS(load(s, "v1", NULL, &set), "no results yet: `asibench run`");
	SAYS(store_revisions(s, NULL, &rev, &n), "no results yet");
	SAYS(store_run_info(s, "last", &info), "no results yet");
	store_close(s);
}

static void test_figures(void **state)
{
	struct scratch *d = *state;
	struct store_select sel = select_all("v1", NULL);
	struct store *s;
	struct ids ids;
	struct obs_set set;
	int i;

	fix_open(d, &s, &ids);
	for (i = 0; i < 5; i++)
		assert_int_equal(fix_run(s, &ids, 1000 + i), 0);
	assert_int_equal(fix_run_as(s, &ids, 2000, RUN_INTERPRETED, "", NULL),
			 0);
	assert_int_equal(store_load(s, &sel, "v1@off", &set), 0);
	assert_string_equal(set.name, "v1@off");
	assert_string_equal(set.series, "asi");
	assert_string_equal(set.revision, "v1");
	assert_string_equal(set.arm, "off");
	assert_string_equal(set.commit, "0123456789abcdef");
	assert_string_equal(set.tree, "linux");
	assert_int_equal(set.n, 12);
	assert_int_equal(set.nrows, 2);
	assert_int_equal(set.nboots, 1);
	assert_int_equal(set.nmissing, 0);
	assert_string_equal(set.row[0].benchmark, "vmexit.cpuid");
	assert_string_equal(set.row[0].params, "{}");
	assert_string_equal(set.row[0].place, "guest3");
	assert_string_equal(set.row[0].profile, "minimal");
	assert_string_equal(set.row[0].host, "lab");
	assert_string_equal(set.row[0].metric.name, "latency");
	assert_int_equal(set.row[0].metric.better, BETTER_LOWER);
	assert_true(set.row[0].metric.primary);
	assert_true(set.v[2].value == 1001 && set.v[2].row == 0);
	assert_int_equal(set.v[2].n, 100);
	assert_int_equal(set.v[2].batch, 16);
	assert_int_equal(set.v[3].batch, 0);
	assert_int_equal(set.v[2].noisy, NOISY_STEAL);
	assert_int_equal(set.v[10].status, RUN_INTERPRETED);
	for (i = 1; i < 12; i++)
		assert_true(set.v[i].order >= set.v[i - 1].order);
	assert_string_equal(set.boot[0].host, "lab");
	assert_string_equal(set.boot[0].release, "6.16.0");
	assert_int_equal(set.boot[0].state, STATE_VERIFIED);
	assert_string_equal(set.boot[0].evidence, "cpuinfo");
	assert_non_null(facts_find(&set.boot[0].facts, "cpu.model"));
	assert_non_null(facts_find(&set.boot[0].facts, "cpu.governor"));
	obs_set_free(&set);
	sel.primary = 1;
	sel.benchmark = "vmexit.*";
	assert_int_equal(store_load(s, &sel, "x", &set), 0);
	assert_int_equal(set.n, 6);
	obs_set_free(&set);
	sel.benchmark = "tlb.*";
	assert_int_equal(store_load(s, &sel, "x", &set), 0);
	assert_int_equal(set.n, 0);
	obs_set_free(&set);
	sel.benchmark = NULL;
	sel.mode = MODE_INJECTED;
	assert_int_equal(store_load(s, &sel, "x", &set), 0);
	assert_int_equal(set.n, 0);
	obs_set_free(&set);
	store_close(s);
}

static void test_select(void **state)
{
	const struct store_label p[] = {
		{ "asi", "v2", 1, 2 }, { "asi", "v2", 2, 2 },
		{ "asi", "v2", 0, 0 },
	};
	struct scratch *d = *state;
	struct store_revision *rev;
	struct obs_set set;
	struct store *s;
	struct ids ids;
	char name[16];
	size_t n;
	int i;

	fix_open(d, &s, &ids);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(store_arm(s, "on", "[]", &ids.arm), 0);
	assert_int_equal(fix_run(s, &ids, 1100), 0);
	SAYS(load(s, "v1", NULL, &set), "v1 has the arms off, on: write "
	     "v1@off");
	SAYS(load(s, "v1", "maybe", &set), "no arm maybe; it has: off, on");
	assert_int_equal(load(s, "v1", "on", &set), 0);
	assert_int_equal(set.n, 2);
	/* Nothing was seen of the isolation there. */
	assert_int_equal(set.boot[0].state, STATE_UNVERIFIED);
	obs_set_free(&set);
	/* Patches are builds of their own: never pooled. */
	for (i = 0; i < 2; i++) {
		assert_int_equal(store_label(s, &p[i], ids.build, &ids.label),
				 0);
		assert_int_equal(fix_run(s, &ids, 1000), 0);
	}
	SAYS(load(s, "v2", NULL, &set), "say which: v2 1/2, v2 2/2");
	assert_int_equal(load(s, "v2 2/2", NULL, &set), 0);
	assert_string_equal(set.revision, "v2 2/2");
	obs_set_free(&set);
	assert_int_equal(store_label(s, &p[2], ids.build, &ids.label), 0);
	SAYS(load(s, "v2", NULL, &set), "v2 has no runs");
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(load(s, "v2", NULL, &set), 0);
	assert_string_equal(set.revision, "v2");
	assert_int_equal(set.n, 2);
	obs_set_free(&set);
	/* The last eight, latest last. */
	for (i = 3; i < 13; i++) {
		snprintf(name, sizeof(name), "v%d", i);
		fix_label(s, name, ids.build, &ids.label);
	}
	SAYS(load(s, "v99", NULL, &set), "no revision v99; it has: ..., v5, "
	     "v6, v7, v8, v9, v10, v11, v12\n");
	SAYS(store_revisions(s, "other", &rev, &n), "no series other; there "
	     "is: asi");
	assert_int_equal(store_revisions(s, NULL, &rev, &n), 0);
	assert_int_equal(n, 14);
	assert_string_equal(rev[0].revision, "v1");
	assert_int_equal(rev[0].narms, 2);
	assert_string_equal(rev[0].arm[1], "on");
	assert_int_equal(rev[1].patch, 1);
	assert_int_equal(rev[3].patch, 0);
	assert_string_equal(rev[13].revision, "v12");
	assert_int_equal(rev[13].narms, 0);
	store_revisions_free(rev, n);
	store_close(s);
}

/* The first patches alone, beside the whole series of the same name. */
static void test_patch(void **state)
{
	struct store_label l = { .series = "asi", .revision = "v3" };
	struct store_select sel = { .revision = "v3" };
	struct scratch *d = *state;
	struct obs_set set;
	struct store *s;
	struct ids ids;
	int k;

	fix_open(d, &s, &ids);
	for (k = 0; k <= 2; k++) {
		l.patch = k;
		l.patches = k ? 2 : 0;
		assert_int_equal(store_label(s, &l, ids.build, &ids.label), 0);
		assert_int_equal(fix_run(s, &ids, 1000 + k), 0);
	}
	for (k = 0; k <= 2; k++) {
		sel.patch = k;
		assert_int_equal(store_load(s, &sel, NULL, &set), 0);
		assert_int_equal(set.v[0].value, 1000 + k);
		assert_string_equal(set.revision, !k ? "v3" :
				    k == 1 ? "v3 1/2" : "v3 2/2");
		obs_set_free(&set);
	}
	store_close(s);
}

static void test_missing(void **state)
{
	struct scratch *d = *state;
	struct store_slot slot;
	struct obs_set set;
	struct store *s;
	struct ids ids;
	int64_t never;
	int i, n;

	fix_open(d, &s, &ids);
	assert_int_equal(store_variant(s, "tlb.munmap", "{}", PLACE_USER, "",
				       &never), 0);
	fix_slot(&ids, &slot);
	assert_int_equal(store_slot_skip(s, &slot, "no /dev/kvm"), 0);
	slot.variant = never;
	for (i = 0; i < 3; i++)
		assert_int_equal(store_slot_skip(s, &slot, "one CPU"), 0);
	assert_int_equal(load(s, "v1", NULL, &set), 0);
	assert_int_equal(set.n, 0);
	assert_int_equal(set.nmissing, 2);
	assert_int_equal(set.missing[0].status, RUN_SKIPPED);
	assert_int_equal(set.missing[0].n, 1);
	assert_int_equal(set.missing[1].n, 1);
	assert_string_equal(set.row[0].metric.name, "");
	obs_set_free(&set);
	/* Figures make the skip good; what failed stays missing. */
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(fix_run_as(s, &ids, 0, RUN_FAILED,
					    i ? "EIO" : "ENXIO", NULL), 0);
	fix_slot(&ids, &slot);
	assert_int_equal(store_slot_start(s, &slot, &never), 0);
	fix_sql(d->db, "UPDATE slot SET owner_pid = 0 WHERE state = "
		"'started'");
	assert_int_equal(store_slots_recover(s, &n), 0);
	assert_int_equal(load(s, "v1", NULL, &set), 0);
	assert_int_equal(set.nmissing, 3);
	for (i = 0; i < 3; i++) {
		const struct obs_missing *m = &set.missing[i];

		if (m->status == RUN_FAILED) {
			assert_int_equal(m->n, 3);
			assert_string_equal(m->reason, "EIO");
			assert_string_equal(set.row[m->row].metric.name,
					    "latency");
		} else if (m->status == RUN_INTERRUPTED) {
			assert_non_null(strstr(m->reason, "process 0"));
		} else {
			assert_string_equal(m->reason, "one CPU");
		}
	}
	obs_set_free(&set);
	store_close(s);
}

static int boot_again(struct store *s, struct ids *ids, const char *governor)
{
	struct fact_list l = { 0 };
	int64_t boot;
	int err;

	facts_text(&l, "cpu.governor", FACT_ENVIRONMENT, 1, governor);
	err = store_boot(s, ids->host, ids->build, "boot-1", "host", &l,
			 &boot);
	assert_int_equal(boot, ids->boot);
	facts_free(&l);
	return err;
}

static void governor_is(struct store *s, const char *revision,
			const char *want)
{
	const struct fact *f;
	struct obs_set set;

	assert_int_equal(load(s, revision, "off", &set), 0);
	f = facts_find(&set.boot[0].facts, "cpu.governor");
	assert_non_null(f);
	assert_string_equal(f->text, want);
	assert_int_equal(f->class, FACT_ENVIRONMENT);
	obs_set_free(&set);
}

/* The governor changes within a boot: each side shows its own. */
static void test_changed_facts(void **state)
{
	struct scratch *d = *state;
	struct store *s;
	struct ids ids;

	fix_open(d, &s, &ids);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(boot_again(s, &ids, "powersave"), 0);
	fix_label(s, "v2", ids.build, &ids.label);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	governor_is(s, "v1", "performance");
	governor_is(s, "v2", "powersave");
	/* Both on one side: it is neither. */
	assert_int_equal(boot_again(s, &ids, "performance"), 0);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	governor_is(s, "v2", "changed: powersave, then performance");
	governor_is(s, "v1", "performance");
	store_close(s);
}

/* A host's fact that changed is kept with the boot that saw the change. */
static void test_changed_host(void **state)
{
	struct fact_list l = { 0 };
	struct scratch *d = *state;
	struct obs_set set;
	struct store *s;
	struct ids ids;

	fix_open(d, &s, &ids);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	facts_text(&l, "cpu.model", FACT_ENVIRONMENT, 1, "EPYC");
	assert_int_equal(store_host(s, "fp1", "lab", "x", &l, &ids.host), 0);
	assert_int_equal(store_boot(s, ids.host, ids.build, "boot-2", "host",
				    NULL, &ids.boot), 0);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(load(s, "v1", NULL, &set), 0);
	assert_int_equal(set.nboots, 2);
	assert_string_equal(facts_find(&set.boot[0].facts, "cpu.model")->text,
			    "Xeon");
	assert_string_equal(facts_find(&set.boot[1].facts, "cpu.model")->text,
			    "EPYC");
	obs_set_free(&set);
	facts_free(&l);
	store_close(s);
}

/* A run shows the state that was seen before it, a boot the worst of them. */
static void test_states(void **state)
{
	struct store_run_info info;
	struct scratch *d = *state;
	struct obs_set set;
	struct store *s;
	struct ids ids;

	fix_open(d, &s, &ids);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(store_arm_state(s, ids.boot, ids.arm, "off",
					 STATE_CONTRADICTED, "is on"), 0);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(store_arm_state(s, ids.boot, ids.arm, "off",
					 STATE_VERIFIED, "cpuinfo"), 0);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(store_run_info(s, "2", &info), 0);
	assert_string_equal(info.arm_state, "contradicted");
	store_run_info_free(&info);
	assert_int_equal(store_run_info(s, "3", &info), 0);
	assert_string_equal(info.arm_state, "verified");
	store_run_info_free(&info);
	assert_int_equal(load(s, "v1", NULL, &set), 0);
	assert_int_equal(set.boot[0].state, STATE_CONTRADICTED);
	assert_string_equal(set.boot[0].evidence, "is on");
	obs_set_free(&set);
	store_close(s);
}

static void test_campaign(void **state)
{
	struct scratch *d = *state;
	struct store_campaign c;
	struct store_slot slot;
	struct obs_set set;
	struct store *s;
	struct ids ids;

	fix_open(d, &s, &ids);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(store_campaign_begin(s, ids.host, ids.boot, "{}", 1,
					      &c), 0);
	ids.campaign = c.id;
	store_campaign_free(&c);
	assert_int_equal(store_load_campaign(s, ids.campaign, &set), 0);
	assert_int_equal(set.n + set.nmissing, 0);
	obs_set_free(&set);
	assert_int_equal(fix_run(s, &ids, 1001), 0);
	assert_int_equal(fix_run_as(s, &ids, 1, RUN_STUCK, "deadline", NULL),
			 0);
	fix_slot(&ids, &slot);
	assert_int_equal(store_variant(s, "fault.anon", "{}", PLACE_USER, "",
				       &slot.variant), 0);
	assert_int_equal(store_slot_skip(s, &slot, "because"), 0);
	assert_int_equal(store_load_campaign(s, ids.campaign, &set), 0);
	assert_string_equal(set.revision, "v1");
	assert_string_equal(set.arm, "off");
	assert_int_equal(set.n, 2);
	assert_true(set.v[0].value == 1001);
	assert_int_equal(set.nmissing, 2);
	obs_set_free(&set);
	store_close(s);
}

static void test_history(void **state)
{
	struct store_select sel = select_all("v1", NULL);
	struct scratch *d = *state;
	struct store *s;
	struct ids ids;
	uint64_t batch;
	double cost, *v;
	size_t n;
	int i;

	fix_open(d, &s, &ids);
	assert_int_equal(store_batch(s, ids.host, ids.variant, &batch), 0);
	assert_int_equal(batch, 0);
	assert_int_equal(store_cost(s, ids.host, ids.variant, &cost), 0);
	assert_true(cost == 0);
	for (i = 0; i < 6; i++)
		assert_int_equal(fix_run(s, &ids, 1000), 0);
	fix_sql(d->db, "UPDATE run SET seconds = id");
	assert_int_equal(store_batch(s, ids.host, ids.variant, &batch), 0);
	assert_int_equal(batch, 16);
	assert_int_equal(store_batch(s, ids.host + 1, ids.variant, &batch),
			 0);
	assert_int_equal(batch, 0);
	assert_int_equal(store_cost(s, ids.host, ids.variant, &cost), 0);
	assert_true(cost == 4);
	assert_int_equal(store_samples(s, &sel, "guest3", "{}", "latency", &v,
				       &n), 0);
	assert_int_equal(n, 600);
	for (i = 0; i < 600; i++)
		assert_true(v[i] == 1000 + i % 100 % 7 - 3);
	free(v);
	assert_int_equal(store_samples(s, &sel, "guest0", "{}", "latency", &v,
				       &n), 0);
	assert_int_equal(n, 0);
	fix_sql(d->db, "UPDATE sample SET blob = zeroblob(10) WHERE id = 3");
	SAYS(store_samples(s, &sel, "guest3", "{}", "latency", &v, &n),
	     "samples of run 3 are damaged");
	store_close(s);
}

/* By the id of a revision, some benchmarks, and figures alone. */
static void test_bare(void **state)
{
	struct store_select sel = select_all("v1", "off");
	struct scratch *d = *state;
	struct store_revision *rev;
	struct store *s;
	struct ids ids;
	struct obs_set set;
	size_t n;

	fix_open(d, &s, &ids);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	assert_int_equal(store_revision_names(s, "asi", &rev, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rev->narms, -1);
	assert_int_equal(store_revision_arms(s, rev), 0);
	assert_int_equal(rev->narms, 1);
	assert_string_equal(rev->arm[0], "off");
	sel.label = rev->id;
	sel.bare = 1;
	assert_int_equal(store_load(s, &sel, "name", &set), 0);
	assert_int_equal(set.n, 2);
	assert_string_equal(set.revision, "v1");
	assert_int_equal(set.nboots, 1);
	assert_string_equal(set.boot->host, "lab");
	assert_int_equal(set.boot->facts.n, 0);
	obs_set_free(&set);
	sel.bare = 0;
	sel.benchmark = "vmexit.*";
	assert_int_equal(store_load(s, &sel, "name", &set), 0);
	assert_int_equal(set.n, 2);
	assert_true(set.boot->facts.n > 0);
	obs_set_free(&set);
	sel.benchmark = "syscall.*";
	assert_int_equal(store_load(s, &sel, "name", &set), 0);
	assert_int_equal(set.n, 0);
	obs_set_free(&set);
	store_revisions_free(rev, n);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH(test_empty), SCRATCH(test_figures),
		SCRATCH(test_select), SCRATCH(test_missing),
		SCRATCH(test_changed_facts), SCRATCH(test_changed_host),
		SCRATCH(test_states), SCRATCH(test_campaign),
		SCRATCH(test_history),
		SCRATCH(test_patch), SCRATCH(test_bare),
	};

	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
