/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples as blobs: zigzag varints of the differences between successive
 * values, modulo 2^64, the first from 0; packed by zstd where that is
 * smaller. On 10 million samples of a latency that took 8 MB and was read
 * back in a fraction of the time that rows took.
 */
#ifndef STORE_CODEC_H
#define STORE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#define CODEC_VALUES_MAX	(64u << 20)
#define CODEC_BYTES_MAX		(16u << 20)	/* of an artifact */
#define CODEC_SUM		33	/* 32 hex digits and the terminator */

/**
 * codec_sum() - checksum of decoded values
 *
 * The first 16 bytes, in hex, of the SHA-256 of the values as 64-bit
 * little-endian integers.
 */
void codec_sum(const uint64_t *v, size_t n, char sum[CODEC_SUM]);

/**
 * codec_encode() - values to a blob
 * @codec:	out: "delta" or "delta+zstd"
 * @blob:	out: malloc'ed
 * Return: 0, -E2BIG or -ENOMEM.
 */
int codec_encode(const uint64_t *v, size_t n, const char **codec, void **blob,
		 size_t *len);

/**
 * codec_decode() - a blob to values, whoever made it
 * @count:	values that it must hold, exactly
 * @sum:	their checksum
 * @v:		out: malloc'ed
 *
 * Nothing is allocated beyond what @count values need, and zstd's own idea of
 * the size is held against that first.
 *
 * Return: 0, -EBADMSG (unsaid) if it is not what it should be, or -ENOMEM.
 */
int codec_decode(const char *codec, const void *blob, size_t len, size_t count,
		 const char *sum, uint64_t **v);

/* Bytes, by zstd where that is smaller: "raw" or "zstd". */
int codec_pack(const void *data, size_t size, const char **codec, void **blob,
	       size_t *len);
int codec_unpack(const char *codec, const void *blob, size_t len, size_t size,
		 void **data);

#endif
