// SPDX-License-Identifier: GPL-2.0-or-later
/* Reports for other programs to show: Markdown, JUnit, TAP. */
#include "tests/unit/sample.h"

#include "analysis/report/escape.h"

/* ---- escaping ---- */

static void test_escape(void **state)
{
	static const struct {
		void (*put)(FILE *out, const char *s);
		const char *s;
		const char *want;
	} cases[] = {
		{ xml_text, "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;" },
		{ xml_text, "\x1b\xef\xbf\xbe\xff", "\\x1b\\u{fffe}\\xff" },
		{ xml_text, "]]>", "]]&gt;" },
		{ md_text, "pio_out _x_ a|b", "pio_out \\_x\\_ a\\|b" },
		{ md_text, "`*[<\\", "\\`\\*\\[\\<\\\\" },
		{ md_text, "a\nb", "a\\\\x0ab" },
		{ tap_text, "a # SKIP b\\", "a \\# SKIP b\\\\" },
		{ yaml_text, "it's: \"x\"", "'it''s: \"x\"'" },
		{ yaml_text, "", "''" },
	};
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		cases[i].put(out, cases[i].s);
		fclose(out);
		assert_string_equal(text, cases[i].want);
		free(text);
	}
}

/* ---- the formats ---- */

static const struct {
	writer write;
	const char *golden;
} formats[] = {
	{ report_markdown, "compare.md" },
	{ report_junit, "junit.xml" },
	{ report_tap, "compare.tap" },
};

static void test_golden(void **state)
{
	struct sample s;
	size_t i;

	sample_make(&s);
	for (i = 0; i < LENGTH(formats); i++) {
		char *text = written(formats[i].write, &s.c, &ctx);

		assert_null(strstr(text, "secret"));
		assert_golden(text, formats[i].golden);
		free(text);
	}
	sample_free(&s);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* Whatever a name holds, there is one line or element for each row. */
static void test_hostile(void **state)
{
	char *longest = sample_long(), *text, *block;
	struct sample s;
	size_t i;

	sample_hostile(&s, longest);
	for (i = 0; i < LENGTH(formats); i++) {
		text = written(formats[i].write, &s.c, &ctx);
		assert_null(strchr(text, '\033'));
		assert_null(strstr(text, "\xe2\x80\xae"));
		assert_null(strchr(text, '\xff'));
		assert_non_null(strstr(text, longest));
		free(text);
	}
	text = written(report_junit, &s.c, &ctx);
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "<img"));
	assert_int_equal(count(text, "<testcase "), 9);
	free(text);
	text = written(report_markdown, &s.c, &ctx);
	/* Outside of the block of code, which nothing can end. */
	block = strndup(text, strstr(text, "\n    Differs") - text);
	assert_null(strstr(block, " <script"));
	assert_int_equal(count(block, "\n| "), LENGTH(s.made) + 2);
	free(block);
	free(text);
	text = written(report_tap, &s.c, &ctx);
	assert_int_equal(count(text, "\nok ") + count(text, "\nnot ok "), 9);
	assert_int_equal(count(text, "\n  ...\n"), 9);
	free(text);
	free(longest);
	sample_free(&s);
}

static void test_nothing(void **state)
{
	struct sample s;
	size_t i;

	sample_make(&s);
	memset(s.c.count, 0, sizeof(s.c.count));
	s.base.nrows = s.now.nrows = s.c.nrows = s.c.ndiffs = 0;
	s.base.nmissing = s.now.nmissing = 0;
	for (i = 0; i < LENGTH(formats); i++) {
		char *text = written(formats[i].write, &s.c, &ctx);

		assert_non_null(strstr(text, "Nothing to compare"));
		free(text);
	}
	sample_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests_name("markup", tests, NULL, NULL);
}
