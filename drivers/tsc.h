/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast the TSC counts, and in steps of how many ticks. */
#ifndef DRIVERS_TSC_H
#define DRIVERS_TSC_H

#include <stddef.h>
#include <stdint.h>

#define TSC_DELTA_MAX	16384	/* longer ones are interruptions, not used */

/**
 * tsc_step_estimate() - size of a clock's steps from differences of readings
 * @delta:	differences, of widely varying length
 * @n:		how many
 *
 * A clock that advances by s reads floor(k s), so that differences are
 * multiples of s to within 1. The periodogram of their histogram then stands
 * near 1 at frequency 1/s and at its multiples: the lowest such frequency is
 * the step. Below 4 ticks a step that is not a whole number cannot be told
 * from 1, nor would it matter.
 *
 * Return: ticks, 1 where there are no steps, NaN where fewer than 500
 * differences were of use.
 */
double tsc_step_estimate(const uint64_t *delta, size_t n);

#endif
