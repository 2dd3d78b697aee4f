// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/patches.h"

#include <stdbool.h>
#include <string.h>

const char *patch_match_name(enum patch_match m)
{
	static const char *const names[] = {
		"same", "changed", "new", "dropped",
	};

	return m <= PATCH_DROPPED ? names[m] : "?";
}

static bool taken(const int *at, size_t n, int which)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (at[i] == which)
			return true;
	return false;
}

static bool alike(const char *a, const char *b)
{
	return *a && !strcmp(a, b);
}

static void match_by(const struct patch_name *old, size_t nold,
		     const struct patch_name *now, size_t nnow, int *at,
		     enum patch_match *how, enum patch_match by)
{
	size_t i, k;

	for (i = 0; i < nnow; i++) {
		for (k = 0; at[i] < 0 && k < nold; k++) {
			bool same = by == PATCH_SAME ?
				alike(old[k].patch_id, now[i].patch_id) :
				alike(old[k].subject, now[i].subject);

			if (!same || taken(at, nnow, k))
				continue;
			at[i] = k;
			how[i] = by;
		}
	}
}

void patches_match(const struct patch_name *old, size_t nold,
		   const struct patch_name *now, size_t nnow, int *at,
		   enum patch_match *how)
{
	size_t i;

	for (i = 0; i < nnow; i++) {
		at[i] = -1;
		how[i] = PATCH_NEW;
	}
	match_by(old, nold, now, nnow, at, how, PATCH_SAME);
	match_by(old, nold, now, nnow, at, how, PATCH_CHANGED);
}
