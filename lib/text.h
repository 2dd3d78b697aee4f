/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one escaper for foreign text: names of revisions, facts, file contents,
 * output of other programs. What comes out is printable UTF-8 on one line,
 * without control characters, bidirectional marks or invalid bytes, each of
 * which is shown as \xNN or \u{NNNN}.
 */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <stddef.h>
#include <stdbool.h>

/**
 * text_clean() - make foreign text harmless
 * @dst:	room; always terminated; a text that does not fit ends in "..."
 * @size:	of @dst, at least 4
 * @src:	any bytes
 * Return: @dst
 */
char *text_clean(char *dst, size_t size, const char *src);

/* The same, restricted to ASCII: other characters become \u{NNNN}. */
char *text_ascii(char *dst, size_t size, const char *src);

/**
 * text_width() - columns that printable UTF-8 takes on a terminal
 */
size_t text_width(const char *s);

/**
 * text_name_ok() - may this name a revision, a series, an arm, a host?
 *
 * 1..max bytes of valid printable UTF-8 without control, bidirectional or
 * line-breaking characters, not starting with '-' or a space.
 */
bool text_name_ok(const char *s, size_t max);

/* Leading and trailing white space gone, in place. */
char *text_trim(char *s);

#endif
