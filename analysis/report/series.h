/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a series costs: as a whole, switched on, and patch by patch. */
#ifndef ANALYSIS_REPORT_SERIES_H
#define ANALYSIS_REPORT_SERIES_H

#include "analysis/contrast.h"
#include "analysis/report/report.h"

/**
 * enum effect_kind - which cost
 * @EFFECT_CARRYING:	the series, switched off, against the base
 * @EFFECT_ENABLING:	the series, on against off
 * @EFFECT_TOGETHER:	the series, switched on, against the base
 * @EFFECT_WAS:		enabling another revision
 * @EFFECT_OFF, @EFFECT_ON: the series, switched off and on, against that one
 * @EFFECT_CHANGE:	of the enabling cost, against another revision: the
 *			ratio of the two
 * @EFFECT_PATCH:	a patch, or several where some were not measured
 * @EFFECT_PATCHES:	all patches together
 * @EFFECT_MATCHED:	of a patch's cost, against the same patch of another
 *			revision
 */
enum effect_kind {
	EFFECT_CARRYING,
	EFFECT_ENABLING,
	EFFECT_TOGETHER,
	EFFECT_WAS,
	EFFECT_OFF,
	EFFECT_ON,
	EFFECT_CHANGE,
	EFFECT_PATCH,
	EFFECT_PATCHES,
	EFFECT_MATCHED,
};

/**
 * struct effect - a contrast, and what it is of
 * @arm:	of a patch's, else NULL
 * @from, @to:	what is compared, "v2@off"
 * @first, @last, @of: patches first..last of all
 * @subject, @patch_id: of the last, "" unknown
 * @old, @match: the patch of the other revision and how it was found
 */
struct effect {
	enum effect_kind kind;
	const char *arm;
	char *from;
	char *to;
	int first;
	int last;
	int of;
	const char *subject;
	const char *patch_id;
	int old;
	const char *match;
	struct contrast_row *row;
	size_t n;
};

/**
 * struct effects - of one revision of a series
 * @against:	the other revision, NULL if there is none
 */
struct effects {
	const char *series;
	const char *revision;
	const char *base;
	const char *against;
	struct effect *v;
	size_t n;
};

/**
 * report_series() - all of it
 *
 * JSON: {series, revision, base, against, effects: [json_row() and
 * {kind, arm, from, to, first, last, of, subject, patch_id, old, match,
 * ratio, lo, hi, se, df, p, p_holm, share, share_lo, share_hi, scope, least,
 * most, reason}]}
 *
 * Return: 0 or a negative errno.
 */
int report_series(enum format format, const struct effects *e, FILE *out);

#endif
