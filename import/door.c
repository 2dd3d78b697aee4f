// SPDX-License-Identifier: GPL-2.0-or-later
/* From records to figures: columns have meanings, names get numbers. */
#include "import/door.h"

#include <errno.h>
#include <float.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import/reader.h"
#include "lib/arena.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "lib/text.h"

#define NAME_MOST	256	/* bytes */
#define ROWS_MOST	((size_t)1 << 31)
#define ABSENT		UINT32_MAX

enum column {
	COL_SERIES, COL_REVISION, COL_BOOT, COL_RUN, COL_VALUE,
	NR_NEEDED,
	COL_BETTER = NR_NEEDED, COL_NATURE, COL_HOST, COL_UNIT, COL_DIRTY,
	NR_COLUMNS,
};

static const char *const column_name[NR_COLUMNS] = {
	"series", "revision", "boot", "run", "value",
	"better", "nature", "host", "unit", "dirty",
};

/**
 * struct intake - a file on its way in
 * @cell:	one per column, then one per fact; NULL where the record has none
 * @last:	the text and number of the same column in the record before
 */
struct intake {
	struct door *d;
	struct reader r;
	const char *cell[NR_COLUMNS + DOOR_FACTS_MOST];
	size_t len[NR_COLUMNS + DOOR_FACTS_MOST];
	uint32_t last[NR_COLUMNS + DOOR_FACTS_MOST];
};

static int __printf(2, 3) bad(const struct intake *in, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pr_err("%s:%llu: %s", in->r.path, (unsigned long long)in->r.line,
	       text);
	return -EBADMSG;
}

/* ---- columns ---- */

/*
 * A fact's class stands before its key ("treatment:pti"). Without one, what
 * tells kernels apart is identity, and all else must match.
 */
static int new_fact(struct intake *in, const char *name)
{
	struct door *d = in->d;
	const char *key = strchr(name, ':'), *p;
	int class = FACT_ENVIRONMENT;
	char prefix[32];

	if (key) {
		snprintf(prefix, sizeof(prefix), "%.*s", (int)(key - name),
			 name);
		class = fact_class_parse(prefix);
		if (class < 0)
			return bad(in, "column '%s': want environment:, identity:, treatment: or witness:, and a key",
				   name);
		key++;
	} else {
		key = name;
		if (!strncmp(key, "kernel.", 7) || !strncmp(key, "build.", 6) ||
		    !strncmp(key, "tool.", 5))
			class = FACT_IDENTITY;
	}
	for (p = key; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *p))
			break;
	if (*p || p == key || p - key >= FACT_KEY_MAX)
		return bad(in, "column '%.100s': want 1 to %d letters, digits, '.', '_' or '-'",
			   name, FACT_KEY_MAX - 1);
	if (d->nfacts == DOOR_FACTS_MOST)
		return bad(in, "more than %d facts", DOOR_FACTS_MOST);
	strcpy(d->fact[d->nfacts].key, key);
	d->fact[d->nfacts].class = class;
	return NR_COLUMNS + d->nfacts++;
}

/* The number of a column; a new one is a fact. */
static int column_of(struct intake *in, const char *name)
{
	const struct door *d = in->d;
	const char *key = strchr(name, ':');
	size_t i;

	for (i = 0; i < NR_COLUMNS; i++)
		if (!strcmp(name, column_name[i]))
			return i;
	key = key ? key + 1 : name;
	for (i = 0; i < d->nfacts; i++)
		if (!strcmp(key, d->fact[i].key))
			return NR_COLUMNS + i;
	return new_fact(in, name);
}

/* ---- names ---- */

/* The number of a cell's text; most cells repeat the one above. */
static int intern(struct intake *in, int col, uint32_t *id)
{
	struct names *s = &in->d->text;
	uint32_t last = in->last[col];
	int err;

	if (last != ABSENT && s->len[last] == in->len[col] &&
	    !memcmp(s->v[last], in->cell[col], in->len[col])) {
		*id = last;
		return 0;
	}
	err = names_add(s, in->cell[col], in->len[col], id);
	if (err == -EFBIG)
		return bad(in, "too many different names");
	if (err)
		pr_err("out of memory");
	in->last[col] = *id;
	return err;
}

static int bad_name(const struct intake *in, int col)
{
	size_t len = in->len[col];

	if (!in->cell[col] || !len)
		return bad(in, "no %s", column_name[col]);
	if (len > NAME_MOST || strlen(in->cell[col]) != len)
		return bad(in, "%s: want at most %d bytes of text",
			   column_name[col], NAME_MOST);
	return 0;
}

static const char *text_at(const struct intake *in, uint32_t id)
{
	return id == ABSENT ? "" : in->d->text.v[id];
}

/* Make room in a table of @size-byte elements that @key's names number. */
static int new_entry(struct names *key, const void *bytes, size_t len,
		     void **table, size_t *n, size_t *room, size_t size,
		     uint32_t *id, int *new)
{
	int err = names_add(key, bytes, len, id);
	void *more;

	*new = !err && *id == *n;
	if (*new) {
		more = array_grow(*table, *n, room, size);
		if (!more) {
			err = -ENOMEM;
		} else {
			*table = more;
			++*n;
		}
	}
	if (err)
		pr_err("%s", err == -ENOMEM ? "out of memory" :
		       "too many different names");
	return err;
}

/* ---- records ---- */

static int parse_word(const struct intake *in, int col,
		      int (*parse)(const char *), int otherwise)
{
	const char *s = in->cell[col];
	int v;

	if (!s || !*s)
		return otherwise;
	v = parse(s);
	return v < 0 ? bad(in, "%s: '%.40s' is not known", column_name[col],
			   s) : v;
}

static int take_series(struct intake *in, const uint32_t *id, uint32_t *out)
{
	struct door *d = in->d;
	const uint32_t key[] = { id[COL_SERIES], id[COL_HOST] };
	int better = parse_word(in, COL_BETTER, better_parse, -1);
	int nature = parse_word(in, COL_NATURE, nature_parse, -1);
	struct door_series *s;
	int err, new;

	if (better == -EBADMSG || nature == -EBADMSG)
		return -EBADMSG;
	err = new_entry(&d->series_key, key, sizeof(key), (void **)&d->series,
			&d->nseries, &d->room_series, sizeof(*s), out, &new);
	if (err)
		return err;
	s = &d->series[*out];
	if (new) {
		*s = (struct door_series){
			text_at(in, id[COL_SERIES]), text_at(in, id[COL_HOST]),
			text_at(in, id[COL_UNIT]),
			better < 0 ? BETTER_LOWER : better,
			nature < 0 ? NATURE_REPLICATED : nature };
		return 0;
	}
	if ((better >= 0 && (enum better)better != s->better) ||
	    (nature >= 0 && (enum nature)nature != s->nature))
		return bad(in, "better or nature of series '%.60s' changed",
			   s->name);
	return 0;
}

static int is_dirty(const struct intake *in)
{
	const char *s = in->cell[COL_DIRTY];

	return s && *s && strcmp(s, "0") && strcasecmp(s, "no") &&
		strcasecmp(s, "false");
}

/*
 * What was built of a tree with changes is another revision than the clean
 * one of that name, and never pooled with it.
 */
static int take_revision(struct intake *in, const uint32_t *id, uint32_t *out)
{
	struct door *d = in->d;
	int dirty = is_dirty(in), err, new;
	const char *name = text_at(in, id[COL_REVISION]);
	const uint32_t key[] = { id[COL_REVISION], dirty };
	char shown[NAME_MOST + 8];
	uint32_t text;

	err = new_entry(&d->revision_key, key, sizeof(key),
			(void **)&d->revision, &d->nrevisions,
			&d->room_revision, sizeof(*d->revision), out, &new);
	if (err || !new)
		return err;
	if (dirty && strcmp(name, "dirty")) {
		snprintf(shown, sizeof(shown), "%s-dirty", name);
		err = names_add(&d->text, shown, strlen(shown), &text);
		name = err ? "" : d->text.v[text];
	}
	d->revision[*out] = (struct door_revision){
		name, dirty || !strcmp(name, "dirty") };
	return err;
}

static int take_boot(struct intake *in, const uint32_t *id, uint32_t revision,
		     uint32_t *out)
{
	struct door *d = in->d;
	const uint32_t key[] = { revision, id[COL_BOOT], id[COL_HOST] };
	int err, new;

	err = new_entry(&d->boot_key, key, sizeof(key), (void **)&d->boot,
			&d->nboots, &d->room_boot, sizeof(*d->boot), out,
			&new);
	if (err || !new)
		return err;
	d->boot[*out] = (struct door_boot){
		revision, text_at(in, id[COL_BOOT]),
		text_at(in, id[COL_HOST]) };
	return 0;
}

/* Two rows of a boot differ in a fact: the boot has neither value. */
static int mixed_fact(struct intake *in, uint32_t *value, uint32_t id)
{
	struct names *s = &in->d->text;
	char both[FACT_TEXT_MAX];

	if (!strncmp(s->v[*value], "changed: ", 9))
		return 0;
	snprintf(both, sizeof(both), "changed: %.80s, then %.80s",
		 s->v[*value], s->v[id]);
	return names_add(s, both, strlen(both), value);
}

static int take_facts(struct intake *in, uint32_t boot)
{
	struct door *d = in->d;
	size_t f;
	uint32_t id, *v;
	int err;

	for (f = 0; f < d->nfacts; f++) {
		if (!in->cell[NR_COLUMNS + f] || !in->len[NR_COLUMNS + f])
			continue;
		while (d->room_value[f] <= boot) {
			size_t room = d->room_value[f], i;

			v = array_grow(d->value[f], room, &d->room_value[f],
				       sizeof(*v));
			if (!v) {
				pr_err("out of memory");
				return -ENOMEM;
			}
			d->value[f] = v;
			for (i = room; i < d->room_value[f]; i++)
				v[i] = ABSENT;
		}
		err = intern(in, NR_COLUMNS + f, &id);
		if (err)
			return err;
		v = &d->value[f][boot];
		if (*v == ABSENT)
			*v = id;
		else if (*v != id && d->fact[f].class != FACT_WITNESS)
			err = mixed_fact(in, v, id);
		if (err)
			return err;
	}
	return 0;
}

static int take_names(struct intake *in, uint32_t *id)
{
	static const int wanted[] = { COL_SERIES, COL_REVISION, COL_BOOT,
				      COL_RUN };
	static const int other[] = { COL_HOST, COL_UNIT };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < 4; i++) {
		err = bad_name(in, wanted[i]);
		if (!err)
			err = intern(in, wanted[i], &id[wanted[i]]);
	}
	for (i = 0; !err && i < 2; i++) {
		id[other[i]] = ABSENT;
		if (!in->cell[other[i]] || !in->len[other[i]])
			continue;
		err = bad_name(in, other[i]);
		if (!err)
			err = intern(in, other[i], &id[other[i]]);
	}
	return err;
}

static int take_record(struct intake *in)
{
	struct door *d = in->d;
	uint32_t id[NR_COLUMNS], series, revision, boot;
	const char *value = in->cell[COL_VALUE];
	struct door_row *row;
	double v;
	int err;

	err = take_names(in, id);
	if (err)
		return err;
	if (!value || strlen(value) != in->len[COL_VALUE] ||
	    num_real(value, -DBL_MAX, DBL_MAX, &v))
		return bad(in, "value '%.40s' is not a finite number",
			   value ? value : "");
	err = take_series(in, id, &series);
	if (!err)
		err = take_revision(in, id, &revision);
	if (!err)
		err = take_boot(in, id, revision, &boot);
	if (!err)
		err = take_facts(in, boot);
	if (err)
		return err;
	if (d->n >= ROWS_MOST)
		return bad(in, "too many rows");
	row = array_grow(d->row, d->n, &d->room_row, sizeof(*row));
	if (!row) {
		pr_err("out of memory");
		return -ENOMEM;
	}
	d->row = row;
	row[d->n++] = (struct door_row){ series, boot, id[COL_RUN], v };
	return 0;
}

/* ---- CSV ---- */

static int read_header(struct intake *in, int *column)
{
	char *field[FIELDS_MOST];
	size_t len[FIELDS_MOST];
	int n = reader_csv(&in->r, field, len), i, k;

	if (!n) {
		pr_err("%s: is empty", in->r.path);
		return -ENODATA;
	}
	for (i = 0; i < n; i++) {
		if (strlen(field[i]) != len[i])
			return bad(in, "a zero byte in the header");
		column[i] = column_of(in, text_trim(field[i]));
		if (column[i] < 0)
			return column[i];
		for (k = 0; k < i; k++)
			if (column[k] == column[i])
				return bad(in, "column '%.60s' stands there twice",
					   field[i]);
	}
	for (k = 0; k < NR_NEEDED; k++) {
		for (i = 0; i < n && column[i] != k; i++)
			;
		if (i == n)
			return bad(in, "no column '%s': the first line must name series, revision, boot, run and value",
				   column_name[k]);
	}
	return n;
}

static int read_csv(struct intake *in)
{
	char *field[FIELDS_MOST];
	size_t len[FIELDS_MOST];
	int column[FIELDS_MOST], n = read_header(in, column), i, k, err = 0;

	if (n < 0)
		return n;
	while (!err) {
		k = reader_csv(&in->r, field, len);
		if (k <= 0)
			return k;
		if (k != n)
			return bad(in, "%d field%s, the header has %d", k,
				   k == 1 ? "" : "s", n);
		for (i = 0; i < n; i++) {
			in->cell[column[i]] = field[i];
			in->len[column[i]] = len[i];
		}
		err = take_record(in);
	}
	return err;
}

/* ---- JSON lines ---- */

/* What a member holds as text; numbers as they would be written. */
static int json_cell(struct intake *in, const char *key, json_t *v,
		     char buf[40])
{
	int col;

	if (json_is_null(v))
		return 0;
	if (json_is_array(v) || json_is_object(v))
		return bad(in, "'%.60s' is neither text nor a number", key);
	col = column_of(in, key);
	if (col < 0)
		return col;
	in->cell[col] = buf;
	if (json_is_string(v)) {
		in->cell[col] = json_string_value(v);
		in->len[col] = json_string_length(v);
		return 0;
	}
	if (json_is_integer(v))
		snprintf(buf, 40, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		snprintf(buf, 40, "%.17g", json_real_value(v));
	else
		snprintf(buf, 40, "%d", json_is_true(v));
	in->len[col] = strlen(buf);
	return 0;
}

static int take_object(struct intake *in, json_t *object)
{
	char buf[FIELDS_MOST][40];
	const char *key;
	size_t n = 0;
	json_t *v;
	int err = 0;

	memset(in->cell, 0, sizeof(in->cell));
	memset(in->len, 0, sizeof(in->len));
	if (json_object_size(object) > FIELDS_MOST)
		return bad(in, "too many members");
	json_object_foreach(object, key, v) {
		err = json_cell(in, key, v, buf[n++]);
		if (err)
			return err;
	}
	return take_record(in);
}

static int read_json(struct intake *in)
{
	json_error_t why;
	json_t *object;
	size_t len;
	char *text;
	int err;

	while ((err = reader_line(&in->r, &text, &len)) > 0) {
		if (!text[strspn(text, " \t")])
			continue;
		object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
		if (!object)
			return bad(in, "%s", why.text);
		err = json_is_object(object) ? take_object(in, object) :
			bad(in, "want a JSON object");
		json_decref(object);
		if (err)
			return err;
	}
	return err;
}

/* ---- all of it ---- */

static int read_all(struct intake *in)
{
	struct door *d = in->d;
	char first;
	int err;

	memset(in->last, 0xff, sizeof(in->last));
	err = reader_peek(&in->r, &first);
	if (err)
		return err;
	err = first == '{' ? read_json(in) : read_csv(in);
	if (!err && !d->n) {
		pr_err("%s: has no rows", in->r.path);
		err = -ENODATA;
	}
	return err;
}

int door_read(const char *path, struct door *d)
{
	struct intake *in = calloc(1, sizeof(*in));
	int err;

	memset(d, 0, sizeof(*d));
	if (!in || names_init(&d->text) || names_init(&d->boot_key) ||
	    names_init(&d->series_key) || names_init(&d->revision_key)) {
		pr_err("out of memory");
		err = -ENOMEM;
		goto free_intake;
	}
	in->d = d;
	err = reader_open(&in->r, path);
	if (!err)
		err = read_all(in);
	d->path = in->r.path;
	reader_close(&in->r);
free_intake:
	free(in);
	if (err)
		door_free(d);
	return err;
}

void door_free(struct door *d)
{
	size_t f;

	for (f = 0; f < DOOR_FACTS_MOST; f++)
		free(d->value[f]);
	free(d->row);
	free(d->boot);
	free(d->series);
	free(d->revision);
	names_free(&d->text);
	names_free(&d->boot_key);
	names_free(&d->series_key);
	names_free(&d->revision_key);
	memset(d, 0, sizeof(*d));
}
