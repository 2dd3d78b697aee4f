// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/report/svg.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/escape.h"
#include "analysis/report/plot.h"
#include "lib/text.h"

#define WIDTH		720
#define LEFT		76
#define RIGHT		16
#define TOP		8
#define HEIGHT		170	/* of the axes */
#define CHAR_PX		6.2	/* of names, 10 px high */
#define NAME_STEP	11	/* least distance of names that stand */
#define NAME_COLUMNS	24
#define STEPS		100	/* of a distribution */

/**
 * struct frame - the axes: pixels, and the values at their ends
 */
struct frame {
	double xlo, xhi;
	double ylo, yhi;
};

static double frame_x(const struct frame *f, double x)
{
	return LEFT + (WIDTH - LEFT - RIGHT) * (x - f->xlo) /
		(f->xhi - f->xlo);
}

static double frame_y(const struct frame *f, double y)
{
	return TOP + HEIGHT * (f->yhi - y) / (f->yhi - f->ylo);
}

/* A round step for about @n of them. */
static double round_step(double range, int n)
{
	double raw = range / n, unit = pow(10, floor(log10(raw)));

	raw /= unit;
	return unit * (raw < 1.5 ? 1 : raw < 3.5 ? 2 : raw < 7.5 ? 5 : 10);
}

static int step_digits(double step)
{
	double digits = -floor(log10(step) + 1e-9);

	return digits > 0 ? fmin(digits, 12) : 0;
}

static void tick_text(double v, double step, FILE *out)
{
	if (fabs(v) >= 1e9)
		fprintf(out, "%.6g", v);
	else
		fprintf(out, "%.*f", step_digits(step),
			fabs(v) < step / 2 ? 0 : v);
}

static void svg_begin(const char *label, double height, FILE *out)
{
	fprintf(out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"",
		WIDTH, height);
	xml_text(out, label);
	fputs("\">", out);
}

/* Horizontal lines with the values at the left. */
static void y_axis(const struct frame *f, FILE *out)
{
	double step = round_step(f->yhi - f->ylo, 4), v;

	for (v = ceil(f->ylo / step) * step; v <= f->yhi; v += step) {
		double y = frame_y(f, v);

		fprintf(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>"
			"<text class=\"end\" x=\"%d\" y=\"%.1f\">", LEFT, y,
			WIDTH - RIGHT, LEFT - 6, y + 3.5);
		tick_text(v, step, out);
		fputs("</text>", out);
	}
}

/* ---- trend ---- */

static struct frame trend_frame(const struct plot_trend *p)
{
	struct frame f = { .xlo = -0.6, .xhi = p->n - 0.4 };
	double pad;

	trend_span(p, &f.ylo, &f.yhi);
	if (!isfinite(f.ylo))
		f.ylo = f.yhi = 0;
	pad = fmax(0.08 * (f.yhi - f.ylo), 0.003 * fabs(f.yhi));
	f.ylo -= pad > 0 ? pad : 1;
	f.yhi += pad > 0 ? pad : 1;
	return f;
}

/**
 * struct names - how names stand under the axis
 * @every:	one in so many
 * @upright:	they do not lie
 * @height:	pixels
 */
struct names {
	size_t every;
	bool upright;
	double height;
};

static struct names names_fit(const struct plot_trend *p)
{
	struct names names = { .every = 1, .height = 18 };
	double step = (double)(WIDTH - LEFT - RIGHT) / p->n;
	size_t i, longest = 1;

	for (i = 0; i < p->n; i++) {
		size_t n = text_width(p->revision[i]);

		if (n > longest)
			longest = n < NAME_COLUMNS ? n : NAME_COLUMNS;
	}
	if (step >= CHAR_PX * (longest + 1))
		return names;
	names.upright = true;
	names.height = 10 + CHAR_PX * longest;
	while (step * names.every < NAME_STEP)
		names.every++;
	return names;
}

static void trend_name(const struct names *names, double x, const char *name,
		       FILE *out)
{
	char *some = text_middle(name, NAME_COLUMNS);

	if (names->upright)
		fprintf(out, "<text class=\"end\" transform=\"translate(%.1f %d)rotate(-90)\">",
			x + 3.5, TOP + HEIGHT + 6);
	else
		fprintf(out, "<text class=\"mid\" x=\"%.1f\" y=\"%d\">", x,
			TOP + HEIGHT + 14);
	xml_text(out, some ? some : "");
	fputs("</text>", out);
	free(some);
}

static bool interval_known(const struct plot_trend *p, size_t i)
{
	return isfinite(p->lo[i]) && isfinite(p->hi[i]);
}

/* The line, broken where a revision has no value, and all intervals. */
static void trend_lines(const struct plot_trend *p, const struct frame *f,
			FILE *out)
{
	bool pen = false;
	size_t i;

	fputs("<path class=\"line\" d=\"", out);
	for (i = 0; i < p->n; i++) {
		bool known = trend_scored(p, i);

		if (known)
			fprintf(out, "%c%.1f %.1f", pen ? 'L' : 'M',
				frame_x(f, i), frame_y(f, p->mid[i]));
		pen = known;
	}
	fputs("\"/><path class=\"bars\" d=\"", out);
	for (i = 0; i < p->n; i++)
		if (trend_scored(p, i) && interval_known(p, i))
			fprintf(out, "M%.1f %.1fV%.1f", frame_x(f, i),
				frame_y(f, p->lo[i]), frame_y(f, p->hi[i]));
	fputs("\"/>", out);
}

/* Between changes, with what each brought. */
static void trend_levels(const struct plot_trend *p, const struct frame *f,
			 FILE *out)
{
	char change[32];
	size_t i;

	for (i = 0; i < p->nlevels; i++) {
		const struct plot_level *l = &p->level[i];
		double x = frame_x(f, l->first - 0.4), y = frame_y(f, l->value);

		fprintf(out, "<path class=\"level\" d=\"M%.1f %.1fH%.1f\"/>",
			x, y, frame_x(f, l->last + 0.4));
		if (!i)
			continue;
		fprintf(out, "<path class=\"step\" d=\"M%.1f %dV%d\"/>"
			"<text class=\"step\" x=\"%.1f\" y=\"%d\">", x, TOP,
			TOP + HEIGHT, x + 3, TOP + 9);
		if (isfinite(l->ratio))
			xml_text(out, fmt_change(change, sizeof(change),
						 l->ratio));
		else
			fputs("changed", out);
		fputs("</text>", out);
	}
}

/* What a pointer or a screen reader is told of a value. */
static void trend_title(const struct plot_trend *p, size_t i, FILE *out)
{
	char mid[32], lo[32], hi[32];

	fputs("<title>", out);
	xml_text(out, p->revision[i]);
	fprintf(out, ": %s", fmt_value(mid, sizeof(mid), p->mid[i]));
	if (interval_known(p, i))
		fprintf(out, " (%s to %s)", fmt_value(lo, sizeof(lo), p->lo[i]),
			fmt_value(hi, sizeof(hi), p->hi[i]));
	fprintf(out, ", n %d%s</title>", p->units[i], trend_hollow(p, i) ?
		", not scored: the core was shared" : "");
}

/* A hollow point that lies outside stands at the edge. */
static void trend_point(const struct plot_trend *p, const struct frame *f,
			size_t i, const char *base, const char *now, FILE *out)
{
	bool hollow = trend_hollow(p, i);
	const char *mark = now && !strcmp(now, p->revision[i]) ? "new" :
		base && !strcmp(base, p->revision[i]) ? "base" : "";
	double y = fmin(fmax(p->mid[i], f->ylo), f->yhi);

	fputs("<circle", out);
	if (hollow || *mark)
		fprintf(out, " class=\"%s%s%s\"", mark, hollow && *mark ? " " : "",
			hollow ? "hollow" : "");
	fprintf(out, " cx=\"%.1f\" cy=\"%.1f\" r=\"%s\">", frame_x(f, i),
		frame_y(f, y), *mark ? "5" : "3");
	trend_title(p, i, out);
	fputs("</circle>", out);
}

void svg_trend(const struct plot_trend *p, const char *base, const char *now,
	       FILE *out)
{
	struct names names = names_fit(p);
	struct frame f = trend_frame(p);
	size_t i;

	svg_begin(p->title, TOP + HEIGHT + names.height, out);
	y_axis(&f, out);
	trend_levels(p, &f, out);
	trend_lines(p, &f, out);
	for (i = 0; i < p->n; i++) {
		if (i % names.every == 0)
			trend_name(&names, frame_x(&f, i), p->revision[i],
				   out);
		if (isfinite(p->mid[i]))
			trend_point(p, &f, i, base, now, out);
	}
	fputs("</svg>", out);
}

/* ---- distributions ---- */

static void ecdf_curve(const struct frame *f, const double *x, size_t n,
		       const char *class, FILE *out)
{
	size_t steps = n < STEPS ? n : STEPS, i;

	fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1f", class,
		frame_x(f, fmax(f->xlo, x[0])), frame_y(f, 0));
	for (i = 1; i <= steps; i++) {
		size_t k = i * n / steps;
		double at = fmin(fmax(x[k - 1], f->xlo), f->xhi);

		fprintf(out, "H%.1fV%.1f", frame_x(f, at),
			frame_y(f, x[k - 1] > f->xhi ? (double)(k - 1) / n :
				(double)k / n));
	}
	fputs("\"/>", out);
}

static void x_axis(const struct frame *f, FILE *out)
{
	double step = round_step(f->xhi - f->xlo, 5), v;

	for (v = ceil(f->xlo / step) * step; v <= f->xhi; v += step) {
		double x = frame_x(f, v);

		fprintf(out, "<path class=\"grid\" d=\"M%.1f %dV%d\"/>"
			"<text class=\"mid\" x=\"%.1f\" y=\"%d\">", x, TOP,
			TOP + HEIGHT, x, TOP + HEIGHT + 14);
		tick_text(v, step, out);
		fputs("</text>", out);
	}
}

int svg_ecdf(const struct plot_ecdf *p, FILE *out)
{
	struct frame f = { .ylo = 0, .yhi = 1.02 };
	double *x[2], range[2];
	int err = -ENOMEM;

	x[0] = ecdf_sorted(p->v[0], p->n[0]);
	x[1] = ecdf_sorted(p->v[1], p->n[1]);
	if (!x[0] || !x[1])
		goto free_copies;
	ecdf_range(x, p->n, range);
	f.xlo = range[0];
	f.xhi = range[1];
	svg_begin(p->title, TOP + HEIGHT + 20, out);
	y_axis(&f, out);
	x_axis(&f, out);
	ecdf_curve(&f, x[0], p->n[0], "curve base", out);
	ecdf_curve(&f, x[1], p->n[1], "curve new", out);
	fputs("</svg>", out);
	err = 0;
free_copies:
	free(x[0]);
	free(x[1]);
	return err;
}

/* ---- one change ---- */

#define CELL_WIDTH	120
#define CELL_HEIGHT	16

static double cell_x(double ratio, double reach)
{
	double v = ratio > 0 ? log(ratio) : -reach;

	v = fmin(fmax(v, -reach), reach);
	return CELL_WIDTH * (0.5 + 0.47 * v / reach);
}

void svg_change(double ratio, double lo, double hi, double margin,
		double reach, FILE *out)
{
	double left = cell_x(1 / (1 + margin), reach);

	fprintf(out, "<svg class=\"cell\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">"
		"<rect class=\"band\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"/>"
		"<path class=\"zero\" d=\"M%d 0V%d\"/>", CELL_WIDTH,
		CELL_HEIGHT, left, cell_x(1 + margin, reach) - left,
		CELL_HEIGHT, CELL_WIDTH / 2, CELL_HEIGHT);
	if (isfinite(lo) && isfinite(hi)) {
		fprintf(out, "<path class=\"span\" d=\"M%.1f %dH%.1f\"/>",
			cell_x(lo, reach), CELL_HEIGHT / 2,
			cell_x(hi, reach));
		/* An interval that goes on beyond the axis has an arrow. */
		if (log(fmax(lo, 1e-300)) < -reach)
			fputs("<path class=\"span\" d=\"M7 4L2 8L7 12\"/>",
			      out);
		if (log(fmax(hi, 1e-300)) > reach)
			fputs("<path class=\"span\" d=\"M113 4L118 8L113 12\"/>",
			      out);
	}
	if (isfinite(ratio))
		fprintf(out, "<circle cx=\"%.1f\" cy=\"%d\" r=\"3.5\"/>",
			cell_x(ratio, reach), CELL_HEIGHT / 2);
	fputs("</svg>", out);
}
