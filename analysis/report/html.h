/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of report_html(). All write well-formed XML. */
#ifndef ANALYSIS_REPORT_HTML_H
#define ANALYSIS_REPORT_HTML_H

#include <stdio.h>

#include "analysis/report/view.h"

/* Foreign text, kept from turning the direction of what is around it. */
void html_bdi(FILE *out, const char *s);
/* <dt>@what</dt><dd>...</dd> of what printf() would print. */
void html_term(FILE *out, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The article of row @i of c->row. Return: 0 or a negative errno. */
int html_panel(const struct view *v, size_t i,
	       const struct report_panel *panel, FILE *out);

/* Tables below the panels: differences, gaps, witnesses, facts, notes. */
int html_rest(const struct view *v, FILE *out);

#endif
