/* SPDX-License-Identifier: GPL-2.0-or-later */
/* asibench series at work: from revisions and arms to contrasts. */
#ifndef CLI_SERIES_H
#define CLI_SERIES_H

#include "analysis/report/series.h"
#include "store/revision.h"

/**
 * struct point - one arm of one revision, loaded when it is first wanted
 * @inside:	it is set beside another arm of its revision: the boots of a guest
 *		whose switches are what differs count each for itself
 */
struct point {
	const struct store_revision *rev;
	const char *arm;
	bool inside;
	char *name;
	struct obs_set set;
};

/**
 * struct series_work - the command at work
 * @on, @off:	names of arms
 * @select:	GLOB of benchmarks, or NULL
 * @all:	metrics
 * @rev:	revisions with runs, in order; @nrev
 * @patch:	what is known of patches; @npatch
 * @now, @base, @against: names of revisions, or NULL
 * @point:	pointers: sets must not move
 */
struct series_work {
	struct store *store;
	struct compare_opts opts;
	const char *on;
	const char *off;
	const char *select;
	bool all;
	enum run_mode mode;
	struct store_revision *rev;
	size_t nrev;
	struct store_patch *patch;
	size_t npatch;
	const char *now;
	const char *base;
	const char *against;
	struct point **point;
	size_t npoints;
	size_t room_points;
	struct effects out;
	size_t room;
};

/*
 * Add to w->out what w->now, w->base and w->against make possible; nothing is
 * added where something was not measured. 0 or a negative errno.
 */

/* Carrying, enabling, together, and the change of enabling. */
int series_add_costs(struct series_work *w);
/* Patch by patch, in every arm that patches were measured in. */
int series_add_patches(struct series_work *w);
/* The same patches of w->now and w->against. */
int series_add_matches(struct series_work *w);

/**
 * series_report() - the report of a series whose latest revision was measured
 * off and on: it, against the one before that was, too
 * @select:	GLOB of benchmarks, or NULL
 * @status:	out: what the command ends with
 * Return: false if there is no such revision, or nothing is there to be read;
 * nothing was said then.
 */
bool series_report(const char *db, const char *series, const char *select,
		   enum format format, int *status);

/* Frees all but the store. */
void series_free(struct series_work *w);

#endif
