/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest prints: marks of init, a panic, and last lines to show. */
#ifndef DRIVERS_GUEST_CONSOLE_H
#define DRIVERS_GUEST_CONSOLE_H

#include "drivers/guest/guest.h"

/**
 * enum console_mark - marks that init has made, by wire.h
 */
enum console_mark { MARK_INIT, MARK_BEGIN, MARK_END, MARK_DONE, NR_MARKS };

/**
 * struct console_clock - marks of one kind: host and guest say the time
 * @n:		how many
 * @guest:	of the first
 * @offset:	least of host minus guest: what is late is so at the host
 */
struct console_clock {
	int n;
	uint64_t guest;
	int64_t offset;
};

/**
 * struct console - state
 * @line:	being collected
 * @panic:	the kernel's words, "" if there was none
 * @said:	what init said where it could not write it down
 * @tail:	last lines, printable, oldest first
 * @mark:	called at each mark, with the number of the job
 */
struct console {
	char line[512];
	size_t n;
	char panic[GUEST_REASON / 2];
	char said[GUEST_REASON / 2];
	char tail[4096];
	size_t ntail;
	struct console_clock begin[GUEST_JOBS];
	struct console_clock end[GUEST_JOBS];
	size_t job;		/* begun */
	bool seen[NR_MARKS];
	void (*mark)(void *priv, enum console_mark mark, size_t job);
	void *priv;
};

/**
 * console_feed() - take what arrived
 * @now:	host's CLOCK_MONOTONIC_RAW
 */
void console_feed(struct console *c, const char *data, size_t n,
		  uint64_t now);

/* By both clocks, from the first mark "begin" to the first "end" of a job. */
void console_times(const struct console *c, size_t job,
		   struct guest_times *t);

#endif
