/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Weighted sums of means: what a patch costs, what a switch costs, and whether
 * the latter changed. Pure.
 */
#ifndef ANALYSIS_CONTRAST_H
#define ANALYSIS_CONTRAST_H

#include "analysis/compare.h"

/**
 * struct contrast_cell - a mean of independent units
 * @var:	of a single unit
 */
struct contrast_cell {
	double mean;
	double var;
	size_t n;
};

/**
 * struct contrast - an estimate; NaN where there is none
 * @p:	two-sided, against 0
 */
struct contrast {
	double value;
	double se;
	double df;
	double lo;
	double hi;
	double p;
};

/**
 * contrast() - sum of weight times mean over @n cells
 * @level: of the interval, 0.95
 *
 * SE^2 = sum w^2 s^2 / n, its degrees of freedom by F. E. Satterthwaite,
 * Biometrics Bulletin 2 (1946) 110. Cells of weight 0 do not matter; others
 * need two units.
 */
struct contrast contrast(const struct contrast_cell *cell,
			 const double *weight, size_t n, double level);

/**
 * contrast_share() - one contrast as a share of another
 * @part, @total: weights of the same @n cells
 * @lo, @hi:	interval of the share
 *
 * All are NaN unless the interval of the total excludes 0: a share of what
 * may be nothing has no bounds. Cells that both contrasts use make them
 * correlated, which is taken into account.
 *
 * E. C. Fieller, JRSS B 16 (1954) 175; the degrees of freedom are those of
 * part - share x total.
 */
double contrast_share(const struct contrast_cell *cell, const double *part,
		      const double *total, size_t n, double level,
		      double *lo, double *hi);

#define CONTRAST_SETS	6

/**
 * struct contrast_want - a contrast over sets of figures
 * @weight:	of the logs of each set's figure
 * @total:	of the contrast that a share is of; all 0: none is asked for
 *
 * Fill it with contrast_term(): a set stands in it once.
 */
struct contrast_want {
	const struct obs_set *set[CONTRAST_SETS];
	double weight[CONTRAST_SETS];
	double total[CONTRAST_SETS];
	size_t n;
};

/* Add to the weights of @set. It must not be one too many. */
void contrast_term(struct contrast_want *want, const struct obs_set *set,
		   double weight, double total);

/**
 * struct contrast_row - the answer for one benchmark, metric and host
 * @scope:	SCOPE_KERNEL if every set has several boots: units are boots;
 *		else runs of one boot of each
 * @theta:	on the log scale, with @se and @df; se 0: exact
 * @ratio, @lo, @hi: the same as ratios, 95 %
 * @p_holm:	by contrast_holm()
 * @share, @share_lo, @share_hi: of the total, as a fraction
 * @least, @most: units of the set that has the fewest, the most
 * @reason:	why there is no estimate, in words; "" if there is one
 */
struct contrast_row {
	struct obs_row id;
	enum compare_scope scope;
	double theta;
	double se;
	double df;
	double ratio;
	double lo;
	double hi;
	double p;
	double p_holm;
	double share;
	double share_lo;
	double share_hi;
	int least;
	int most;
	char reason[240];
};

/**
 * contrast_rows() - estimate a contrast for all rows that its sets share
 * @opts:	what compare() would judge two of the sets by: for every reason
 *		not to compare them there is no estimate either. NULL: default
 * @rows:	malloc'ed, sorted as a comparison's
 * Return: 0 or -ENOMEM.
 */
int contrast_rows(const struct contrast_want *want,
		  const struct compare_opts *opts, struct contrast_row **rows,
		  size_t *n);

/**
 * contrast_holm() - adjust p over a family: primary metrics are one, all
 * others a second one
 * Return: 0 or -ENOMEM.
 */
int contrast_holm(struct contrast_row *const *row, size_t n);

#endif
