/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far a campaign is: a table, and on a terminal one that is kept up. */
#ifndef CLI_CAMPAIGN_STATUS_H
#define CLI_CAMPAIGN_STATUS_H

#include "cli/cli.h"
#include "hosts/journal.h"

/* For people "14 min"; programs get seconds. */
void status_seconds(enum format format, char *buf, size_t size, double s);

/* Is a controller at it? Only asked, not taken. */
int status_running(const struct journal *j);

/**
 * status_print() - a row for each host
 * @running:	a controller is at it
 * @out:	in text; other formats go to stdout
 * Return: 0 or a negative errno.
 */
int status_print(const struct journal *j, enum format format, int running,
		 FILE *out);

/**
 * struct live - a process that keeps the table up
 * @pid:	0: there is none
 * @err:	stderr as it was
 */
struct live {
	pid_t pid;
	int err;
};

/**
 * live_begin() - where stderr is a terminal, keep the table there
 *
 * What is said on stderr from here on stands above it.
 */
void live_begin(struct live *l, const struct journal *j);
void live_end(struct live *l);

/* Keep the table up until the campaign's controller has ended; @j is replayed. */
void live_follow(struct journal *j);

#endif
