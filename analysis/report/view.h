/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the writers of analysis/report share: the order of rows, their names
 * and hashes, the sentences. Everything returned as text is clean.
 */
#ifndef ANALYSIS_REPORT_VIEW_H
#define ANALYSIS_REPORT_VIEW_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "analysis/compare.h"
#include "analysis/report/report.h"

/**
 * struct missing - a row that was not measured
 * @name:	of the row
 * @reason:	why, in words
 * @sides:	1 base, 2 new, 3 both
 * @runs:	that ended so
 */
struct missing {
	char *name;
	enum run_status status;
	char *reason;
	unsigned int sides;
	int runs;
};

/**
 * struct view - a comparison as it is going to be shown
 * @c:		the comparison
 * @ctx:	what is said beside
 * @ascii:	foreign text is reduced to ASCII
 * @margin:	of the verdicts
 * @order:	indices into c->row: regressions first, then improved, small,
 *		inconclusive, equivalent, unchecked
 * @hosts:	there are several hosts: names of rows carry theirs
 * @profiles:	there are several guest profiles
 * @secondary:	there are metrics beside the primary ones
 * @measured:	rows with figures on a side at least
 * @missing:	what was not measured, by reason, then by name
 */
struct view {
	const struct comparison *c;
	const struct report_ctx *ctx;
	bool ascii;
	double margin;
	size_t *order;
	bool hosts;
	bool profiles;
	bool secondary;
	size_t measured;
	struct missing *missing;
	size_t nmissing;
};

static inline bool row_measured(const struct compare_row *r)
{
	return r->runs_base || r->runs_new;
}

/* Return: 0 or -ENOMEM. */
int view_init(struct view *v, const struct comparison *c,
	      const struct report_ctx *ctx, bool ascii);
void view_free(struct view *v);

/* ---- text, malloc'ed; NULL without memory ---- */

/* "threads=2 peer=llc" */
char *params_dup(const char *json, bool ascii);
/* The name of a row, unique within the view. */
char *view_name(const struct view *v, const struct obs_row *id);

/* Is this row told among what was not measured? */
bool told_missing(const struct view *v, const struct obs_row *id);

/* Regressions first; what needs no attention last. */
int verdict_rank(enum verdict v);

#define ROW_HASH	9	/* eight digits and the terminator */

/**
 * row_hash() - by which a row can be quoted: of its identity and figures
 */
void row_hash(const struct compare_row *r, char hash[ROW_HASH]);

/* ---- sentences ---- */

/* "2 of 31 benchmarks regressed beyond 1 %; 24 equivalent; ..." */
char *view_verdict(const struct view *v);
/* What holds of all verdicts, or NULL: "one boot a side: ...". */
const char *view_scope_note(const struct view *v);
/* Who a side is: series, arm and its state, kernel, build, boots and runs. */
char *view_side(const struct view *v, const struct obs_set *set);
/* What a row's flags say, "provisional, suspect", or NULL. */
char *row_flags(const struct compare_row *r);
/* Set of the flags that occur. */
unsigned int view_flags(const struct view *v);
/* "verified" where all boots agree, else "mixed". */
const char *set_state(const struct obs_set *set);
/* "TSC ticks per operation", or the unit itself. */
const char *unit_words(const char *unit);
/* "lower is better" */
const char *better_words(enum better better);

/* ---- facts ---- */

/**
 * view_facts() - walk the facts of both sides, each key of each host once
 * @between:	separates the values of boots that differ
 * @fn:		gets the distinct values of the base's and of the new boots,
 *		"" where a side does not have it
 *
 * Facts not for publication are left out unless ctx->full.
 */
int view_facts(const struct view *v, const char *between,
	       int (*fn)(void *arg, const char *host, const struct fact *f,
			 const char *base, const char *now),
	       void *arg);
/* How many keys are left out by view_facts() and of the differences. */
size_t view_withheld(const struct view *v);
/* May this difference be shown? */
static inline bool diff_shown(const struct view *v,
			      const struct compare_diff *d)
{
	return d->publish || v->ctx->full;
}
/* A fact of a side's boots on @host by key, or NULL. */
const struct fact *set_fact(const struct obs_set *set, const char *host,
			    const char *key);

/* Figures of a side whose run was flagged by a rule, of all its figures. */
size_t set_noisy(const struct obs_set *set, unsigned int rule);

/* ---- printing ---- */

/**
 * wrap() - a paragraph
 * @width:	columns; a word that is longer is broken
 * @first, @rest: indents
 */
void wrap(FILE *out, size_t width, size_t first, size_t rest,
	  const char *text);
void wrapf(FILE *out, size_t width, size_t first, size_t rest,
	   const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * The sections that every text has, each with its heading and an empty line
 * before it, or nothing where there is nothing to say.
 */
void print_verdict(const struct view *v, FILE *out, size_t width);
void print_sides(const struct view *v, FILE *out, size_t width);
void print_diffs(const struct view *v, FILE *out, size_t width);
/* Geometric means of sets, and rows over hosts. */
void print_sums(const struct view *v, FILE *out, size_t width);
/* Rows that were not judged, by reason. */
void print_unjudged(const struct view *v, FILE *out, size_t width);
/* Rows without figures, by reason. */
void print_missing(const struct view *v, FILE *out, size_t width);
/* Hosts of the facts, with what readers ask for. Return: 0 or -ENOMEM. */
int print_hosts(const struct view *v, FILE *out, size_t width);
/* Units with their direction, scope, marks, withheld facts. */
void print_notes(const struct view *v, FILE *out, size_t width);
/* The commands that make it again, one a line, broken where a shell allows. */
void print_reproduce(const struct view *v, FILE *out, size_t width);

#endif
