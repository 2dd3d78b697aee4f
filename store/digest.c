// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define METRIC	"m.name, m.unit, m.better, m.scale, m.nature, m.is_primary"

#define RUN								\
	"SELECT r.uuid, h.fingerprint, b.boot_id, b.kind, a.name, "	\
	"a.switches, v.benchmark, v.params, v.place, v.profile, r.mode, " \
	"r.inject, r.status, r.reason, r.noisy, r.started, r.seconds, "	\
	"r.lost, r.pace FROM run AS r JOIN boot AS b ON b.id = r.boot "		\
	"JOIN host AS h ON h.id = b.host JOIN arm AS a ON a.id = r.arm " \
	"JOIN variant AS v ON v.id = r.variant WHERE r.id = :run"
#define VALUES								\
	"SELECT " METRIC ", x.value, x.n, x.lo, x.hi FROM value AS x "	\
	"JOIN metric AS m ON m.id = x.metric WHERE x.run = :run "	\
	"ORDER BY 1, 2, 3, 4, 5, 6"
#define SAMPLES								\
	"SELECT " METRIC ", x.batch, x.count, x.checksum "		\
	"FROM sample AS x JOIN metric AS m ON m.id = x.metric "		\
	"WHERE x.run = :run ORDER BY 1, 2, 3, 4, 5, 6, 7"
#define ARTIFACTS							\
	"SELECT name, size, sha256 FROM artifact WHERE run = :run "	\
	"ORDER BY 1"
#define WITNESSES							\
	"SELECT key, type, value, publish FROM fact "			\
	"WHERE scope = 'run' AND owner = :run AND class = 'witness' "	\
	"ORDER BY 1"

static const char *const parts[] = {
	RUN, VALUES, SAMPLES, ARTIFACTS, WITNESSES,
};

/* Type, length and bytes of each column: no two rows look alike. */
static int put_row(void *file, sqlite3_stmt *row)
{
	struct sql_arg args[SQL_COLUMNS + 1], *a = args;
	char names[SQL_COLUMNS][24];
	FILE *f = file;
	int err;

	err = sql_row_args(row, args, names);
	for (; !err && a->type != SQL_END; a++) {
		fprintf(f, "%d:%zu:", a->type, a->n);
		if (a->type == SQL_INT)
			fwrite(&a->i, sizeof(a->i), 1, f);
		else if (a->type == SQL_REAL)
			fwrite(&a->r, sizeof(a->r), 1, f);
		else if (a->n)
			fwrite(a->p, 1, a->n, f);
	}
	fputc('\n', f);
	return err;
}

static int put_part(struct store *s, const char *sql, int64_t run, FILE *f)
{
	fputc('\f', f);
	return sql_each(s, sql, SQL_ARGS(A_INT("run", run)), put_row, f);
}

int run_digest(struct store *s, int64_t run, char hex[HASH_HEX])
{
	char *text = NULL;
	size_t i, len = 0;
	int err = 0;
	FILE *f;

	f = open_memstream(&text, &len);
	if (!f)
		return -ENOMEM;
	for (i = 0; !err && i < sizeof(parts) / sizeof(*parts); i++)
		err = put_part(s, parts[i], run, f);
	if (fclose(f) && !err)
		err = -ENOMEM;
	if (!err)
		hash_hex(text, len, hex);
	free(text);
	return err;
}
