// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of revisions, and patches matched between two of them. */
#include "tests/unit/store_fixture.h"

#include "analysis/patches.h"
#include "store/revision.h"

static void build_of(struct store *s, const char *id, const char *commit,
		     int dirty, int64_t *build)
{
	const struct store_build b = {
		.release = "6.16.0", .build_id = id, .commit = commit,
		.dirty = dirty,
	};

	assert_int_equal(store_build(s, &b, build), 0);
}

static void label(struct store *s, const char *name, int patch,
		  const char *commit, int dirty)
{
	const struct store_label l = {
		.series = "asi", .revision = name, .patch = patch,
		.patches = patch ? 3 : 0,
	};
	char id[64];
	int64_t build, at;

	snprintf(id, sizeof(id), "%s-%d", name, patch);
	build_of(s, id, commit, dirty, &build);
	assert_int_equal(store_label(s, &l, build, &at), 0);
}

static struct store_patch commit_of(int patch, const char *commit,
				    const char *id, const char *subject)
{
	return (struct store_patch) {
		.patch = patch, .patches = 3, .commit = (char *)commit,
		.patch_id = (char *)id, .subject = (char *)subject,
	};
}

/* Names of the series' labels as store_revisions() has them: "v1 v2:1". */
static void expect_order(struct store *s, const char *want)
{
	struct store_revision *v;
	char got[400] = "";
	size_t n, i, used = 0;

	assert_int_equal(store_revisions(s, "asi", &v, &n), 0);
	for (i = 0; i < n; i++)
		used += snprintf(got + used, sizeof(got) - used, v[i].patch ?
				 "%s%s:%d" : "%s%s", i ? " " : "",
				 v[i].revision, v[i].patch);
	assert_string_equal(got, want);
	store_revisions_free(v, n);
}

static struct store *fresh(struct scratch *d)
{
	struct store *s;

	assert_int_equal(store_open(&s, d->db, STORE_CREATE), 0);
	return s;
}

static void test_order(void **state)
{
	struct store *s = fresh(*state);

	label(s, "v3", 0, "", 0);
	label(s, "v1", 0, "", 0);
	label(s, "v2", 2, "", 0);
	label(s, "v2", 0, "", 0);
	label(s, "v2", 1, "", 0);
	expect_order(s, "v3 v1 v2:1 v2:2 v2");
	assert_int_equal(store_revision_order(s, "asi",
		(const char *const []) { "v1", "v2" }, 2), 0);
	expect_order(s, "v1 v2:1 v2:2 v2 v3");
	label(s, "v4", 0, "", 0);
	expect_order(s, "v1 v2:1 v2:2 v2 v3 v4");
	assert_int_equal(store_revision_order(s, "asi",
		(const char *const []) { "v4" }, 1), 0);
	expect_order(s, "v4 v1 v2:1 v2:2 v2 v3");
	SAYS(store_revision_order(s, "asi",
	     (const char *const []) { "v9" }, 1), "no revision v9");
	expect_order(s, "v4 v1 v2:1 v2:2 v2 v3");
	store_close(s);
}

/* Commits of a range: builds of them stand where they stand. */
static void test_commits(void **state)
{
	const struct store_patch v[] = {
		commit_of(1, "aaaaaaaaaaaaaaaaaaaa1111111111111111aaaa", "1",
			  "one"),
		commit_of(2, "bbbbbbbbbbbbbbbbbbbb1111111111111111aaaa", "2",
			  "two"),
		commit_of(3, "cccccccccccccccccccc1111111111111111aaaa", "3",
			  "three"),
	};
	struct store *s = fresh(*state);

	label(s, "late", 0, "cccccccccccc", 0);
	label(s, "other", 0, "dddddddddddd", 0);
	label(s, "unclean", 0, "bbbbbbbbbbbb", 1);
	label(s, "early", 0, "aaaaaaa", 0);
	label(s, "short", 0, "bbbb", 0);
	assert_int_equal(store_revision_add(s, "asi", NULL, v, 3), 0);
	expect_order(s, "other unclean short early late");
	/* A name that was given is stronger than a commit. */
	assert_int_equal(store_revision_order(s, "asi",
		(const char *const []) { "late" }, 1), 0);
	expect_order(s, "late other unclean short early");
	store_close(s);
}

static void test_patches(void **state)
{
	struct store_patch v[] = {
		commit_of(1, "aaaaaaaaaaaaaaaaaaaa1111111111111111aaaa", "1",
			  "one"),
		commit_of(2, "bbbbbbbbbbbbbbbbbbbb1111111111111111aaaa", "2",
			  "two"),
	};
	struct store *s = fresh(*state);
	char name[NAME_BYTES];
	struct store_patch *got;
	size_t n;

	label(s, "base", 0, "", 0);
	label(s, "v2", 1, "aaaaaaaaaaaa", 0);
	assert_int_equal(store_revision_add(s, "asi", "v2", v, 2), 0);
	assert_int_equal(store_revision_list(s, "asi", name, &got, &n), 0);
	assert_int_equal(n, 4);
	assert_string_equal(got[0].revision, "base");
	assert_int_equal(got[1].patch, 1);
	assert_int_equal(got[1].labelled, 1);
	assert_string_equal(got[1].built, "aaaaaaaaaaaa");
	assert_string_equal(got[1].subject, "one");
	assert_int_equal(got[2].patch, 2);
	assert_int_equal(got[2].labelled, 0);
	assert_int_equal(got[3].patch, 0);
	assert_string_equal(got[3].commit, v[1].commit);
	assert_int_equal(got[3].place, 2);
	store_revision_free(got, n);
	/* The same revision again: in place of what was there. */
	assert_int_equal(store_revision_add(s, "asi", "v2", v, 1), 0);
	assert_int_equal(store_revision_list(s, "asi", name, &got, &n), 0);
	assert_int_equal(n, 3);
	assert_int_equal(got[2].place, 2);
	store_revision_free(got, n);
	store_close(s);
}

static void test_relabel(void **state)
{
	const struct store_label from = { .series = "asi", .revision = "v2" };
	const struct store_label to = { .series = "asi", .revision = "v2-rc" };
	struct store *s = fresh(*state);

	label(s, "v1", 0, "", 0);
	label(s, "v2", 0, "", 0);
	assert_int_equal(store_revision_order(s, "asi",
		(const char *const []) { "v2" }, 1), 0);
	assert_int_equal(store_relabel(s, &from, &to), 0);
	expect_order(s, "v2-rc v1");
	store_close(s);
}

/* Theirs come after ours; ours stay where they are. */
static void test_merged(void **state)
{
	struct scratch *d = *state;
	struct store_merge n;
	struct store *s, *f;

	assert_int_equal(store_open(&f, d->other, STORE_CREATE), 0);
	label(f, "v2", 0, "", 0);
	label(f, "v1", 0, "", 0);
	label(f, "v0", 0, "", 0);
	assert_int_equal(store_revision_order(f, "asi",
		(const char *const []) { "v0", "v1", "v2" }, 3), 0);
	store_close(f);
	s = fresh(d);
	label(s, "v2", 0, "", 0);
	assert_int_equal(store_revision_order(s, "asi",
		(const char *const []) { "v2" }, 1), 0);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	assert_int_equal(store_merge(s, d->other, &n), 0);
	expect_order(s, "v2 v0 v1");
	store_close(s);
}

/* ---- patches of two revisions ---- */

static void test_match(void **state)
{
	static const struct patch_name old[] = {
		{ "p1", "mm: one" }, { "p2", "mm: two" },
		{ "p3", "mm: three" }, { "", "mm: four" },
		{ "p6", "mm: same name" }, { "p7", "mm: same name" },
	};
	static const struct patch_name now[] = {
		{ "p3", "mm: renamed" },	/* moved to the front */
		{ "q1", "mm: one" },		/* changed */
		{ "p2", "mm: three" },		/* its id, another's subject */
		{ "", "" },			/* nothing is known of it */
		{ "p5", "mm: five" },
		{ "q6", "mm: same name" }, { "q7", "mm: same name" },
		{ "q8", "mm: same name" },
	};
	static const int want[] = { 2, 0, 1, -1, -1, 4, 5, -1 };
	static const enum patch_match how[] = {
		PATCH_SAME, PATCH_CHANGED, PATCH_SAME, PATCH_NEW, PATCH_NEW,
		PATCH_CHANGED, PATCH_CHANGED, PATCH_NEW,
	};
	enum patch_match got_how[8];
	int got[8], i;

	patches_match(old, 6, now, 8, got, got_how);
	for (i = 0; i < 8; i++) {
		assert_int_equal(got[i], want[i]);
		assert_int_equal(got_how[i], how[i]);
	}
	patches_match(old, 0, now, 8, got, got_how);
	assert_int_equal(got[0], -1);
	patches_match(old, 6, now, 0, got, got_how);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH(test_order),
		SCRATCH(test_commits),
		SCRATCH(test_patches),
		SCRATCH(test_relabel),
		SCRATCH(test_merged),
		cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
