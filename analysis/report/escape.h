/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign text in the languages that reports are written in. Each of these
 * cleans it first (lib/text.h), so that none of it acts, and then escapes what
 * the language itself would obey.
 */
#ifndef ANALYSIS_REPORT_ESCAPE_H
#define ANALYSIS_REPORT_ESCAPE_H

#include <stdio.h>

/* Text or a quoted attribute of XML, HTML and SVG. */
void xml_text(FILE *out, const char *s);

/* xml_text() of what printf() would print. */
void xml_printf(FILE *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Markdown, also within a table; the dialect of GitHub and pandoc. */
void md_text(FILE *out, const char *s);

/* A test's name in TAP: '#' begins a directive there. */
void tap_text(FILE *out, const char *s);

/* A scalar of YAML, in single quotes. */
void yaml_text(FILE *out, const char *s);

#endif
