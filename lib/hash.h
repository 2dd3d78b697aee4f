/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 as lower-case hex. */
#ifndef LIB_HASH_H
#define LIB_HASH_H

#include <stddef.h>

#define HASH_HEX	65	/* 64 digits and the terminator */

void hash_hex(const void *data, size_t len, char hex[HASH_HEX]);

#endif
