/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of a benchmark for processes, inside a guest: this program is its
 * payload there and is called with a line of words.
 */
#ifndef DRIVERS_GUEST_INSIDE_H
#define DRIVERS_GUEST_INSIDE_H

#include <stdio.h>

#include "drivers/driver.h"

#define INSIDE_WORDS	8

/**
 * struct inside_words - the arguments, and room for them
 */
struct inside_words {
	const char *v[INSIDE_WORDS + 1];
	char pattern[512];
	char number[3][24];
};

/* What to call @program with so that it does the run of @spec. */
void inside_words(struct inside_words *w, const char *program,
		  const struct run_spec *spec, uint64_t time_ns);

/**
 * inside_run() - do it, and write the result for result_unpack()
 * @argc, @argv: what follows the command's name
 *
 * Return: 0, or a negative errno that was said.
 */
int inside_run(int argc, char **argv, FILE *out);

#endif
