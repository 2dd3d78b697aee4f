/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows summed up: over the benchmarks of a named set, and over hosts. */
#ifndef ANALYSIS_SETS_H
#define ANALYSIS_SETS_H

#include "analysis/compare.h"
#include "analysis/match.h"
#include "analysis/verdict.h"

/**
 * compare_sets() - the geometric mean of each named set, a row per host
 * @m:	 the match that made @out's rows, one for one
 *
 * Benchmarks of one boot share its fate, so the units are the geometric means
 * of boots that have all members: taking the rows for independent covers 39 %
 * where 95 % are claimed. With one boot a side the runs of different
 * benchmarks are independent, and the rows' errors add up. Sets of benchmarks
 * that do not agree on what is better are means of costs: more is worse.
 *
 * Return: 0 or -ENOMEM.
 */
int compare_sets(const struct match *m, const struct estimate *e,
		 const struct compare_opts *opts, struct comparison *out);

/**
 * compare_across() - rows that several hosts have, summed up over these
 * Return: 0 or -ENOMEM.
 */
int compare_across(struct comparison *out);

#endif
