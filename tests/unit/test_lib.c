// SPDX-License-Identifier: GPL-2.0-or-later
/* Escaping, numbers, files, facts and children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/factlist.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/num.h"
#include "lib/text.h"

static void clean_is(const char *in, const char *want)
{
	char buf[256];

	assert_string_equal(text_clean(buf, sizeof(buf), in), want);
}

static void test_clean(void **state)
{
	clean_is("v2", "v2");
	clean_is("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	clean_is("a\nb\tc\r", "a\\x0ab\\x09c\\x0d");
	clean_is("\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07");
	clean_is("\x7f\x80\xff", "\\x7f\\x80\\xff");
	/* C1 control, zero-width joiner, right-to-left override and mark. */
	clean_is("\xc2\x9b", "\\x9b");
	clean_is("\xe2\x80\x8d", "\\u{200d}");
	clean_is("a\xe2\x80\xae" "b\xe2\x80\x8f", "a\\u{202e}b\\u{200f}");
	clean_is("\xef\xbb\xbf", "\\u{feff}");
	/* Overlong slash, surrogate, beyond the last character, cut short. */
	clean_is("\xc0\xaf", "\\xc0\\xaf");
	clean_is("\xed\xa0\x80", "\\xed\\xa0\\x80");
	clean_is("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	clean_is("\xe2\x82", "\\xe2\\x82");
}

static void test_clean_bounds(void **state)
{
	char buf[8], text[64];
	size_t size, n;

	assert_string_equal(text_clean(buf, 8, "1234567"), "1234567");
	assert_string_equal(text_clean(buf, 8, "12345678"), "1234...");
	assert_string_equal(text_clean(buf, 4, "\n"), "...");
	/* Never past the end, and always whole characters. */
	for (n = 0; n < 32; n++) {
		memset(text, 0, sizeof(text));
		for (size = 0; size < n; size++)
			strcat(text, size % 2 ? "\xc3\xbc" : "\x01");
		for (size = 4; size <= sizeof(buf); size++) {
			memset(buf, 'X', sizeof(buf));
			text_clean(buf, size, text);
			assert_true(strlen(buf) < size);
			for (size_t k = size; k < sizeof(buf); k++)
				assert_int_equal(buf[k], 'X');
		}
	}
}

static void test_ascii(void **state)
{
	char buf[64];

	text_ascii(buf, sizeof(buf), "\xc3\xbc\xe2\x82\xac~");
	assert_string_equal(buf, "\\u{fc}\\u{20ac}~");
}

static void test_names(void **state)
{
	assert_true(text_name_ok("v2", 10));
	assert_true(text_name_ok("$(reboot)", 10));
	assert_true(text_name_ok("`id`", 10));
	assert_false(text_name_ok("", 10));
	assert_false(text_name_ok("-v2", 10));
	assert_false(text_name_ok(" v2", 10));
	assert_false(text_name_ok("v2\x1b[0m", 10));
	assert_false(text_name_ok("v\n2", 10));
	assert_false(text_name_ok("12345678901", 10));
	assert_false(text_name_ok("\xe2\x80\xae", 10));
}

static void test_width(void **state)
{
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("\xc3\xbc"), 1);
	assert_int_equal(text_width("\xe6\xbc\xa2"), 2);
	assert_int_equal(text_width("e\xcc\x81"), 1);
}

static void test_trim(void **state)
{
	char a[] = "  x y \n", b[] = " \n", c[] = "";

	assert_string_equal(text_trim(a), "x y");
	assert_string_equal(text_trim(b), "");
	assert_string_equal(text_trim(c), "");
}

static void test_numbers(void **state)
{
	uint64_t u = 7;
	int64_t s = 7;
	double r = 7;

	assert_int_equal(num_u64("0", 0, 10, &u), 0);
	assert_int_equal(u, 0);
	assert_int_equal(num_u64("18446744073709551615", 0, UINT64_MAX, &u),
			 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(num_u64("18446744073709551616", 0, UINT64_MAX, &u),
			 -ERANGE);
	assert_int_equal(num_u64("11", 0, 10, &u), -ERANGE);
	assert_int_equal(num_u64("-1", 0, 10, &u), -EINVAL);
	assert_int_equal(num_u64(" 1", 0, 10, &u), -EINVAL);
	assert_int_equal(num_u64("1 ", 0, 10, &u), -EINVAL);
	assert_int_equal(num_u64("0x1", 0, 10, &u), -EINVAL);
	assert_int_equal(num_u64("", 0, 10, &u), -EINVAL);
	assert_int_equal(num_u64(NULL, 0, 10, &u), -EINVAL);
	assert_int_equal(num_s64("-5", -10, 10, &s), 0);
	assert_int_equal(s, -5);
	assert_int_equal(num_s64("--5", -10, 10, &s), -EINVAL);
	assert_int_equal(num_real("1.5", 0, 2, &r), 0);
	assert_true(r == 1.5);
	assert_int_equal(num_real("nan", 0, 2, &r), -EINVAL);
	assert_int_equal(num_real("inf", 0, INFINITY, &r), -EINVAL);
	assert_int_equal(num_real("1e999", 0, 2, &r), -EINVAL);
	assert_int_equal(num_real("0x1p3", 0, 20, &r), -EINVAL);
	assert_int_equal(num_real("3", 0, 2, &r), -ERANGE);
}

static void test_file(void **state)
{
	char path[] = "/tmp/asibench-unit-XXXXXX", line[8], *text;
	int fd = mkstemp(path);
	long long v;
	size_t len;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, " 42 \nsecond\n", 12), 12);
	close(fd);
	assert_int_equal(file_line(path, line, sizeof(line)), 2);
	assert_string_equal(line, "42");
	assert_int_equal(file_s64(path, &v), 0);
	assert_int_equal(v, 42);
	assert_int_equal(file_read(path, 100, &text, &len), 0);
	assert_int_equal(len, 12);
	free(text);
	assert_int_equal(file_read(path, 11, &text, &len), -EFBIG);
	unlink(path);
	assert_int_equal(file_line(path, line, sizeof(line)), -ENOENT);
	assert_string_equal(line, "");
}

/* FIPS 180-2, appendix B.1 */
static void test_hash(void **state)
{
	char hex[HASH_HEX];

	hash_hex("abc", 3, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
			    "b00361a396177a9cb410ff61f20015ad");
}

static void test_facts(void **state)
{
	struct fact_list l = { 0 };
	char buf[64], longer[1000];
	int i;

	facts_text(&l, "a.b", FACT_ENVIRONMENT, 1, "one");
	facts_int(&l, "a.c", FACT_IDENTITY, 0, 7);
	facts_real(&l, "a.d", FACT_TREATMENT, 1, 0.25);
	facts_text(&l, "a.b", FACT_ENVIRONMENT, 1, "two");
	assert_int_equal(l.n, 3);
	assert_string_equal(facts_find(&l, "a.b")->text, "two");
	assert_string_equal(fact_format(facts_find(&l, "a.d"), buf, 64),
			    "0.25");
	assert_null(facts_find(&l, "a"));
	assert_false(fact_same(&l.v[0], &l.v[1]));
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	facts_text(&l, "long", FACT_IDENTITY, 1, longer);
	assert_memory_equal(facts_find(&l, "long")->text, "sha256:", 7);
	for (i = 0; i < 500; i++) {
		snprintf(buf, sizeof(buf), "k%d", 999 - i);
		facts_int(&l, buf, FACT_IDENTITY, 1, i);
	}
	assert_int_equal(l.err, 0);
	facts_sort(&l);
	for (i = 1; i < (int)l.n; i++)
		assert_true(strcmp(l.v[i - 1].key, l.v[i].key) < 0);
	facts_free(&l);
}

static void test_child_output(void **state)
{
	const char *const argv[] = { "sh", "-c",
		"printf \"$V\"; echo oops >&2; exit 3", NULL };
	const char *const env[] = { "V=a;b $(id)", NULL };
	struct child_end end;
	char *out, err[32];
	size_t len;

	assert_int_equal(child_output(argv, env, NSEC_PER_SEC * 10, &out,
				      &len, 100, err, sizeof(err), &end), 0);
	assert_string_equal(out, "a;b $(id)");
	assert_int_equal(len, 9);
	assert_string_equal(err, "oops\n");
	assert_int_equal(end.code, 3);
	assert_int_equal(end.timed_out, 0);
	free(out);
}

static void test_child_bounds(void **state)
{
	const char *const yes[] = { "yes", NULL };
	const char *const none[] = { "/nonexistent/program", NULL };
	const char *const noisy[] = { "sh", "-c",
		"i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done", NULL };
	struct child_end end;
	char *out, err[16];

	assert_int_equal(child_output(yes, NULL, NSEC_PER_SEC * 10, &out,
				      NULL, 1000, NULL, 0, &end), -EFBIG);
	assert_int_equal(child_output(none, NULL, NSEC_PER_SEC, &out, NULL,
				      10, NULL, 0, &end), -ENOENT);
	/* Of stderr the end is kept: that is where the reason stands. */
	assert_int_equal(child_output(noisy, NULL, NSEC_PER_SEC * 20, NULL,
				      NULL, 0, err, sizeof(err), &end), 0);
	assert_string_equal(err, "2998\nline 2999\n");
}

/* A child that starts another and sleeps: both are gone at the deadline. */
static void test_child_deadline(void **state)
{
	const char *const argv[] = { "sh", "-c",
		"sleep 100 & echo $!; sleep 100", NULL };
	uint64_t start = clock_now();
	struct child_end end;
	char *out;
	int i, gone = 0;
	pid_t pid;

	assert_int_equal(child_output(argv, NULL, NSEC_PER_SEC / 2, &out, NULL,
				      100, NULL, 0, &end), 0);
	assert_int_equal(end.timed_out, 1);
	assert_true(clock_now() - start < 30 * NSEC_PER_SEC);
	pid = atoi(out);
	assert_true(pid > 1);
	for (i = 0; i < 200 && !gone; i++) {
		/* An orphan stays a zombie until its new parent looks. */
		char path[64], stat[256], *paren;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		gone = file_line(path, stat, sizeof(stat)) < 0;
		paren = strrchr(stat, ')');
		gone = gone || !paren || paren[2] == 'Z';
		usleep(10000);
	}
	assert_true(gone);
	free(out);
}

static volatile int stop_now;

static void set_stop(int sig)
{
	stop_now = sig;
}

static void test_child_stop(void **state)
{
	struct sigaction sa = { .sa_handler = set_stop }, old;
	struct child_end end;
	pid_t pid = child_fork();

	if (!pid) {
		sleep(100);
		_exit(0);
	}
	sigaction(SIGALRM, &sa, &old);
	ualarm(100000, 0);
	assert_int_equal(child_wait(pid, 60 * NSEC_PER_SEC, &stop_now, &end),
			 0);
	sigaction(SIGALRM, &old, NULL);
	assert_int_equal(end.interrupted, 1);
	assert_int_equal(end.signal, SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_clean_bounds),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_child_output),
		cmocka_unit_test(test_child_bounds),
		cmocka_unit_test(test_child_deadline),
		cmocka_unit_test(test_child_stop),
	};

	return cmocka_run_group_tests_name("lib", tests, NULL, NULL);
}
