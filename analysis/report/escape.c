// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/report/escape.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/report.h"

void xml_text(FILE *out, const char *s)
{
	char *clean = text_dup(s, false), *p;

	for (p = clean; p && *p; p++) {
		switch (*p) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*p, out);
		}
	}
	free(clean);
}

void xml_printf(FILE *out, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	xml_text(out, text);
	free(text);
}

/* A '_' between letters is one; names are full of them. */
static int md_special(const char *s, const char *p)
{
	if (*p == '_')
		return p == s || !isalnum((unsigned char)p[-1]) ||
			!isalnum((unsigned char)p[1]);
	return strchr("\\`*[]<>|~&#$", *p) != NULL;
}

void md_text(FILE *out, const char *s)
{
	char *clean = text_dup(s, false), *p;

	for (p = clean; p && *p; p++) {
		if (md_special(clean, p))
			fputc('\\', out);
		fputc(*p, out);
	}
	free(clean);
}

void tap_text(FILE *out, const char *s)
{
	char *clean = text_dup(s, false), *p;

	for (p = clean; p && *p; p++) {
		if (*p == '#' || *p == '\\')
			fputc('\\', out);
		fputc(*p, out);
	}
	free(clean);
}

void yaml_text(FILE *out, const char *s)
{
	char *clean = text_dup(s, false), *p;

	fputc('\'', out);
	for (p = clean; p && *p; p++) {
		if (*p == '\'')
			fputc('\'', out);
		fputc(*p, out);
	}
	fputc('\'', out);
	free(clean);
}
