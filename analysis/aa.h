/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often is something found where there is nothing? Counted over
 * comparisons of a kernel with itself (A/A). Pure.
 */
#ifndef ANALYSIS_AA_H
#define ANALYSIS_AA_H

#include "analysis/compare.h"
#include "lib/aaobs.h"

/**
 * struct aa_rate - one benchmark on one host
 * @id:		which
 * @tests:	comparisons that were judged; @unjudged were not
 * @alarms:	p at or below the nominal level
 * @called:	regressed or improved, after correction and margin
 * @lo, @hi:	95 % bounds of the rate of alarms, Clopper-Pearson
 * @largest:	largest change seen, as a fraction
 * @quarantined: @lo is above the nominal level: this benchmark's figures vary
 *		in a way that the test does not know of
 */
struct aa_rate {
	const struct obs_row *id;
	int tests;
	int unjudged;
	int alarms;
	int called;
	double lo;
	double hi;
	double largest;
	bool quarantined;
};

/**
 * struct aa_host - all comparisons of one host
 * @pairs:	comparisons with at least one judged row of a primary metric
 * @alarmed:	of these, with one that was called regressed or improved: what
 *		somebody who reads reports is misled by
 * @lo, @hi:	95 % bounds of that rate, Clopper-Pearson
 * @tests, @alarms: sums over the primary metrics. Rows of one comparison are
 *		not independent, so there are no bounds
 * @quarantined: benchmarks
 */
struct aa_host {
	const char *host;
	int pairs;
	int alarmed;
	double lo;
	double hi;
	int tests;
	int alarms;
	int quarantined;
};

/**
 * struct aa_rates - the answer; strings belong to the set it was made of
 * @nominal:	the level that rates are held against
 * @row:	sorted by benchmark, place, params, metric, host
 * @host:	sorted by name
 */
struct aa_rates {
	double nominal;
	struct aa_rate *row;
	size_t nrows;
	struct aa_host *host;
	size_t nhosts;
};

/**
 * aa_rates() - count
 * Return: 0 or -ENOMEM; free with aa_rates_free().
 */
int aa_rates(const struct aa_set *set, double nominal, struct aa_rates *out);
void aa_rates_free(struct aa_rates *rates);

/* What is known of a row or a host, or NULL. */
const struct aa_rate *aa_find(const struct aa_rates *rates,
			      const struct obs_row *id);
const struct aa_host *aa_find_host(const struct aa_rates *rates,
				   const char *host);

/**
 * aa_mark() - flag the rows of a comparison that are in quarantine
 *
 * Their verdicts stand, and are shown; they decide no gate.
 */
void aa_mark(const struct aa_rates *rates, struct comparison *c);

#endif
