/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing list of facts. */
#ifndef LIB_FACTLIST_H
#define LIB_FACTLIST_H

#include <stddef.h>

#include "lib/model.h"

struct fact_list {
	struct fact *v;
	size_t n;
	size_t room;
	int err;	/* -ENOMEM once an addition failed; checked at the end */
};

/* Fill @f; a text longer than fits is replaced by "sha256:" and its hash. */
void fact_set_text(struct fact *f, const char *key, const char *text);
void fact_set_int(struct fact *f, const char *key, long long v);
void fact_set_real(struct fact *f, const char *key, double v);

/* Append; a key that is there already is overwritten. */
void facts_text(struct fact_list *l, const char *key, enum fact_class class,
		int publish, const char *text);
void facts_int(struct fact_list *l, const char *key, enum fact_class class,
	       int publish, long long v);
void facts_real(struct fact_list *l, const char *key, enum fact_class class,
		int publish, double v);

const struct fact *facts_find(const struct fact_list *l, const char *key);

/**
 * fact_format() - value of @f as text
 * @buf:	room
 * @size:	of @buf, at least 32
 * Return: @buf
 */
const char *fact_format(const struct fact *f, char *buf, size_t size);

/* Equal in type and value? Keys are not looked at. */
int fact_same(const struct fact *a, const struct fact *b);

void facts_sort(struct fact_list *l);
void facts_free(struct fact_list *l);

#endif
