/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run says, as one hash that does not depend on the file it is in. */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "lib/hash.h"
#include "store/sql.h"

/**
 * run_digest() - SHA-256 over all that a run is and brought
 *
 * Left out is what may change without the run's being another: its label and
 * origin, and facts of the boot that are kept with it.
 */
int run_digest(struct store *s, int64_t run, char hex[HASH_HEX]);

#endif
