/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON that people's scripts read: unknown is null, text is clean. Values
 * are new references; without memory an object comes out short and
 * json_print() says so.
 */
#ifndef ANALYSIS_REPORT_JSON_H
#define ANALYSIS_REPORT_JSON_H

#include <jansson.h>
#include <stdio.h>

struct obs_row;
struct view;

json_t *json_text(const char *s);
/* As json_text(), but "" is unknown. */
json_t *json_known(const char *s);
/* NaN is unknown. */
json_t *json_figure(double v);
/* A canonical parameter object; {} where it is none. */
json_t *json_params(const char *params);

/* Which figure this is: benchmark, params, where, metric, host, unit, ... */
json_t *json_row(const struct obs_row *id);

/* The object of report_compare_json(). */
json_t *json_compare(const struct view *v);

/* The arrays "sets" and "across". */
json_t *json_sets(const struct view *v);
json_t *json_across(const struct view *v);

/**
 * json_print() - write it, indented, and drop it
 * Return: 0, -ENOMEM where @j is NULL, or another negative errno.
 */
int json_print(json_t *j, FILE *out);

#endif
