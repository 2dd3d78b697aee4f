/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the store hands to analysis: arrays, nothing that needs a database.
 */
#ifndef LIB_OBS_H
#define LIB_OBS_H

#include <stdint.h>

#include "lib/factlist.h"

/**
 * struct obs - one metric's figure of one run
 * @boot:	index into struct side.boot
 * @row:	groups what may be compared: same benchmark, params, place,
 *		profile, metric, host and mode. Index into struct obs_row
 * @value:	the run's figure
 * @n:		samples behind it
 * @batch:	operations per sample, 0 where that means nothing
 * @noisy:	set of NOISY_*
 * @status:	RUN_OK or RUN_INTERPRETED (others have no figure)
 * @pace:	of the core during the run, 0 unknown; see lib/pace.h
 * @order:	ascending in the order taken
 * @lo, @hi:	95 % interval of the figure by the run's own samples; 0 unknown
 * @seconds:	that the run took
 */
struct obs {
	int boot;
	int row;
	double value;
	uint64_t n;
	uint64_t batch;
	unsigned int noisy;
	enum run_status status;
	double pace;
	int64_t order;
	double lo;
	double hi;
	double seconds;
};

/**
 * struct obs_row - identity of a row of a comparison
 *
 * Strings belong to the set that holds the row.
 */
struct obs_row {
	const char *benchmark;
	const char *params;	/* canonical JSON object */
	const char *place;
	const char *profile;
	const char *host;	/* alias */
	struct metric metric;
	enum run_mode mode;
};

/**
 * struct obs_boot - a boot, with what is known of it
 * @uuid:	of the boot
 * @host:	alias
 * @release:	kernel release
 * @build_id:	kernel build id
 * @state:	of the arm on this boot
 * @evidence:	for @state, in words
 * @pace:	the best of any run of this boot, 0 unknown
 * @facts:	host and boot scope
 */
struct obs_boot {
	const char *uuid;
	const char *host;
	const char *release;
	const char *build_id;
	enum arm_state state;
	const char *evidence;
	double pace;
	struct fact_list facts;
};

/**
 * struct obs_missing - runs of a row without a figure
 * @row:	index into obs_set.row
 * @status:	what they ended as
 * @reason:	the commonest
 * @n:		how many
 */
struct obs_missing {
	int row;
	enum run_status status;
	const char *reason;
	int n;
};

/**
 * struct obs_set - one side of a comparison
 * @name:	as the user wrote it: "v2@off"
 * @series, @revision, @arm: resolved; @revision carries a patch as "v2 3/27"
 * @commit, @tree: of the build, or ""
 * @dirty:	the tree had uncommitted changes
 */
struct obs_set {
	const char *name;
	const char *series;
	const char *revision;
	const char *arm;
	const char *commit;
	const char *tree;
	int dirty;
	struct obs *v;
	size_t n;
	struct obs_row *row;
	size_t nrows;
	struct obs_boot *boot;
	size_t nboots;
	struct obs_missing *missing;
	size_t nmissing;
	void *arena;		/* what the strings live in; obs_set_free() */
};

void obs_set_free(struct obs_set *set);

#endif
