/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is it a database of ours, and making one. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/sql.h"

#define SCHEMA_APPLICATION	0x41534942	/* "ASIB" */
#define SCHEMA_VERSION		2

/**
 * schema_check() - the whole schema, compared object by object
 *
 * Return: 0: ours, of the version that s->version says; 1: an empty database,
 * nobody's; -EBADMSG: another program's, a newer version's, or one with
 * objects that are not ours.
 */
int schema_check(struct store *s);

/**
 * schema_settle() - make an empty database ours, or move one of an older
 * version to this one, in one transaction
 *
 * A move only adds: what was there is not rewritten.
 */
int schema_settle(struct store *s);

/**
 * schema_stand_ins() - for a reader of an older version: the tables that it
 * lacks, as empty temporary ones
 */
int schema_stand_ins(struct store *s);

#endif
