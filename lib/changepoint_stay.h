/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an answer holds on to while a series grows. */
#ifndef LIB_CHANGEPOINT_STAY_H
#define LIB_CHANGEPOINT_STAY_H

#include "lib/changepoint_scan.h"

/**
 * struct alarm - what a window of a horizon must show to alarm
 * @z:		this much; or
 * @bounded:	this much, and a chance of its split of at most @p by
 *		scan_bound() to the power of @power
 */
struct alarm {
	double z;
	double bounded;
	double p;
	double power;
};

/**
 * struct stays - changes that alarmed, each in a window of its own
 * @v:		the windows by their ends, @n of them; none holds the change
 *		of an earlier one
 * @fit:	values that the answer is fitted to, the first of the series
 *
 * Both follow from windows alone that were complete when they alarmed: what
 * is appended adds to @v and takes nothing from it.
 */
struct stays {
	struct scan_window *v;
	size_t n;
	size_t fit;
};

/**
 * stays_find() - in the order in which a growing series would show them
 * @alarm:	[horizon]
 *
 * An answer by the likelihood of the whole series is a little different with
 * every value; between answers that are about as good it would jump to and
 * fro. So it is looked for afresh only where a window alarms, and each time
 * that the series has grown by a part; in between nothing moves.
 *
 * Return: 0 or -ENOMEM; free with stays_free().
 */
int stays_find(const double *x, const struct scan *s,
	       const struct alarm *alarm, struct stays *out);
void stays_free(struct stays *s);

#endif
