/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What asibench history says of a series, whatever it was read from. */
#ifndef CLI_HISTORY_H
#define CLI_HISTORY_H

#include <jansson.h>
#include <stdint.h>

#include "analysis/history.h"
#include "analysis/report/report.h"

#define HISTORY_Q	0.05

/* Some lines: changes, spikes, drift, or that there are none. */
void history_lines(const struct history_series *s,
		   const struct history_verdict *v, FILE *out);

/* Add n, p, p_adj, method, rho, changes, spikes, creep and reason to @row. */
void history_members(json_t *row, const struct history_series *s,
		     const struct history_verdict *v);

/**
 * history_input() - judge a file of figures
 * @path:	"-" is standard input
 * @glob:	names of series, ended by NULL; none is all
 * Return: an exit status, after what was wrong was said.
 */
int history_input(const char *path, char *const *glob, uint64_t seed,
		  enum format format);

/* Any of the patterns; none of them is all. */
bool history_wanted(const char *name, char *const *glob);

#endif
