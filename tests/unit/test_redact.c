// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "lib/redact.h"

static void test_paths(void **state)
{
	static const char *const v[][2] = {
		{ "", "" },
		{ "20 MB/s, a/b", "20 MB/s, a/b" },
		{ "/home/me/x is missing", "(path) is missing" },
		{ "cannot open '/home/me/x': no", "cannot open '(path)': no" },
		{ "dir=/mnt/a,file=/dev/vdb", "dir=(path),file=/dev/vdb" },
		{ "/sys/module/kvm: Y; /system/x", "/sys/module/kvm: Y; (path)" },
		{ "/", "/" }, { "a // b", "a // b" }, { "/a /a", "(path) (path)" },
		{ "ends in /root", "ends in (path)" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(*v); i++) {
		char *got = redact_paths(v[i][0]);

		assert_string_equal(got, v[i][1]);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_paths) };

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
