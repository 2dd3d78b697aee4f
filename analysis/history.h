/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What changed over the revisions of a series? The unit is the revision: a
 * build has an offset of its own, which boots of that build share.
 */
#ifndef ANALYSIS_HISTORY_H
#define ANALYSIS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/model.h"

/**
 * struct history_point - a revision
 * @mid, @lo, @hi: typical value and its 95 % interval, NaN where there is none
 * @units:	boots (or runs) behind it
 * @boundary:	host or toolchain changed before it: what differs from there on
 *		is not the revision's doing
 */
struct history_point {
	const char *revision;
	double mid;
	double lo;
	double hi;
	int units;
	bool boundary;
};

/**
 * struct history_series - one benchmark on one host, in order
 */
struct history_series {
	enum nature nature;
	enum scale scale;
	struct history_point *point;
	size_t n;
};

/**
 * enum history_method - how a series was judged
 * @HISTORY_NONE:	not at all; see the reason
 * @HISTORY_CHANGES:	by lib/changepoint.h
 * @HISTORY_PAIRS:	fewer than 10 revisions: neighbours by Welch's test
 *			over their units, with Holm's correction
 * @HISTORY_EXACT:	by equality
 */
enum history_method {
	HISTORY_NONE,
	HISTORY_CHANGES,
	HISTORY_PAIRS,
	HISTORY_EXACT,
};

const char *history_method_name(enum history_method m);

/**
 * struct history_change - a change of level
 * @index:	of the first revision after it
 * @first, @last: it is one of these that brought it, with 95 % confidence
 * @from, @to:	levels before and after
 * @ratio:	@to / @from with its 95 % interval; NaN where that means nothing
 * @p:		of this change; @p_adj with all that was looked at
 */
struct history_change {
	size_t index;
	size_t first;
	size_t last;
	double from;
	double to;
	double ratio;
	double lo;
	double hi;
	double p;
	double p_adj;
};

/**
 * struct history_verdict - the answer
 * @p:		that the series never changed; @p_adj Benjamini-Hochberg over
 *		the series that were judged together
 * @rho:	autocorrelation that was allowed for
 * @spike:	single revisions far off their level
 * @creep_n:	drift from the first to the latest ten of so many revisions,
 *		0: none shown; @creep_ratio with its interval, and p
 * @reason:	why nothing was judged, or ""
 */
struct history_verdict {
	enum history_method method;
	double p;
	double p_adj;
	double rho;
	struct history_change *change;
	size_t nchanges;
	size_t *spike;
	size_t nspikes;
	size_t creep_n;
	double creep_ratio;
	double creep_lo;
	double creep_hi;
	double creep_p;
	const char *reason;
};

/**
 * history_judge() - judge series together
 * @q:		rate of false discoveries among the series called changed
 * @seed:	of permutations
 * @v:		out, @n of them
 * Return: 0 or a negative errno; free with history_verdicts_free().
 */
int history_judge(const struct history_series *s, size_t n, double q,
		  uint64_t seed, struct history_verdict *v);
void history_verdicts_free(struct history_verdict *v, size_t n);

#endif
