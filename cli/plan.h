/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it would take to conclude, for a row of a comparison. */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include "analysis/match.h"
#include "analysis/plan.h"
#include "cli/sides.h"

/**
 * plan_for_row() - the cheapest way to see a change of the margin in one row,
 * from the spread of both sides, the boot being for this benchmark alone
 * Return: 0 or a negative errno.
 */
int plan_for_row(const struct sides *s, const struct compare_row *r,
		 struct plan_effort *e);

#endif
