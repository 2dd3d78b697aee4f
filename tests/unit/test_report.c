// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables, formats and the texts that people read. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/view.h"
#include "lib/file.h"
#include "lib/text.h"

#define GOLDEN	"tests/data/report/"

#define LENGTH(a)	(sizeof(a) / sizeof(*(a)))

/* ---- a comparison made by hand ---- */

static const struct metric latency = {
	"latency", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1,
};
static const struct metric iops = {
	"iops", "1/s", BETTER_HIGHER, SCALE_LOG, NATURE_REPLICATED, 1,
};

#define ID(b, p, w, m) {						\
	.benchmark = b, .params = p, .place = w, .profile = "",		\
	.host = "lab1", .metric = m }

struct sample {
	struct obs_set base;
	struct obs_set now;
	struct obs_boot boot[2];
	struct obs v[10];
	struct obs_missing missing[3];
	struct obs_row row[9];
	struct compare_row made[9];
	struct compare_diff diff[3];
	struct comparison c;
};

static void sample_facts(struct fact_list *l, const char *governor)
{
	facts_text(l, "cpu.model_name", FACT_ENVIRONMENT, 1,
		   "AMD EPYC 7B13 64-Core Processor");
	facts_text(l, "cpu.microcode", FACT_ENVIRONMENT, 1, "0xa0011d5");
	facts_text(l, "cpu.governor", FACT_ENVIRONMENT, 1, governor);
	facts_int(l, "topo.smt", FACT_ENVIRONMENT, 1, 2);
	facts_text(l, "hypervisor", FACT_ENVIRONMENT, 1, "none");
	facts_text(l, "vulnerabilities.meltdown", FACT_TREATMENT, 1,
		   "Not affected");
	facts_text(l, "vulnerabilities.spectre_v2", FACT_TREATMENT, 1,
		   "Mitigation: Retpolines; IBPB: conditional; STIBP: always-on; RSB filling");
	facts_text(l, "host.name", FACT_IDENTITY, 0, "secret.example.org");
	facts_text(l, "cmdline.full", FACT_TREATMENT, 0, "root=/dev/secret");
}

static void sample_side(struct obs_set *set, struct obs_boot *boot,
			const char *name, const char *revision)
{
	*boot = (struct obs_boot) {
		.uuid = "11111111-2222-3333-4444-555555555555",
		.host = "lab1", .release = "6.12.0-rc3-asi+",
		.build_id = "0123456789abcdef0123", .state = STATE_VERIFIED,
		.evidence = "pti flag absent from cpuinfo",
	};
	*set = (struct obs_set) {
		.name = name, .series = "asi-fast", .revision = revision,
		.arm = "off", .commit = "89abcdef012345678", .tree = "kvm/next",
		.boot = boot, .nboots = 1,
	};
}

static struct compare_row row_of(struct obs_row id, enum verdict verdict,
				 double base, double ratio, double half)
{
	return (struct compare_row) {
		.id = id, .scope = SCOPE_BOOT, .verdict = verdict,
		.base = base, .now = base * ratio, .ratio = ratio,
		.lo = ratio - half, .hi = ratio + half, .p = 0.001,
		.p_adj = 0.004, .p_holm = 0.009, .mde = 2 * half,
		.n_base = 10, .n_new = 10, .runs_base = 10, .runs_new = 10,
		.sd_run = half, .sd_boot = NAN,
		.reason = "made by hand",
	};
}

static void sample_rows(struct sample *s)
{
	struct compare_row *r = s->made;
	const struct obs_row id[] = {
		ID("cr3.switch_process", "{}", "user", latency),
		ID("io.host_randread", "{\"bs\": \"4k\", \"depth\": 32, "
		   "\"direct\": 1, \"engine\": \"io_uring\", \"fs\": \"ext4\","
		   " \"size\": \"256m\"}", "user", iops),
		ID("null", "{}", "guest0", latency),
		ID("syscall.getpid", "{}", "user", latency),
		ID("tlb.munmap", "{\"peer\":\"llc\",\"threads\":2}", "user",
		   latency),
		ID("vmexit.cpuid", "{}", "guest3", latency),
		ID("vmexit.hlt", "{}", "guest0", latency),
		ID("vmexit.pio_out", "{}", "guest0", latency),
		ID("vmexit.pio_out", "{}", "guest3", latency),
	};
	size_t i;

	memcpy(s->row, id, sizeof(id));
	r[0] = row_of(id[0], VERDICT_EQUIVALENT, 2612.4, 1.0002, 0.003);
	r[1] = row_of(id[1], VERDICT_REGRESSED, 1003102.4, 0.8692, 0.012);
	r[2] = row_of(id[2], VERDICT_INCONCLUSIVE, 26, 1.0031, 0.034);
	r[2].need = 41;
	strcpy(r[2].reason, "no difference shown; could have seen 6.8 %; "
	       "41 runs a side would see 1 %");
	r[3] = row_of(id[3], VERDICT_SMALL, 141.25, 1.0088, 0.0031);
	r[4] = row_of(id[4], VERDICT_UNCHECKED, NAN, NAN, NAN);
	strcpy(r[4].reason, "no figures on either side");
	r[4].n_base = r[4].n_new = r[4].runs_base = r[4].runs_new = 0;
	r[4].p = r[4].p_adj = r[4].p_holm = NAN;
	r[5] = row_of(id[5], VERDICT_IMPROVED, 29011, 0.9512, 0.004);
	r[5].flags = ROW_SUSPECT;
	r[6] = row_of(id[6], VERDICT_EQUIVALENT, 5120.77, 1.0061, 0.002);
	r[6].flags = ROW_NONZERO | ROW_NOISY;
	r[6].noisy_base = 3;
	r[6].noisy_new = 2;
	r[7] = row_of(id[7], VERDICT_REGRESSED, 1018, 1.0221, 0.002);
	r[7].flags = ROW_BEYOND;
	r[8] = row_of(id[8], VERDICT_REGRESSED, 1722.9, 1.0409, 0.006);
	for (i = 0; i < LENGTH(id); i++)
		s->c.count[r[i].verdict]++;
}

static void sample_make(struct sample *s)
{
	static const struct compare_diff diff[] = {
		{ "cmdline.full", FACT_TREATMENT, 0, 0, "lab1",
		  "root=/dev/secret", "root=/dev/secret asi=on" },
		{ "cpu.governor", FACT_ENVIRONMENT, 1, 1, "lab1",
		  "performance", "powersave" },
		{ "kernel.config", FACT_TREATMENT, 1, 0, "lab1",
		  "sha256:0a1b2c3d", "sha256:4e5f6071" },
	};
	size_t i;

	memset(s, 0, sizeof(*s));
	sample_side(&s->base, &s->boot[0], "v2@off", "v2");
	sample_side(&s->now, &s->boot[1], "v3@off", "v3");
	sample_facts(&s->boot[0].facts, "performance");
	sample_facts(&s->boot[1].facts, "powersave");
	sample_rows(s);
	memcpy(s->diff, diff, sizeof(diff));
	s->missing[0] = (struct obs_missing) {
		4, RUN_SKIPPED, "needs a second CPU in the same last-level cache",
		1,
	};
	s->missing[1] = (struct obs_missing) {
		7, RUN_INTERPRETED, "ring 0 is emulated here", 5,
	};
	for (i = 0; i < LENGTH(s->v); i++)
		s->v[i] = (struct obs) {
			.row = 7, .value = 1018, .n = 1000, .order = i / 2,
			.noisy = i < 3 ? 1u << 1 : 0,
		};
	s->base.v = s->now.v = s->v;
	s->base.n = s->now.n = LENGTH(s->v);
	s->base.row = s->now.row = s->row;
	s->base.nrows = s->now.nrows = LENGTH(s->row);
	s->base.missing = s->now.missing = s->missing;
	s->base.nmissing = 2;
	s->now.nmissing = 1;
	s->c.base = &s->base;
	s->c.now = &s->now;
	s->c.row = s->made;
	s->c.nrows = LENGTH(s->made);
	s->c.diff = s->diff;
	s->c.ndiffs = LENGTH(s->diff);
}

static void sample_free(struct sample *s)
{
	facts_free(&s->boot[0].facts);
	facts_free(&s->boot[1].facts);
}

static const struct report_ctx ctx = {
	.command = "asibench run --series asi-fast --rev v2 --arm off\n"
		   "asibench run --series asi-fast --rev v3 --arm off\n"
		   "asibench mail --series asi-fast --base v2@off --new v3@off",
	.tsc_khz = 2450000, .margin = 0.01,
};

typedef int (*writer)(const struct comparison *, const struct report_ctx *,
		      FILE *);

static char *written(writer write, const struct comparison *c,
		     const struct report_ctx *x)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(write(c, x, out), 0);
	fclose(out);
	return text;
}

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

static void assert_golden(const char *text, const char *name)
{
	char path[256], *want;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), GOLDEN "%s", name);
	if (getenv("GOLDEN_UPDATE")) {
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(text, f);
		fclose(f);
	}
	assert_int_equal(file_read(path, 1 << 20, &want, &len), 0);
	assert_string_equal(text, want);
	free(want);
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

/* Names of 10,000 characters, with everything that could hurt. */
static void test_hostile(void **state)
{
	static const char bad[] = "\033[2J\xe2\x80\xae\xff<script>`id`$(reboot)";
	char *longest = malloc(10001), *text;
	struct sample s;

	memset(longest, 'n', 10000);
	longest[10000] = '\0';
	sample_make(&s);
	s.base.name = s.base.revision = bad;
	s.now.name = s.now.arm = longest;
	s.made[0].id.benchmark = longest;
	s.made[1].id.params = bad;
	s.made[2].id.metric.unit = longest;
	s.made[3].id.host = bad;
	s.made[5].verdict = VERDICT_UNCHECKED;
	strcpy(s.made[4].reason, bad);
	s.boot[0].evidence = bad;
	strcpy(s.diff[1].base, bad);
	s.missing[0].reason = longest;
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
