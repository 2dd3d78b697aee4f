/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What A/A says of a host, for people and programs. */
#ifndef ANALYSIS_REPORT_AA_H
#define ANALYSIS_REPORT_AA_H

#include <jansson.h>

#include "analysis/aa.h"
#include "analysis/report/report.h"

struct view;

/* The section beneath a comparison; nothing if ctx->aa is NULL. */
void print_aa(const struct view *v, FILE *out, size_t width);

/* [{host, pairs, alarmed, rate, lo, hi, nominal, tests, alarms,
 * quarantined: [name]}], each host of the comparison; ctx->aa is there. */
json_t *json_aa(const struct view *v);

/* {tests, unjudged, alarms, called, rate, lo, hi, largest, quarantined}; null
 * for NULL. */
json_t *json_aa_rate(const struct aa_rate *r);

/**
 * report_aa() - all that is known of all hosts
 *
 * JSON: {nominal, hosts: json_aa(), rows: [json_row() and json_aa_rate()]}
 *
 * Return: 0 or a negative errno.
 */
int report_aa(enum format format, const struct aa_rates *rates, FILE *out);

#endif
