// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/shell.h"

#include <string.h>

#define SAFE	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
		"0123456789_-+=.,:/@%"

void shell_word(FILE *out, const char *word)
{
	int quote = !*word || word[strspn(word, SAFE)];

	if (quote)
		fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\'", out);
		fputc(*word, out);
	}
	if (quote)
		fputc('\'', out);
}
