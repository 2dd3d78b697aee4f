// SPDX-License-Identifier: GPL-2.0-or-later
/* Patterns that choose variants: "tlb.walk", "tlb.walk:ws=16,page=4". */
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "drivers/variant.h"

#define PATTERN_MAX	256	/* as long as a command line needs */

/* Does "key=pattern" hold? */
static bool condition_holds(const struct variant *v, json_t *params,
			    char *condition)
{
	char *pattern = strchr(condition, '='), number[32];
	json_t *value;

	if (!pattern)
		return false;
	*pattern++ = '\0';
	if (!strcmp(condition, "where"))
		return !fnmatch(pattern, place_name(v->place), 0);
	value = json_object_get(params, condition);
	if (json_is_string(value))
		return !fnmatch(pattern, json_string_value(value), 0);
	if (!json_is_integer(value))
		return false;
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		 json_integer_value(value));
	return !fnmatch(pattern, number, 0);
}

static bool conditions_hold(const struct variant *v, const char *list)
{
	json_t *params = json_loads(v->params, 0, NULL);
	char text[PATTERN_MAX], *next = text, *condition;
	bool all = strlen(list) < sizeof(text);

	if (all)
		strcpy(text, list);
	while (all && (condition = strsep(&next, ",")))
		all = condition_holds(v, params, condition);
	json_decref(params);
	return all;
}

bool pattern_names_place(const char *pattern, enum place place)
{
	static const char where[] = "where=";
	const char *at = strchr(pattern, ':');
	char text[PATTERN_MAX];

	while (at) {
		at++;
		if (!strncmp(at, where, strlen(where))) {
			snprintf(text, sizeof(text), "%s", at + strlen(where));
			text[strcspn(text, ",")] = '\0';
			return !fnmatch(text, place_name(place), 0);
		}
		at = strchr(at, ',');
	}
	return false;
}

bool pattern_matches_bench(const char *pattern, const struct bench *bench)
{
	size_t n = strcspn(pattern, ":");
	char name[PATTERN_MAX];

	if (n >= sizeof(name))
		return false;
	memcpy(name, pattern, n);
	name[n] = '\0';
	return !fnmatch(name, bench->name, 0);
}

bool pattern_matches(const char *pattern, const struct variant *v)
{
	const char *list = strchr(pattern, ':');

	return pattern_matches_bench(pattern, v->bench) &&
	       (!list || conditions_hold(v, list + 1));
}
