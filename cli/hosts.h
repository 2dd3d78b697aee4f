/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of text in one of the three formats. */
#ifndef CLI_HOSTS_H
#define CLI_HOSTS_H

#include <jansson.h>

#include "analysis/report/report.h"
#include "hosts/visit.h"
#include "store/store.h"

#define ROWS_COLUMNS	12

/**
 * struct rows - while they are printed
 * @out:	of text; stdout unless it is changed
 * @heads:	names of the columns; keys of the objects of JSON
 * @kinds:	a letter each: 'l' text, 'r' a number
 */
struct rows {
	enum format format;
	FILE *out;
	const char *const *heads;
	const char *kinds;
	size_t n;
	struct table *table;
	json_t *all;
	char shown[ROWS_COLUMNS][32];
	const char *show[ROWS_COLUMNS];
};

/* In text '_' in a head shows as a space. */
void rows_begin(struct rows *r, enum format format, const char *const *heads,
		const char *kinds);
/* A NULL cell is unknown: "-", null, or nothing. */
void rows_add(struct rows *r, const char *const *cells);
/* Print what is not printed yet. 0 or a negative errno. */
int rows_end(struct rows *r);
void rows_drop(struct rows *r);

#endif
