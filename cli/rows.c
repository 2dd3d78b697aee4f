// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/hosts.h"

#include <string.h>

void rows_begin(struct rows *r, enum format format, const char *const *heads,
		size_t n)
{
	char align[ROWS_COLUMNS + 1] = "";
	char *c;
	size_t i;

	memset(r, 0, sizeof(*r));
	r->format = format;
	r->heads = heads;
	r->n = n;
	for (i = 0; i < n; i++) {
		snprintf(r->shown[i], sizeof(r->shown[i]), "%s", heads[i]);
		for (c = r->shown[i]; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		r->show[i] = r->shown[i];
		align[i] = 'l';
	}
	if (format == FORMAT_TEXT)
		r->table = table_new(r->show, align);
	else if (format == FORMAT_JSON)
		r->all = json_array();
	else
		csv_line(stdout, heads, n, NULL, 0);
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
		json_object_set_new(o, r->heads[i], cells[i] ?
				    json_string(cells[i]) : json_null());
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
		err = table_print(r->table, stdout);
	} else if (r->format == FORMAT_JSON) {
		json_dumpf(r->all, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	rows_drop(r);
	return err ? err : stream_end(stdout);
}

void rows_drop(struct rows *r)
{
	table_free(r->table);
	json_decref(r->all);
}
