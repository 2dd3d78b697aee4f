// SPDX-License-Identifier: GPL-2.0-or-later
/* Distributions of the samples of two revisions, as steps. */
#include "analysis/report/plot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define NAME_MAX_COLUMNS	28
#define WIDTH_PX		900
#define STEPS			1000	/* more than there are pixels */
#define TAIL			0.005	/* of the samples beyond either end */
#define REACH			1.0	/* of the axis beyond four fifths */

/*
 * The curves differ in colour, in width and in the marks at each tenth, so
 * that grey tells them apart. A curve's name stands where it leaves room:
 * left of and above the left one, right of and below the right one.
 */
#define MARK0	"pt 7 ps 0.9 lc rgb '#0072B2'"
#define MARK1	"pt 4 ps 1.0 lw 1.5 lc rgb '#D55E00'"

static const char draw[] =
	"set lmargin at screen 80.0/width\n"
	"set rmargin at screen 1-40.0/width\n"
	"set bmargin at screen bottom/height\n"
	"set xrange [xlo:xhi]\n"
	"set yrange [0:1.02]\n"
	"set xtics nomirror format '%.8g'\n"
	"set ytics nomirror 0,0.25,1 format '%.2f'\n"
	"set grid xtics ytics lt 1 lw 0.6 lc rgb '#dddddd'\n"
	"set xlabel unit\n"
	"set label 3 'share of samples at or below a value'\n"
	"set label 4 named0 at x0,y0 front textcolor rgb '#0072B2' "
	"point " MARK0 "\n"
	"set label 5 named1 at x1,y1 front textcolor rgb '#D55E00' "
	"point " MARK1 "\n"
	"if (side0 < 0) { set label 4 right offset -1.6,0 } "
	"else { set label 4 left offset 1.4,0 }\n"
	"if (side1 < 0) { set label 5 right offset -1.6,0 } "
	"else { set label 5 left offset 1.4,0 }\n"
	"plot 'data.dat' using 1:2 with steps lw 3 lc rgb '#0072B2', \\\n"
	"'new.dat' using 1:2 with steps lw 1.5 lc rgb '#D55E00', \\\n"
	"'data.dat' using 3:4 with points " MARK0 ", \\\n"
	"'new.dat' using 3:4 with points " MARK1 "\n";

static int double_cmp(const void *a, const void *b)
{
	double da = *(const double *)a, db = *(const double *)b;

	return (da > db) - (da < db);
}

double *ecdf_sorted(const double *v, size_t n)
{
	double *copy = malloc((n + 1) * sizeof(*copy));

	if (!copy)
		return NULL;
	memcpy(copy, v, n * sizeof(*copy));
	qsort(copy, n, sizeof(*copy), double_cmp);
	return copy;
}

static double quantile(const double *x, size_t n, double p)
{
	size_t i = p * n;

	return x[i < n ? i : n - 1];
}

/*
 * Steps at every value, or at STEPS quantiles of many; in columns of their
 * own the marks at each tenth.
 */
static void write_curve(FILE *f, const double *x, size_t n)
{
	size_t steps = n < STEPS ? n : STEPS, i;

	fprintf(f, "%.9g\t0\tNaN\tNaN\n", x[0]);
	for (i = 1; i <= steps; i++) {
		size_t k = i * n / steps;

		fprintf(f, "%.9g\t%.6f\tNaN\tNaN\n", x[k - 1],
			(double)k / n);
	}
	for (i = 1; i < 10; i++)
		fprintf(f, "NaN\tNaN\t%.9g\t%.1f\n",
			quantile(x, n, 0.1 * i), 0.1 * i);
}

/*
 * A hundredth of the samples in a far tail would squeeze all others into one
 * line: the axis ends REACH times the middle four fifths beyond them.
 */
static void curve_range(const double *x, size_t n, double *lo, double *hi)
{
	double q1 = quantile(x, n, 0.1), q9 = quantile(x, n, 0.9);
	double reach = REACH * (q9 - q1);

	*lo = quantile(x, n, TAIL);
	*hi = quantile(x, n, 1 - TAIL);
	if (reach > 0) {
		*lo = fmax(*lo, q1 - reach);
		*hi = fmin(*hi, q9 + reach);
	}
}

void ecdf_range(double *const x[2], const size_t n[2], double range[2])
{
	double lo[2], hi[2], pad;
	int i;

	for (i = 0; i < 2; i++)
		curve_range(x[i], n[i], &lo[i], &hi[i]);
	range[0] = fmin(lo[0], lo[1]);
	range[1] = fmax(hi[0], hi[1]);
	pad = 0.04 * (range[1] - range[0]);
	if (!(pad > 0))
		pad = fmax(0.01 * fabs(range[1]), 1e-9);
	range[0] -= pad;
	range[1] += pad;
}

/* How much the picture does not show, in percent. */
static double beyond(const double *x, size_t n, const double range[2])
{
	size_t i, out = 0;

	for (i = 0; i < n; i++)
		out += x[i] < range[0] || x[i] > range[1];
	return 100.0 * out / n;
}

void ecdf_caption(FILE *f, double *const x[2], const size_t n[2],
		  const double range[2])
{
	fprintf(f, "caption\tn = %zu and %zu samples, of which %.2g %% and %.2g %% lie beyond the axis\n",
		n[0], n[1], beyond(x[0], n[0], range),
		beyond(x[1], n[1], range));
}

/* "v2@off, median 1018" */
static void write_name(FILE *f, int i, const char *name, double median)
{
	char value[32];

	fprintf(f, "named%d\t", i);
	gnuplot_text(f, name, NAME_MAX_COLUMNS);
	fprintf(f, ", median %s\n", fmt_value(value, sizeof(value), median));
}

/*
 * Beside the curves where the names fit there; else both in the corner that
 * distributions leave free: below the curves at the right, or above them at
 * the left.
 */
static void write_places(FILE *f, const struct plot_ecdf *p,
			 const double median[2], const double range[2])
{
	double axis = WIDTH_PX - 120, at[2], room[2];
	int i, left = median[0] > median[1], corner = 0;

	for (i = 0; i < 2; i++) {
		size_t columns = text_width(p->name[i]);

		at[i] = axis * (median[i] - range[0]) / (range[1] - range[0]);
		if (columns > NAME_MAX_COLUMNS)
			columns = NAME_MAX_COLUMNS;
		room[i] = (columns + 16) * PLOT_CHAR_PX + 30;
	}
	corner = at[left] < room[left] || axis - at[!left] < room[!left];
	for (i = 0; i < 2; i++) {
		char x[] = "x0", y[] = "y0", side[] = "side0";
		bool right = at[0] + at[1] > axis;

		x[1] = y[1] = side[4] = '0' + i;
		if (corner) {
			double edge = 0.03 * (range[1] - range[0]);

			plot_number(f, x, right ? range[0] + edge :
				    range[1] - edge);
			plot_number(f, y, (right ? 0.9 : 0.2) - 0.08 * i);
			plot_number(f, side, right ? 1 : -1);
		} else {
			plot_number(f, x, median[i]);
			plot_number(f, y, 0.5);
			plot_number(f, side, i == left ? -1 : 1);
		}
	}
}

static void write_text(FILE *f, const struct plot_ecdf *p,
		       double *const x[2])
{
	const int bottom = PLOT_CAPTION_PX + 54;
	double range[2], median[2];
	int i;

	plot_title(f, p->title, WIDTH_PX);
	plot_text(f, "unit", p->unit);
	for (i = 0; i < 2; i++) {
		median[i] = quantile(x[i], p->n[i], 0.5);
		write_name(f, i, p->name[i], median[i]);
	}
	ecdf_range(x, p->n, range);
	plot_number(f, "xlo", range[0]);
	plot_number(f, "xhi", range[1]);
	ecdf_caption(f, x, p->n, range);
	write_places(f, p, median, range);
	plot_number(f, "width", WIDTH_PX);
	plot_number(f, "height", PLOT_HEIGHT_PX + bottom);
	plot_number(f, "bottom", bottom);
}

static int write_files(struct gnuplot *g, const struct plot_ecdf *p,
		       double *const x[2])
{
	static const char *const name[2] = { "data.dat", "new.dat" };
	FILE *f = gnuplot_data(g, "text.dat");
	int i;

	if (!f)
		return -EIO;
	write_text(f, p, x);
	if (fclose(f))
		return -EIO;
	for (i = 0; i < 2; i++) {
		f = gnuplot_data(g, name[i]);
		if (!f)
			return -EIO;
		write_curve(f, x[i], p->n[i]);
		if (fclose(f))
			return -EIO;
	}
	return 0;
}

int plot_ecdf(const struct plot_ecdf *p, const char *stem)
{
	double *x[2] = { NULL, NULL };
	struct gnuplot *g = NULL;
	int err;

	if (!p->n[0] || !p->n[1])
		return -ENODATA;
	x[0] = ecdf_sorted(p->v[0], p->n[0]);
	x[1] = ecdf_sorted(p->v[1], p->n[1]);
	err = x[0] && x[1] ? gnuplot_new(&g) : -ENOMEM;
	if (err)
		goto free_copies;
	err = write_files(g, p, x);
	if (!err)
		err = gnuplot_run(g, plot_setup, draw, stem);
	gnuplot_free(g);
free_copies:
	free(x[0]);
	free(x[1]);
	return err;
}
