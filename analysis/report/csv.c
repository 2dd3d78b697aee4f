// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Comma-separated values: one header line, quoting by RFC 4180. Lines end in
 * \n alone, for awk and its like.
 */
#include "analysis/report/view.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void csv_field(FILE *out, const char *s)
{
	char *clean = text_dup(s, false);
	const char *p = clean ? clean : "";
	bool quote = strpbrk(p, "\",\r\n") || *p == ' ';

	if (quote)
		fputc('"', out);
	/* A spreadsheet would compute what begins so. */
	if (*p && strchr("=+-@\t\r", *p))
		fputc('\'', out);
	for (; *p; p++) {
		if (*p == '"')
			fputc('"', out);
		fputc(*p, out);
	}
	if (quote)
		fputc('"', out);
	free(clean);
}

void csv_number(FILE *out, double v)
{
	if (isfinite(v))
		fprintf(out, "%.12g", v);
}

void csv_line(FILE *out, const char *const *field, size_t n,
	      const double *number, size_t m)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i)
			fputc(',', out);
		csv_field(out, field[i]);
	}
	for (i = 0; i < m; i++) {
		if (i || n)
			fputc(',', out);
		csv_number(out, number[i]);
	}
	fputc('\n', out);
}

static void csv_compare_row(const struct view *v, const struct compare_row *r,
			    FILE *out)
{
	const struct obs_row *id = &r->id;
	char hash[ROW_HASH], *flags = row_flags(r);
	const char *const text[] = {
		v->c->base->name, v->c->now->name, id->benchmark, id->params,
		id->place, id->profile, id->metric.name, id->host,
		id->metric.unit, better_name(id->metric.better),
		verdict_name(r->verdict), scope_name(r->scope),
		flags ? flags : "", r->reason, hash,
	};
	const double number[] = {
		r->base, r->now, r->ratio, r->lo, r->hi, r->p, r->p_adj,
		r->p_holm, r->mde, r->n_base, r->n_new, r->runs_base,
		r->runs_new, r->noisy_base, r->noisy_new,
	};

	row_hash(r, hash);
	csv_line(out, text, sizeof(text) / sizeof(*text), number,
		 sizeof(number) / sizeof(*number));
	free(flags);
}

int report_compare_csv(const struct comparison *c,
		       const struct report_ctx *ctx, FILE *out)
{
	struct view v;
	size_t i;
	int err = view_init(&v, c, ctx, false);

	if (err)
		return err;
	fputs("base_name,new_name,benchmark,params,where,profile,metric,host,"
	      "unit,better,verdict,scope,flags,reason,id,base,new,ratio,lo,"
	      "hi,p,p_adj,p_holm,mde,n_base,n_new,runs_base,runs_new,"
	      "noisy_base,noisy_new\n", out);
	for (i = 0; i < c->nrows; i++)
		csv_compare_row(&v, &c->row[v.order[i]], out);
	view_free(&v);
	return stream_end(out);
}
