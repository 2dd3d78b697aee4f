// SPDX-License-Identifier: GPL-2.0-or-later
/* A value with its interval over the revisions of a series. */
#include "analysis/report/plot.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "lib/text.h"

#define NAME_MAX_COLUMNS	32	/* of a revision's name under the axis */
#define TICK_PX			17	/* least distance of names that stand */
#define SLANT_PX		40	/* least distance of names that slant */
#define PLOT_PX			800	/* of the axis, for few revisions */
#define LABELLED		8	/* so many values are written out */
#define END_PX			56.0	/* beside the ends of longer series */

/*
 * Error bars below, the line above them, points on top: in grey the dark
 * points still stand out from the pale line.
 */
static const char draw[] =
	"set lmargin at screen 90.0/width\n"
	"set rmargin at screen 1-80.0/width\n"
	"set bmargin at screen bottom/height\n"
	"set yrange [ylo:yhi]\n"
	"set xrange [1-pad:count+pad]\n"
	"set xtics nomirror rotate by turn right offset 0,0 scale 0.5 "
	"font ',10'\n"
	"if (turn == 0) { set xtics norotate center }\n"
	"set ytics nomirror format '%.8g'\n"
	"if (first != 0) {\n"
	"set link y2 via 100*(y/first-1) inverse first*(1+y/100)\n"
	"set y2tics nomirror step format '%+.2f %%' textcolor rgb '#666666'\n"
	"set label 4 'against the first' at screen 1-20.0/width, "
	"screen 1-(22.0+22.0*lines)/height right textcolor rgb '#666666'\n"
	"}\n"
	"set label 5 named0 at x0,y0 right offset -0.8,0 font ',10' front\n"
	"set label 6 named1 at x1,y1 left offset 0.8,0 font ',10' front\n"
	"dot = count > 100 ? 0.35 : 0.75\n"
	"if (count > 100) { set errorbars 0 }\n"
	"plot 'data.dat' using 1:(ylo):xtic(5) with dots lc rgb 'white', \\\n"
	"'levels.dat' using 1:2:($3-$1):(0) with vectors nohead lw 5 "
	"lc rgb '#d0d0d0', \\\n"
	"'steps.dat' using 1:2:3 with labels left offset 0.4,-0.7 font ',10' "
	"tc rgb '#555555', \\\n"
	"'steps.dat' using 1:(ylo):(0):(yhi-ylo) with vectors nohead dt 2 "
	"lc rgb '#999999', \\\n"
	"'data.dat' using 1:2 with lines lw 1.5 lc rgb '#9ecae1', \\\n"
	"'' using 1:2:3:4 with yerrorbars pt -1 lw 1.6 lc rgb '#0072B2', \\\n"
	"'' using 1:2 with points pt 7 ps dot lc rgb '#0072B2', \\\n"
	"'' using 1:7:8 with points pt variable ps 1.4*dot lc rgb '#777777', \\\n"
	"'' using 1:9:6 with labels offset 0,0.7 font ',10' "
	"tc rgb '#222222'\n";

/**
 * struct layout - where things go
 * @every:	one name in so many is written
 * @turn:	of the names, degrees
 * @width:	of the picture
 * @bottom:	pixels under the axis
 */
struct layout {
	size_t every;
	int turn;
	int width;
	int bottom;
};

static size_t longest_name(const struct plot_trend *p)
{
	size_t i, longest = 1;

	for (i = 0; i < p->n; i++) {
		size_t n = text_width(p->revision[i]);

		if (n > NAME_MAX_COLUMNS)
			n = NAME_MAX_COLUMNS;
		if (n > longest)
			longest = n;
	}
	return longest;
}

static struct layout layout_of(const struct plot_trend *p)
{
	size_t longest = longest_name(p);
	struct layout l = { .every = 1 };
	double step;

	l.width = PLOT_PX + PLOT_MARGINS_PX;
	if (p->n * TICK_PX > PLOT_PX)
		l.width = fmin(p->n * TICK_PX, 2 * PLOT_PX) + PLOT_MARGINS_PX;
	while ((l.width - PLOT_MARGINS_PX) * l.every / p->n < TICK_PX)
		l.every++;
	step = (double)(l.width - PLOT_MARGINS_PX) * l.every / p->n;
	if ((longest + 2) * PLOT_CHAR_PX < step) {
		l.bottom = 24;
	} else if (step >= SLANT_PX) {
		l.turn = 45;
		l.bottom = 14 + 0.71 * longest * PLOT_CHAR_PX;
	} else {
		l.turn = 90;
		l.bottom = 12 + longest * PLOT_CHAR_PX;
	}
	l.bottom += PLOT_CAPTION_PX;
	return l;
}

bool trend_scored(const struct plot_trend *p, size_t i)
{
	return isfinite(p->mid[i]) && !(p->disturbed && p->disturbed[i]);
}

bool trend_hollow(const struct plot_trend *p, size_t i)
{
	return isfinite(p->mid[i]) && !trend_scored(p, i);
}

void trend_span(const struct plot_trend *p, double *lo, double *hi)
{
	bool scored = false;
	size_t i;

	*lo = *hi = NAN;
	for (i = 0; i < p->n; i++)
		scored |= trend_scored(p, i);
	for (i = 0; i < p->n; i++) {
		if (scored && !trend_scored(p, i))
			continue;
		plot_span(p->mid[i], lo, hi);
		plot_span(p->lo[i], lo, hi);
		plot_span(p->hi[i], lo, hi);
	}
}

/* Room for the labels above; a flat series is not blown up. */
static void value_range(const struct plot_trend *p, double *lo, double *hi)
{
	double pad;

	trend_span(p, lo, hi);
	pad = 0.1 * (*hi - *lo);
	pad = fmax(pad, 0.004 * fabs(*hi));
	if (!(pad > 0))
		pad = 1;
	*lo -= pad;
	*hi += 1.5 * pad;
}

/* Of those that count, or of all; NaN if there is none. */
static double first_value(const struct plot_trend *p)
{
	double any = NAN;
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (trend_scored(p, i))
			return p->mid[i];
		if (isnan(any))
			any = p->mid[i];
	}
	return any;
}

static void write_caption(const struct plot_trend *p, FILE *f)
{
	bool hollow = false;
	int lo = 0, hi = 0;
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (!isfinite(p->mid[i]))
			continue;
		hollow |= trend_hollow(p, i);
		if (!hi || p->units[i] < lo)
			lo = p->units[i];
		if (p->units[i] > hi)
			hi = p->units[i];
	}
	fputs("caption\t95 % intervals; n = ", f);
	if (lo < hi)
		fprintf(f, "%d to ", lo);
	fprintf(f, "%d %s a revision; %sthe axis does not start at 0\n", hi,
		p->of, hollow ? "hollow: the core was shared, not scored; " : "");
}

/* A round step of the percent axis, for four to ten of them. */
static double percent_step(double lo, double hi, double first)
{
	double raw = 100 * (hi - lo) / fabs(first) / 6, unit;

	if (first == 0)
		return 1;
	unit = pow(10, floor(log10(raw)));
	raw /= unit;
	return unit * (raw < 1.5 ? 1 : raw < 3.5 ? 2 : raw < 7.5 ? 5 : 10);
}

/* The value at the end of a long series, beside its point. */
static void write_end(const struct plot_trend *p, int which, size_t i, FILE *f)
{
	char value[32], key[] = "named0", x[] = "x0", y[] = "y0";

	key[5] = x[1] = y[1] = '0' + which;
	if (p->n <= LABELLED || !trend_scored(p, i))
		return;
	plot_text(f, key, fmt_value(value, sizeof(value), p->mid[i]));
	plot_number(f, x, i + 1);
	plot_number(f, y, p->mid[i]);
}

/* gnuplot's symbols of what is hollow: in its place, or beyond an edge. */
enum { CIRCLE = 6, ABOVE = 8, BELOW = 10 };

/* Columns 7 to 9: a hollow point, its symbol, and where its label stands. */
static void write_hollow(const struct plot_trend *p, size_t i, FILE *f)
{
	int symbol = CIRCLE;
	double lo, hi, y = p->mid[i];

	if (!trend_hollow(p, i)) {
		fprintf(f, "\tnan\t%d\t%.9g\n", CIRCLE,
			isfinite(p->hi[i]) ? p->hi[i] : p->mid[i]);
		return;
	}
	value_range(p, &lo, &hi);
	if (y > hi) {
		symbol = ABOVE;
		y = hi - 0.06 * (hi - lo);
	} else if (y < lo) {
		symbol = BELOW;
		y = lo + 0.02 * (hi - lo);
	}
	fprintf(f, "\t%.9g\t%d\t%.9g\n", y, symbol, y);
}

static void write_data(const struct plot_trend *p, const struct layout *l,
		       FILE *f)
{
	char value[32];
	size_t i;

	for (i = 0; i < p->n; i++) {
		bool interval = isfinite(p->lo[i]) && isfinite(p->hi[i]);
		double mid = trend_scored(p, i) ? p->mid[i] : NAN;

		fprintf(f, "%zu\t%.9g\t%.9g\t%.9g\t", i + 1, mid,
			interval ? p->lo[i] + 0 * mid : mid,
			interval ? p->hi[i] + 0 * mid : mid);
		if (i % l->every == 0)
			gnuplot_text(f, p->revision[i], NAME_MAX_COLUMNS);
		else
			fputc(' ', f);
		fprintf(f, "\t%s", p->n <= LABELLED && isfinite(p->mid[i]) ?
			fmt_value(value, sizeof(value), p->mid[i]) : " ");
		write_hollow(p, i, f);
	}
}

/*
 * Levels between changes, and what each change brought. gnuplot wants a line
 * in every file: where nothing changed, one that lies outside.
 */
static int write_levels(const struct plot_trend *p, struct gnuplot *g,
			double top)
{
	FILE *levels = gnuplot_data(g, "levels.dat");
	FILE *steps = gnuplot_data(g, "steps.dat");
	char change[32];
	size_t i;
	int err = levels && steps ? 0 : -EIO;

	for (i = 0; i < p->nlevels && !err; i++) {
		const struct plot_level *l = &p->level[i];

		fprintf(levels, "%g\t%.9g\t%g\n", l->first + 0.6, l->value,
			l->last + 1.4);
		if (i)
			fprintf(steps, "%g\t%.9g\t\"%s\"\n", l->first + 0.5,
				top, isfinite(l->ratio) ?
				fmt_change(change, sizeof(change), l->ratio) :
				"changed");
	}
	if (!err && p->nlevels < 2) {
		fputs("-9\t0\t-9\n", levels);
		fputs("-9\t0\t\" \"\n", steps);
	}
	if (levels && fclose(levels))
		err = -EIO;
	if (steps && fclose(steps))
		err = -EIO;
	return err;
}

static void write_text(const struct plot_trend *p, const struct layout *l,
		       FILE *f)
{
	double lo, hi;

	value_range(p, &lo, &hi);
	plot_title(f, p->title, l->width);
	plot_text(f, "unit", p->unit);
	write_caption(p, f);
	plot_number(f, "width", l->width);
	plot_number(f, "height", PLOT_HEIGHT_PX + l->bottom);
	plot_number(f, "bottom", l->bottom);
	plot_number(f, "turn", l->turn);
	plot_number(f, "count", p->n);
	plot_number(f, "first", first_value(p));
	plot_number(f, "step", percent_step(lo, hi, first_value(p)));
	plot_number(f, "pad", p->n <= LABELLED ? 0.6 :
		    END_PX * p->n / (l->width - PLOT_MARGINS_PX - 2 * END_PX));
	write_end(p, 0, 0, f);
	write_end(p, 1, p->n - 1, f);
	plot_number(f, "ylo", lo);
	plot_number(f, "yhi", hi);
}

int plot_trend(const struct plot_trend *p, const char *stem)
{
	struct gnuplot *g;
	struct layout l;
	double lo, hi;
	FILE *f;
	int err;

	if (isnan(first_value(p)))
		return -ENODATA;
	l = layout_of(p);
	err = gnuplot_new(&g);
	if (err)
		return err;
	value_range(p, &lo, &hi);
	err = write_levels(p, g, hi - 0.01 * (hi - lo));
	if (err)
		goto free_gnuplot;
	err = -EIO;
	f = gnuplot_data(g, "text.dat");
	if (!f)
		goto free_gnuplot;
	write_text(p, &l, f);
	if (fclose(f))
		goto free_gnuplot;
	f = gnuplot_data(g, "data.dat");
	if (!f)
		goto free_gnuplot;
	write_data(p, &l, f);
	if (fclose(f))
		goto free_gnuplot;
	err = gnuplot_run(g, plot_setup, draw, stem);
free_gnuplot:
	gnuplot_free(g);
	return err;
}
