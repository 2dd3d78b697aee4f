/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures from anywhere: a file of comma-separated values or of JSON lines,
 * judged without a database.
 */
#ifndef IMPORT_DOOR_H
#define IMPORT_DOOR_H

#include <stddef.h>
#include <stdint.h>

#include "import/names.h"
#include "lib/factlist.h"
#include "lib/obs.h"

/**
 * struct door_series - what was measured
 * @host:	"" if the file does not say
 */
struct door_series {
	const char *name;
	const char *host;
	const char *unit;
	enum better better;
	enum nature nature;
};

/**
 * struct door_boot - a boot of a revision; the same name in two revisions is
 * two boots
 */
struct door_boot {
	uint32_t revision;
	const char *name;
	const char *host;
};

/**
 * struct door_row - a figure
 * @run:	a name; equal ones in a boot are one run
 */
struct door_row {
	uint32_t series;
	uint32_t boot;
	uint32_t run;
	double value;
};

struct door_revision {
	const char *name;
	int dirty;
};

#define DOOR_FACTS_MOST	64

/**
 * struct door - a file, read
 * @revision:	in order of first appearance
 * @row:	sorted by door_sort()
 * @fact:	columns that are facts, with their classes; @nfacts
 * @value:	per fact column, by boot: a number into @text, or UINT32_MAX;
 *		@room_value of them, further boots have none
 */
struct door {
	const char *path;
	struct names text;
	struct names boot_key;
	struct names series_key;
	struct names revision_key;
	struct door_series *series;
	size_t nseries, room_series;
	struct door_revision *revision;
	size_t nrevisions, room_revision;
	struct door_boot *boot;
	size_t nboots, room_boot;
	struct door_row *row;
	size_t n, room_row;
	struct {
		char key[FACT_KEY_MAX];
		enum fact_class class;
	} fact[DOOR_FACTS_MOST];
	size_t nfacts;
	uint32_t *value[DOOR_FACTS_MOST];
	size_t room_value[DOOR_FACTS_MOST];
};

/**
 * door_read() - read a file
 * @path:	"-" is standard input
 *
 * The first line of a CSV file names its columns (RFC 4180); a file that
 * begins with '{' has one JSON object a line. series, revision, boot, run and
 * value must be there; better, nature, host, unit and dirty may be; any other
 * column is a fact of the boot.
 *
 * Return: 0, or a negative errno after the error was said, with its line.
 */
int door_read(const char *path, struct door *d);
void door_free(struct door *d);

/* By series, then revision, boot, run, and as they came. 0 or -ENOMEM. */
int door_sort(struct door *d);

/**
 * door_runs() - merge rows of the same run into one, their median
 * @d:		sorted
 */
void door_runs(struct door *d);

/* Facts of a boot, appended to @facts. */
void door_facts(const struct door *d, uint32_t boot, struct fact_list *facts);

/**
 * door_set() - one revision as a side of a comparison
 * @d:		of door_sort(); its strings live on in @d
 * Return: 0, -ENOENT (said) if there is no such revision, -ENOMEM. Free with
 * obs_set_free().
 */
int door_set(const struct door *d, const char *revision, struct obs_set *set);

#endif
