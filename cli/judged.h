/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tracks, and where they changed: for history, and for pictures of trends. */
#ifndef CLI_JUDGED_H
#define CLI_JUDGED_H

#include "analysis/history.h"
#include "cli/figures.h"

/**
 * struct judged - a track with what is said of it
 * @series:	its scored revisions
 */
struct judged {
	const struct track *track;
	struct history_series series;
	struct history_verdict *verdict;
};

/* What is compared from boot to boot, or from run to run. */
int summary_units(const struct summary_row *r);

/**
 * judged_make() - judge tracks together
 * @j:		@n of them, of which only the track is given
 * Return: 0 or a negative errno; free with judged_free() in either case.
 */
int judged_make(struct judged *j, size_t n, uint64_t seed);
void judged_free(struct judged *j, size_t n);

/* The change before revision @k of the track, NULL: there is none. */
const struct history_change *judged_change(const struct judged *j, size_t k);

#endif
