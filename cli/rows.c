// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/hosts.h"

#include <string.h>

#include "lib/num.h"

void rows_begin(struct rows *r, enum format format, const char *const *heads,
		const char *kinds)
{
	size_t n = strlen(kinds);
	char *c;
	size_t i;

	memset(r, 0, sizeof(*r));
	r->format = format;
	r->out = stdout;
	r->heads = heads;
	r->kinds = kinds;
	r->n = n;
	for (i = 0; i < n; i++) {
		snprintf(r->shown[i], sizeof(r->shown[i]), "%s", heads[i]);
		for (c = r->shown[i]; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		r->show[i] = r->shown[i];
	}
	if (format == FORMAT_TEXT)
		r->table = table_new(r->show, kinds);
	else if (format == FORMAT_JSON)
		r->all = json_array();
	else
		csv_line(stdout, heads, n, NULL, 0);
}

static json_t *cell_json(const char *cell, char kind)
{
	int64_t whole;
	double v;

	if (!cell)
		return json_null();
	if (kind != 'r')
		return json_string(cell);
	if (!num_s64(cell, INT64_MIN, INT64_MAX, &whole))
		return json_integer(whole);
	return num_real(cell, -1e300, 1e300, &v) ? json_null() : json_real(v);
}

void rows_add(struct rows *r, const char *const *cells)
{
	const char *known[ROWS_COLUMNS];
	json_t *o;
	size_t i;

	if (r->format == FORMAT_TEXT) {
		table_row(r->table, cells);
		return;
	}
	o = json_object();
	for (i = 0; i < r->n; i++) {
		known[i] = cells[i] ? cells[i] : "";
		json_object_set_new(o, r->heads[i],
				    cell_json(cells[i], r->kinds[i]));
	}
	if (r->format == FORMAT_CSV)
		csv_line(stdout, known, r->n, NULL, 0);
	else
		json_array_append(r->all, o);
	json_decref(o);
}

int rows_end(struct rows *r)
{
	int err = 0;

	if (r->format == FORMAT_TEXT) {
		err = table_print(r->table, r->out);
	} else if (r->format == FORMAT_JSON) {
		json_dumpf(r->all, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	rows_drop(r);
	return err ? err : stream_end(r->out);
}

void rows_drop(struct rows *r)
{
	table_free(r->table);
	json_decref(r->all);
}
