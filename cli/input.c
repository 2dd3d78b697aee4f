// SPDX-License-Identifier: GPL-2.0-or-later
/* The two sides of compare out of a file of figures. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sides.h"
#include "import/door.h"
#include "lib/msg.h"

/* Leave out the rows whose names do not match. */
static void keep_selected(struct obs_set *set, const char *glob)
{
	size_t i, n = 0;

	for (i = 0; i < set->n; i++)
		if (!fnmatch(glob, set->row[set->v[i].row].benchmark, 0))
			set->v[n++] = set->v[i];
	set->n = n;
}

static int keep_rows(struct obs_set *set, const char *glob)
{
	int *to = calloc(set->nrows + 1, sizeof(*to));
	size_t i, n = 0;

	if (!to)
		return -ENOMEM;
	keep_selected(set, glob);
	for (i = 0; i < set->nrows; i++) {
		if (fnmatch(glob, set->row[i].benchmark, 0))
			continue;
		to[i] = n;
		set->row[n++] = set->row[i];
	}
	set->nrows = n;
	for (i = 0; i < set->n; i++)
		set->v[i].row = to[set->v[i].row];
	free(to);
	return 0;
}

int sides_from_input(struct sides *s, const struct side_options *o)
{
	const char *name[2] = { o->base, o->now };
	struct obs_set *set[2] = { &s->base, &s->now };
	int i, err;

	if (!o->base || !o->now) {
		pr_err("--input: say --base and --new");
		return -EINVAL;
	}
	if (o->db || o->series || o->mode) {
		pr_err("--input: --db, --series and --mode are of the database");
		return -EINVAL;
	}
	s->door = calloc(1, sizeof(*s->door));
	if (!s->door)
		return -ENOMEM;
	err = door_read(o->input, s->door);
	if (err)
		return err;
	err = door_sort(s->door);
	if (!err)
		door_runs(s->door);
	for (i = 0; !err && i < 2; i++) {
		s->name[i] = strdup(name[i]);
		err = s->name[i] ? door_set(s->door, name[i], set[i]) :
			-ENOMEM;
		if (!err && o->select)
			err = keep_rows(set[i], o->select);
	}
	return err;
}

void sides_free_input(struct sides *s)
{
	if (!s->door)
		return;
	door_free(s->door);
	free(s->door);
}
