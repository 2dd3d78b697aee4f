/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparisons of a kernel with itself, as store.h has the rest. */
#ifndef STORE_AA_H
#define STORE_AA_H

#include "lib/aaobs.h"
#include "store/store.h"

/**
 * store_aa_begin() - a campaign's two arms are equal
 *
 * From then on its series is nobody's default, and --resume leaves it alone.
 */
int store_aa_begin(struct store *s, int64_t campaign);

/**
 * store_aa_results() - what was concluded from a campaign; one transaction
 * @v:	@n rows, all of the campaign's host; pair is not looked at
 */
int store_aa_results(struct store *s, int64_t campaign,
		     const struct aa_obs *v, size_t n);

/* The newest @most comparisons of each host, 0: all, oldest first. Free with
 * store_aa_free(). */
int store_aa_load(struct store *s, int most, struct aa_set *set);
void store_aa_free(struct aa_set *set);

/* Runs that count when a series is looked for: none of an A/A campaign. */
#define NOT_AA(run)							\
	"NOT EXISTS (SELECT 1 FROM slot AS aas JOIN aa ON "		\
	"aa.campaign = aas.campaign WHERE aas.id = " run ".slot)"

#endif
