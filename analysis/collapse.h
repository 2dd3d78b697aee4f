/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From runs to the units of a verdict. A kernel takes effect per boot, so
 * boots are the units where there are several; feeding the runs of several
 * boots to a two-sample test as if they were independent flags most pairs of
 * identical kernels.
 */
#ifndef ANALYSIS_COLLAPSE_H
#define ANALYSIS_COLLAPSE_H

#include "analysis/compare.h"
#include "analysis/match.h"

/**
 * struct side - one side of a row, collapsed
 * @which:	0 base, 1 new
 * @runs:	with a figure; @interpreted of them are an emulator's, @noisy
 *		flagged, @bad not finite, @nolog not positive where logs are
 *		wanted: if there is one, none are taken
 * @log:	values are logs
 * @value:	one per run, by boot
 * @group:	the boots, @boots of them
 * @unit:	the units' values, @n of them: boot means, or the runs of one
 *		boot
 * @mean:	of the units
 * @var:	of a single unit; after side_floor() at least the clock's
 * @floored:	it is the clock's
 * @ss_run:	squares within boots, with @df_run degrees of freedom
 * @ss_boot:	squares of boot means, with @df_boot
 */
struct side {
	const struct match *match;
	int which;
	const struct obs_set *set;
	const struct match_side *m;
	const struct metric *metric;
	int runs;
	int interpreted;
	int noisy;
	int bad;
	int nolog;
	bool log;
	const double *value;
	const struct boot_group *group;
	int boots;
	const double *unit;
	size_t n;
	double mean;
	double var;
	bool floored;
	double ss_run;
	double df_run;
	double ss_boot;
	double df_boot;
};

/* Collapse side @s of a row: boot means where there are several boots. */
void side_collapse(struct side *side, const struct match *match,
		   const struct match_row *row, int s);

/* The same side reduced to its boot number @k. */
void side_narrow(struct side *side, size_t k);

/* Make runs the units, of a side with one boot: already so; else all runs. */
void side_use_runs(struct side *side);

/**
 * side_floor() - raise the variance to that of the clock's steps
 * @tick: of the clock, in the metric's unit; 0 where it has no steps
 *
 * A score in steps of d is off by up to d/2 and has at least the variance
 * d^2 / 12, whatever a handful of equal values pretends (W. F. Sheppard,
 * Proceedings of the London Mathematical Society 29 (1898) 353).
 */
void side_floor(struct side *side, double tick);

/* Size of the clock's steps on the side's boots, 0: unknown or none. */
double side_tick(const struct side *side);

/* The figure people read: back from logs; a median where logs fail. */
double side_typical(const struct side *side);

/* Of counts per operation: the operations, and the events among them. */
double side_operations(const struct side *side, double *events);

/* Are all run figures of the side the same number? */
bool side_constant(const struct side *side);

#endif
