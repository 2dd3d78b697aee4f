/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tracks as pictures take them. */
#ifndef CLI_TREND_H
#define CLI_TREND_H

#include "analysis/report/report.h"
#include "cli/judged.h"

/**
 * trend_make() - a track as arrays
 * @p:	title and unit are left to the caller; what the arrays' names are
 *	belongs to the track
 * Return: 0 or -ENOMEM.
 */
int trend_make(const struct judged *j, struct plot_trend *p);
void trend_free(struct plot_trend *p);

/* An emulator's figures are shown, and called that. */
bool trend_interpreted(const struct track *t);

#endif
