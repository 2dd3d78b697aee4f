/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An archive that a reviewer can check without asking anybody. */
#ifndef CLI_BUNDLE_H
#define CLI_BUNDLE_H

#include <stddef.h>

#include "cli/sides.h"

#define BUNDLE_SUMS	"SHA256SUMS"
#define BUNDLE_OPTIONS	"bundle.json"	/* how the report was made */
#define BUNDLE_REPORT	"report.json"
#define BUNDLE_DB	"results.db"
#define BUNDLE_FORMAT	1
#define BUNDLE_RAW	"fio.jsonl"	/* of runs that are fio's */
#define BUNDLE_MOST	(1u << 30)	/* bytes of a file, and of all */
#define BUNDLE_FILES	64

/* "DIR/NAME", malloc'ed. */
char *bundle_path(const char *dir, const char *name);

/* A new directory of ours, where temporary files go: malloc'ed, NULL after the
 * error was said. bundle_remove() removes it with the files in it. */
char *bundle_scratch(void);
void bundle_remove(const char *dir);

/**
 * bundle_names() - files of a directory, but hidden ones, in order
 * Return: 0 or a negative errno, said.
 */
int bundle_names(const char *dir, char ***name, size_t *n);
void bundle_names_free(char **name, size_t n);

/* SHA-256 of a file. Return: 0 or a negative errno, said. */
int bundle_hash(const char *path, char hex[65]);

/* The report of two loaded sides, as text; NULL after the error was said. */
char *bundle_report(const struct sides *s);

#endif
