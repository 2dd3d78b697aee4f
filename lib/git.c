// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/git.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/msg.h"

#define DEADLINE_NS	(300 * NSEC_PER_SEC)
#define LIST_MAX	(16u << 20)
#define DIFF_MAX	(512u << 20)
#define HEX		"0123456789abcdef"

/* The last line that git wrote on stderr, or what else went wrong. */
static int failed(const char *what, int err, const struct child_end *end,
		  char *said)
{
	char *last;

	if (err == -ENOENT)
		pr_err("git is not installed");
	else if (err == -EFBIG)
		pr_err("git %s: it prints too much: take a smaller range",
		       what);
	else if (err)
		pr_err("git %s: %s", what, strerror(-err));
	else if (end->timed_out)
		pr_err("git %s: took more than %d s", what,
		       (int)(DEADLINE_NS / NSEC_PER_SEC));
	if (err || end->timed_out)
		return err ? err : -ETIMEDOUT;
	while (*said && said[strlen(said) - 1] == '\n')
		said[strlen(said) - 1] = '\0';
	last = strrchr(said, '\n');
	pr_err("git %s: %s", what, last ? last + 1 : said);
	return -EINVAL;
}

/* @argv after "git -C dir"; @in NULL: reads nothing. */
static int git(const char *dir, const char *const *argv, const char *in,
	       size_t inlen, char **out, size_t *len, size_t max)
{
	static const char *const env[] = { "LC_ALL=C", "GIT_PAGER=cat",
					   "GIT_OPTIONAL_LOCKS=0", NULL };
	const char *all[24] = { "git", "-C", dir };
	struct child_end end;
	char said[1024] = "";
	size_t n = 3, i;
	int err;

	for (i = 0; argv[i] && n < 23; i++)
		all[n++] = argv[i];
	err = child_filter(all, env, in, inlen, DEADLINE_NS, out, len, max,
			   said, sizeof(said), &end);
	if (!err && !end.code)
		return 0;
	if (!err)
		free(*out);
	*out = NULL;
	return failed(argv[0], err, &end, said);
}

/* A whole object name at the start of a line: its length, or 0. */
static size_t id_bytes(const char *s)
{
	size_t n = strspn(s, HEX);

	return n == 40 || n == 64 ? n : 0;
}

static void copy_id(char to[GIT_ID], const char *from, size_t n)
{
	memcpy(to, from, n);
	to[n] = '\0';
}

/* "commit ID" and the subject on the next line, by turns. */
static int parse_list(char *text, struct git_commit **v, size_t *n)
{
	struct git_commit *c;
	char *id, *subject;
	size_t len;

	*v = calloc(GIT_COMMITS, sizeof(**v));
	while (*v && (id = strsep(&text, "\n")) && *id) {
		subject = strsep(&text, "\n");
		len = strncmp(id, "commit ", 7) ? 0 : id_bytes(id + 7);
		if (!len || !subject || *n == GIT_COMMITS)
			return -EBADMSG;
		c = &(*v)[*n];
		copy_id(c->id, id + 7, len);
		c->subject = strdup(subject);
		if (!c->subject)
			return -ENOMEM;
		(*n)++;
	}
	return *v ? 0 : -ENOMEM;
}

static int list_commits(const char *dir, const char *range, bool merges,
			struct git_commit **v, size_t *n)
{
	char most[32], *text;
	int err;

	snprintf(most, sizeof(most), "--max-count=%d", GIT_COMMITS + 1);
	err = git(dir, (const char *const []) {
		"rev-list", "--topo-order", "--reverse", most, "--format=%s",
		merges ? "--max-parents=-1" : "--no-merges",
		"--end-of-options", range, "--", NULL }, NULL, 0, &text, NULL,
		LIST_MAX);
	if (err)
		return err;
	err = parse_list(text, v, n);
	if (err == -EBADMSG && *n == GIT_COMMITS)
		pr_err("%s: more than %d commits: want a range, A..B", range,
		       GIT_COMMITS);
	else if (err)
		pr_err("git rev-list: cannot be understood");
	else if (!*n)
		pr_err("%s: no commit is in it", range);
	free(text);
	return err ? err : *n ? 0 : -ENOENT;
}

static char *ids_of(const struct git_commit *v, size_t n)
{
	char *text = malloc(n * GIT_ID + 1), *p = text;
	size_t i;

	for (i = 0; text && i < n; i++)
		p += sprintf(p, "%s\n", v[i].id);
	return text;
}

/* "PATCHID COMMIT" lines, in the order of the commits, some left out. */
static void take_patch_ids(char *text, struct git_commit *v, size_t n)
{
	size_t at = 0, i, len;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		len = id_bytes(line);
		if (!len || line[len] != ' ')
			continue;
		for (i = at; i < n; i++)
			if (!strcmp(v[i].id, line + len + 1))
				break;
		if (i == n)
			continue;
		copy_id(v[i].patch_id, line, len);
		at = i + 1;
	}
}

static int find_patch_ids(const char *dir, struct git_commit *v, size_t n)
{
	char *ids = ids_of(v, n), *diff = NULL, *text = NULL;
	size_t len = 0;
	int err = -ENOMEM;

	if (ids)
		err = git(dir, (const char *const []) {
			"diff-tree", "--stdin", "-p", "--root", "--full-index",
			"--no-ext-diff", "--no-textconv", "--no-renames",
			"--no-color", NULL }, ids, strlen(ids), &diff, &len,
			DIFF_MAX);
	if (!err)
		err = git(dir, (const char *const []) {
			"patch-id", "--stable", NULL }, diff, len, &text,
			NULL, LIST_MAX);
	if (!err)
		take_patch_ids(text, v, n);
	free(text);
	free(diff);
	free(ids);
	return err;
}

int git_range(const char *dir, const char *range, bool merges,
	      struct git_commit **v, size_t *n)
{
	int err;

	*v = NULL;
	*n = 0;
	err = list_commits(dir, range, merges, v, n);
	if (!err)
		err = find_patch_ids(dir, *v, *n);
	if (err) {
		git_commits_free(*v, *n);
		*v = NULL;
		*n = 0;
	}
	return err;
}

void git_commits_free(struct git_commit *v, size_t n)
{
	size_t i;

	for (i = 0; v && i < n; i++)
		free(v[i].subject);
	free(v);
}
