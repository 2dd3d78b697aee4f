// SPDX-License-Identifier: GPL-2.0-or-later
/* Sample blobs: round trips, extremes, and whatever else may be in a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "store/codec.h"

static uint64_t rng = 88172645463325252ull;

static uint64_t next(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	return rng ^= rng << 17;
}

static void round_trip(const uint64_t *v, size_t n, const char *want)
{
	char sum[CODEC_SUM];
	const char *codec;
	uint64_t *back;
	size_t len;
	void *blob;

	assert_int_equal(codec_encode(v, n, &codec, &blob, &len), 0);
	if (want)
		assert_string_equal(codec, want);
	codec_sum(v, n, sum);
	assert_int_equal(strlen(sum), 32);
	assert_int_equal(codec_decode(codec, blob, len, n, sum, &back), 0);
	if (n)
		assert_memory_equal(v, back, n * sizeof(*v));
	free(back);
	free(blob);
}

static void test_extremes(void **state)
{
	const uint64_t v[] = {
		0, UINT64_MAX, 0, 1, UINT64_MAX, INT64_MAX, 1ull << 63, 63, 64,
		127, 128, 0, INT64_MAX, UINT64_MAX - 1, 1ull << 63, 0,
	};
	size_t n;

	for (n = 0; n <= sizeof(v) / sizeof(*v); n++)
		round_trip(v, n, NULL);
	round_trip(NULL, 0, "delta");
}

static void test_sizes(void **state)
{
	uint64_t *v = calloc(100000, sizeof(*v));
	const char *codec;
	size_t i, len;
	void *blob;

	assert_non_null(v);
	/* Latencies: a byte a sample or less. */
	for (i = 0; i < 100000; i++)
		v[i] = 40000 + next() % 60;
	round_trip(v, 100000, "delta+zstd");
	assert_int_equal(codec_encode(v, 100000, &codec, &blob, &len), 0);
	assert_true(len <= 100000);
	free(blob);
	/* A few numbers of noise do not pack: they are kept as they are. */
	for (i = 0; i < 8; i++)
		v[i] = next();
	round_trip(v, 8, "delta");
	free(v);
	assert_int_equal(codec_encode(NULL, CODEC_VALUES_MAX + 1ul, &codec,
				      &blob, &len), -E2BIG);
}

/* Whatever is changed, it is noticed or it is the same. */
static void test_corruption(void **state)
{
	uint64_t v[500], *back;
	char sum[CODEC_SUM];
	const char *codec;
	size_t i, len, cut;
	unsigned char *blob, *bad;
	void *p;
	int round, err;

	for (round = 0; round < 4000; round++) {
		for (i = 0; i < 500; i++)
			v[i] = round & 1 ? next() >> next() % 64 :
				9000 + next() % 40;
		assert_int_equal(codec_encode(v, 500, &codec, &p, &len), 0);
		blob = p;
		codec_sum(v, 500, sum);
		/* Exactly as long as it is, for the sanitizer to see. */
		cut = round % 3 ? len : next() % (len + 1);
		bad = malloc(cut ? cut : 1);
		memcpy(bad, blob, cut);
		for (i = 1 + next() % 4; cut && i--;)
			bad[next() % cut] = next();
		err = codec_decode(codec, bad, cut,
				   round % 5 ? 500 : next() % 1000, sum,
				   &back);
		if (!err) {
			assert_memory_equal(v, back, sizeof(v));
			free(back);
		} else {
			assert_int_equal(err, -EBADMSG);
		}
		free(bad);
		free(blob);
	}
}

static void test_bombs(void **state)
{
	const size_t size = 64 << 20;
	char sum[CODEC_SUM] = "00000000000000000000000000000000";
	void *zero = calloc(1, size), *out = malloc(ZSTD_compressBound(size));
	uint64_t *v;
	void *data;
	size_t len;

	assert_non_null(zero);
	assert_non_null(out);
	len = ZSTD_compress(out, ZSTD_compressBound(size), zero, size, 3);
	assert_true(len < 10000);
	/* 64 MiB where 10 values are promised; and as many as promised. */
	assert_int_equal(codec_decode("delta+zstd", out, len, 10, sum, &v),
			 -EBADMSG);
	assert_int_equal(codec_decode("delta+zstd", out, len,
				      CODEC_VALUES_MAX + 1ul, sum, &v),
			 -EBADMSG);
	assert_int_equal(codec_decode("delta", out, len, SIZE_MAX, sum, &v),
			 -EBADMSG);
	assert_int_equal(codec_decode("delta", out, len, SIZE_MAX / 8, sum,
				      &v), -EBADMSG);
	assert_int_equal(codec_decode("f64", out, len, 10, sum, &v),
			 -EBADMSG);
	assert_int_equal(codec_unpack("zstd", out, len, 100, &data),
			 -EBADMSG);
	assert_int_equal(codec_unpack("zstd", out, len, size, &data),
			 -EBADMSG);
	free(zero);
	free(out);
}

/* The same number may be written in ways that are too long. */
static void test_overlong(void **state)
{
	static const unsigned char eleven[] = {
		0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0,
	}, high[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,
	}, open[] = { 0x80 }, two[] = { 0, 0 };
	const uint64_t zero = 0;
	char sum[CODEC_SUM];
	uint64_t *v;

	codec_sum(&zero, 1, sum);
	assert_int_equal(codec_decode("delta", eleven, sizeof(eleven), 1, sum,
				      &v), -EBADMSG);
	assert_int_equal(codec_decode("delta", high, sizeof(high), 1, sum,
				      &v), -EBADMSG);
	assert_int_equal(codec_decode("delta", open, 1, 1, sum, &v),
			 -EBADMSG);
	assert_int_equal(codec_decode("delta", two, 2, 1, sum, &v), -EBADMSG);
	assert_int_equal(codec_decode("delta", two, 1, 1, sum, &v), 0);
	assert_int_equal(v[0], 0);
	free(v);
}

static void test_pack(void **state)
{
	char text[5000], *back;
	const char *codec;
	size_t len;
	void *blob, *data;

	memset(text, 'x', sizeof(text));
	assert_int_equal(codec_pack(text, sizeof(text), &codec, &blob, &len),
			 0);
	assert_string_equal(codec, "zstd");
	assert_int_equal(codec_unpack(codec, blob, len, sizeof(text), &data),
			 0);
	back = data;
	assert_memory_equal(text, back, sizeof(text));
	free(data);
	assert_int_equal(codec_unpack("raw", blob, len, len + 1, &data),
			 -EBADMSG);
	free(blob);
	assert_int_equal(codec_pack("", 0, &codec, &blob, &len), 0);
	assert_string_equal(codec, "raw");
	assert_int_equal(codec_unpack(codec, blob, len, 0, &data), 0);
	free(data);
	free(blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_corruption),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_overlong),
		cmocka_unit_test(test_pack),
	};

	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
