/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of two sets brought together by what they are, and the runs behind
 * each row brought together by boot. Everything is sorted, nothing is
 * searched: O(n log n) in rows and in runs.
 */
#ifndef ANALYSIS_MATCH_H
#define ANALYSIS_MATCH_H

#include <stddef.h>
#include <stdint.h>

#include "lib/obs.h"

/**
 * struct boot_group - a row's runs in one boot
 * @boot:	index into the set's boots
 * @first:	of its runs, in match.run and match.value
 * @n:		how many
 * @last:	order of the latest
 */
struct boot_group {
	int boot;
	size_t first;
	size_t n;
	int64_t last;
};

/**
 * struct match_side - one side of a row
 * @id:		the side's own description, NULL if it does not know the row
 * @first, @n:	its runs, by boot without gaps, in a boot in the order taken
 * @group:	the first of its @boots boot groups
 * @disturbed:	runs that never had the core for themselves: their figures speak
 *		of whoever shared it (lib/pace.h). They are not among the @n
 * @only_disturbed: there are no others, and the @n are these: to be shown, not
 *		to be judged
 * @lost:	runs that ended without a figure by their own doing: invalid,
 *		stuck, failed
 * @why:	the commonest way to have no figure, NULL if there is none
 */
struct match_side {
	const struct obs_row *id;
	size_t first;
	size_t n;
	struct boot_group *group;
	size_t boots;
	int disturbed;
	int only_disturbed;
	int lost;
	const struct obs_missing *why;
};

struct match_row {
	const struct obs_row *id;
	struct match_side side[2];
};

/**
 * struct match - two sets, or one (set[1] is NULL)
 * @row:	sorted by benchmark, place, params, metric, host
 * @run:	all figures that belong to a row
 * @value:	room beside @run for what analysis makes of the figures
 * @unit:	the same, for boot means
 * @tick:	TSC step per boot of a set, in ticks; 0 where it is unknown
 */
struct match {
	const struct obs_set *set[2];
	struct match_row *row;
	size_t nrows;
	const struct obs **run;
	double *value;
	double *unit;
	struct boot_group *group;
	size_t nruns;
	double *tick[2];
};

/* The order of rows: as strcmp(); 0 is the same row. */
int match_order(const struct obs_row *a, const struct obs_row *b);

/* 0 or -ENOMEM; free with match_free() in either case. */
int match_sets(struct match *m, const struct obs_set *a,
	       const struct obs_set *b);
void match_free(struct match *m);

#endif
