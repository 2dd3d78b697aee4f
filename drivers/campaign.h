/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A campaign on this host and boot: what was asked, kept as JSON with its
 * results, so that it can be gone on with.
 */
#ifndef DRIVERS_CAMPAIGN_H
#define DRIVERS_CAMPAIGN_H

#include "drivers/schedule.h"
#include "drivers/session.h"

#define CAMPAIGN_GLOBS	64

#define CAMPAIGN_ARMS	8

/**
 * struct campaign_arm - a way to boot guests
 * @name:	of the arm
 * @words:	appended to their kernel command line, "" none
 */
struct campaign_arm {
	const char *name;
	const char *words;
};

/**
 * struct campaign_request - what the user asked for
 * @session:	names, patch, arm, claim
 * @glob:	patterns of benchmark names
 * @rules:	budget, precision and so on
 * @seed:	0: drawn
 * @mode:	timed; counted: events are counted beside, times not scored;
 *		injected: every run has the delay loop, of @inject iterations
 * @guest_arm:	arms that differ in their guests alone, interleaved; only
 *		benchmarks of guests run then
 * @kernel:	image that guests boot: then it is what the label names, and
 *		only benchmarks of guests run; NULL: see guest_find()
 * @resume:	go on with the newest campaign of this boot that did not end;
 *		all else comes from there
 */
struct campaign_request {
	struct session_request session;
	const char *glob[CAMPAIGN_GLOBS];
	size_t nglob;
	struct plan_rules rules;
	uint64_t seed;
	enum run_mode mode;
	uint64_t inject;
	struct campaign_arm guest_arm[CAMPAIGN_ARMS];
	int nguest_arms;
	const char *kernel;
	bool resume;
};

/**
 * struct campaign_end - what became of it
 * @arm:	store ids of the guest arms, in the order asked for
 */
struct campaign_end {
	struct schedule_end schedule;
	struct session session;
	int64_t id;
	char uuid[40];
	int available;		/* variants that could run */
	int64_t arm[CAMPAIGN_ARMS];
};

/**
 * campaign_variants() - variants_expand(), and none of that name is an error
 * @available:	out: variants that could run
 */
int campaign_variants(struct host *host, const char *const *glob,
		      size_t nglob, struct variant_list *list,
		      int *available);

/* A seed that people can type: @wanted, or a drawn one if that is 0. */
int campaign_seed(uint64_t wanted, uint64_t *seed);

/**
 * campaign_run() - enter it, measure, close it
 * @event:	see schedule()
 * Return: 0; -ENOENT: no benchmark of that name, or nothing to resume; other
 * negative errno. All are said.
 */
int campaign_run(struct store *store, struct host *host,
		 const struct campaign_request *req, const volatile int *stop,
		 void (*event)(void *priv, const struct schedule_event *e),
		 void *priv, struct campaign_end *end);

#endif
