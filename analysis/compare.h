/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A against B: two sets of figures in, verdicts out. Pure.
 */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/obs.h"

struct shape;

enum verdict {
	VERDICT_REGRESSED,
	VERDICT_IMPROVED,
	VERDICT_EQUIVALENT,
	VERDICT_SMALL,
	VERDICT_INCONCLUSIVE,
	VERDICT_UNCHECKED,
	NR_VERDICTS,
};

const char *verdict_name(enum verdict v);	/* lower case */

/**
 * enum compare_scope - what a verdict may be claimed of
 * @SCOPE_BOOT:	 one boot a side: runs were compared
 * @SCOPE_KERNEL: several boots a side: boots were compared
 */
enum compare_scope { SCOPE_BOOT, SCOPE_KERNEL };

const char *scope_name(enum compare_scope scope);

/**
 * struct compare_past - how a row's boots spread in other revisions
 * @id:		of the row
 * @s2:		variance of boot means within a revision, on logs
 * @df:		its degrees of freedom
 */
struct compare_past {
	struct obs_row id;
	double s2;
	double df;
};

/**
 * struct compare_set_opt - benchmarks to be summed up as one figure
 * @glob:	of their names
 */
struct compare_set_opt {
	const char *name;
	const char *glob;
};

/**
 * struct compare_opts - the rules, with their defaults in compare_defaults
 * @margin:	delta of the verdict table, 0.01
 * @q:		false discovery rate, 0.05
 * @power:	for the minimum detectable effect, 0.80
 * @min_runs:	runs a side below which nothing is said within one boot, 5
 * @min_boots:	boots a side over several boots, 2. Neither below 2
 * @allow:	environment facts that may differ: keys, or the start of keys
 *		and a '*'
 * @nallow:	how many
 * @past:	sorted as past_pool() leaves it
 * @set:	named sets
 */
struct compare_opts {
	double margin;
	double q;
	double power;
	int min_runs;
	int min_boots;
	const char *const *allow;
	size_t nallow;
	const struct compare_past *past;
	size_t npast;
	const struct compare_set_opt *set;
	size_t nsets;
};

extern const struct compare_opts compare_defaults;

/* A row's extra marks; a set. */
#define ROW_PROVISIONAL	(1u << 0)	/* below 5 boots a side */
#define ROW_NONZERO	(1u << 1)	/* equivalent, yet 0 is excluded */
#define ROW_SUSPECT	(1u << 2)	/* improved beyond the margin */
#define ROW_NOISY	(1u << 3)	/* over a tenth of the runs flagged */
#define ROW_BEYOND	(1u << 4)	/* beyond the margin, one-sided, by BH */
#define ROW_FLOORED	(1u << 5)	/* variance is the clock's, not the data's */
#define ROW_DISTURBED	(1u << 6)	/* a fifth of the runs had to be left out */
#define ROW_QUARANTINED	(1u << 7)	/* alarmed too often in A/A (aa.h) */
#define ROW_RANKS	(1u << 8)	/* Hodges and Lehmann tell otherwise */
#define ROW_MODES	(1u << 9)	/* the units fall into two groups */
#define NR_ROW_FLAGS	10

const char *row_flag_name(unsigned int bit);

/**
 * enum lender - where a row's variance was borrowed
 * @LENDER_NONE:	its own, by Welch
 * @LENDER_PAST:	the same row in other revisions on this host
 * @LENDER_ROWS:	the other benchmarks of this comparison on this host
 */
enum lender { LENDER_NONE, LENDER_PAST, LENDER_ROWS };

const char *lender_name(enum lender lender);

/**
 * struct compare_row - one benchmark, one metric, one host
 * @base, @now:	typical value a side, in the metric's unit
 * @ratio:	now / base; @lo, @hi its 95 % interval
 * @p:		two-sided; @p_adj Benjamini-Hochberg, @p_holm Holm
 * @mde:	smallest change that was likely (power) to be found, as a
 *		fraction: 0.012 is 1.2 %
 * @n_base, @n_new: units compared: boots (SCOPE_KERNEL) or runs
 * @runs_base, @runs_new: runs behind them
 * @disturbed_base, @disturbed_new: further runs, left out because the core
 *		was shared all the while
 * @need:	boots (or runs) a side that would find a change of the margin,
 *		0 unknown or out of reach
 * @sd_run:	spread (sd of logs) of runs within a boot, both sides pooled
 * @sd_boot:	spread of boot means, NaN with one boot a side
 * @theta:	log(ratio), or the difference as a share of base; @se its standard
 *		error with @df degrees of freedom, as judged; NaN without one
 * @lender:	of the variance
 * @lent_df:	degrees of freedom borrowed, 0 none
 * @sd_raw:	sd of a unit by the row's own data, both sides together
 * @sd_used:	the one behind @se
 * @p_raw:	what @p would be by the row's own data
 * @ranks, @ranks_lo, @ranks_hi: a second opinion on @ratio: Hodges-Lehmann
 *		with its exact 95 % interval, NaN below 4 units a side
 * @mode_low, @mode_high: where the units gather, in the metric's unit, where
 *		ROW_MODES is set
 * @shape:	shifts at the deciles of the samples, NULL where they were not
 *		asked for; the caller's
 * @reason:	the verdict's, in words; never empty
 */
struct compare_row {
	struct obs_row id;
	enum compare_scope scope;
	enum verdict verdict;
	unsigned int flags;
	double base;
	double now;
	double ratio;
	double lo;
	double hi;
	double p;
	double p_adj;
	double p_holm;
	double mde;
	int n_base;
	int n_new;
	int runs_base;
	int runs_new;
	int noisy_base;
	int noisy_new;
	int disturbed_base;
	int disturbed_new;
	int need;
	double sd_run;
	double sd_boot;
	double theta;
	double se;
	double df;
	enum lender lender;
	double lent_df;
	double sd_raw;
	double sd_used;
	double p_raw;
	double ranks;
	double ranks_lo;
	double ranks_hi;
	double mode_low;
	double mode_high;
	const struct shape *shape;
	char reason[240];
};

/**
 * struct compare_across - a row over all hosts that have it
 * @id:		of the row; its host is ""
 * @hosts:	how many
 * @sample:	the hosts are many enough to stand for others; else the plain
 *		mean of just these
 * @ratio, @lo, @hi, @p: over the hosts
 * @i2:		share of the variance that lies between hosts, 0..1
 */
struct compare_across {
	struct obs_row id;
	enum compare_scope scope;
	int hosts;
	bool sample;
	double ratio;
	double lo;
	double hi;
	double p;
	double i2;
};

/**
 * struct compare_diff - a fact in which the sides differ
 */
struct compare_diff {
	char key[FACT_KEY_MAX];
	enum fact_class class;
	int publish;
	int allowed;
	char host[64];
	char base[FACT_TEXT_MAX];
	char now[FACT_TEXT_MAX];
};

/**
 * struct comparison - the answer
 * @refused:	an environment fact differs and was not allowed: all rows are
 *		UNCHECKED with that reason
 * @rows:	sorted by benchmark, place, params, metric, host
 * @diff:	facts that differ, environment first
 * @count:	rows per verdict
 * @zeros:	rows that comparison_drop_zeros() left out
 * @set:	geometric means of the named sets, one per host; id.benchmark is
 *		the set's name, and @set_size[] how many benchmarks it has
 * @across:	rows that several hosts have
 */
struct comparison {
	const struct obs_set *base;
	const struct obs_set *now;
	bool refused;
	char refusal[240];
	struct compare_row *row;
	size_t nrows;
	struct compare_diff *diff;
	size_t ndiffs;
	int count[NR_VERDICTS];
	size_t zeros;
	struct compare_row *set;
	size_t *set_size;
	size_t nsets;
	struct compare_across *across;
	size_t nacross;
};

/**
 * compare() - judge @now against @base
 * Return: 0 or -ENOMEM.
 */
int compare(const struct obs_set *base, const struct obs_set *now,
	    const struct compare_opts *opts, struct comparison *out);
void comparison_free(struct comparison *c);

/*
 * Leave out counts that are 0 on both sides: of a hundred reasons why a guest
 * may exit, a benchmark has one or two.
 */
void comparison_drop_zeros(struct comparison *c);

/**
 * struct summary_row - a row of one side alone, for run, history and report
 * @mid, @lo, @hi: typical value and its 95 % interval over units
 * @units:	boots if there are several, else runs
 */
struct summary_row {
	const char *arm;	/* where there are several, else NULL */
	struct obs_row id;
	enum run_status status;
	char reason[240];
	int boots;
	int runs;
	int noisy;
	int disturbed;
	enum compare_scope scope;
	double mid;
	double lo;
	double hi;
};

/**
 * summarize() - figures of one side
 * Return: 0 or -ENOMEM; @rows is malloc'ed.
 */
int summarize(const struct obs_set *set, struct summary_row **rows,
	      size_t *n);

#endif
