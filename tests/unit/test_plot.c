// SPDX-License-Identifier: GPL-2.0-or-later
/* Pictures, drawn by the real gnuplot; skipped where there is none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/report/plot.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "tests/unit/skip.h"

#define MOST	60

static char dir[64];
static char stem[128];
static int have_gnuplot;

static int make_dir(void **state)
{
	const char *const argv[] = { "gnuplot", "--version", NULL };
	struct child_end end;

	have_gnuplot = !child_output(argv, NULL, 10 * NSEC_PER_SEC, NULL, NULL,
				     0, NULL, 0, &end);
	strcpy(dir, "/tmp/asibench-plot-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(stem, sizeof(stem), "%s/picture", dir);
	return 0;
}

static int remove_dir(void **state)
{
	return rmdir(dir);
}

static void path_of(const char *ext, char *path, size_t size)
{
	snprintf(path, size, "%s%s", stem, ext);
}

/* The picture's text, after its PNG was found to be one. */
static char *take_picture(void)
{
	static const char png[] = "\x89PNG\r\n";
	char path[192], *text, *data;
	size_t len;

	path_of(".png", path, sizeof(path));
	assert_int_equal(file_read(path, 1 << 24, &data, &len), 0);
	assert_true(len > 1000 && !memcmp(data, png, sizeof(png) - 1));
	free(data);
	unlink(path);
	path_of(".svg", path, sizeof(path));
	assert_int_equal(file_read(path, 1 << 24, &text, &len), 0);
	assert_non_null(strstr(text, "</svg>"));
	unlink(path);
	return text;
}

static struct series {
	char name[MOST][300];
	const char *revision[MOST];
	double mid[MOST], lo[MOST], hi[MOST];
	int units[MOST];
} series;

/* @pattern has one %d. */
static struct plot_trend trend_of(const char *title, const char *pattern,
				  size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(series.name[i], sizeof(series.name[i]), pattern,
			 (int)i + 1);
		series.revision[i] = series.name[i];
		series.mid[i] = 1000 + 3.0 * (i % 7);
		series.lo[i] = series.mid[i] - 4;
		series.hi[i] = series.mid[i] + 4;
		series.units[i] = 10;
	}
	return (struct plot_trend) {
		.title = title, .unit = "TSC ticks per operation",
		.of = "runs", .revision = series.revision, .mid = series.mid,
		.lo = series.lo, .hi = series.hi, .units = series.units,
		.n = n,
	};
}

static char *draw_trend(const struct plot_trend *p)
{
	assert_int_equal(plot_trend(p, stem), 0);
	return take_picture();
}

static void test_trend(void **state)
{
	struct plot_trend p;
	char *text;

	if (!have_gnuplot)
		skip_because("gnuplot is not here");
	p = trend_of("vmexit.pio_out guest3", "v%d@off", 60);
	text = draw_trend(&p);
	/* Every name, the unit, n and the ends' values stand there. */
	assert_non_null(strstr(text, "v1@off<"));
	assert_non_null(strstr(text, "v37@off<"));
	assert_non_null(strstr(text, "v60@off<"));
	assert_non_null(strstr(text, "TSC ticks per operation"));
	assert_non_null(strstr(text, "n = 10 runs a revision"));
	assert_non_null(strstr(text, "vmexit.pio_out guest3"));
	free(text);
}

static void test_trend_gaps(void **state)
{
	struct plot_trend p;

	if (!have_gnuplot)
		skip_because("gnuplot is not here");
	p = trend_of("one value", "v%d", 1);
	free(draw_trend(&p));
	p = trend_of("gaps", "v%d", 5);
	series.mid[2] = series.lo[2] = series.hi[2] = NAN;
	series.lo[3] = series.hi[3] = NAN;
	free(draw_trend(&p));
	p = trend_of("zero first", "v%d", 3);
	series.mid[0] = series.lo[0] = series.hi[0] = 0;
	free(draw_trend(&p));
	p = trend_of("flat", "v%d", 2);
	series.mid[1] = series.mid[0];
	series.lo[0] = series.hi[0] = series.lo[1] = series.hi[1] = NAN;
	free(draw_trend(&p));
	p = trend_of("nothing", "v%d", 1);
	series.mid[0] = NAN;
	assert_int_equal(plot_trend(&p, stem), -ENODATA);
}

/* What was disturbed neither stretches the axis nor is taken for a value. */
static void test_trend_disturbed(void **state)
{
	bool disturbed[60] = { [3] = true, [20] = true, [40] = true };
	struct plot_trend p;
	double lo, hi;
	char *text;

	if (!have_gnuplot)
		skip_because("gnuplot is not here");
	p = trend_of("disturbed", "v%d", 60);
	p.disturbed = disturbed;
	series.mid[3] = series.hi[3] = 1500;
	series.mid[20] = series.lo[20] = 1;
	trend_span(&p, &lo, &hi);
	assert_true(lo == 996 && hi == 1022);
	assert_true(trend_hollow(&p, 3) && !trend_scored(&p, 3));
	assert_true(trend_scored(&p, 4) && !trend_hollow(&p, 4));
	text = draw_trend(&p);
	assert_non_null(strstr(text, "hollow: the core was shared"));
	assert_null(strstr(text, "1500"));
	free(text);
	/* Few of them, or nothing else, are shown as well. */
	p = trend_of("few", "v%d", 5);
	p.disturbed = disturbed;
	free(draw_trend(&p));
	memset(disturbed, true, sizeof(disturbed));
	trend_span(&p, &lo, &hi);
	assert_true(lo == 996 && hi == 1016);
	free(draw_trend(&p));
	p.disturbed = NULL;
	text = draw_trend(&p);
	assert_null(strstr(text, "hollow"));
	free(text);
}

static const char hostile[] =
	"\"; system(\"touch pwned\"); # `touch pwned` $(touch pwned) "
	"{/Symbol a}_b^c \\n \\\" @foo $1 %s %d <script>alert(1)</script>"
	"\xe2\x80\xae\xff\x1b[2J\t\n\"\"";

/* Nothing of it is obeyed, neither by gnuplot nor by who views the SVG. */
static void test_hostile(void **state)
{
	char title[600], path[192], *text;
	struct plot_trend p;
	struct stat st;
	int i;

	if (!have_gnuplot)
		skip_because("gnuplot is not here");
	memset(title, 'L', sizeof(title));
	memcpy(title, hostile, sizeof(hostile) - 1);
	title[sizeof(title) - 1] = '\0';
	p = trend_of(title, "v%d", 5);
	for (i = 0; i < 5; i++)
		series.revision[i] = i % 2 ? hostile : title;
	p.unit = hostile;
	text = draw_trend(&p);
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_null(strchr(text, '\x1b'));
	assert_non_null(strstr(text, "{/Symbol a}_b^c"));
	assert_non_null(strstr(text, "`touch pwned`"));
	free(text);
	snprintf(path, sizeof(path), "%s/pwned", dir);
	assert_int_not_equal(stat(path, &st), 0);
	assert_int_not_equal(stat("pwned", &st), 0);
}

static void test_ecdf(void **state)
{
	static double v[2][3000];
	struct plot_ecdf p = {
		.title = "vmexit.pio_out guest3", .unit = "TSC ticks",
		.name = { "v2@off", hostile }, .v = { v[0], v[1] },
		.n = { 3000, 2000 },
	};
	char *text;
	size_t i;

	if (!have_gnuplot)
		skip_because("gnuplot is not here");
	for (i = 0; i < 3000; i++) {
		v[0][i] = 1000 + (i * 7919) % 100;
		v[1][i] = i % 100 ? 1030 + (i * 104729) % 100 : 1e6;
	}
	assert_int_equal(plot_ecdf(&p, stem), 0);
	text = take_picture();
	assert_non_null(strstr(text, "v2@off, median 1050"));
	assert_non_null(strstr(text, "n = 3000 and 2000 samples, of which 0 % and 1 % lie beyond"));
	assert_null(strstr(text, "<script"));
	free(text);
	/* One sample, and all alike. */
	p.n[0] = 1;
	for (i = 0; i < 2000; i++)
		v[1][i] = v[0][0];
	assert_int_equal(plot_ecdf(&p, stem), 0);
	free(take_picture());
	p.n[1] = 0;
	assert_int_equal(plot_ecdf(&p, stem), -ENODATA);
}

static void test_forest(void **state)
{
	static const char *name[MOST];
	static double ratio[MOST], lo[MOST], hi[MOST], run[MOST], boot[MOST];
	static enum verdict verdict[MOST];
	struct plot_forest p = {
		.title = hostile, .name = name, .ratio = ratio, .lo = lo,
		.hi = hi, .verdict = verdict, .count = "5 boots a side",
		.margin = 0.01, .n = MOST,
	};
	struct plot_spread spread = {
		.title = "variance by level", .name = name, .run = run,
		.boot = boot, .count = "5 boots a side", .n = MOST,
	};
	char *text;
	size_t i;

	if (!have_gnuplot)
		skip_because("gnuplot is not here");
	for (i = 0; i < MOST; i++) {
		snprintf(series.name[i], sizeof(series.name[i]),
			 "vmexit.row_%d guest3", (int)i);
		name[i] = i ? series.name[i] : hostile;
		ratio[i] = 1 + 0.001 * i;
		lo[i] = ratio[i] - 0.004;
		hi[i] = i == 7 ? 3 : ratio[i] + 0.004;
		verdict[i] = i % NR_VERDICTS;
		run[i] = 0.001 * i;
		boot[i] = 0.002;
	}
	ratio[9] = lo[9] = hi[9] = lo[10] = hi[10] = NAN;
	assert_int_equal(plot_forest(&p, stem), 0);
	text = take_picture();
	assert_non_null(strstr(text, "vmexit.row_59 guest3"));
	assert_non_null(strstr(text, "+5.90 % unchecked"));
	assert_non_null(strstr(text, "1 interval goes on beyond the axis"));
	assert_null(strstr(text, "<script"));
	free(text);
	assert_int_equal(plot_spread(&spread, stem), 0);
	text = take_picture();
	assert_non_null(strstr(text, "stands for less"));
	assert_null(strstr(text, "one boot a side"));
	free(text);
	for (i = 0; i < MOST; i++)
		boot[i] = NAN;
	assert_int_equal(plot_spread(&spread, stem), 0);
	text = take_picture();
	assert_non_null(strstr(text, "one boot a side: nothing is known"));
	free(text);
	for (i = 0; i < MOST; i++)
		run[i] = NAN;
	assert_int_equal(plot_spread(&spread, stem), -ENODATA);
	p.n = 0;
	assert_int_equal(plot_forest(&p, stem), -ENODATA);
}

static void test_histogram(void **state)
{
	static double v[2][3000];
	struct plot_ecdf p = {
		.title = hostile, .unit = "TSC ticks",
		.name = { "v2@off", hostile }, .v = { v[0], v[1] },
		.n = { 3000, 2000 },
	};
	char *text;
	size_t i;

	if (!have_gnuplot)
		skip_because("gnuplot is not here");
	for (i = 0; i < 3000; i++) {
		v[0][i] = 1000 + (i * 7919) % 100;
		v[1][i] = 1030 + (i * 104729) % 100;
	}
	assert_int_equal(plot_histogram(&p, stem), 0);
	text = take_picture();
	assert_non_null(strstr(text, "filled: v2@off"));
	assert_non_null(strstr(text, "n = 3000 and 2000 samples"));
	assert_null(strstr(text, "<script"));
	free(text);
	for (i = 0; i < 3000; i++)
		v[0][i] = v[1][i] = 7;
	assert_int_equal(plot_histogram(&p, stem), 0);
	free(take_picture());
	p.n[0] = 0;
	assert_int_equal(plot_histogram(&p, stem), -ENODATA);
}

static void test_no_gnuplot(void **state)
{
	struct plot_trend p = trend_of("title", "v%d", 3);
	char *path = strdup(getenv("PATH"));

	setenv("PATH", dir, 1);
	assert_int_equal(plot_trend(&p, stem), -ENOENT);
	setenv("PATH", path, 1);
	free(path);
}

static void test_sweep(void **state)
{
	struct sweep_point four[7], two[7];
	struct sweep_line line[] = {
		{ "page=4 `id`", four, 7 }, { "page=2048", two, 7 },
	};
	const struct sweep_mark mark[] = {
		{ 256, "L1 dTLB $(reboot)" }, { 1 << 20, "too far away" },
	};
	struct plot_sweep p = {
		.title = "tlb.walk over ws", .unit = "TSC ticks",
		.of = "runs", .x = "working set, KiB", .line = line, .n = 2,
		.mark = mark, .nmarks = 2,
	};
	char *text;
	int i;

	if (!have_gnuplot)
		skip_because("gnuplot is not installed");
	for (i = 0; i < 7; i++) {
		double y = 5 + i * i * i;

		four[i] = (struct sweep_point) { 16 << i, y, y - 1, y + 1, 9 };
		two[i] = (struct sweep_point) { 16 << i, 5, NAN, NAN, 7 };
	}
	assert_int_equal(plot_sweep(&p, stem), 0);
	text = take_picture();
	assert_non_null(strstr(text, "page=4 `id`"));
	assert_non_null(strstr(text, "page=2048"));
	assert_non_null(strstr(text, "working set, KiB"));
	assert_non_null(strstr(text, "L1 dTLB $(reboot)"));
	assert_null(strstr(text, "too far away"));
	assert_non_null(strstr(text, "n = 7 to 9 runs a point; both axes"));
	free(text);
	/* One value, no marks: still a picture. */
	p.n = 1;
	p.nmarks = 0;
	two[0].mid = 7;
	line[0] = (struct sweep_line) { "all", two, 1 };
	assert_int_equal(plot_sweep(&p, stem), 0);
	free(take_picture());
	p.n = 0;
	assert_int_equal(plot_sweep(&p, stem), -ENODATA);
}

/* Look-alikes for what is special in a data file; the middle may go. */
static void test_text(void **state)
{
	static const struct { const char *s; size_t max; const char *want; }
	cases[] = {
		{ "v2", 0, "v2" },
		{ "a\"b\\c", 0, "a'b\xe2\x88\x96" "c" },
		{ "a\tb", 0, "a\xe2\x88\x96x09b" },
		{ "0123456789", 10, "0123456789" },
		{ "0123456789a", 10, "0123\xe2\x80\xa6" "6789a" },
		{ "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 3,
		  "\xc3\xa4\xe2\x80\xa6\xc3\xa4" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = NULL;
		size_t size;
		FILE *f = open_memstream(&text, &size);

		gnuplot_text(f, cases[i].s, cases[i].max);
		fclose(f);
		assert_string_equal(text, cases[i].want);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trend),
		cmocka_unit_test(test_trend_gaps),
		cmocka_unit_test(test_trend_disturbed),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_ecdf),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_forest),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_no_gnuplot),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests_name("plot", tests, make_dir,
					   remove_dir);
}
