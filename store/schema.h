/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is it a database of ours, and making one. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/sql.h"

#define SCHEMA_APPLICATION	0x41534942	/* "ASIB" */
#define SCHEMA_VERSION		1

/**
 * schema_check() - the whole schema, compared object by object
 *
 * Return: 0: ours; 1: an empty database, nobody's; -EBADMSG: another
 * program's, a newer version's, or one with objects that are not ours.
 */
int schema_check(struct store *s);

/* Make the schema, unless another process has made it meanwhile. */
int schema_create(struct store *s);

#endif
