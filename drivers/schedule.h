/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one scheduler: plan -> interleaved random blocks -> slots -> runs.
 *
 * A block holds every variant that still needs runs once for every arm. The
 * order of variants is random, and so is the order of the arms of a variant,
 * which follow each other: drift falls on all alike.
 */
#ifndef DRIVERS_SCHEDULE_H
#define DRIVERS_SCHEDULE_H

#include "drivers/runner.h"
#include "drivers/variant.h"
#include "store/store.h"

/**
 * struct plan_arm - one of the things that are compared
 * @label:	store id
 * @arm:	store id
 * @inject:	iterations of the delay loop (MODE_INJECTED)
 * @words:	appended to the command line of guests, or NULL
 */
struct plan_arm {
	int64_t label;
	int64_t arm;
	uint64_t inject;
	const char *words;
};

/* The rules, with their defaults in plan_defaults. */
struct plan_rules {
	double budget;		/* seconds for all */
	double precision;	/* half-width of the 95 % interval, 0.01 */
	uint64_t run_ns;	/* sampling time of a run; 0: from the budget */
	int runs_least;		/* before the precision may stop a variant */
	int runs_most;		/* of a variant and arm */
	int runs_unscored;	/* of one that is interpreted */
	double share;		/* of the budget that one variant may have where
				   there are many; 0: all */
	int tries;		/* failures in a row that end a variant */
};

extern const struct plan_rules plan_defaults;

/**
 * struct plan - what is to be measured
 * @variants:	those without a reason are run, the others recorded as skipped
 * @inject:	per variant and arm, [variant * narms + arm], or NULL: the
 *		delay of a variant in an arm in place of plan_arm.inject
 * @first_block: number of the first block, above 0 when resumed
 * @spent:	seconds of the budget that are gone already
 * @prior:	figures that a campaign of one arm has already, or NULL
 */
struct plan {
	const struct variant_list *variants;
	const struct plan_arm *arm;
	int narms;
	enum run_mode mode;
	struct plan_rules rules;
	uint64_t seed;
	int64_t campaign;
	int64_t host_id;
	int64_t boot;
	int first_block;
	double spent;
	const uint64_t *inject;
	const struct obs_set *prior;
};

/**
 * struct schedule_event - for a progress display
 * @index, @total: position within the block
 * @variant:	about to run, or just run
 * @res:	NULL before the run, its result afterwards
 * @mid, @half:	score so far and half-width of its interval as a fraction,
 *		NaN where there is none
 * @spent, @budget: seconds
 */
struct schedule_event {
	int block;
	int index;
	int total;
	const struct variant *variant;
	const struct run_result *res;
	double mid;
	double half;
	int runs;
	double spent;
	double budget;
};

/**
 * struct schedule_end - how it ended
 * @stop:	"precision", "budget", "signal", "runs", "nothing"
 * @runs:	committed
 * @scored:	of these, RUN_OK
 */
struct schedule_end {
	const char *stop;
	int runs;
	int scored;
	double seconds;
};

/**
 * schedule() - measure a plan
 * @stop:	set by a signal handler
 * @event:	called before and after each run, or NULL
 * Return: 0 or a negative errno (the store failed; said).
 */
int schedule(struct store *store, const struct host *host,
	     const struct plan *plan, const volatile int *stop,
	     void (*event)(void *priv, const struct schedule_event *e),
	     void *priv, struct schedule_end *end);

/**
 * record_run() - commit what a slot brought
 */
int record_run(struct store *store, int64_t slot,
	       const struct run_result *res, double started, double seconds);

#endif
