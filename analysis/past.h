/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What other revisions tell of how a row's boots spread. */
#ifndef ANALYSIS_PAST_H
#define ANALYSIS_PAST_H

#include "analysis/compare.h"

/**
 * past_pool() - variance of boot means, pooled over revisions
 * @set:	@n sets of figures, one per revision and arm; only what several
 *		boots of one set say to each other counts, so that revisions
 *		may differ in level. They must outlive @past, whose names are
 *		theirs
 * @past:	out: malloc'ed, @npast rows in match_order()
 *
 * Rows that are not judged on logs have no entry.
 *
 * Return: 0 or -ENOMEM.
 */
int past_pool(const struct obs_set *set, size_t n,
	      struct compare_past **past, size_t *npast);

#endif
