/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory that a reviewer can check without asking anybody. */
#ifndef CLI_BUNDLE_H
#define CLI_BUNDLE_H

#include <stddef.h>

#include "cli/sides.h"

#define BUNDLE_SUMS	"SHA256SUMS"
#define BUNDLE_OPTIONS	"bundle.json"	/* how the report was made */
#define BUNDLE_REPORT	"report.json"
#define BUNDLE_DB	"results.db"
#define BUNDLE_FORMAT	1
#define BUNDLE_MOST	(1u << 30)	/* bytes of a file */

/* "DIR/NAME", malloc'ed. */
char *bundle_path(const char *dir, const char *name);

/* SHA-256 of a file. Return: 0 or a negative errno, said. */
int bundle_hash(const char *path, char hex[65]);

/* The report of two loaded sides, as text; NULL after the error was said. */
char *bundle_report(const struct sides *s);

#endif
