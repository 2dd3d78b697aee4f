// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench revision: what a series consists of, and in which order. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/patches.h"
#include "analysis/report/json.h"
#include "cli/sides.h"
#include "lib/git.h"
#include "lib/msg.h"
#include "lib/text.h"
#include "store/revision.h"

static const char *db;
static const char *series;
static const char *range;
static const char *repo = ".";
static const char *rev;
static enum format format;

static const struct opt opts[] = {
	{ "git", OPT_TEXT, &range, "RANGE",
	  "add: commits, as git takes them: v6.16..asi-v3" },
	{ "repo", OPT_TEXT, &repo, "DIR",
	  "add: the git repository (default: .)" },
	{ "rev", OPT_NAME, &rev, "NAME",
	  "add: the commits are the patches of this revision (default: each is a revision)" },
	{ "series", OPT_NAME, &series, "NAME",
	  "series (default: that of the latest results)" },
	{ "db", OPT_TEXT, &db, "FILE", "results database" },
	FORMAT_OPT(format),
	{ 0 }
};

#define SHOWN_ID	12	/* digits of a commit or patch id */

/* "v3", "v3:2/27" */
static char *patch_label(const struct store_patch *p)
{
	const struct store_revision r = {
		.revision = p->revision, .patch = p->patch,
		.patches = p->patches,
	};

	return revision_name(&r);
}

/* ---- add ---- */

static int add_commits(struct store *store, const char *to,
		       const struct git_commit *c, size_t n)
{
	struct store_patch *v = calloc(n + 1, sizeof(*v));
	size_t i;
	int err;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		v[i] = (struct store_patch) {
			.patch = i + 1, .patches = n,
			.commit = (char *)c[i].id,
			.patch_id = (char *)c[i].patch_id,
			.subject = c[i].subject,
		};
	err = store_revision_add(store, to, rev, v, n);
	free(v);
	return err;
}

static int latest_series(struct store *store, char name[NAME_BYTES])
{
	struct store_patch *v;
	size_t n;
	int err;

	if (series) {
		snprintf(name, NAME_BYTES, "%s", series);
		return 0;
	}
	err = store_revision_list(store, NULL, name, &v, &n);
	store_revision_free(v, n);
	return err;
}

static int do_add(char *const *names, size_t nnames)
{
	char to[NAME_BYTES];
	struct git_commit *c;
	struct store *store;
	size_t n;
	int status;

	if (nnames) {
		pr_err("what is '%s'? revision add takes --git RANGE", *names);
		return EXIT_USAGE;
	}
	if (!range || !*range || *range == '-') {
		pr_err("revision add: want --git RANGE, such as v6.16..asi-v3");
		return EXIT_USAGE;
	}
	if (git_range(repo, range, !rev, &c, &n))
		return EXIT_USAGE;
	status = cli_store_open(&store, db, series ? STORE_CREATE : 0);
	if (!status) {
		if (latest_series(store, to) || add_commits(store, to, c, n))
			status = EXIT_USAGE;
		else
			pr_info("series %s: %zu %s%s%s", to, n,
				rev ? "patches of " : "revisions",
				rev ? rev : "", rev ? "" : " in order");
		store_close(store);
	}
	git_commits_free(c, n);
	return status;
}

/* ---- order ---- */

static int do_order(char *const *names, size_t n)
{
	struct store *store;
	int status;

	if (!n) {
		pr_err("revision order: say the revisions, first to last");
		return EXIT_USAGE;
	}
	status = cli_store_open(&store, db, 0);
	if (status)
		return status;
	if (store_revision_order(store, series, (const char *const *)names, n))
		status = EXIT_USAGE;
	store_close(store);
	return status;
}

/* ---- list ---- */

/* Is what was built another commit than what git lists? */
static bool other_commit(const struct store_patch *p)
{
	return *p->built && *p->commit &&
		strncmp(p->commit, p->built, strlen(p->built));
}

static void list_row(struct table *t, const struct store_patch *p)
{
	char *name = patch_label(p), place[16] = "", runs[16], commit[16],
	     id[16];

	if (p->place && !p->patch)
		snprintf(place, sizeof(place), "%d", p->place);
	snprintf(runs, sizeof(runs), "%d", p->runs);
	snprintf(commit, sizeof(commit), "%.*s", SHOWN_ID,
		 *p->commit ? p->commit : p->built);
	snprintf(id, sizeof(id), "%.*s", SHOWN_ID, p->patch_id);
	table_row(t, (const char *const []) {
		place, name ? name : "?", p->labelled ? runs : "-", commit,
		id, p->subject, other_commit(p) ?
			"measured was another commit" : "" });
	free(name);
}

static int list_text(const char *name, const struct store_patch *v, size_t n)
{
	static const char *const heads[] = {
		"place", "revision", "runs", "commit", "patch id", "subject",
		"",
	};
	struct table *t = table_new(heads, "rlrllll");
	char *clean = text_dup(name, false);
	size_t i;
	int err;

	for (i = 0; i < n; i++)
		list_row(t, &v[i]);
	printf("series %s\n\n", clean ? clean : "?");
	err = table_print(t, stdout);
	table_free(t);
	free(clean);
	return err;
}

static int list_json(const char *name, const struct store_patch *v, size_t n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		const struct store_patch *p = &v[i];

		json_array_append_new(list, json_pack(
			"{so so si si so so so so so sb}",
			"series", json_text(name),
			"revision", json_text(p->revision),
			"patch", p->patch, "patches", p->patches,
			"place", p->place ? json_integer(p->place) :
				json_null(),
			"commit", json_known(p->commit),
			"patch_id", json_known(p->patch_id),
			"subject", json_known(p->subject),
			"runs", p->labelled ? json_integer(p->runs) :
				json_null(),
			"other_commit", other_commit(p)));
	}
	return json_print(list, stdout);
}

static int list_csv(const char *name, const struct store_patch *v, size_t n)
{
	size_t i;

	puts("series,revision,commit,patch_id,subject,patch,patches,place,runs");
	for (i = 0; i < n; i++)
		csv_line(stdout, (const char *const []) { name, v[i].revision,
			 v[i].commit, v[i].patch_id, v[i].subject }, 5,
			 (const double []) { v[i].patch, v[i].patches,
			 v[i].place, v[i].runs }, 4);
	return 0;
}

static int do_list(char *const *names, size_t nnames)
{
	static int (*const print[])(const char *, const struct store_patch *,
				    size_t) = {
		[FORMAT_TEXT] = list_text,
		[FORMAT_JSON] = list_json,
		[FORMAT_CSV] = list_csv,
	};
	char name[NAME_BYTES];
	struct store_patch *v;
	struct store *store;
	size_t n;
	int status;

	if (nnames) {
		pr_err("what is '%s'? revision list takes options only",
		       *names);
		return EXIT_USAGE;
	}
	status = cli_store_open(&store, db, STORE_READ);
	if (status)
		return status;
	status = EXIT_USAGE;
	if (!store_revision_list(store, series, name, &v, &n)) {
		status = output_status(print[format](name, v, n));
		store_revision_free(v, n);
	}
	store_close(store);
	return status;
}

/* ---- match ---- */

/**
 * struct side_patches - the listed patches of one revision
 */
struct side_patches {
	const struct store_patch **v;
	struct patch_name *name;
	size_t n;
};

static int side_take(struct side_patches *s, const struct store_patch *v,
		     size_t n, const char *revision)
{
	size_t i;

	s->n = 0;
	s->v = calloc(n + 1, sizeof(*s->v));
	s->name = calloc(n + 1, sizeof(*s->name));
	if (!s->v || !s->name)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (!v[i].patch || strcmp(v[i].revision, revision))
			continue;
		s->name[s->n] = (struct patch_name) { v[i].patch_id,
						      v[i].subject };
		s->v[s->n++] = &v[i];
	}
	if (s->n)
		return 0;
	pr_err("the patches of %s are not known: asibench revision add --git RANGE --rev %s",
	       revision, revision);
	return -ENOENT;
}

static void side_drop(struct side_patches *s)
{
	free(s->v);
	free(s->name);
}

/**
 * struct match_line - a patch of either revision, or of both
 */
struct match_line {
	const struct store_patch *old;
	const struct store_patch *now;
	enum patch_match how;
};

static int line_text(struct table *t, const struct match_line *l)
{
	const struct store_patch *p = l->now ? l->now : l->old;
	char *a = l->old ? patch_label(l->old) : strdup("-");
	char *b = l->now ? patch_label(l->now) : strdup("-");

	if (a && b)
		table_row(t, (const char *const []) {
			a, b, patch_match_name(l->how), p->subject });
	free(a);
	free(b);
	return a && b ? 0 : -ENOMEM;
}

static int match_text(const struct match_line *l, size_t n)
{
	static const char *const heads[] = { "old", "new", "", "subject" };
	struct table *t = table_new(heads, "llll");
	int err = 0;
	size_t i;

	for (i = 0; i < n && !err; i++)
		err = line_text(t, &l[i]);
	if (!err)
		err = table_print(t, stdout);
	table_free(t);
	return err;
}

static json_t *patch_number(const struct store_patch *p)
{
	return p ? json_integer(p->patch) : json_null();
}

static int match_json(const struct match_line *l, size_t n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		const struct store_patch *p = l[i].now ? l[i].now : l[i].old;

		json_array_append_new(list, json_pack("{so so ss so so}",
			"old", patch_number(l[i].old),
			"new", patch_number(l[i].now),
			"match", patch_match_name(l[i].how),
			"subject", json_known(p->subject),
			"patch_id", json_known(p->patch_id)));
	}
	return json_print(list, stdout);
}

static int match_csv(const struct match_line *l, size_t n)
{
	size_t i;

	puts("match,subject,patch_id,old,new");
	for (i = 0; i < n; i++) {
		const struct store_patch *p = l[i].now ? l[i].now : l[i].old;

		csv_line(stdout, (const char *const []) {
			patch_match_name(l[i].how), p->subject, p->patch_id },
			3, (const double []) {
			l[i].old ? l[i].old->patch : NAN,
			l[i].now ? l[i].now->patch : NAN }, 2);
	}
	return 0;
}

static int print_match(const struct side_patches *old,
		       const struct side_patches *now)
{
	static int (*const print[])(const struct match_line *, size_t) = {
		[FORMAT_TEXT] = match_text,
		[FORMAT_JSON] = match_json,
		[FORMAT_CSV] = match_csv,
	};
	struct match_line *l = calloc(old->n + now->n, sizeof(*l));
	enum patch_match *how = calloc(now->n, sizeof(*how));
	int *at = calloc(now->n, sizeof(*at)), err = -ENOMEM;
	size_t i, k, n = 0;

	if (!l || !how || !at)
		goto free_all;
	patches_match(old->name, old->n, now->name, now->n, at, how);
	for (i = 0; i < now->n; i++)
		l[n++] = (struct match_line) {
			at[i] < 0 ? NULL : old->v[at[i]], now->v[i], how[i]
		};
	for (k = 0; k < old->n; k++) {
		for (i = 0; i < now->n && at[i] != (int)k; i++)
			;
		if (i == now->n)
			l[n++] = (struct match_line) { old->v[k], NULL,
						       PATCH_DROPPED };
	}
	err = print[format](l, n);
free_all:
	free(l);
	free(how);
	free(at);
	return err;
}

static int do_match(char *const *names, size_t nnames)
{
	struct side_patches old = { 0 }, now = { 0 };
	char name[NAME_BYTES];
	struct store_patch *v;
	struct store *store;
	int status;
	size_t n;

	if (nnames != 2) {
		pr_err("revision match takes the old revision and the new one");
		return EXIT_USAGE;
	}
	status = cli_store_open(&store, db, STORE_READ);
	if (status)
		return status;
	status = EXIT_USAGE;
	if (!store_revision_list(store, series, name, &v, &n)) {
		if (!side_take(&old, v, n, names[0]) &&
		    !side_take(&now, v, n, names[1]))
			status = output_status(print_match(&old, &now));
		side_drop(&old);
		side_drop(&now);
		store_revision_free(v, n);
	}
	store_close(store);
	return status;
}

/* ---- the command ---- */

int cmd_revision(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(char *const *names, size_t n);
	} what[] = {
		{ "add", do_add }, { "order", do_order },
		{ "list", do_list }, { "match", do_match },
	};
	int first, status;
	size_t i;

	if (opts_parse(argc, argv, opts,
		       "  asibench revision add --git v6.16..asi-v3 --rev v3 --series asi\n"
		       "  asibench revision order base v2 v3\n"
		       "  asibench revision list\n"
		       "  asibench revision match v2 v3\n", &first, &status))
		return status;
	for (i = 0; first < argc && i < sizeof(what) / sizeof(*what); i++)
		if (!strcmp(argv[first], what[i].name))
			return what[i].run(argv + first + 1,
					   argc - first - 1);
	pr_err("asibench revision: want add, order, list or match%s%s",
	       first < argc ? ", not " : "", first < argc ? argv[first] : "");
	return EXIT_USAGE;
}
