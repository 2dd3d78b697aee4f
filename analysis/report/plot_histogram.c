// SPDX-License-Identifier: GPL-2.0-or-later
/* The samples of two revisions by value: modes are seen that an ECDF hides. */
#include "analysis/report/plot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define WIDTH_PX	900
#define BINS_MOST	90
#define BINS_LEAST	12
#define NAME_COLUMNS	28

/* The base is filled, the new one an outline: grey tells them apart. */
static const char draw[] =
	"set lmargin at screen 80.0/width\n"
	"set rmargin at screen 1-40.0/width\n"
	"set bmargin at screen bottom/height\n"
	"set xrange [xlo:xhi]\n"
	"set yrange [0:yhi]\n"
	"set xtics nomirror format '%.8g'\n"
	"set ytics nomirror format '%g %%'\n"
	"set xlabel unit\n"
	"set label 3 'share of the samples of its side'\n"
	"set style fill solid 0.35 noborder\n"
	"set label 4 named0 at screen 1-44.0/width, "
	"screen 1-(22.0+22.0*lines)/height right textcolor rgb '#0072B2'\n"
	"set label 5 named1 at screen 1-44.0/width, "
	"screen 1-(44.0+22.0*lines)/height right textcolor rgb '#D55E00' front\n"
	"plot 'data.dat' using 1:2 with fillsteps lc rgb '#0072B2', \\\n"
	"'new.dat' using 1:2 with steps lw 2 lc rgb '#D55E00'\n";

/* D. Freedman and P. Diaconis, Z. Wahrscheinlichkeitstheorie 57 (1981) 453. */
static int bins_of(const double *x, size_t n, const double range[2])
{
	double iqr = x[3 * n / 4] - x[n / 4];
	double width = 2 * iqr / cbrt(n), bins = BINS_MOST;

	if (width > 0)
		bins = (range[1] - range[0]) / width;
	return fmin(fmax(bins, BINS_LEAST), BINS_MOST);
}

/* Shares in percent per bin. Returns the highest. */
static double write_bins(FILE *f, const double *x, size_t n,
			 const double range[2], int bins)
{
	double width = (range[1] - range[0]) / bins, most = 0;
	size_t *count = calloc(bins, sizeof(*count)), i;
	int k;

	if (!count)
		return -1;
	for (i = 0; i < n; i++) {
		k = floor((x[i] - range[0]) / width);
		if (k >= 0 && k < bins)
			count[k]++;
	}
	fprintf(f, "%.9g\t0\n", range[0]);
	for (k = 0; k < bins; k++) {
		double share = 100.0 * count[k] / n;

		most = fmax(most, share);
		fprintf(f, "%.9g\t%.6g\n", range[0] + k * width, share);
	}
	fprintf(f, "%.9g\t0\n", range[1]);
	free(count);
	return most;
}

static int write_files(struct gnuplot *g, const struct plot_ecdf *p,
		       double *const x[2])
{
	static const char *const file[2] = { "data.dat", "new.dat" };
	double range[2], most = 0, high;
	int bins, i;
	FILE *f;

	ecdf_range(x, p->n, range);
	bins = fmax(bins_of(x[0], p->n[0], range),
		    bins_of(x[1], p->n[1], range));
	for (i = 0; i < 2; i++) {
		f = gnuplot_data(g, file[i]);
		if (!f)
			return -EIO;
		high = write_bins(f, x[i], p->n[i], range, bins);
		if (fclose(f))
			return -EIO;
		if (high < 0)
			return -ENOMEM;
		most = fmax(most, high);
	}
	f = gnuplot_data(g, "text.dat");
	if (!f)
		return -EIO;
	plot_title(f, p->title, WIDTH_PX);
	plot_text(f, "unit", p->unit);
	for (i = 0; i < 2; i++) {
		fprintf(f, "named%d\t%s ", i, i ? "outline:" : "filled:");
		gnuplot_text(f, p->name[i], NAME_COLUMNS);
		fputc('\n', f);
	}
	plot_number(f, "xlo", range[0]);
	plot_number(f, "xhi", range[1]);
	plot_number(f, "yhi", 1.1 * most);
	plot_number(f, "width", WIDTH_PX);
	plot_number(f, "height", PLOT_HEIGHT_PX + PLOT_CAPTION_PX + 54);
	plot_number(f, "bottom", PLOT_CAPTION_PX + 54);
	ecdf_caption(f, x, p->n, range);
	return fclose(f) ? -EIO : 0;
}

int plot_histogram(const struct plot_ecdf *p, const char *stem)
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
