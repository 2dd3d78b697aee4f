// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/codec.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "lib/hash.h"

#define LEVEL		3
#define VARINT_MAX	10	/* bytes of 64 bits in groups of 7 */

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	      "checksums are taken of values as they are in memory");

void codec_sum(const uint64_t *v, size_t n, char sum[CODEC_SUM])
{
	char hex[HASH_HEX];

	hash_hex(v, n * sizeof(*v), hex);
	memcpy(sum, hex, CODEC_SUM - 1);
	sum[CODEC_SUM - 1] = '\0';
}

/* Small differences of either sign become small numbers. */
static uint64_t zigzag(uint64_t d)
{
	return d << 1 ^ -(d >> 63);
}

static uint64_t unzigzag(uint64_t z)
{
	return z >> 1 ^ -(z & 1);
}

static size_t put_deltas(unsigned char *to, const uint64_t *v, size_t n)
{
	unsigned char *p = to;
	uint64_t prev = 0, z;
	size_t i;

	for (i = 0; i < n; i++) {
		z = zigzag(v[i] - prev);
		prev = v[i];
		for (; z > 0x7f; z >>= 7)
			*p++ = z | 0x80;
		*p++ = z;
	}
	return p - to;
}

/* Length of the varint at @p, 0 if it ends beyond @end or is too long. */
static size_t get_varint(const unsigned char *p, const unsigned char *end,
			 uint64_t *z)
{
	size_t i;

	*z = 0;
	for (i = 0; i < VARINT_MAX && p + i < end; i++) {
		*z |= (uint64_t)(p[i] & 0x7f) << 7 * i;
		if (p[i] & 0x80)
			continue;
		return i == VARINT_MAX - 1 && p[i] > 1 ? 0 : i + 1;
	}
	return 0;
}

static int get_deltas(const unsigned char *p, size_t len, uint64_t *v,
		      size_t n)
{
	const unsigned char *end = p + len;
	uint64_t prev = 0, z;
	size_t i, took;

	for (i = 0; i < n; i++) {
		took = get_varint(p, end, &z);
		if (!took)
			return -EBADMSG;
		p += took;
		prev += unzigzag(z);
		v[i] = prev;
	}
	return p == end ? 0 : -EBADMSG;
}

/* Pack malloc'ed @raw if that is smaller; it is freed or handed on. */
static int pack_or_keep(void *raw, size_t size, int *packed, void **blob,
			size_t *len)
{
	size_t room = ZSTD_compressBound(size), n;
	void *more, *out = malloc(room);

	if (!out) {
		free(raw);
		return -ENOMEM;
	}
	n = ZSTD_compress(out, room, raw, size, LEVEL);
	*packed = !ZSTD_isError(n) && n < size;
	free(*packed ? raw : out);
	*blob = *packed ? out : raw;
	*len = *packed ? n : size;
	more = realloc(*blob, *len ? *len : 1);
	if (more)
		*blob = more;
	return 0;
}

/* Decompress a frame whose size must lie between @min and @max. */
static int unpack(const void *blob, size_t len, size_t min, size_t max,
		  unsigned char **out, size_t *size)
{
	unsigned long long n = ZSTD_getFrameContentSize(blob, len);

	/* Unknown and erroneous sizes are the two largest numbers. */
	if (n < min || n > max)
		return -EBADMSG;
	*out = malloc(n ? n : 1);
	if (!*out)
		return -ENOMEM;
	*size = ZSTD_decompress(*out, n, blob, len);
	if (!ZSTD_isError(*size) && *size == n)
		return 0;
	free(*out);
	return -EBADMSG;
}

int codec_encode(const uint64_t *v, size_t n, const char **codec, void **blob,
		 size_t *len)
{
	unsigned char *raw;
	int err, packed;

	if (n > CODEC_VALUES_MAX)
		return -E2BIG;
	raw = malloc(n ? n * VARINT_MAX : 1);
	if (!raw)
		return -ENOMEM;
	err = pack_or_keep(raw, put_deltas(raw, v, n), &packed, blob, len);
	if (!err)
		*codec = packed ? "delta+zstd" : "delta";
	return err;
}

int codec_decode(const char *codec, const void *blob, size_t len, size_t count,
		 const char *sum, uint64_t **v)
{
	const int zstd = !strcmp(codec, "delta+zstd");
	unsigned char *raw = NULL;
	char have[CODEC_SUM];
	int err = 0;

	if ((!zstd && strcmp(codec, "delta")) || count > CODEC_VALUES_MAX)
		return -EBADMSG;
	if (zstd)
		err = unpack(blob, len, count, count * VARINT_MAX, &raw, &len);
	else if (len < count || len > count * VARINT_MAX)
		err = -EBADMSG;
	if (err)
		return err;
	*v = malloc(count ? count * sizeof(**v) : 1);
	err = *v ? get_deltas(zstd ? raw : blob, len, *v, count) : -ENOMEM;
	free(raw);
	if (!err) {
		codec_sum(*v, count, have);
		err = strcmp(have, sum) ? -EBADMSG : 0;
	}
	if (err)
		free(*v);
	return err;
}

int codec_pack(const void *data, size_t size, const char **codec, void **blob,
	       size_t *len)
{
	int err, packed;
	void *raw;

	if (size > CODEC_BYTES_MAX)
		return -E2BIG;
	raw = malloc(size ? size : 1);
	if (!raw)
		return -ENOMEM;
	if (size)
		memcpy(raw, data, size);
	err = pack_or_keep(raw, size, &packed, blob, len);
	if (!err)
		*codec = packed ? "zstd" : "raw";
	return err;
}

int codec_unpack(const char *codec, const void *blob, size_t len, size_t size,
		 void **data)
{
	unsigned char *out;
	size_t got;
	int err;

	if (size > CODEC_BYTES_MAX)
		return -EBADMSG;
	if (!strcmp(codec, "zstd")) {
		err = unpack(blob, len, size, size, &out, &got);
		*data = err ? NULL : out;
		return err;
	}
	if (strcmp(codec, "raw") || len != size)
		return -EBADMSG;
	*data = malloc(size ? size : 1);
	if (!*data)
		return -ENOMEM;
	if (size)
		memcpy(*data, blob, size);
	return 0;
}
