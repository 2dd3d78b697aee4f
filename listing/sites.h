/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an isolated kernel left its isolation: sites and how often, out of
 * what others printed.
 */
#ifndef LISTING_SITES_H
#define LISTING_SITES_H

#include <stddef.h>
#include <stdint.h>

#define SITE_NAME_MAX	128

struct site {
	char name[SITE_NAME_MAX];
	uint64_t count;
};

/**
 * struct sites - a listing, added up
 * @v:		by function, the most frequent first
 * @counted:	sum of all
 * @total:	what the tracer itself says; 0: it does not
 * @lost:	events that the tracer dropped
 * @full:	its map was full at times: sites are missing
 */
struct sites {
	struct site *v;
	size_t n;
	uint64_t counted;
	uint64_t total;
	uint64_t lost;
	int full;
};

/**
 * sites_read() - read a listing
 * @file:	"-" is standard input
 *
 * Known are the output of a bpftrace script that counts stacks, of which a
 * site is the function that took the fault (the first frame below the fault's
 * own entry), and lines "ADDRESS COUNT SYMBOL" as asicmd prints them.
 *
 * Return: 0; -ENOMEM; -EBADMSG (said, with file and line) where it is neither.
 */
int sites_read(struct sites *s, const char *file);
void sites_free(struct sites *s);

#endif
