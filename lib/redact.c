// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/redact.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define STAND_IN	"(path)"
#define BETWEEN		" \t\n\"'`()[]{}<>,;=:|"

static bool may_stay(const char *path)
{
	return !strncmp(path, "/sys/", 5) || !strncmp(path, "/proc/", 6) ||
		!strncmp(path, "/dev/", 5);
}

/* A '/' at the start of a word, with more behind it than another one. */
static bool is_path(const char *text, const char *at)
{
	return *at == '/' && (at == text || strchr(BETWEEN, at[-1])) &&
		at[1] && !strchr(BETWEEN "/", at[1]) && !may_stay(at);
}

char *redact_paths(const char *text)
{
	const size_t len = strlen(text);
	/* At the worst "/a /a /a": two bytes of three become six. */
	char *out = malloc(4 * len + sizeof(STAND_IN)), *to = out;
	const char *at = text;

	while (out && *at) {
		if (!is_path(text, at)) {
			*to++ = *at++;
			continue;
		}
		to = stpcpy(to, STAND_IN);
		at += strcspn(at, BETWEEN);
	}
	if (out)
		*to = '\0';
	return out;
}
