/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What git says of a range of commits. Run by argument vector, with deadline. */
#ifndef LIB_GIT_H
#define LIB_GIT_H

#include <stdbool.h>
#include <stddef.h>

#define GIT_ID		65	/* up to 64 hex digits and the terminator */
#define GIT_COMMITS	10000	/* most in a range */

/**
 * struct git_commit - a commit
 * @patch_id:	of `git patch-id --stable`; "" for a merge or an empty commit
 * @subject:	malloc'ed, as it is in the commit: foreign text
 */
struct git_commit {
	char id[GIT_ID];
	char patch_id[GIT_ID];
	char *subject;
};

/**
 * git_range() - the commits of a range, parents before children
 * @dir:	in the repository
 * @range:	as git takes it, "v6.16..topic"
 * @merges:	also merges
 *
 * Only plumbing is used: what the user's configuration says of diffs has no
 * influence.
 *
 * Return: 0, or a negative errno (said, with what git said).
 */
int git_range(const char *dir, const char *range, bool merges,
	      struct git_commit **v, size_t *n);
void git_commits_free(struct git_commit *v, size_t n);

#endif
