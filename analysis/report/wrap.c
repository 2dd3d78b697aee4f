// SPDX-License-Identifier: GPL-2.0-or-later
/* Paragraphs of a given width. */
#include "analysis/report/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

/* Bytes of the longest head of @s, at least one character, in @width. */
static size_t head_bytes(const char *s, size_t len, size_t width)
{
	char one[5] = "";
	size_t used = 0, n = 0;

	while (n < len) {
		size_t bytes = 1, w;

		while (n + bytes < len && bytes < 4 &&
		       ((unsigned char)s[n + bytes] & 0xc0) == 0x80)
			bytes++;
		memcpy(one, s + n, bytes);
		one[bytes] = '\0';
		w = text_width(one);
		if (n && used + w > width)
			break;
		used += w;
		n += bytes;
	}
	return n;
}

static size_t bytes_width(const char *s, size_t len)
{
	char *copy = strndup(s, len);
	size_t width = copy ? text_width(copy) : len;

	free(copy);
	return width;
}

/* A word; with its number a '%' is one. */
static size_t word_bytes(const char *text)
{
	size_t len = strcspn(text, " ");

	if (len && text[len] == ' ' && text[len + 1] == '%')
		len += 1 + strcspn(text + len + 1, " ");
	return len;
}

void wrap(FILE *out, size_t width, size_t first, size_t rest,
	  const char *text)
{
	size_t column = first;
	bool fresh = true;

	if (*text)
		fprintf(out, "%*s", (int)first, "");
	while (*text) {
		size_t len = word_bytes(text), need = bytes_width(text, len);

		if (!len) {
			text++;
			continue;
		}
		if (!fresh && column + 1 + need > width) {
			fprintf(out, "\n%*s", (int)rest, "");
			column = rest;
			fresh = true;
		}
		if (!fresh)
			column += fputc(' ', out) == ' ';
		if (column + need > width) {
			len = head_bytes(text, len, width - column);
			need = bytes_width(text, len);
		}
		fprintf(out, "%.*s", (int)len, text);
		column += need;
		text += len;
		fresh = false;
		/* The rest of a broken word begins a line. */
		if (*text && *text != ' ') {
			fprintf(out, "\n%*s", (int)rest, "");
			column = rest;
			fresh = true;
		}
	}
	fputc('\n', out);
}

void wrapf(FILE *out, size_t width, size_t first, size_t rest,
	   const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	wrap(out, width, first, rest, text);
	free(text);
}

/* First byte of the last characters of @s that fit into @width columns. */
static const char *tail_of(const char *s, size_t width)
{
	while (*s && text_width(s) > width)
		do
			s++;
		while (((unsigned char)*s & 0xc0) == 0x80);
	return s;
}

/* Bytes of the first characters of @s that fit into @width columns. */
static size_t head_of(const char *s, size_t width)
{
	size_t all = text_width(s), n = 0;

	while (s[n] && all - text_width(s + n) < width)
		do
			n++;
		while (((unsigned char)s[n] & 0xc0) == 0x80);
	return n;
}

char *text_middle(const char *s, size_t max)
{
	char *clean = text_dup(s, false), *some = NULL;

	if (!clean || !max || text_width(clean) <= max)
		return clean;
	if (asprintf(&some, "%.*s\xe2\x80\xa6%s",
		     (int)head_of(clean, max - max / 2 - 1), clean,
		     tail_of(clean, max / 2)) < 0)
		some = NULL;
	free(clean);
	return some;
}

int stream_end(FILE *out)
{
	if (fflush(out))
		return -errno;
	return ferror(out) ? -EIO : 0;
}
