// SPDX-License-Identifier: GPL-2.0-or-later
/* Where runs came from. */
#include "store/sql.h"
#include "store/store.h"

int store_origin_runs(struct store *s, const char *origin, const char *series,
		      int *runs, int *measured)
{
	int64_t n;
	int err;

	err = sql_int(s, "SELECT count(*) FROM run WHERE origin = :origin",
		      SQL_ARGS(A_TEXT("origin", origin)), &n);
	*runs = n;
	if (!err)
		err = sql_int(s, "SELECT count(*) FROM run AS r "
			      "JOIN label AS l ON l.id = r.label "
			      "WHERE l.series = :series AND (r.origin = 'own' "
			      "OR r.origin GLOB 'merged from *')",
			      SQL_ARGS(A_TEXT("series", series)), &n);
	*measured = n;
	return err;
}
