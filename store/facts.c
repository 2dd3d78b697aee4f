// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/facts.h"

#include <errno.h>
#include <string.h>

static const char *const type_names[] = { "text", "int", "real" };

int facts_write(struct store *s, const char *scope, int64_t owner,
		const struct fact *f, size_t n)
{
	int err = 0;

	for (; !err && n--; f++) {
		struct sql_arg value = A_TEXT("value", f->text);

		if (f->type == FACT_INT)
			value = (struct sql_arg)A_INT("value", f->i);
		else if (f->type == FACT_REAL)
			value = (struct sql_arg)A_REAL("value", f->r);
		err = sql_do(s, "INSERT INTO fact (scope, owner, key, type, "
			     "value, class, publish) VALUES (:scope, :owner, "
			     ":key, :type, :value, :class, :publish) "
			     "ON CONFLICT DO UPDATE SET type = excluded.type, "
			     "value = excluded.value, class = excluded.class, "
			     "publish = excluded.publish",
			     SQL_ARGS(A_TEXT("scope", scope),
				      A_INT("owner", owner),
				      A_TEXT("key", f->key),
				      A_TEXT("type", type_names[f->type]),
				      value,
				      A_TEXT("class",
					     fact_class_name(f->class)),
				      A_INT("publish", !!f->publish)));
	}
	return err;
}

static int fact_from_row(void *arg, sqlite3_stmt *row)
{
	struct fact_list *l = arg;
	const char *key = sql_col_text(row, 0), *type = sql_col_text(row, 1);
	int class = fact_class_parse(sql_col_text(row, 3));
	int publish = sqlite3_column_int(row, 4);

	/* What cannot be read is nothing that may leave the machine. */
	if (class < 0) {
		class = FACT_WITNESS;
		publish = 0;
	}
	if (!strcmp(type, "int"))
		facts_int(l, key, class, publish,
			  sqlite3_column_int64(row, 2));
	else if (!strcmp(type, "real"))
		facts_real(l, key, class, publish, sql_col_real(row, 2));
	else
		facts_text(l, key, class, publish, sql_col_text(row, 2));
	return l->err;
}

int facts_read(struct store *s, const char *scope, int64_t owner,
	       struct fact_list *l)
{
	return sql_each(s, "SELECT key, type, value, class, publish FROM fact "
			"WHERE scope = :scope AND owner = :owner",
			SQL_ARGS(A_TEXT("scope", scope),
				 A_INT("owner", owner)), fact_from_row, l);
}

void facts_copy(struct fact_list *to, const struct fact *f)
{
	switch (f->type) {
	case FACT_INT:
		facts_int(to, f->key, f->class, f->publish, f->i);
		break;
	case FACT_REAL:
		facts_real(to, f->key, f->class, f->publish, f->r);
		break;
	case FACT_TEXT:
		facts_text(to, f->key, f->class, f->publish, f->text);
		break;
	}
}

void facts_differing(struct fact_list *to, const struct fact_list *now,
		     const struct fact_list *then)
{
	const struct fact *f;
	size_t i;

	for (i = 0; now && i < now->n; i++) {
		if (now->v[i].class == FACT_WITNESS)
			continue;
		f = facts_find(then, now->v[i].key);
		if (!f || !fact_same(f, &now->v[i]))
			facts_copy(to, &now->v[i]);
	}
}
