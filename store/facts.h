/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts in the database. @scope: "host", "boot" or "run"; @owner: its id. */
#ifndef STORE_FACTS_H
#define STORE_FACTS_H

#include "store/sql.h"

int facts_write(struct store *s, const char *scope, int64_t owner,
		const struct fact *f, size_t n);

/* Add to @l; what is there under the same key is overwritten. */
int facts_read(struct store *s, const char *scope, int64_t owner,
	       struct fact_list *l);

/* Append a copy of @f; a key that is there already is overwritten. */
void facts_copy(struct fact_list *to, const struct fact *f);

/**
 * facts_differing() - of @now, what @then has not or has otherwise
 *
 * Witnesses are left out: they are not compared.
 */
void facts_differing(struct fact_list *to, const struct fact_list *now,
		     const struct fact_list *then);

#endif
