/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was the core there for us alone?
 *
 * The other hardware thread of a core, which on a shared machine may belong
 * to somebody else, slows every operation by a quarter to a half for
 * milliseconds to seconds. A short loop of known length, timed beside each
 * sample, tells: the samples beside a slow loop are kept, but do not count
 * towards the score. What decides is the loop, never the sample itself, so
 * the choice does not depend on the figure.
 */
#ifndef LIB_PACE_H
#define LIB_PACE_H

#include <stddef.h>
#include <stdint.h>

#define PACE_ITERATIONS	4000	/* about 1.3 us */

/* Full pace is a run's own: its frequency may not be that of another run. */
#define PACE_LEAST	30	/* samples that must reach it, or a quarter */
#define PACE_TOLERANCE	1.02

/*
 * A run whose own full pace is slower than the best of its boot by this factor
 * never had the core for itself. A busy sibling costs the loop a factor of 1.7
 * or more; frequencies move within less.
 */
#define PACE_DISTURBED	1.25

/**
 * pace_reference() - full pace of a run, in ticks of the loop
 * @pace:	one per sample
 * Return: the PACE_LEAST-th smallest, or that of the first quarter; 0 without
 * samples or memory.
 */
double pace_reference(const uint64_t *pace, size_t n);

/**
 * pace_select() - the samples taken at full pace
 * @v:		samples, one per @pace
 * @step:	of the TSC: a loop may be off by one
 * @kept:	out: room for @n
 * Return: how many were kept.
 */
size_t pace_select(const uint64_t *pace, const uint64_t *v, size_t n,
		   double reference, double step, uint64_t *kept);

/* Is a run of @pace disturbed, where the best of its boot is @best? */
int pace_disturbed(double pace, double best);

#endif
