// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/metric.h"

#include <errno.h>

int metric_id(struct store *s, const struct metric *m, int64_t *id)
{
	return sql_find_or_make(s, "SELECT id FROM metric WHERE name = :name "
		"AND unit = :unit AND better = :better AND scale = :scale "
		"AND nature = :nature AND is_primary = :is_primary",
		"INSERT INTO metric (name, unit, better, scale, nature, "
		"is_primary) VALUES (:name, :unit, :better, :scale, :nature, "
		":is_primary)",
		SQL_ARGS(A_TEXT("name", m->name), A_TEXT("unit", m->unit),
			 A_TEXT("better", better_name(m->better)),
			 A_TEXT("scale", scale_name(m->scale)),
			 A_TEXT("nature", nature_name(m->nature)),
			 A_INT("is_primary", !!m->primary)), id, NULL);
}

int metric_from_row(sqlite3_stmt *row, int col, struct arena *a,
		    struct metric *m)
{
	int better = better_parse(sql_col_text(row, col + 2));
	int scale = scale_parse(sql_col_text(row, col + 3));
	int nature = nature_parse(sql_col_text(row, col + 4));

	m->name = arena_strdup(a, sql_col_text(row, col));
	m->unit = arena_strdup(a, sql_col_text(row, col + 1));
	m->better = better < 0 ? BETTER_NEITHER : better;
	m->scale = scale < 0 ? SCALE_LOG : scale;
	m->nature = nature < 0 ? NATURE_REPLICATED : nature;
	m->primary = sqlite3_column_int(row, col + 5);
	return m->name && m->unit ? 0 : -ENOMEM;
}
