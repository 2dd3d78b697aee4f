/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_EXPLAIN_SHAPE_H
#define CLI_EXPLAIN_SHAPE_H

#include "analysis/shape.h"
#include "cli/sides.h"

/* One benchmark, place, parameters, host and metric? */
bool explain_same_row(const struct obs_row *a, const struct obs_row *b);

/**
 * explain_shape() - shifts at the deciles of a row's samples
 * Return: 0; -ENODATA where there are too few runs with samples; another
 * negative errno.
 */
int explain_shape(const struct sides *s, const struct compare_row *r,
		  struct shape *shape);

#endif
