/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of every revision of a series, for history and plot. */
#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include "analysis/compare.h"
#include "store/store.h"

/**
 * struct figures - one arm of one revision
 * @name:	of the revision, "v2", "v2:3/27"
 * @arm:	of the arm
 * @set:	what the rows' strings belong to
 * @rows:	@n of them
 */
struct figures {
	char *name;
	char *arm;
	struct obs_set set;
	struct summary_row *rows;
	size_t n;
};

/**
 * struct figures_list - in the order of revisions
 */
struct figures_list {
	struct figures *v;
	size_t n;
};

/**
 * figures_load() - load and summarize
 * @sel:	revision and patch are not looked at; arm NULL: all arms
 * Return: 0, -ENOENT if there is nothing (said), another negative errno.
 */
int figures_load(struct store *s, const struct store_select *sel,
		 struct figures_list *list);
/* The same, of the last @last revisions; 0: all. */
int figures_load_last(struct store *s, const struct store_select *sel,
		      size_t last, struct figures_list *list);
void figures_free(struct figures_list *list);

/* The order of rows: by what they measure, then by host. */
int row_id_cmp(const struct obs_row *a, const struct obs_row *b);

/**
 * struct track - one row through the revisions
 * @id:		of the row
 * @arm:	all points are of this arm
 * @point:	@n of them; a revision without the row has none
 */
struct track {
	const struct obs_row *id;
	const char *arm;
	struct track_point {
		const char *revision;
		const struct obs_set *set;	/* that the row is of */
		const struct summary_row *row;
	} *point;
	size_t n;
};

/**
 * tracks_make() - rows by benchmark, place, params, metric, host and arm
 *
 * Rows without a figure in any revision are left out.
 *
 * Return: 0 or -ENOMEM; free with tracks_free().
 */
int tracks_make(const struct figures_list *list, struct track **v,
		size_t *n);
void tracks_free(struct track *v, size_t n);

#endif
