// SPDX-License-Identifier: GPL-2.0-or-later
/* A value over the steps of a numeric parameter, a line for each of the rest. */
#include "analysis/report/plot.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "lib/text.h"

#define LOG_FROM	20	/* values this many times apart: a log axis */
#define LABEL_COLUMNS	28
#define WIDTH_PX	960

/*
 * Line k is block k of data.dat; new.dat has the names at the lines' ends and
 * marks.dat vertical lines with theirs. Colours of Okabe and Ito, dark and
 * light in turn, so that grey keeps neighbours apart; and another dash each.
 */
static const char draw[] =
	"set lmargin at screen 90.0/width\n"
	"set rmargin at screen 1-step/width\n"
	"set bmargin at screen bottom/height\n"
	"set logscale x 2\n"
	"if (turn != 0) { set logscale y 10 }\n"
	"set xrange [xlo:xhi]\n"
	"set yrange [ylo:yhi]\n"
	"set xtics nomirror scale 0.5 format '%.0f' font ',10'\n"
	"set ytics nomirror format '%.8g'\n"
	"if (turn != 0 && ylo >= 1 && yhi >= 1e6) "
	"{ set ytics format '%.0s%c' }\n"
	"set xlabel named0 textcolor rgb '#444444'\n"
	"array colour[8] = [0x0072B2, 0xE69F00, 0x000000, 0x56B4E9, "
	"0xD55E00, 0x009E73, 0xCC79A7, 0x888888]\n"
	"if (first > 0) {\n"
	"plot 'marks.dat' using 1:(ylo):(0):(yhi-ylo) with vectors nohead "
	"lw 0.8 dt 3 lc rgb '#999999', \\\n"
	"'' using 1:(yhi):2 with labels right rotate by 90 offset 0.7,-0.3 "
	"font ',9' tc rgb '#666666', \\\n"
	"for [i=0:count-1] 'data.dat' index i using 1:2 with lines lw 1.6 "
	"dt i%4+1 lc rgb colour[i%8+1], \\\n"
	"for [i=0:count-1] '' index i using 1:2:3:4 with yerrorbars pt 7 "
	"ps 0.6 lw 1.2 lc rgb colour[i%8+1], \\\n"
	"for [i=0:count-1] 'new.dat' every ::i::i using 1:2:3 with labels left "
	"offset 0.9,0 font ',10' tc rgb colour[i%8+1]\n"
	"} else {\n"
	"plot for [i=0:count-1] 'data.dat' index i using 1:2 with lines lw 1.6 "
	"dt i%4+1 lc rgb colour[i%8+1], \\\n"
	"for [i=0:count-1] '' index i using 1:2:3:4 with yerrorbars pt 7 "
	"ps 0.6 lw 1.2 lc rgb colour[i%8+1], \\\n"
	"for [i=0:count-1] 'new.dat' every ::i::i using 1:2:3 with labels left "
	"offset 0.9,0 font ',10' tc rgb colour[i%8+1]\n"
	"}\n";

/**
 * struct range - of what is drawn
 */
struct range {
	double xlo, xhi;
	double ylo, yhi;
	int nlo, nhi;
	bool log;
};

static struct range range_of(const struct plot_sweep *p)
{
	struct range r = { NAN, NAN, NAN, NAN, 0, 0, false };
	double nlo = NAN, nhi = NAN, pad;
	size_t i, k;

	for (i = 0; i < p->n; i++)
		for (k = 0; k < p->line[i].n; k++) {
			const struct sweep_point *q = &p->line[i].point[k];

			plot_span(q->x, &r.xlo, &r.xhi);
			plot_span(q->mid, &r.ylo, &r.yhi);
			plot_span(q->lo, &r.ylo, &r.yhi);
			plot_span(q->hi, &r.ylo, &r.yhi);
			plot_span(q->units, &nlo, &nhi);
		}
	r.nlo = nlo;
	r.nhi = nhi;
	r.log = r.ylo > 0 && r.yhi / r.ylo >= LOG_FROM;
	pad = r.log ? pow(r.yhi / r.ylo, 0.06) : 0.06 * (r.yhi - r.ylo);
	if (!r.log && !(pad > 0))
		pad = fmax(0.01 * fabs(r.yhi), 1e-9);
	r.ylo = r.log ? r.ylo / pad : r.ylo - pad;
	r.yhi = r.log ? r.yhi * pad : r.yhi + pad;
	return r;
}

static double label_px(const struct plot_sweep *p)
{
	size_t i, longest = 0, n;

	for (i = 0; i < p->n; i++) {
		n = text_width(p->line[i].name);
		longest = n > longest ? n : longest;
	}
	return 30 + PLOT_CHAR_PX *
		(longest < LABEL_COLUMNS ? longest : LABEL_COLUMNS);
}

static void write_text(const struct plot_sweep *p, const struct range *r,
		       FILE *f)
{
	size_t i, marks = 0;

	plot_title(f, p->title, WIDTH_PX);
	plot_text(f, "unit", p->unit);
	plot_text(f, "named0", p->x);
	fprintf(f, "caption\t95 %% intervals; n = ");
	if (r->nlo < r->nhi)
		fprintf(f, "%d to ", r->nlo);
	fprintf(f, "%d %s a point; %s\n", r->nhi, p->of, r->log ?
		"both axes are logarithmic" :
		"the x axis is logarithmic, y does not start at 0");
	for (i = 0; i < p->nmarks; i++)
		marks += p->mark[i].x > r->xlo && p->mark[i].x < r->xhi;
	plot_number(f, "width", WIDTH_PX);
	plot_number(f, "bottom", 76);
	plot_number(f, "step", label_px(p));
	plot_number(f, "turn", r->log);
	plot_number(f, "count", p->n);
	plot_number(f, "first", marks);
	plot_number(f, "xlo", r->xlo / 1.1);
	plot_number(f, "xhi", r->xhi * 1.1);
	plot_number(f, "ylo", r->ylo);
	plot_number(f, "yhi", r->yhi);
}

static void write_value(FILE *f, double v, char end)
{
	if (isfinite(v))
		fprintf(f, "%.12g%c", v, end);
	else
		fprintf(f, "?%c", end);
}

static void write_lines(const struct plot_sweep *p, FILE *f)
{
	size_t i, k;

	for (i = 0; i < p->n; i++) {
		for (k = 0; k < p->line[i].n; k++) {
			const struct sweep_point *q = &p->line[i].point[k];

			write_value(f, q->x, '\t');
			write_value(f, q->mid, '\t');
			write_value(f, isfinite(q->lo) ? q->lo : q->mid, '\t');
			write_value(f, isfinite(q->hi) ? q->hi : q->mid, '\n');
		}
		fputs("\n\n", f);
	}
}

/* Where a line ends, as the axis has it. */
static double end_y(const struct plot_sweep *p, const struct range *r,
		    size_t i)
{
	double y = p->line[i].point[p->line[i].n - 1].mid;

	return r->log ? log(y) : y;
}

/* The line that ends next above line @k, for SIZE_MAX the lowest. */
static size_t next_above(const struct plot_sweep *p, const struct range *r,
			 size_t k)
{
	size_t i, best = SIZE_MAX;

	for (i = 0; i < p->n; i++) {
		double y = end_y(p, r, i), from = -INFINITY;

		if (k != SIZE_MAX)
			from = end_y(p, r, k);
		if (i == k || y < from || (y == from && i < k))
			continue;
		if (best == SIZE_MAX || y < end_y(p, r, best))
			best = i;
	}
	return best;
}

/* From below, each name where its line ends, or just above the last one. */
static double name_y(const struct plot_sweep *p, const struct range *r,
		     size_t which)
{
	double gap = (r->log ? log(r->yhi / r->ylo) : r->yhi - r->ylo) / 24;
	double at = -INFINITY;
	size_t k = SIZE_MAX;

	do {
		k = next_above(p, r, k);
		if (k == SIZE_MAX)
			break;
		at = fmax(end_y(p, r, k), at + gap);
	} while (k != which);
	return r->log ? exp(at) : at;
}

static void write_names(const struct plot_sweep *p, const struct range *r,
			FILE *f)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct sweep_line *line = &p->line[i];

		write_value(f, line->point[line->n - 1].x, '\t');
		write_value(f, name_y(p, r, i), '\t');
		gnuplot_text(f, line->name, LABEL_COLUMNS);
		fputc('\n', f);
	}
}

static void write_marks(const struct plot_sweep *p, const struct range *r,
			FILE *f)
{
	size_t i;

	for (i = 0; i < p->nmarks; i++) {
		if (!(p->mark[i].x > r->xlo && p->mark[i].x < r->xhi))
			continue;
		write_value(f, p->mark[i].x, '\t');
		gnuplot_text(f, p->mark[i].name, LABEL_COLUMNS);
		fputc('\n', f);
	}
}

/* One file after the other, whatever is in it. */
static int write_all(const struct plot_sweep *p, const struct range *r,
		     struct gnuplot *g)
{
	static const char *const names[] = {
		"text.dat", "data.dat", "new.dat", "marks.dat",
	};
	FILE *f;
	int i;

	for (i = 0; i < 4; i++) {
		f = gnuplot_data(g, names[i]);
		if (!f)
			return -EIO;
		if (i == 0)
			write_text(p, r, f);
		else if (i == 1)
			write_lines(p, f);
		else if (i == 2)
			write_names(p, r, f);
		else
			write_marks(p, r, f);
		if (fclose(f))
			return -EIO;
	}
	return 0;
}

int plot_sweep(const struct plot_sweep *p, const char *stem)
{
	struct range r = range_of(p);
	struct gnuplot *g;
	int err;

	if (!p->n || isnan(r.ylo) || !(r.xlo > 0))
		return -ENODATA;
	err = gnuplot_new(&g);
	if (err)
		return err;
	err = write_all(p, &r, g);
	if (!err)
		err = gnuplot_run(g, plot_setup, draw, stem);
	gnuplot_free(g);
	return err;
}
