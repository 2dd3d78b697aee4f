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
 * @na, @nb:	units a side
 * @prior_df:	degrees of freedom borrowed
 * @lendable:	the variances speak for boots, on logs, and are the data's own
 * @mixed:	units fall into two groups which are not the sides
 * @p_modes:	chance that two equal groups of units are dealt to the sides as
 *		unevenly as here; 0 where there are no groups
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
	size_t na;
	size_t nb;
	double prior_df;
	bool lendable;
	bool mixed;
	double p_modes;
	double p;
	double p_beyond;
	double alpha;
	char note[100];
};

/* A change on the scale of theta as a fraction: 0.012 is 1.2 %. */
double estimate_fraction(const struct estimate *e, double theta);

/* Ratio and interval of the row, and p against the margin, from theta, se and
 * df. */
void estimate_finish(struct estimate *e, struct compare_row *row);

/* A row of which nothing is known but who it is. */
void compare_row_unknown(struct compare_row *r, const struct obs_row *id);

/**
 * lend_rows() - let rows judged by boots borrow variance
 *
 * From the row's own past first; else, with LEND_ROWS rows on the host at
 * least, from these. Rows that spread far more than the lender are left as
 * they are.
 *
 * Return: 0 or -ENOMEM.
 */
int lend_rows(struct compare_row *row, struct estimate *e, size_t n,
	      const struct compare_opts *opts);

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
