/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which facts do the boots of two sets differ? */
#ifndef ANALYSIS_FACTDIFF_H
#define ANALYSIS_FACTDIFF_H

#include "analysis/compare.h"

/**
 * factdiff() - fill @out's diff, refused and refusal
 *
 * Boots of one host are looked at together, those of one side among
 * themselves too: two governors within a side are no better than two sides
 * with one each. Numbers with a fractional part may differ by 1 %: they are
 * measured. A fact that a whole side lacks is listed as identity whatever its
 * class: a file that only one of two kernels has tells the kernels apart, it
 * does not make the machine another. Witnesses are not compared.
 *
 * Return: 0 or -ENOMEM.
 */
int factdiff(const struct obs_set *base, const struct obs_set *now,
	     const struct compare_opts *opts, struct comparison *out);

#endif
