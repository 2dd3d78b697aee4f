/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A/A: a kernel measured against itself. Pairs of equal arms, each pair a
 * campaign of its own whose blocks run the arms as AB or BA, at random.
 */
#ifndef DRIVERS_AA_H
#define DRIVERS_AA_H

#include "drivers/campaign.h"

#define AA_SERIES	"aa"
#define AA_ARM		"aa"

/**
 * struct aa_request - what the user asked for
 * @glob:	patterns of benchmark names
 * @rules:	as for a run; the budget is for all pairs
 * @pairs:	how many
 * @seed:	0: drawn
 */
struct aa_request {
	const char *const *glob;
	size_t nglob;
	struct plan_rules rules;
	int pairs;
	uint64_t seed;
};

/**
 * struct aa_pair - a pair that was measured
 * @number:	1..
 * @campaign:	store id
 * @set:	figures of either arm, for the callee to look at
 */
struct aa_pair {
	int number;
	int64_t campaign;
	struct obs_set set[2];
};

/**
 * struct aa_end - what became of it
 * @pairs:	measured to their end
 * @runs, @scored: of all pairs, also of one that was stopped
 * @available:	variants that could run
 * @stop:	"pairs", "budget", "signal"
 */
struct aa_end {
	int pairs;
	int runs;
	int scored;
	int available;
	const char *stop;
	double seconds;
};

/**
 * aa_run() - measure pairs
 * @event:	see schedule()
 * @pair:	called after each pair; 0, or a negative errno that ends it
 * Return: 0 or a negative errno, said.
 */
int aa_run(struct store *store, struct host *host,
	   const struct aa_request *req, const volatile int *stop,
	   void (*event)(void *priv, const struct schedule_event *e),
	   int (*pair)(void *priv, const struct aa_pair *p), void *priv,
	   struct aa_end *end);

#endif
