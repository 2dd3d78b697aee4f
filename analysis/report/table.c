// SPDX-License-Identifier: GPL-2.0-or-later
/* Aligned columns. Widths are those of the longest cell: nothing is cut. */
#include "analysis/report/report.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/view.h"
#include "lib/text.h"

#define GAP	2	/* spaces between columns */

struct cell {
	char *text;
	const char *sgr;
};

/* @whole, @part: columns before and from the decimal point on */
struct column {
	char align;
	const char *head;
	size_t width;
	size_t whole;
	size_t part;
};

struct table {
	size_t ncols;
	size_t spill;
	struct column *col;
	struct cell *cell;
	size_t nrows;
	size_t room;
	int err;
};

struct table *table_new(const char *const *heads, const char *align)
{
	struct table *t = calloc(1, sizeof(*t));
	size_t i;

	if (!t)
		return NULL;
	t->ncols = strlen(align);
	t->spill = SIZE_MAX;
	t->col = calloc(t->ncols, sizeof(*t->col));
	if (!t->col) {
		free(t);
		return NULL;
	}
	for (i = 0; i < t->ncols; i++) {
		t->col[i].align = align[i];
		t->col[i].head = heads[i];
	}
	return t;
}

void table_free(struct table *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < t->nrows * t->ncols; i++)
		free(t->cell[i].text);
	free(t->cell);
	free(t->col);
	free(t);
}

void table_spill(struct table *t, size_t max)
{
	if (t)
		t->spill = max;
}

/* Columns before the decimal point; all of them if there is none. */
static size_t whole_width(const char *s)
{
	const char *point = strchr(s, '.');
	size_t all = text_width(s);

	return point ? all - text_width(point) : all;
}

static void column_grow(struct column *col, const char *s)
{
	size_t width = text_width(s), whole;

	if (col->align == '.') {
		whole = whole_width(s);
		if (whole > col->whole)
			col->whole = whole;
		if (width - whole > col->part)
			col->part = width - whole;
		width = col->whole + col->part;
	}
	if (width > col->width)
		col->width = width;
}

void table_row(struct table *t, const char *const *cells)
{
	size_t i;

	if (!t || t->err)
		return;
	if (t->nrows == t->room) {
		size_t room = t->room ? 2 * t->room : 32;
		void *p = reallocarray(t->cell, room * t->ncols,
				       sizeof(*t->cell));

		if (!p) {
			t->err = -ENOMEM;
			return;
		}
		t->cell = p;
		t->room = room;
	}
	for (i = 0; i < t->ncols; i++) {
		struct cell *c = &t->cell[t->nrows * t->ncols + i];

		c->text = text_dup(cells[i] ? cells[i] : "-", false);
		c->sgr = NULL;
		if (!c->text)
			t->err = -ENOMEM;
		else if (i || text_width(c->text) <= t->spill)
			column_grow(&t->col[i], c->text);
	}
	t->nrows++;
}

void table_paint(struct table *t, size_t col, const char *sgr)
{
	if (t && t->nrows && !t->err)
		t->cell[(t->nrows - 1) * t->ncols + col].sgr = sgr;
}

/* Spaces are owed, and paid only when something follows them. */
static void put(FILE *out, size_t *owed, const char *s, const char *sgr)
{
	if (!*s)
		return;
	fprintf(out, "%*s", (int)*owed, "");
	*owed = 0;
	if (sgr)
		fprintf(out, "\033[%sm%s\033[0m", sgr, s);
	else
		fputs(s, out);
}

static void put_cell(FILE *out, const struct column *col, size_t *owed,
		     const char *s, const char *sgr, bool head)
{
	size_t width = text_width(s), before = 0;

	if (col->align == 'r' || (head && col->align == '.'))
		before = col->width - width;
	else if (col->align == '.')
		before = col->width - col->part - whole_width(s);
	*owed += before;
	put(out, owed, s, sgr);
	*owed += col->width - before - width + GAP;
}

static void put_row(const struct table *t, const struct cell *cell, FILE *out)
{
	size_t i = 0, owed = 0;

	if (text_width(cell->text) > t->spill) {
		put(out, &owed, cell->text, cell->sgr);
		fputc('\n', out);
		owed = t->col[0].width + GAP;
		i = 1;
	}
	for (; i < t->ncols; i++)
		put_cell(out, &t->col[i], &owed, cell[i].text, cell[i].sgr,
			 false);
	fputc('\n', out);
}

int table_print(const struct table *t, FILE *out)
{
	size_t i, owed = 0;
	bool headed = false;

	if (!t || t->err)
		return -ENOMEM;
	for (i = 0; i < t->ncols; i++) {
		size_t width = text_width(t->col[i].head);

		if (width > t->col[i].width)
			t->col[i].width = width;
	}
	for (i = 0; i < t->ncols; i++) {
		headed |= *t->col[i].head;
		put_cell(out, &t->col[i], &owed, t->col[i].head, NULL, true);
	}
	if (headed)
		fputc('\n', out);
	for (i = 0; i < t->nrows; i++)
		put_row(t, &t->cell[i * t->ncols], out);
	return 0;
}
