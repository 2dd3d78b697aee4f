/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an estimate per row to adjusted p values, verdicts and their words. */
#ifndef ANALYSIS_VERDICT_H
#define ANALYSIS_VERDICT_H

#include "analysis/compare.h"

/**
 * enum estimate_kind - how a row is judged
 * @ESTIMATE_NONE:	not at all: the row is UNCHECKED already
 * @ESTIMATE_T:		by an estimate with a standard error
 * @ESTIMATE_RARE:	by p alone: too few events for an error of the ratio
 * @ESTIMATE_EXACT:	by equality
 */
enum estimate_kind {
	ESTIMATE_NONE,
	ESTIMATE_T,
	ESTIMATE_RARE,
	ESTIMATE_EXACT,
};

/**
 * struct estimate - what a verdict is made of
 * @theta:	log of new/base; on a linear scale the difference as a share
 *		of base, or plain where base is not positive
 * @se, @df:	of @theta
 * @va, @vb:	variance of a single unit a side, in units of @theta squared
 * @limit:	the margin in units of @theta; 0: no margin has a meaning
 * @log:	@theta is a log
 * @p:		two-sided against no change
 * @p_beyond:	against any change up to the margin
 * @alpha:	level at which the row's family decides
 * @note:	added to the reason; "" if there is nothing to add
 */
struct estimate {
	enum estimate_kind kind;
	double theta;
	double se;
	double df;
	double va;
	double vb;
	double limit;
	bool log;
	double p;
	double p_beyond;
	double alpha;
	char note[100];
};

/* A change on the scale of theta as a fraction: 0.012 is 1.2 %. */
double estimate_fraction(const struct estimate *e, double theta);

/**
 * judge_rows() - adjust p over families, then give each row its verdict
 * @row:	with base, now, ratio and the numbers of units filled in
 * @e:		beside it
 *
 * Primary metrics are one family; all other metrics a second one, so that a
 * hundred counters do not hide one latency.
 *
 * Return: 0 or -ENOMEM.
 */
int judge_rows(struct compare_row *row, struct estimate *e, size_t n,
	       const struct compare_opts *opts);

#endif
