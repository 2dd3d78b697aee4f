/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row of a comparison at work, on its way from runs to an estimate. */
#ifndef ANALYSIS_ROW_H
#define ANALYSIS_ROW_H

#include "analysis/collapse.h"
#include "analysis/verdict.h"
#include "lib/msg.h"

/**
 * struct work - what is known of the row so far
 * @out:	the comparison, for its sets and its refusal
 * @match:	who the row is and which runs are its
 * @side:	base and new, collapsed
 * @row:	what the caller will see
 * @e:		what its verdict will be made of
 */
struct work {
	const struct comparison *out;
	const struct compare_opts *opts;
	const struct match_row *match;
	struct side side[2];
	struct compare_row *row;
	struct estimate *e;
};

/* The row is UNCHECKED for this reason. Return: true */
bool row_unchecked(struct work *w, const char *fmt, ...) __printf(2, 3);

/* Is there a reason not to judge the row? It is UNCHECKED then. */
bool row_gate(struct work *w);

/* Fill in the estimate; the ratio and its interval where there are any. */
void row_estimate(struct work *w);

#endif
