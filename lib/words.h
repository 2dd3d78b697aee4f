/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of configuration files as argument vectors. */
#ifndef LIB_WORDS_H
#define LIB_WORDS_H

#include <stddef.h>

#define WORDS_MAX	48

/**
 * struct words - an argument vector and the memory it lies in
 */
struct words {
	const char *v[WORDS_MAX + 1];	/* ended by NULL */
	size_t n;
	char *text;
};

/**
 * words_split() - split at white space; "..." keeps a word together
 *
 * No other character means anything: no variable, no escape, no glob.
 *
 * Return: 0; -EINVAL: an open quote; -E2BIG: too many words; -ENOMEM.
 */
int words_split(struct words *w, const char *text);

/**
 * struct fill - a placeholder
 * @name:	"kernel" stands as {kernel}
 * @value:	what it becomes, or NULL: it may not stand here
 */
struct fill {
	const char *name;
	const char *value;
};

/**
 * words_fill() - replace placeholders within each word
 * @fill:	ended by a NULL name
 *
 * A value stays within its word, whatever it holds.
 *
 * Return: 0; -ENOENT: an unknown placeholder; -ENOMEM.
 */
int words_fill(struct words *w, const struct fill *fill);

/* Is @text a command whose placeholders are all among @fill? */
int words_ok(const char *text, const struct fill *fill);

void words_free(struct words *w);

#endif
