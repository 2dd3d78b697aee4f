/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patches of two revisions of a series, brought together. Pure. */
#ifndef ANALYSIS_PATCHES_H
#define ANALYSIS_PATCHES_H

#include <stddef.h>

/**
 * struct patch_name - what a patch is known by; "" where unknown
 */
struct patch_name {
	const char *patch_id;
	const char *subject;
};

/**
 * enum patch_match - how a patch of the new revision is found in the old one
 * @PATCH_SAME:		by its patch id: the same change
 * @PATCH_CHANGED:	by its subject: the same purpose, another change
 * @PATCH_NEW:		not at all
 * @PATCH_DROPPED:	said of one of the old revision that nothing matches
 */
enum patch_match {
	PATCH_SAME,
	PATCH_CHANGED,
	PATCH_NEW,
	PATCH_DROPPED,
};

const char *patch_match_name(enum patch_match m);

/**
 * patches_match() - for each new patch its old one
 * @old:	@nold of them
 * @now:	@nnow of them
 * @at:		out: index into @old, or -1; @nnow of them
 * @how:	out: @nnow of them
 *
 * Patch ids first, all of them, then subjects of what is left, each in order:
 * an old patch is taken once. An id that is not known matches nothing.
 */
void patches_match(const struct patch_name *old, size_t nold,
		   const struct patch_name *now, size_t nnow, int *at,
		   enum patch_match *how);

#endif
