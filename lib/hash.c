// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/hash.h"

#include <stdint.h>
#include <sys/types.h>
#include <sha256.h>

void hash_hex(const void *data, size_t len, char hex[HASH_HEX])
{
	SHA256Data(data, len, hex);
}
