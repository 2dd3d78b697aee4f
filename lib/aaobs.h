/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was concluded from comparisons of a kernel with itself. */
#ifndef LIB_AAOBS_H
#define LIB_AAOBS_H

#include "lib/obs.h"

/**
 * struct aa_obs - one row of one such comparison
 * @id:		which; strings belong to the set
 * @pair:	number of the comparison: rows of the same one share it
 * @n_a, @n_b:	units a side
 * @ratio:	b / a, NaN unknown
 * @p:		two-sided, NaN where the row was not judged
 * @verdict:	by its name
 */
struct aa_obs {
	struct obs_row id;
	int64_t pair;
	int n_a;
	int n_b;
	double ratio;
	double p;
	const char *verdict;
};

struct aa_set {
	struct aa_obs *v;
	size_t n;
	void *arena;
};

#endif
