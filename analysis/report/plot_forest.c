// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rows of names: changes with their intervals, and spreads by level. One line
 * a name, so that however many there are no two meet.
 */
#include "analysis/report/plot.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define NAME_COLUMNS	56
#define ROW_PX		21
#define AXIS_PX		420
#define NOTE_PX		190	/* figure and verdict at the right */
#define BELOW_PX	62
#define SPREAD_LEAST	0.01	/* percent; less is not told apart */

/*
 * Margins in pixels: step at the left, pad at the right. The band between
 * x0 and x1 is the margin. Shapes differ as colours do: a regression is a
 * triangle upwards, an improvement one downwards.
 */
static const char draw_changes[] =
	"set lmargin at screen step/width\n"
	"set rmargin at screen 1-pad/width\n"
	"set bmargin at screen bottom/height\n"
	"set xrange [xlo:xhi]\n"
	"set yrange [count+0.5:0.5]\n"
	"set xtics nomirror format '%+.4g %%' font ',10'\n"
	"set ytics nomirror scale 0 font ',10'\n"
	"set grid noytics xtics lt 1 lw 0.6 lc rgb '#dddddd'\n"
	"set border 1 lc rgb '#888888'\n"
	"set object 1 rectangle from x0,0.5 to x1,count+0.5 behind "
	"fillcolor rgb '#eeeeee' fillstyle solid noborder\n"
	"set arrow 1 from 0,0.5 to 0,count+0.5 nohead lw 1 lc rgb '#666666'\n"
	"plot 'data.dat' using 2:1:3:4:7:ytic(5) with xerrorbars pt -1 lw 1.6 "
	"lc rgb variable, \\\n"
	"'' using 2:1:8:7 with points pt variable ps 1.1 lc rgb variable, \\\n"
	"'' using (xhi):1:6 with labels left offset 1,0 font ',10' "
	"tc rgb '#222222'\n";

static const char draw_spreads[] =
	"set lmargin at screen step/width\n"
	"set rmargin at screen 1-pad/width\n"
	"set bmargin at screen bottom/height\n"
	"set logscale x 10\n"
	"set xrange [xlo:xhi]\n"
	"set yrange [count+0.5:0.5]\n"
	"set xtics nomirror format '%g %%' font ',10'\n"
	"if (xhi < 100*xlo) { set xtics ('' 1e9); do for [e=-6:3] { "
	"do for [m in '1 2 5'] { set xtics add "
	"(sprintf('%g %%%%', m*10.0**e) m*10.0**e) } } }\n"
	"set ytics nomirror scale 0 font ',10'\n"
	"set grid ytics xtics lt 1 lw 0.6 lc rgb '#dddddd'\n"
	"set border 1 lc rgb '#888888'\n"
	"set label 4 'runs within a boot' at screen 1-300.0/width, "
	"screen 1-(22.0+22.0*lines)/height left offset 1.4,0 "
	"textcolor rgb '#0072B2' point pt 7 ps 1.1 lc rgb '#0072B2'\n"
	"set label 5 'boots' at screen 1-120.0/width, "
	"screen 1-(22.0+22.0*lines)/height left offset 1.4,0 "
	"textcolor rgb '#D55E00' point pt 4 ps 1.2 lw 1.6 lc rgb '#D55E00'\n"
	"plot 'data.dat' using 2:1:ytic(4) with points pt 7 ps 1.1 "
	"lc rgb '#0072B2', \\\n"
	"'' using 3:1 with points pt 4 ps 1.2 lw 1.6 lc rgb '#D55E00'\n";

static size_t longest(const char *const *name, size_t n)
{
	size_t i, most = 8;

	for (i = 0; i < n; i++) {
		size_t width = text_width(name[i]);

		if (width > most)
			most = width < NAME_COLUMNS ? width : NAME_COLUMNS;
	}
	return most;
}

/* What both kinds of pictures have: names at the left, a row for each. */
static void write_layout(FILE *f, const char *title, const char *unit,
			 const char *const *name, size_t n, int right)
{
	int left = 24 + PLOT_CHAR_PX * longest(name, n);
	int width = left + AXIS_PX + right;

	plot_title(f, title, width);
	plot_text(f, "unit", unit);
	plot_number(f, "width", width);
	plot_number(f, "height", 70 + ROW_PX * n + BELOW_PX);
	plot_number(f, "bottom", BELOW_PX);
	plot_number(f, "step", left);
	plot_number(f, "pad", right);
	plot_number(f, "count", n);
}

static double percent(double ratio)
{
	return 100 * (ratio - 1);
}

/* All changes, and the margin, are on the axis; intervals may go on. */
static double reach_of(const struct plot_forest *p)
{
	double reach = 2.5 * 100 * p->margin;
	size_t i;

	for (i = 0; i < p->n; i++)
		reach = fmax(reach, 1.25 * fabs(percent(p->ratio[i])));
	return reach;
}

static size_t write_changes(FILE *f, const struct plot_forest *p, double reach)
{
	static const struct { int colour, shape; } look[NR_VERDICTS] = {
		[VERDICT_REGRESSED] = { 0xD55E00, 9 },
		[VERDICT_IMPROVED] = { 0x009E73, 11 },
		[VERDICT_EQUIVALENT] = { 0x0072B2, 7 },
		[VERDICT_SMALL] = { 0xB8860B, 13 },
		[VERDICT_INCONCLUSIVE] = { 0x888888, 6 },
		[VERDICT_UNCHECKED] = { 0xBBBBBB, 2 },
	};
	size_t i, beyond = 0;
	char change[32];

	for (i = 0; i < p->n; i++) {
		double v = percent(p->ratio[i]);
		bool known = isfinite(p->lo[i]) && isfinite(p->hi[i]);
		double lo = known ? percent(p->lo[i]) : v;
		double hi = known ? percent(p->hi[i]) : v;

		beyond += lo < -reach || hi > reach;
		fprintf(f, "%zu\t%.9g\t%.9g\t%.9g\t", i + 1, v,
			fmax(lo, -reach), fmin(hi, reach));
		gnuplot_text(f, p->name[i], NAME_COLUMNS);
		fprintf(f, "\t%s %s\t%d\t%d\n",
			fmt_change(change, sizeof(change), p->ratio[i]),
			verdict_name(p->verdict[i]),
			look[p->verdict[i]].colour,
			look[p->verdict[i]].shape);
	}
	return beyond;
}

static int write_forest(struct gnuplot *g, const struct plot_forest *p)
{
	double reach = reach_of(p), margin = 100 * p->margin;
	FILE *f = gnuplot_data(g, "data.dat");
	size_t beyond;

	if (!f)
		return -EIO;
	beyond = write_changes(f, p, reach);
	if (fclose(f))
		return -EIO;
	f = gnuplot_data(g, "text.dat");
	if (!f)
		return -EIO;
	write_layout(f, p->title, "change, new against base", p->name, p->n,
		     NOTE_PX);
	/* Nothing loses more than all of it. */
	plot_number(f, "xlo", -fmin(reach, fmax(110, 0.1 * reach)));
	plot_number(f, "xhi", reach);
	plot_number(f, "x0", percent(1 / (1 + p->margin)));
	plot_number(f, "x1", margin);
	fprintf(f, "caption\t95 %% intervals; n = %s; the band is the margin of %g %%",
		p->count, margin);
	if (beyond)
		fprintf(f, "; %zu interval%s beyond the axis", beyond,
			beyond == 1 ? " goes on" : "s go on");
	fputc('\n', f);
	return fclose(f) ? -EIO : 0;
}

int plot_forest(const struct plot_forest *p, const char *stem)
{
	struct gnuplot *g;
	int err;

	if (!p->n)
		return -ENODATA;
	err = gnuplot_new(&g);
	if (err)
		return err;
	err = write_forest(g, p);
	if (!err)
		err = gnuplot_run(g, plot_setup, draw_changes, stem);
	gnuplot_free(g);
	return err;
}

/* ---- spreads ---- */

static int write_spreads(struct gnuplot *g, const struct plot_spread *p)
{
	FILE *f = gnuplot_data(g, "data.dat");
	double lo = INFINITY, hi = 0;
	bool boots = false;
	size_t i;
	int k;

	if (!f)
		return -EIO;
	for (i = 0; i < p->n; i++) {
		fprintf(f, "%zu", i + 1);
		for (k = 0; k < 2; k++) {
			double v = fmax(100 * (k ? p->boot : p->run)[i],
					SPREAD_LEAST);

			if (isnan((k ? p->boot : p->run)[i])) {
				fputs("\tNaN", f);
				continue;
			}
			lo = fmin(lo, v);
			hi = fmax(hi, v);
			boots |= k == 1;
			fprintf(f, "\t%.6g", v);
		}
		fputc('\t', f);
		gnuplot_text(f, p->name[i], NAME_COLUMNS);
		fputc('\n', f);
	}
	if (fclose(f))
		return -EIO;
	f = gnuplot_data(g, "text.dat");
	if (!f)
		return -EIO;
	write_layout(f, p->title, "spread, sd as a share of the figure",
		     p->name, p->n, 40);
	plot_number(f, "xlo", lo / 1.5);
	plot_number(f, "xhi", hi * 1.5);
	fprintf(f, "caption\tn = %s%s%s\n", p->count,
		lo <= SPREAD_LEAST ? "; 0.01 % stands for less, too" : "",
		boots ? "" : "; one boot a side: nothing is known of boots");
	return fclose(f) ? -EIO : 0;
}

int plot_spread(const struct plot_spread *p, const char *stem)
{
	struct gnuplot *g;
	size_t i;
	int err;

	for (i = 0; i < p->n && isnan(p->run[i]) && isnan(p->boot[i]); i++)
		;
	if (i == p->n)
		return -ENODATA;
	err = gnuplot_new(&g);
	if (err)
		return err;
	err = write_spreads(g, p);
	if (!err)
		err = gnuplot_run(g, plot_setup, draw_spreads, stem);
	gnuplot_free(g);
	return err;
}
