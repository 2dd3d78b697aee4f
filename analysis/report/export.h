/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of runs, for other tools. */
#ifndef ANALYSIS_REPORT_EXPORT_H
#define ANALYSIS_REPORT_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/obs.h"

/**
 * struct export - where figures go, and what was said already
 * @revision:	of the set that is written, "v2" or "v2@off"
 * @revisions:	there are several: Go text names them
 * @scored:	only what a comparison would take: not interpreted ones, not
 *		those of disturbed runs
 */
struct export {
	FILE *out;
	const char *revision;
	bool revisions;
	bool scored;
	char *units;
	char *boot;
	size_t rows;
};

/**
 * export_csv(), export_jsonl(), export_go() - the runs of one revision
 *
 * CSV and JSON lines: series (the row's name), revision, boot, run, value,
 * unit, better, nature, host, dirty: what "compare --input" takes.
 *
 * Go text: go.dev/design/14313-benchmark-format, one line a figure. What that
 * format has no place for stands in lines "# asibench ...", which its readers
 * pass over.
 *
 * Return: 0 or -ENOMEM.
 */
int export_csv(struct export *e, const struct obs_set *set);
int export_jsonl(struct export *e, const struct obs_set *set);
int export_go(struct export *e, const struct obs_set *set);

/**
 * go_word() - text without white space or anything that the format reads
 *
 * Others become %XX, so that go_unword() gets the text back.
 */
void go_word(FILE *out, const char *s);
/* In place. Return: 0, or -EINVAL for a '%' without two digits or a NUL. */
int go_unword(char *s);

#endif
