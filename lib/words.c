// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int words_split(struct words *w, const char *text)
{
	char *to;

	memset(w, 0, sizeof(*w));
	/* Each word needs its end, and there are no more than characters. */
	to = w->text = malloc(2 * strlen(text) + 2);
	if (!to)
		return -ENOMEM;
	for (;;) {
		int quoted = 0;

		text += strspn(text, " \t");
		if (!*text)
			return 0;
		if (w->n == WORDS_MAX) {
			words_free(w);
			return -E2BIG;
		}
		w->v[w->n++] = to;
		for (; *text && (quoted || !strchr(" \t", *text)); text++) {
			if (*text == '"')
				quoted = !quoted;
			else
				*to++ = *text;
		}
		*to++ = '\0';
		if (quoted) {
			words_free(w);
			return -EINVAL;
		}
	}
}

/* The placeholder that begins at @s, or NULL. */
static const struct fill *fill_at(const char *s, const struct fill *fill)
{
	size_t n;

	for (; fill->name; fill++) {
		n = strlen(fill->name);
		if (!strncmp(s + 1, fill->name, n) && s[n + 1] == '}')
			return fill->value ? fill : NULL;
	}
	return NULL;
}

static int fill_word(FILE *out, const char *s, const struct fill *fill)
{
	const struct fill *f;

	for (; *s; s++) {
		if (*s != '{') {
			fputc(*s, out);
			continue;
		}
		f = fill_at(s, fill);
		if (!f)
			return -ENOENT;
		fputs(f->value, out);
		s += strlen(f->name) + 1;
	}
	fputc('\0', out);
	return 0;
}

int words_fill(struct words *w, const struct fill *fill)
{
	char *text = NULL, *p;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);
	int err = 0;

	if (!out)
		return -ENOMEM;
	for (i = 0; i < w->n && !err; i++)
		err = fill_word(out, w->v[i], fill);
	if (fclose(out) && !err)
		err = -ENOMEM;
	if (err) {
		free(text);
		return err;
	}
	free(w->text);
	w->text = text;
	for (i = 0, p = text; i < w->n; i++, p += strlen(p) + 1)
		w->v[i] = p;
	return 0;
}

int words_ok(const char *text, const struct fill *fill)
{
	struct words w;
	int err = words_split(&w, text);

	if (err)
		return 0;
	err = w.n ? words_fill(&w, fill) : -EINVAL;
	words_free(&w);
	return !err;
}

void words_free(struct words *w)
{
	free(w->text);
	memset(w, 0, sizeof(*w));
}
