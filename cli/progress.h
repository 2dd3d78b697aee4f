/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run shows while it runs: a bar on a terminal, else lines. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "drivers/schedule.h"

/**
 * struct progress - set up by progress_begin()
 * @bar:	stderr is a terminal
 * @said:	lines: benchmarks that were told of, as indices of variants
 */
struct progress {
	int bar;
	int columns;
	int block;
};

void progress_begin(struct progress *p);
/* For schedule(). */
void progress_event(void *priv, const struct schedule_event *e);
void progress_end(struct progress *p);

#endif
