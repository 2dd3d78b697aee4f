/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listings of others, read line by line, with bounds and positions. */
#ifndef LISTING_LINES_H
#define LISTING_LINES_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/msg.h"

#define LINES_LINE_MAX	4096		/* bytes of a line */
#define LINES_MAX	(64u << 20)	/* lines of a listing */

/**
 * struct lines - a listing being read
 * @file:	its name, for messages; "-" is standard input
 * @number:	of the line that was read last, from 1
 */
struct lines {
	const char *file;
	FILE *f;
	uint64_t number;
	char text[LINES_LINE_MAX];
};

/* 0 or -errno, said. */
int lines_open(struct lines *l, const char *file);
void lines_close(struct lines *l);

/**
 * lines_next() - the next line, trimmed, in @l->text
 * Return: 1; 0 at the end; -errno, said, where a line is too long, holds a NUL
 * or cannot be read.
 */
int lines_next(struct lines *l);

/* Say what is wrong with the line read last. Return: -EBADMSG. */
int lines_bad(const struct lines *l, const char *fmt, ...) __printf(2, 3);

/* A hexadecimal number, with or without 0x; moves *@s behind it. */
int lines_hex(char **s, uint64_t *out);

#endif
