/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Revisions in order, and the patches they are made of; as store.h. */
#ifndef STORE_REVISION_H
#define STORE_REVISION_H

#include "store/label.h"
#include "store/store.h"

/**
 * struct store_patch - a revision, or a patch of one
 * @revision:	its name; not looked at by store_revision_add()
 * @patch, @patches: K/N; 0: the revision itself
 * @place:	in the order of the series, of a patch its revision's; 0 none
 * @commit, @patch_id, @subject: "" unknown
 * @built:	commit that the label's build is of, "" unknown or no label
 * @runs:	that are stored of it
 * @labelled:	there is a label of this name
 */
struct store_patch {
	char *revision;
	int patch;
	int patches;
	int place;
	char *commit;
	char *patch_id;
	char *subject;
	char *built;
	int runs;
	int labelled;
};

/**
 * store_revision_add() - what git says a series consists of
 * @revision:	@v are its patches, in order, in place of those known so far; a
 *		new revision comes last. NULL: each of @v is a revision of its
 *		own, named by 12 digits of its commit, and they come last in
 *		this order
 */
int store_revision_add(struct store *s, const char *series,
		       const char *revision, const struct store_patch *v,
		       size_t n);

/**
 * store_revision_order() - these first, in this order; the others follow as
 * they stood
 * Return: 0; -ENOENT (said) if one is not there; or another error.
 */
int store_revision_order(struct store *s, const char *series,
			 const char *const *name, size_t n);

/**
 * store_revision_list() - all of a series in its order, measured or not
 * @series:	NULL: that of the newest run
 * @name:	out, of NAME_BYTES: the series
 */
int store_revision_list(struct store *s, const char *series, char *name,
			struct store_patch **v, size_t *n);
void store_revision_free(struct store_patch *v, size_t n);

/*
 * Is a revision "o" listed for the commit that build "k" of label "l" is of,
 * which may be abbreviated? 'g' is behind all hex digits. A dirty tree is no
 * commit.
 */
#define SAME_COMMIT							\
	"k.id = l.build AND NOT k.dirty AND length(k.commit_id) >= 7 "	\
	"AND o.series = l.series AND o.patch = 0 AND l.patch = 0 AND "	\
	"o.commit_id >= k.commit_id AND o.commit_id < k.commit_id || 'g'"

/*
 * Where a label of the table alias "l" stands: by its name, else by the
 * commit of its build. NULL: nowhere.
 */
#define LABEL_PLACE							\
	"coalesce((SELECT place FROM revision AS o WHERE o.series = "	\
	"l.series AND o.revision = l.revision AND o.patch = 0), "	\
	"(SELECT min(place) FROM revision AS o, build AS k WHERE "	\
	SAME_COMMIT "))"

/*
 * The order of labels: by place, those without one after the others, as they
 * were first labelled; a revision's patches in their order, the whole last.
 */
#define LABEL_ORDER							\
	LABEL_PLACE " IS NULL, " LABEL_PLACE ", "			\
	"(SELECT min(id) FROM label AS f WHERE "			\
	"f.series = l.series AND f.revision = l.revision), "		\
	"l.patch = 0, l.patch"

#endif
