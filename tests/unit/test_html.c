// SPDX-License-Identifier: GPL-2.0-or-later
/* The page: its structure, what it must not hold, and its size. */
#include "tests/unit/sample.h"

#include <unistd.h>

#include "analysis/report/svg.h"
#include "lib/child.h"
#include "lib/clock.h"

#define REVISIONS	50

/* ---- pictures made by hand ---- */

static struct {
	char name[REVISIONS][16];
	const char *revision[REVISIONS];
	double mid[REVISIONS], lo[REVISIONS], hi[REVISIONS];
	int units[REVISIONS];
	double v[2][1000];
} made;

static struct report_panel panel_of(const char *title)
{
	struct report_panel panel = {
		.trend[0] = {
			.title = title, .unit = "tsc", .of = "boots",
			.revision = made.revision, .mid = made.mid,
			.lo = made.lo, .hi = made.hi, .units = made.units,
			.n = REVISIONS,
		},
		.ecdf = {
			.title = title, .unit = "tsc",
			.name = { "v2@off", title },
			.v = { made.v[0], made.v[1] }, .n = { 1000, 1000 },
		},
	};
	size_t i;

	for (i = 0; i < REVISIONS; i++) {
		snprintf(made.name[i], sizeof(made.name[i]), "v%d", (int)i);
		made.revision[i] = made.name[i];
		made.mid[i] = 1000 + 7.0 * (i % 5);
		made.lo[i] = made.mid[i] - 3;
		made.hi[i] = made.mid[i] + 3;
		made.units[i] = 5;
	}
	for (i = 0; i < 1000; i++) {
		made.v[0][i] = 1000 + (i * 7919) % 100;
		made.v[1][i] = 1030 + (i * 104729) % 100;
	}
	made.mid[9] = made.lo[9] = made.hi[9] = NAN;
	made.lo[12] = made.hi[12] = NAN;
	panel.trend[1] = panel.trend[0];
	return panel;
}

static char *page_of(struct sample *s, const char *title)
{
	static struct report_panel panel[LENGTH(s->made)];
	static char *text;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; i < LENGTH(panel); i++)
		panel[i] = panel_of(title);
	assert_non_null(out);
	assert_int_equal(report_html(&s->c, &ctx, panel, out), 0);
	fclose(out);
	return text;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* Every element is closed and every reference known: XML's own rules. */
static void assert_well_formed(const char *text)
{
	static const char *const probe[] = { "xmllint", "--version", NULL };
	char path[] = "/tmp/asibench-page-XXXXXX";
	const char *const argv[] = { "xmllint", "--noout", path, NULL };
	struct child_end end;
	int fd, err;

	if (child_output(probe, NULL, 10 * NSEC_PER_SEC, NULL, NULL, 0, NULL,
			 0, &end))
		return;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	err = child_output(argv, NULL, 10 * NSEC_PER_SEC, NULL, NULL, 0, NULL,
			   0, &end);
	unlink(path);
	assert_int_equal(err, 0);
	assert_int_equal(end.code, 0);
}

/* ---- tests ---- */

static void test_structure(void **state)
{
	struct sample s;
	char *text;

	sample_make(&s);
	text = page_of(&s, "arm off");
	assert_well_formed(text);
	assert_int_equal(count(text, "<tr data-panel="), LENGTH(s.made));
	assert_int_equal(count(text, "<article id="), LENGTH(s.made));
	assert_int_equal(count(text, "<svg viewBox="), 3 * LENGTH(s.made));
	/* Every revision with a value says it to who points at it. */
	assert_int_equal(count(text, "<title>v49: 1028 (1025 to 1031), n 5<"),
			 2 * LENGTH(s.made));
	assert_int_equal(count(text, "<title>v9:"), 0);
	assert_int_equal(count(text, "<title>v12: 1014, n 5<"),
			 2 * LENGTH(s.made));
	/* What is compared is marked in the trend. */
	assert_int_equal(count(text, "<circle class=\"base\""),
			 2 * LENGTH(s.made));
	assert_non_null(strstr(text, "needs a second CPU in the same"));
	assert_non_null(strstr(text, "kernel.config"));
	assert_null(strstr(text, "secret"));
	/* Nothing is fetched. */
	assert_null(strstr(text, "http:"));
	assert_null(strstr(text, "https:"));
	assert_null(strstr(text, " src="));
	assert_null(strstr(text, "url("));
	assert_non_null(strstr(text, "default-src 'none'"));
	free(text);
	sample_free(&s);
}

static void test_hostile(void **state)
{
	char *longest = sample_long(), *text;
	struct sample s;

	sample_hostile(&s, longest);
	text = page_of(&s, sample_bad);
	assert_well_formed(text);
	/* The page's own script is the only one. */
	assert_int_equal(count(text, "<script"), 1);
	assert_int_equal(count(text, "<img"), 0);
	assert_null(strchr(text, '\033'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_null(strchr(text, '\xff'));
	assert_int_equal(count(text, "<tr data-panel="), LENGTH(s.made));
	assert_non_null(strstr(text, longest));
	free(text);
	free(longest);
	sample_free(&s);
}

static void test_nothing(void **state)
{
	struct sample s;
	char *text;

	sample_make(&s);
	memset(s.c.count, 0, sizeof(s.c.count));
	s.base.nrows = s.now.nrows = s.c.nrows = s.c.ndiffs = 0;
	s.base.nmissing = s.now.nmissing = 0;
	s.base.nboots = s.now.nboots = 0;
	s.base.n = s.now.n = 0;
	text = page_of(&s, "none");
	assert_well_formed(text);
	assert_non_null(strstr(text, "Nothing to compare"));
	free(text);
	sample_free(&s);
}

/* 100 benchmarks of 50 revisions and two arms are to stay below 5 MB. */
static void test_size(void **state)
{
	struct sample s;
	char *text, *none;
	size_t row, shell;

	sample_make(&s);
	text = page_of(&s, "arm off");
	s.c.nrows = 0;
	none = page_of(&s, "arm off");
	shell = strlen(none);
	row = (strlen(text) - shell) / LENGTH(s.made);
	assert_true(shell + 100 * row < 5000000);
	free(text);
	free(none);
	sample_free(&s);
}

static void test_pictures(void **state)
{
	struct report_panel panel = panel_of("one");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	static const double odd[] = { NAN, 0, -1, 1e-9, 1, 1e300, INFINITY };
	static const bool disturbed = true;
	size_t i, k;

	/* One value, all alike, no value: figures stay finite. */
	panel.trend[0].n = 1;
	svg_trend(&panel.trend[0], NULL, NULL, out);
	made.mid[0] = made.lo[0] = made.hi[0] = 0;
	svg_trend(&panel.trend[0], NULL, NULL, out);
	panel.trend[0].disturbed = &disturbed;
	svg_trend(&panel.trend[0], NULL, NULL, out);
	panel.trend[0].disturbed = NULL;
	made.mid[0] = made.lo[0] = made.hi[0] = NAN;
	svg_trend(&panel.trend[0], NULL, NULL, out);
	for (i = 0; i < 1000; i++)
		made.v[0][i] = made.v[1][i] = 4;
	assert_int_equal(svg_ecdf(&panel.ecdf, out), 0);
	panel.ecdf.n[0] = panel.ecdf.n[1] = 1;
	assert_int_equal(svg_ecdf(&panel.ecdf, out), 0);
	for (i = 0; i < LENGTH(odd); i++)
		for (k = 0; k < LENGTH(odd); k++)
			svg_change(odd[i], odd[i], odd[k], 0.01, 0.25, out);
	fclose(out);
	assert_non_null(strstr(text, "<circle class=\"hollow\""));
	assert_non_null(strstr(text, "not scored: the core was shared"));
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "inf"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_pictures),
	};

	return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
