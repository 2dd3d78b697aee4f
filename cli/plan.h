/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What it takes to see a change, from what is stored of a series. */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include "analysis/match.h"
#include "analysis/report/plan.h"
#include "cli/figures.h"

#define PLAN_BOOTS	100	/* a side, at most, if nothing else is said */

/**
 * struct plan_table - plans of all benchmarks of a series, host by host
 * @list:	what the strings belong to
 */
struct plan_table {
	struct figures_list list;
	struct plan_spread *rows;
	struct plan_host *host;
	size_t nhosts;
};

/**
 * plan_table_make() - the cheapest ways to see a change in each row
 * @goal:	alpha is that of all benchmarks of a host together
 *
 * "asibench plan" prints it, and explain takes its next step from it, so that
 * both say the same.
 *
 * Return: 0 or a negative errno, said unless -ENOMEM.
 */
int plan_table_make(struct store *store, const struct store_select *sel,
		    const struct plan_goal *goal, struct plan_table *t);
void plan_table_free(struct plan_table *t);

/* The plan of a row, and of its host; NULL if there is none. */
const struct plan_line *plan_table_find(const struct plan_table *t,
					const struct obs_row *id,
					const struct plan_host **host);

#endif
