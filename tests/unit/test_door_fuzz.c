// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever a file holds, the data door gives an answer or an error. Good files
 * are bent at random and judged; DOOR_FUZZ=SECONDS makes it last.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <cmocka.h>

#include <gsl/gsl_rng.h>

#include "analysis/compare.h"
#include "cli/cli.h"
#include "cli/history.h"
#include "import/door.h"
#include "lib/num.h"

#define MOST	16384

static gsl_rng *rng;
static int saved[2];

static const char *const token[] = {
	"\"", "\"\"", ",", "\n", "\r\n", "nan", "inf", "-1", "0", "1e308",
	"-1e-308", "9999999999999999999999", "value", "series", "{", "}",
	"\"value\":", "null", "\xff\xfe", "\xef\xbb\xbf", "dirty",
	"identity:", "witness:x", "\\u0000", "[", "1e", "0x1p3", " ", "'",
	"=1+1", "\t", "higher", "exact", "count",
};

static unsigned int below(unsigned int n)
{
	return gsl_rng_uniform_int(rng, n);
}

static size_t seed_csv(char *buf)
{
	size_t n = 0, rows = 4 + below(120), i;

	n += sprintf(buf, "series,revision,boot,run,value,better,nature,microcode,dirty\n");
	for (i = 0; i < rows; i++)
		n += sprintf(buf + n, "%s,r%zu,b%u,%u,%g,%s,%s,0x%u,%u\n",
			     below(8) ? "a" : "\"b,c\"", i / (1 + below(3)),
			     below(2), below(4), 100 + below(10) / 3.0,
			     below(3) ? "" : "lower", below(9) ? "" :
			     "replicated", below(20) ? 1 : 2, !below(30));
	return n;
}

static size_t seed_json(char *buf)
{
	size_t n = 0, rows = 4 + below(60), i;

	for (i = 0; i < rows; i++)
		n += sprintf(buf + n, "{\"series\": \"s\", \"revision\": \"r%zu\", \"boot\": %u, \"run\": %u, \"value\": %g, \"fact\": %s}\n",
			     i / 2, below(2), below(4), below(100) - 30.0,
			     below(2) ? "true" : "\"x\"");
	return n;
}

static size_t insert(char *buf, size_t n, size_t at, const char *text,
		     size_t len)
{
	if (n + len > MOST)
		return n;
	memmove(buf + at + len, buf + at, n - at);
	memcpy(buf + at, text, len);
	return n + len;
}

static size_t bend(char *buf, size_t n)
{
	char copy[256];
	const char *t;
	size_t at = below(n + 1), len;

	switch (below(6)) {
	case 0:
		if (at < n)
			buf[at] ^= 1 << below(8);
		return n;
	case 1:
		t = token[below(sizeof(token) / sizeof(*token))];
		return insert(buf, n, at, t, strlen(t));
	case 2:
		return at;
	case 3:
		len = below(sizeof(copy));
		len = len < n - at ? len : n - at;
		memcpy(copy, buf + at, len);
		return insert(buf, n, below(n + 1), copy, len);
	case 4:
		len = below(64);
		len = len < n - at ? len : n - at;
		memmove(buf + at, buf + at + len, n - at - len);
		return n - len;
	default:
		return insert(buf, n, at, "\0", 1);
	}
}

static void compare_all(struct door *d)
{
	struct obs_set a, b;
	struct comparison c;

	if (d->nrevisions < 2)
		return;
	if (door_set(d, d->revision[0].name, &a))
		return;
	if (!door_set(d, d->revision[below(d->nrevisions)].name, &b)) {
		if (!compare(&a, &b, NULL, &c))
			comparison_free(&c);
		obs_set_free(&b);
	}
	obs_set_free(&a);
}

static void try(const char *path)
{
	char *const none[] = { NULL };
	struct door d;
	int status;

	if (!door_read(path, &d)) {
		if (!door_sort(&d)) {
			door_runs(&d);
			compare_all(&d);
		}
		door_free(&d);
	}
	status = history_input(path, none, 1, (enum format)below(3));
	if (status != EXIT_FINE && status != EXIT_USAGE)
		abort();
}

static void one(void)
{
	static char buf[MOST + 1];
	char path[64];
	size_t n = below(3) ? seed_csv(buf) : seed_json(buf);
	int times = below(6), fd;

	while (times--)
		n = bend(buf, n);
	fd = memfd_create("door", MFD_CLOEXEC);
	if (fd < 0 || write(fd, buf, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	try(path);
	close(fd);
}

static void silence(bool on)
{
	int i, null;

	fflush(stdout);
	for (i = 0; i < 2; i++) {
		if (on) {
			saved[i] = dup(i + 1);
			null = open("/dev/null", O_WRONLY | O_CLOEXEC);
			dup2(null, i + 1);
			close(null);
		} else {
			dup2(saved[i], i + 1);
			close(saved[i]);
		}
	}
}

static void test_fuzz(void **state)
{
	const char *wish = getenv("DOOR_FUZZ");
	time_t begin = time(NULL);
	uint64_t seconds = 0, i;

	if (wish)
		assert_int_equal(num_u64(wish, 1, 86400, &seconds), 0);
	rng = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(rng, seconds ? begin : 1);
	silence(true);
	for (i = 0; i < 400 || (uint64_t)(time(NULL) - begin) < seconds; i++)
		one();
	silence(false);
	if (seconds)
		print_message("%llu files, seed %lld\n", (unsigned long long)i,
			      (long long)begin);
	gsl_rng_free(rng);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
