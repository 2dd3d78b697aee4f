// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/factlist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"

static void fact_init(struct fact *f, const char *key, enum fact_type type)
{
	enum fact_class class = f->class;
	int publish = f->publish;

	memset(f, 0, sizeof(*f));
	snprintf(f->key, sizeof(f->key), "%s", key);
	f->type = type;
	f->class = class;
	f->publish = publish;
}

void fact_set_text(struct fact *f, const char *key, const char *text)
{
	char hex[HASH_HEX];

	fact_init(f, key, FACT_TEXT);
	if (strlen(text) < sizeof(f->text)) {
		strcpy(f->text, text);
		return;
	}
	hash_hex(text, strlen(text), hex);
	snprintf(f->text, sizeof(f->text), "sha256:%s", hex);
}

void fact_set_int(struct fact *f, const char *key, long long v)
{
	fact_init(f, key, FACT_INT);
	f->i = v;
}

void fact_set_real(struct fact *f, const char *key, double v)
{
	fact_init(f, key, FACT_REAL);
	f->r = v;
}

const struct fact *facts_find(const struct fact_list *l, const char *key)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].key, key))
			return &l->v[i];
	return NULL;
}

static struct fact *facts_slot(struct fact_list *l, const char *key,
			       enum fact_class class, int publish)
{
	struct fact *f = (struct fact *)facts_find(l, key);

	if (!f && l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		struct fact *v = realloc(l->v, room * sizeof(*v));

		if (!v) {
			l->err = -ENOMEM;
			return NULL;
		}
		l->v = v;
		l->room = room;
	}
	if (!f)
		f = &l->v[l->n++];
	memset(f, 0, sizeof(*f));
	f->class = class;
	f->publish = publish;
	return f;
}

void facts_text(struct fact_list *l, const char *key, enum fact_class class,
		int publish, const char *text)
{
	struct fact *f = facts_slot(l, key, class, publish);

	if (f)
		fact_set_text(f, key, text);
}

void facts_int(struct fact_list *l, const char *key, enum fact_class class,
	       int publish, long long v)
{
	struct fact *f = facts_slot(l, key, class, publish);

	if (f)
		fact_set_int(f, key, v);
}

void facts_real(struct fact_list *l, const char *key, enum fact_class class,
		int publish, double v)
{
	struct fact *f = facts_slot(l, key, class, publish);

	if (f)
		fact_set_real(f, key, v);
}

const char *fact_format(const struct fact *f, char *buf, size_t size)
{
	switch (f->type) {
	case FACT_INT:
		snprintf(buf, size, "%lld", f->i);
		break;
	case FACT_REAL:
		snprintf(buf, size, "%.6g", f->r);
		break;
	case FACT_TEXT:
		snprintf(buf, size, "%s", f->text);
		break;
	}
	return buf;
}

int fact_same(const struct fact *a, const struct fact *b)
{
	if (a->type != b->type)
		return 0;
	switch (a->type) {
	case FACT_INT:
		return a->i == b->i;
	case FACT_REAL:
		return a->r == b->r;
	case FACT_TEXT:
		return !strcmp(a->text, b->text);
	}
	return 0;
}

static int fact_order(const void *a, const void *b)
{
	return strcmp(((const struct fact *)a)->key,
		      ((const struct fact *)b)->key);
}

void facts_sort(struct fact_list *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), fact_order);
}

void facts_free(struct fact_list *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}
