// SPDX-License-Identifier: GPL-2.0-or-later
/* Boots of a loaded set: facts of every scope, and the arm's state there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/facts.h"
#include "store/load.h"

/* The worst that any run saw is what the boot is said to have been in. */
static int rank(enum arm_state state)
{
	switch (state) {
	case STATE_VERIFIED:
		return 0;
	case STATE_UNVERIFIED:
		return 1;
	default:
		return 2;
	}
}

static int note_state(struct load *l, struct obs_boot *b, int64_t id,
		      int first)
{
	sqlite3_stmt *row;
	int err, state;

	err = sql_first(l->s, "SELECT evidence, state FROM arm_state "
			"WHERE id = :id", SQL_ARGS(A_INT("id", id)), &row);
	if (err && err != -ENOENT)
		return err;
	state = err ? STATE_UNVERIFIED : arm_state_parse(sql_col_text(row, 1));
	if (first || rank(state) > rank(b->state)) {
		b->state = state;
		b->evidence = "nothing was recorded";
		if (!err)
			err = load_texts(l, row, 1, &b->evidence);
	}
	if (err == -ENOENT)
		return 0;
	sql_close(row);
	return err;
}

/*
 * Two runs of one boot differ in a fact: neither value is the boot's. What is
 * put instead equals nothing that another side may have.
 */
static void note_mixed(struct fact_list *over, const struct fact *a,
		       const struct fact *b)
{
	char one[FACT_TEXT_MAX], two[FACT_TEXT_MAX], both[FACT_TEXT_MAX];
	enum fact_class class = b->class;
	char key[FACT_KEY_MAX];

	if (fact_same(a, b))
		return;
	strcpy(key, b->key);
	fact_format(a, one, sizeof(one));
	fact_format(b, two, sizeof(two));
	if (!strncmp(one, "changed: ", 9))
		return;
	snprintf(both, sizeof(both), "changed: %.80s, then %.80s", one, two);
	facts_text(over, key, class, a->publish && b->publish, both);
}

static int note_run(struct load *l, size_t at, int64_t run, bool has_own,
		    int first)
{
	struct fact_list *over = &l->boot[at].over, own = { 0 };
	const struct fact_list *wide = &l->set->boot[at].facts;
	const struct fact *f;
	size_t i, n = over->n;
	int err = has_own ? facts_read(l->s, "run", run, &own) : 0;

	for (i = 0; !err && i < own.n; i++) {
		if (own.v[i].class == FACT_WITNESS)
			continue;
		f = facts_find(over, own.v[i].key);
		if (!f)
			f = facts_find(wide, own.v[i].key);
		if (first || !f)
			facts_copy(over, &own.v[i]);
		else
			note_mixed(over, f, &own.v[i]);
	}
	/* What earlier runs had of their own and this one has not. */
	for (i = 0; !err && !first && i < n; i++) {
		f = facts_find(wide, over->v[i].key);
		if (f && !facts_find(&own, over->v[i].key))
			note_mixed(over, &over->v[i], f);
	}
	facts_free(&own);
	return err ? err : over->err;
}

static int boot_strings(struct load *l, struct obs_boot *b, int64_t id,
			int64_t *host)
{
	sqlite3_stmt *row;
	int err;

	err = sql_first(l->s, "SELECT b.uuid, h.alias, k.release, "
			"k.build_id, b.host, (SELECT min(pace) FROM run "
			"INDEXED BY run_by_boot WHERE boot = b.id) "
			"FROM boot AS b "
			"JOIN host AS h ON h.id = b.host "
			"JOIN build AS k ON k.id = b.build WHERE b.id = :id",
			SQL_ARGS(A_INT("id", id)), &row);
	if (err)
		return err == -ENOENT ? -EBADMSG : err;
	err = load_texts(l, row, 4, &b->uuid, &b->host, &b->release,
			 &b->build_id);
	*host = sqlite3_column_int64(row, 4);
	b->pace = sqlite3_column_double(row, 5);
	sql_close(row);
	return err;
}

static int boot_new(struct load *l, int64_t id)
{
	size_t n = l->set->nboots;
	struct obs_boot *b;
	int64_t parent;
	void *p;
	int err;

	p = array_grow(l->boot, n, &l->room_boot[0], sizeof(*l->boot));
	if (!p)
		return -ENOMEM;
	l->boot = p;
	b = array_grow(l->set->boot, n, &l->room_boot[1], sizeof(*b));
	if (!b)
		return -ENOMEM;
	l->set->boot = b;
	b += n;
	memset(b, 0, sizeof(*b));
	memset(&l->boot[n], 0, sizeof(l->boot[n]));
	l->boot[n].id = id;
	l->boot[n].state = -1;
	l->set->nboots++;
	err = boot_strings(l, b, id, &l->boot[n].host);
	if (err || l->bare)
		return err;
	err = facts_read(l->s, "host", l->boot[n].host, &b->facts);
	/* What is so of its host is so of a guest. */
	err = err ? err : sql_int(l->s, "SELECT coalesce(parent, 0) "
				  "FROM boot WHERE id = :id",
				  SQL_ARGS(A_INT("id", id)), &parent);
	if (!err && parent)
		err = facts_read(l->s, "boot", parent, &b->facts);
	if (!err)
		err = facts_read(l->s, "boot", id, &b->facts);
	return err;
}

int load_boot(struct load *l, int64_t id, int64_t run, bool own,
	      int64_t state, int *index)
{
	size_t i = l->set->nboots;
	int err = 0, first;

	while (i && l->boot[i - 1].id != id)
		i--;
	first = !i;
	if (first) {
		i = l->set->nboots + 1;
		err = boot_new(l, id);
	}
	*index = --i;
	if (err || l->bare)
		return err;
	if (l->boot[i].state != state) {
		l->boot[i].state = state;
		err = note_state(l, &l->set->boot[i], state, first);
	}
	return err ? err : note_run(l, i, run, own, first);
}

int load_boots_end(struct load *l)
{
	struct fact_list *facts;
	size_t i, k;
	int err = 0;

	for (i = 0; !err && i < l->set->nboots; i++) {
		facts = &l->set->boot[i].facts;
		for (k = 0; k < l->boot[i].over.n; k++)
			facts_copy(facts, &l->boot[i].over.v[k]);
		facts_sort(facts);
		err = facts->err;
	}
	return err;
}
