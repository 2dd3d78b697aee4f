// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/report/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define TITLE_CHAR_PX	11

/*
 * Values are assigned inside of an expression over a column, so that text is
 * only ever a string value. Colours are those of Okabe and Ito, which the
 * colour-blind tell apart.
 */
#define NUMBER(name) \
	"strcol(1) eq '" name "' ? (" name " = real(strcol(2)), 0) : "
#define TEXT(name) \
	"strcol(1) eq '" name "' ? (" name " = strcol(2), 0) : "

const char plot_setup[] =
	"title = ''; lines = 0; unit = ''; caption = ''\n"
	"width = 960; height = 540; bottom = 60; turn = 0; count = 1\n"
	"first = 0; step = 1; pad = 0.6; ylo = 0; yhi = 1; xlo = 0; xhi = 1\n"
	"named0 = ''; named1 = ''; x0 = 0; y0 = 0; x1 = 0; y1 = 0\n"
	"side0 = 0; side1 = 0\n"
	"stats 'text.dat' using (strcol(1) eq 'title' ? "
	"(title = title . (lines > 0 ? \"\\n\" : '') . strcol(2), "
	"lines = lines + 1, 0) : "
	TEXT("unit") TEXT("caption") NUMBER("width") NUMBER("height")
	NUMBER("bottom") NUMBER("turn") NUMBER("count") NUMBER("first")
	NUMBER("step") NUMBER("pad") NUMBER("ylo") NUMBER("yhi") NUMBER("xlo") NUMBER("xhi")
	TEXT("named0") TEXT("named1") NUMBER("x0") NUMBER("y0")
	NUMBER("x1") NUMBER("y1") NUMBER("side0") NUMBER("side1")
	"0) nooutput\n"
	"set label 1 title at screen 20.0/width, screen 1-24.0/height left "
	"font ',13' front\n"
	"set label 3 unit at screen 20.0/width, screen 1-(22.0+22.0*lines)/height "
	"left textcolor rgb '#444444' front\n"
	"set label 2 caption at screen 1-20.0/width, screen 14.0/height right "
	"font ',9' textcolor rgb '#666666' front\n"
	"set tmargin at screen 1-(46.0+22.0*lines)/height\n"
	"set border 3 lc rgb '#888888'\n"
	"set grid ytics lt 1 lw 0.6 lc rgb '#dddddd'\n"
	"set tics textcolor rgb '#222222'\n"
	"unset key\n";

/* One line per piece of a width, none of them in the middle of a word. */
void plot_title(FILE *f, const char *title, int width)
{
	char *clean = text_dup(title, false), *text = NULL, *at, *line;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out && clean)
		wrap(out, (width - 40) / TITLE_CHAR_PX, 0, 0, clean);
	if (out && !fclose(out)) {
		for (at = text; (line = strsep(&at, "\n")); )
			if (*line)
				plot_text(f, "title", line);
	}
	free(text);
	free(clean);
}

void plot_text(FILE *f, const char *key, const char *text)
{
	fprintf(f, "%s\t", key);
	gnuplot_text(f, text, 0);
	fputc('\n', f);
}

void plot_number(FILE *f, const char *key, double v)
{
	fprintf(f, "%s\t%.12g\n", key, v);
}

void plot_span(double v, double *lo, double *hi)
{
	if (!isfinite(v))
		return;
	if (!(v >= *lo))
		*lo = v;
	if (!(v <= *hi))
		*hi = v;
}
