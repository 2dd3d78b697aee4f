// SPDX-License-Identifier: GPL-2.0-or-later
/* One page: verdict, table of benchmarks, a panel for each, the facts. */
#include "analysis/report/html.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/escape.h"
#include "analysis/report/svg.h"
#include "lib/hash.h"

__asm__(".pushsection .rodata\n"
	"html_style: .incbin \"analysis/report/page.css\"\n"
	".byte 0\n"
	"html_script: .incbin \"analysis/report/page.js\"\n"
	".byte 0\n"
	".popsection\n");
extern const char html_style[], html_script[];

#define REACH_MOST	0.25	/* log of the ratio at the ends of the axis */

void html_bdi(FILE *out, const char *s)
{
	fputs("<bdi>", out);
	xml_text(out, s);
	fputs("</bdi>", out);
}

void html_term(FILE *out, const char *what, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	fprintf(out, "<dt>%s</dt><dd>", what);
	html_bdi(out, text);
	fputs("</dd>\n", out);
	free(text);
}

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* The source expression of a content security policy for inline text. */
static void put_source(FILE *out, const char *text)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	char hex[HASH_HEX];
	unsigned int bits = 0, n = 0;
	size_t i;

	hash_hex(text, strlen(text), hex);
	fputs("'sha256-", out);
	/* 64 hex digits are 42 digits of six bits, and four bits more. */
	for (i = 0; i < HASH_HEX - 1; i++) {
		bits = bits << 4 | hex_value(hex[i]);
		n += 4;
		if (n < 6)
			continue;
		n -= 6;
		fputc(digit[bits >> n & 63], out);
	}
	fprintf(out, "%c='", digit[bits << (6 - n) & 63]);
}

static void put_head(const struct view *v, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
	      "content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" "
	      "content=\"default-src 'none'; style-src ", out);
	put_source(out, html_style);
	fputs("; script-src ", out);
	put_source(out, html_script);
	fputs("\"/>\n<title>", out);
	xml_printf(out, "%s against %s: asibench", v->c->now->name,
		   v->c->base->name);
	fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n",
		html_style);
}

static int put_sides(const struct view *v, FILE *out)
{
	char *verdict = view_verdict(v), *base = view_side(v, v->c->base);
	char *now = view_side(v, v->c->now);
	const char *scope = view_scope_note(v);
	int err = verdict && base && now ? 0 : -ENOMEM;

	if (!err) {
		fputs("<header>\n<h1>", out);
		html_bdi(out, v->c->now->name);
		fputs(" against ", out);
		html_bdi(out, v->c->base->name);
		fputs("</h1>\n<p class=\"verdict\">", out);
		xml_text(out, verdict);
		fprintf(out, "</p>\n%s%s%s<dl>\n", scope ? "<p>" : "",
			scope ? scope : "", scope ? "</p>\n" : "");
		html_term(out, "base", "%s", base);
		html_term(out, "new", "%s", now);
		fputs("</dl>\n</header>\n", out);
	}
	free(verdict);
	free(base);
	free(now);
	return err;
}

/* ---- the table ---- */

/* A number to sort by, empty where it is unknown. */
static void cell_begin(FILE *out, const char *label, double v)
{
	fprintf(out, "<td class=\"num\" data-l=\"%s\" data-v=\"", label);
	if (isfinite(v))
		fprintf(out, "%.9g", v);
	fputs("\">", out);
}

static void number_cell(FILE *out, const char *label, double v,
			const char *text)
{
	cell_begin(out, label, v);
	fprintf(out, "%s</td>", text);
}

/* The axis that shows most intervals whole. */
static double change_reach(const struct view *v)
{
	double reach = 3 * log1p(v->margin);
	size_t i;

	for (i = 0; i < v->c->nrows; i++) {
		const struct compare_row *r = &v->c->row[i];

		if (!(r->lo > 0 && r->hi > 0) ||
		    r->verdict == VERDICT_UNCHECKED)
			continue;
		reach = fmax(reach, fmax(fabs(log(r->lo)), fabs(log(r->hi))));
	}
	return fmin(reach, fmax(REACH_MOST, 3 * log1p(v->margin)));
}

static void put_cells(const struct view *v, const struct compare_row *r,
		      double reach, FILE *out)
{
	char base[32], now[32], change[32], interval[64], mde[32];
	char *flags = row_flags(r);

	fputs("<td class=\"word\" data-l=\"unit\">", out);
	xml_text(out, r->id.metric.unit);
	if (*r->id.metric.unit)
		fprintf(out, "<br/> <span class=\"soft\">%s</span>",
			better_words(r->id.metric.better));
	fputs("</td>", out);
	number_cell(out, "base", r->base,
		    fmt_value(base, sizeof(base), r->base));
	number_cell(out, "new", r->now, fmt_value(now, sizeof(now), r->now));
	number_cell(out, "change", r->ratio,
		    fmt_change(change, sizeof(change), r->ratio));
	cell_begin(out, "95 %", r->hi - r->lo);
	fmt_interval(interval, sizeof(interval), r->lo, r->hi);
	fprintf(out, "%s</td><td data-v=\"%.9g\">", interval,
		isfinite(r->ratio) ? fabs(log(r->ratio)) : -1);
	if (isfinite(r->lo) && isfinite(r->hi))
		svg_change(r->ratio, r->lo, r->hi, v->margin, reach, out);
	fputs("</td>", out);
	number_cell(out, "detects", r->mde,
		    fmt_percent(mde, sizeof(mde), r->mde));
	cell_begin(out, "n", r->n_base + r->n_new);
	fprintf(out, "%d/%d</td><td data-v=\"%d\" class=\"word %s\">%s</td><td class=\"marks\">%s</td>",
		r->n_base, r->n_new, verdict_rank(r->verdict),
		verdict_name(r->verdict), verdict_name(r->verdict),
		flags ? flags : "");
	free(flags);
}

static int put_row(const struct view *v, size_t i, double reach, FILE *out)
{
	const struct compare_row *r = &v->c->row[i];
	char *name = view_name(v, &r->id);

	if (!name)
		return -ENOMEM;
	fprintf(out, "<tr data-panel=\"r%zu\" data-verdict=\"%s\" class=\"row-%s\">"
		"<td class=\"name\"><a href=\"#r%zu\">", i,
		verdict_name(r->verdict), verdict_name(r->verdict), i);
	html_bdi(out, name);
	fputs("</a></td>", out);
	put_cells(v, r, reach, out);
	fputs("</tr>\n", out);
	free(name);
	return 0;
}

/* Shown by the script, which is what it needs. */
static void put_filter(const struct view *v, FILE *out)
{
	int verdict;

	fputs("<form id=\"filter\" hidden=\"hidden\">\n<label>Find <input "
	      "type=\"search\" id=\"find\" placeholder=\"words of a name\"/>"
	      "</label>\n", out);
	for (verdict = 0; verdict < NR_VERDICTS; verdict++) {
		if (!v->c->count[verdict])
			continue;
		fprintf(out, "<label><input type=\"checkbox\" value=\"%s\" "
			"checked=\"checked\"/> %s (%d)</label>\n",
			verdict_name(verdict), verdict_name(verdict),
			v->c->count[verdict]);
	}
	fputs("<output id=\"shown\"></output>\n</form>\n", out);
}

static int put_table(const struct view *v, FILE *out)
{
	static const struct { const char *text, *class; } head[] = {
		{ "benchmark", "" }, { "unit", "" },
		{ "base", "num" }, { "new", "num" }, { "change", "num" },
		{ "95 % interval", "num" }, { "shown", "" },
		{ "detects", "num" }, { "n", "num" }, { "verdict", "" },
		{ "marks", "" },
	};
	double reach = change_reach(v);
	char ends[32];
	size_t i;
	int err = 0;

	fputs("<section>\n<h2>Benchmarks</h2>\n", out);
	put_filter(v, out);
	fprintf(out, "<table id=\"table\">\n<caption>Change is new against base; "
		"the axis of \"shown\" ends at %s, its band is the margin. "
		"\"Detects\" is the smallest change that was likely to be "
		"found.</caption>\n<thead><tr>",
		fmt_percent(ends, sizeof(ends), expm1(reach)));
	for (i = 0; i < sizeof(head) / sizeof(*head); i++)
		fprintf(out, "<th scope=\"col\" class=\"%s\">%s</th>",
			head[i].class, head[i].text);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (i = 0; i < v->c->nrows && !err; i++)
		err = put_row(v, v->order[i], reach, out);
	fputs("</tbody>\n</table>\n</section>\n", out);
	return err;
}

static int put_panels(const struct view *v, const struct report_panel *panel,
		      FILE *out)
{
	size_t i;
	int err = 0;

	fputs("<section>\n<h2>Each benchmark</h2>\n<div id=\"panels\">\n",
	      out);
	for (i = 0; i < v->c->nrows && !err; i++)
		err = html_panel(v, v->order[i],
				 panel ? &panel[v->order[i]] : NULL, out);
	fputs("</div>\n</section>\n", out);
	return err;
}

int report_html(const struct comparison *c, const struct report_ctx *ctx,
		const struct report_panel *panel, FILE *out)
{
	struct view v;
	int err = view_init(&v, c, ctx, false);

	if (err)
		return err;
	put_head(&v, out);
	err = put_sides(&v, out);
	fputs("<main>\n", out);
	if (!err && c->nrows)
		err = put_table(&v, out);
	if (!err && c->nrows)
		err = put_panels(&v, panel, out);
	if (!err)
		err = html_rest(&v, out);
	fprintf(out, "</main>\n<script>%s</script>\n</body>\n</html>\n",
		html_script);
	view_free(&v);
	return err ? err : stream_end(out);
}
