// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables, formats and the texts that people read. */
#include "tests/unit/sample.h"

#include <jansson.h>

#include "lib/text.h"

/* Every line is printable ASCII, of at most 72 columns, without a tail. */
static void assert_mailable(const char *text)
{
	char *copy = strdup(text), *at = copy, *line;
	const char *p;

	assert_true(*text && text[strlen(text) - 1] == '\n');
	while ((line = strsep(&at, "\n"))) {
		size_t n = strlen(line);

		if (n > 72)
			fail_msg("%zu columns: %s", n, line);
		if (n && line[n - 1] == ' ')
			fail_msg("ends in a space: %s", line);
		for (p = line; *p; p++)
			if (*p < 0x20 || *p > 0x7e)
				fail_msg("not ASCII: %s", line);
	}
	free(copy);
}

/* ---- tests ---- */

static void test_formats(void **state)
{
	static const struct { double v; const char *want; } values[] = {
		{ 1018, "1018" }, { 1018.4, "1018" }, { 141.25, "141.2" },
		{ 26, "26" }, { 26.126, "26.13" }, { 3.14159, "3.142" },
		{ 0.5, "0.500" }, { 0.0012345, "0.001234" }, { 0, "0" },
		{ 1003102.4, "1003102" }, { 1e15, "1e+15" }, { NAN, "-" },
		{ INFINITY, "-" },
	};
	static const struct { double v; const char *want; } changes[] = {
		{ 1.0123, "+1.23 %" }, { 0.996, "-0.40 %" }, { 1, "0.00 %" },
		{ 0.99997, "0.00 %" }, { NAN, "-" }, { 12.5, "+1150 %" },
	};
	char buf[64];
	size_t i;

	for (i = 0; i < LENGTH(values); i++)
		assert_string_equal(fmt_value(buf, sizeof(buf), values[i].v),
				    values[i].want);
	for (i = 0; i < LENGTH(changes); i++)
		assert_string_equal(fmt_change(buf, sizeof(buf),
					       changes[i].v),
				    changes[i].want);
	assert_string_equal(fmt_interval(buf, sizeof(buf), 0.99, 1.0225),
			    "-1.00 .. +2.25 %");
	assert_string_equal(fmt_interval(buf, sizeof(buf), NAN, 1), "-");
	assert_string_equal(fmt_percent(buf, sizeof(buf), 0.01), "1 %");
	assert_string_equal(fmt_percent(buf, sizeof(buf), 0.0042), "0.42 %");
	assert_string_equal(fmt_percent(buf, sizeof(buf), 0.315), "32 %");
}

static void test_params(void **state)
{
	char buf[64];

	assert_string_equal(fmt_params(buf, sizeof(buf),
				       "{\"peer\":\"llc\",\"threads\":2}"),
			    "peer=llc threads=2");
	assert_string_equal(fmt_params(buf, sizeof(buf), "{}"), "");
	assert_string_equal(fmt_params(buf, sizeof(buf), "{\"a\":\"\\u001b\"}"),
			    "a=\\x1b");
	/* What is not an object is shown as it is. */
	assert_string_equal(fmt_params(buf, sizeof(buf), "[1\n"), "[1\\x0a");
}

static void test_csv(void **state)
{
	static const struct { const char *v; const char *want; } fields[] = {
		{ "plain", "plain" }, { "a,b", "\"a,b\"" },
		{ "say \"x\"", "\"say \"\"x\"\"\"" }, { "=1+1", "'=1+1" },
		{ "@x", "'@x" }, { "-2", "'-2" }, { "+3", "'+3" },
		{ "a\nb", "a\\x0ab" }, { "", "" },
		{ "=a,\"", "\"'=a,\"\"\"" },
	};
	size_t i;

	for (i = 0; i < LENGTH(fields); i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		csv_field(out, fields[i].v);
		fclose(out);
		assert_string_equal(text, fields[i].want);
		free(text);
	}
}

static void test_table(void **state)
{
	static const char *const heads[] = { "name", "value", "note" };
	static const char *const want =
		"name     value  note\n"
		"a      1018     x\n"
		"\xe6\xbc\xa2\xe5\xad\x97" "b     3.14\n"
		"c\\x1b     -\n"
		"longer than ten\n"
		"          1.5   y\n";
	struct table *t = table_new(heads, "l.l");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	table_spill(t, 10);
	table_row(t, (const char *const []) { "a", "1018", "x" });
	table_row(t, (const char *const []) { "\xe6\xbc\xa2\xe5\xad\x97" "b",
					      "3.14", "" });
	table_row(t, (const char *const []) { "c\x1b", NULL, "" });
	table_row(t, (const char *const []) { "longer than ten", "1.5",
					      "y" });
	assert_int_equal(table_print(t, out), 0);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
	table_free(t);
}

static void test_wrap(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	wrap(out, 12, 0, 2, "one two three aVeryLongWordIndeed end");
	wrap(out, 12, 2, 2, "");
	fclose(out);
	assert_string_equal(text, "one two\n  three\n  aVeryLongW\n"
				  "  ordIndeed\n  end\n\n");
	free(text);
}

static void test_mail_golden(void **state)
{
	struct sample s;
	char *text;

	sample_make(&s);
	text = written(report_mail, &s.c, &ctx);
	assert_mailable(text);
	assert_null(strstr(text, "secret"));
	assert_golden(text, "mail.txt");
	free(text);
	sample_free(&s);
}

/* Of two hosts each row names its own, and each host is described. */
static void test_mail_hosts(void **state)
{
	struct obs_boot boot[2][2];
	struct sample s;
	char *text;
	int i;

	sample_make(&s);
	for (i = 0; i < 2; i++) {
		boot[i][0] = s.boot[i];
		boot[i][1] = s.boot[i];
		boot[i][1].host = "lab2";
		boot[i][1].facts = (struct fact_list) { 0 };
		sample_facts(&boot[i][1].facts, "schedutil");
	}
	s.base.boot = boot[0];
	s.now.boot = boot[1];
	s.base.nboots = s.now.nboots = 2;
	s.made[7].id = s.made[8].id;
	s.made[7].id.host = "lab2";
	text = written(report_mail, &s.c, &ctx);
	assert_mailable(text);
	assert_golden(text, "mail-hosts.txt");
	free(text);
	facts_free(&boot[0][1].facts);
	facts_free(&boot[1][1].facts);
	sample_free(&s);
}

static void test_text_golden(void **state)
{
	struct sample s;
	char *text;

	sample_make(&s);
	text = written(report_compare_text, &s.c, &ctx);
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, " \n"));
	assert_null(strstr(text, "secret"));
	assert_golden(text, "compare.txt");
	free(text);
	text = written(report_full, &s.c, &ctx);
	assert_golden(text, "full.txt");
	free(text);
	text = written(report_compare_csv, &s.c, &ctx);
	assert_golden(text, "compare.csv");
	free(text);
	sample_free(&s);
}

/* A section of their own, without mode and metric in the name. */
static void test_counts(void **state)
{
	static const struct metric count = {
		"exit.HLT", "exits", BETTER_LOWER, SCALE_LINEAR, NATURE_COUNT,
	};
	struct report_ctx with = ctx;
	struct comparison counts;
	struct sample s;
	char *text;

	sample_make(&s);
	counts = s.c;
	counts.nrows = 1;
	counts.zeros = 41;
	counts.row[0].id.metric = count;
	counts.row[0].id.mode = MODE_COUNTED;
	with.counts = &counts;
	text = written(report_full, &s.c, &with);
	assert_non_null(strstr(text, "Counts per operation"));
	assert_non_null(strstr(text, "  exit.HLT "));
	assert_non_null(strstr(text, "41 more are 0 on both sides.\n"));
	free(text);
	text = written(report_full_json, &s.c, &with);
	assert_non_null(strstr(text, "\"counts\": [\n"));
	assert_non_null(strstr(text, "\"mode\": \"counted\""));
	free(text);
	counts.nrows = counts.zeros = 0;
	text = written(report_full, &s.c, &with);
	assert_null(strstr(text, "Counts per operation"));
	free(text);
	text = written(report_full_json, &s.c, &with);
	assert_non_null(strstr(text, "\"counts\": []"));
	free(text);
	sample_free(&s);
}

static void test_mail_full(void **state)
{
	struct report_ctx full = ctx;
	struct sample s;
	char *text;

	full.full = 1;
	sample_make(&s);
	text = written(report_mail, &s.c, &full);
	assert_mailable(text);
	assert_non_null(strstr(text, "asi=on"));
	assert_null(strstr(text, "withheld"));
	free(text);
	sample_free(&s);
}

static void test_refused(void **state)
{
	struct sample s;
	size_t i;
	char *text;

	sample_make(&s);
	s.c.refused = true;
	strcpy(s.c.refusal, "cpu.microcode differs");
	memset(s.c.count, 0, sizeof(s.c.count));
	s.c.count[VERDICT_UNCHECKED] = s.c.nrows;
	for (i = 0; i < s.c.nrows; i++)
		s.made[i].verdict = VERDICT_UNCHECKED;
	text = written(report_mail, &s.c, &ctx);
	assert_mailable(text);
	assert_true(!strncmp(text, "Not compared: cpu.microcode differs.\n",
			     37));
	free(text);
	sample_free(&s);
}

static void test_nothing(void **state)
{
	static const writer writers[] = {
		report_mail, report_full, report_compare_csv,
		report_compare_json, report_full_json,
	};
	struct sample s;
	size_t i;

	sample_make(&s);
	memset(s.c.count, 0, sizeof(s.c.count));
	s.base.nrows = s.now.nrows = s.c.nrows = s.c.ndiffs = 0;
	s.base.nmissing = s.now.nmissing = 0;
	s.base.nboots = s.now.nboots = 0;
	s.base.n = s.now.n = 0;
	for (i = 0; i < LENGTH(writers); i++) {
		char *text = written(writers[i], &s.c, &ctx);

		assert_true(*text);
		free(text);
	}
	sample_free(&s);
}

static void test_hostile(void **state)
{
	char *longest = sample_long(), *text;
	struct sample s;

	sample_hostile(&s, longest);
	text = written(report_mail, &s.c, &ctx);
	assert_mailable(text);
	free(text);
	text = written(report_full, &s.c, &ctx);
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_null(strchr(text, '\xff'));
	free(text);
	text = written(report_full_json, &s.c, &ctx);
	assert_null(strchr(text, '\033'));
	free(text);
	free(longest);
	sample_free(&s);
}

static json_t *json_of(writer write, struct sample *s)
{
	char *text = written(write, &s->c, &ctx);
	json_t *j = json_loads(text, 0, NULL);

	assert_non_null(j);
	assert_null(strstr(text, "NaN"));
	assert_null(strstr(text, "secret"));
	free(text);
	return j;
}

static void test_json(void **state)
{
	static const char *const keys[] = {
		"benchmark", "params", "where", "metric", "host", "unit",
		"base", "new", "ratio", "lo", "hi", "p", "p_adj", "scope",
		"verdict", "reason", "n_base", "n_new", "mde",
	};
	struct sample s;
	json_t *j, *rows, *row;
	size_t i, k;

	sample_make(&s);
	j = json_of(report_compare_json, &s);
	assert_string_equal(json_string_value(json_object_get(
		json_object_get(j, "base"), "name")), "v2@off");
	assert_true(json_is_null(json_object_get(j, "refused")));
	assert_int_equal(json_integer_value(json_object_get(j, "withheld")),
			 2);
	assert_int_equal(json_array_size(json_object_get(j, "treatment")), 2);
	rows = json_object_get(j, "rows");
	assert_int_equal(json_array_size(rows), LENGTH(s.made));
	for (i = 0; i < json_array_size(rows); i++)
		for (k = 0; k < LENGTH(keys); k++)
			assert_non_null(json_object_get(
				json_array_get(rows, i), keys[k]));
	row = json_array_get(rows, 0);
	assert_string_equal(json_string_value(json_object_get(row, "verdict")),
			    "regressed");
	assert_int_equal(json_integer_value(json_object_get(
		json_object_get(row, "params"), "depth")), 32);
	/* The unchecked row comes last, and what it lacks is null. */
	row = json_array_get(rows, LENGTH(s.made) - 1);
	assert_true(json_is_null(json_object_get(row, "ratio")));
	assert_true(json_is_null(json_object_get(row, "base")));
	assert_int_equal(json_integer_value(json_object_get(
		json_object_get(j, "summary"), "regressed")), 3);
	json_decref(j);
	j = json_of(report_full_json, &s);
	assert_true(json_array_size(json_object_get(j, "facts")) > 5);
	json_decref(j);
	sample_free(&s);
}

static void test_hash(void **state)
{
	char a[ROW_HASH], b[ROW_HASH];
	struct sample s;

	sample_make(&s);
	row_hash(&s.made[7], a);
	row_hash(&s.made[7], b);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 8);
	row_hash(&s.made[8], b);
	assert_string_not_equal(a, b);
	s.made[7].now += 1;
	row_hash(&s.made[7], b);
	assert_string_not_equal(a, b);
	sample_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_mail_golden),
		cmocka_unit_test(test_mail_hosts),
		cmocka_unit_test(test_text_golden),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_mail_full),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
