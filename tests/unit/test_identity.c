// SPDX-License-Identifier: GPL-2.0-or-later
/* Labels, builds, aliases; names that are data whatever they hold. */
#include "tests/unit/store_fixture.h"

static void test_labels(void **state)
{
	struct store_label v1 = { .series = "asi", .revision = "v1" };
	struct store_label v2 = { .series = "asi", .revision = "v2" };
	struct store_label p3 = { "asi", "v2", 3, 27 };
	struct scratch *d = *state;
	struct store *s;
	struct ids ids;
	int64_t b2, id;
	char what[300];
	int runs;

	fix_open(d, &s, &ids);
	assert_int_equal(fix_run(s, &ids, 1000), 0);
	fix_build(s, "ffeeddccbbaa99887766", &b2);
	assert_int_not_equal(b2, ids.build);
	assert_int_equal(store_label(s, &v1, ids.build, &id), 0);
	assert_int_equal(id, ids.label);
	SAYS(store_label(s, &v1, b2, &id), "aabbccddeeff), this is 6.16.0 "
	     "(build id ffeeddccbbaa): use another --rev");
	assert_int_equal(store_label(s, &p3, b2, &id), 0);
	p3.patches = 28;
	SAYS(store_label(s, &p3, b2, &id), "of 27, not of 28");
	/* A taken name, an unknown one, then a free one. */
	assert_int_equal(store_label(s, &v2, b2, &id), 0);
	SAYS(store_relabel(s, &v1, &v2), "already the name of");
	v2.revision = "v9";
	SAYS(store_relabel(s, &v2, &v1), "has no v9; it has: v1, v2 3/27, v2");
	assert_int_equal(store_relabel(s, &v1, &v2), 0);
	SAYS(store_forget(s, &v1, &runs), "has no v1");
	v2.series = NULL;
	assert_int_equal(store_forget(s, &v2, &runs), 0);
	assert_int_equal(runs, 1);
	assert_int_equal(fix_int(d->db, "SELECT (SELECT count(*) FROM run) + "
		"(SELECT count(*) FROM value) + (SELECT count(*) FROM sample)"
		" + (SELECT count(*) FROM artifact) + (SELECT count(*) FROM "
		"fact WHERE scope = 'run') + (SELECT count(*) FROM slot)"), 0);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM audit"), 2);
	fix_text(d->db, "SELECT what FROM audit ORDER BY id DESC", what,
		 sizeof(what));
	assert_string_equal(what, "forget asi: v9: 1 runs");
	store_close(s);
}

/* A build is known by its build id; what else is known of it adds up. */
static void test_builds(void **state)
{
	const struct store_build bare = { .release = "6.16.0",
					  .build_id = "aabb" };
	struct store_build full = bare, none = { .release = "6.16.0" };
	struct scratch *d = *state;
	int64_t a, b;
	struct store *s;
	char text[64];

	assert_int_equal(store_open(&s, d->db, STORE_CREATE), 0);
	full.commit = "c0ffee";
	full.dirty = 1;
	assert_int_equal(store_build(s, &bare, &a), 0);
	assert_int_equal(store_build(s, &full, &b), 0);
	assert_int_equal(a, b);
	assert_int_equal(store_build(s, &bare, &b), 0);
	assert_int_equal(a, b);
	fix_text(d->db, "SELECT commit_id || dirty FROM build", text,
		 sizeof(text));
	assert_string_equal(text, "c0ffee1");
	/* Without one, all that is known must be the same. */
	assert_int_equal(store_build(s, &none, &a), 0);
	none.commit = "c0ffee";
	assert_int_equal(store_build(s, &none, &b), 0);
	assert_int_not_equal(a, b);
	store_close(s);
}

static void test_aliases(void **state)
{
	struct scratch *d = *state;
	struct store *s;
	int64_t a, b;

	assert_int_equal(store_open(&s, d->db, STORE_CREATE), 0);
	assert_int_equal(store_host(s, "1111aaaa", "lab", "x", NULL, &a), 0);
	assert_int_equal(store_host(s, "2222bbbb", "lab", "y", NULL, &b), 0);
	assert_int_not_equal(a, b);
	assert_int_equal(store_host(s, "2222bbbb", "lab", "y", NULL, &a), 0);
	assert_int_equal(a, b);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM host WHERE "
				 "alias IN ('lab', 'lab-2222')"), 2);
	assert_int_equal(store_host(s, "2222bbbb", "new", "y", NULL, &a), 0);
	assert_int_equal(fix_int(d->db, "SELECT count(*) FROM host WHERE "
				 "alias = 'new'"), 1);
	store_close(s);
}

/* Names are data, whatever a shell, a terminal or SQL would make of them. */
static void test_names(void **state)
{
	static const char *const names[] = {
		"$(reboot)", "`id`", "\x1b]0;owned\x07\x1b[2J", "'; DROP TABLE "
		"run; --", "%s%n", "a\"b\\c", "\xff\xfe", "v1\nv2", "*",
		"\xe2\x80\xae" "abc", ":name",
	};
	struct scratch *d = *state;
	char huge[100000], *said;
	struct store_label l = { .series = "asi" };
	struct store_select sel = { .series = "asi", .patch = -1 };
	struct store *s;
	struct ids ids;
	struct obs_set set;
	size_t i, n = sizeof(names) / sizeof(*names), nrev;
	struct store_revision *rev;

	fix_open(d, &s, &ids);
	for (i = 0; i < n; i++) {
		l.revision = names[i];
		assert_int_equal(store_label(s, &l, ids.build, &ids.label),
				 0);
		assert_int_equal(fix_run(s, &ids, 1000), 0);
		sel.revision = names[i];
		assert_int_equal(store_load(s, &sel, names[i], &set), 0);
		assert_string_equal(set.revision, names[i]);
		assert_int_equal(set.n, 2);
		obs_set_free(&set);
	}
	assert_int_equal(store_revisions(s, "asi", &rev, &nrev), 0);
	assert_int_equal(nrev, n + 1);
	for (i = 0; i < n; i++)
		assert_string_equal(rev[i + 1].revision, names[i]);
	store_revisions_free(rev, nrev);
	/* Said, but cleaned. */
	sel.revision = "\x1b[2J";
	said = malloc(100000);
	i = said_begin();
	assert_int_equal(store_load(s, &sel, "", &set), -ENOENT);
	said_end(i, said, 100000);
	assert_null(strchr(said, '\x1b'));
	assert_non_null(strstr(said, "no revision \\x1b[2J"));
	free(said);
	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	l.revision = huge;
	SAYS(store_label(s, &l, ids.build, &ids.label), "length(revision)");
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH(test_labels), SCRATCH(test_builds),
		SCRATCH(test_aliases), SCRATCH(test_names),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
