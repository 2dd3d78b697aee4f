/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people read. Everything here takes the answers of analysis and a
 * stdio stream; foreign text passes the escaper.
 */
#ifndef ANALYSIS_REPORT_REPORT_H
#define ANALYSIS_REPORT_REPORT_H

#include <stdint.h>
#include <stdio.h>

#include "analysis/compare.h"

struct aa_rates;

/* What every command can print, then what only comparisons can. */
enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_CSV,
	FORMAT_MARKDOWN,
	FORMAT_JUNIT,
	FORMAT_TAP,
	FORMAT_HTML,
};

/* A format by its name; -EINVAL if there is none, or it is beyond @last. */
int format_parse(const char *s, enum format last);

/* ---- tables ---- */

/**
 * struct table - aligned columns; a cell is text, cleaned but never cut
 */
struct table;

/**
 * table_new() - an empty table
 * @heads:	one per column, alive as long as the table; no line of heads is
 *		printed if all are ""
 * @align:	one letter per column: 'l' left, 'r' right, '.' by the decimal
 *		point
 * Return: NULL without memory; the other functions take that in.
 */
struct table *table_new(const char *const *heads, const char *align);
/**
 * table_spill() - let cells of the first column that are wider than @max
 * stand on a line of their own, the rest of their row below
 */
void table_spill(struct table *t, size_t max);
/* A NULL cell shows as "-". */
void table_row(struct table *t, const char *const *cells);
/* Paint a cell of the last row: an SGR sequence like "31", a literal. */
void table_paint(struct table *t, size_t col, const char *sgr);
/* Return: 0, or -ENOMEM if the table is not whole. */
int table_print(const struct table *t, FILE *out);
void table_free(struct table *t);

/* Four significant digits, integers whole; thousands separated by nothing. */
char *fmt_value(char *buf, size_t size, double v);
/* "+1.23 %", "-0.40 %"; "-" for NaN. @ratio is new/base. */
char *fmt_change(char *buf, size_t size, double ratio);
/* "+0.52 .. +1.24 %" out of an interval of ratios; "-" for NaN. */
char *fmt_interval(char *buf, size_t size, double lo, double hi);
/* "1.5 %" out of a fraction, two digits; "-" for NaN. */
char *fmt_percent(char *buf, size_t size, double fraction);
/* "threads=2 peer=llc" out of the canonical JSON object. */
char *fmt_params(char *buf, size_t size, const char *json);

/* Text, malloc'ed and clean; NULL without memory. */

/* Foreign text made harmless, whole: nothing is cut. */
char *text_dup(const char *s, bool ascii);

/* The same, without its middle where it is wider than @max; 0: any length. */
char *text_middle(const char *s, size_t max);

#define NAME_HOST	(1u << 0)	/* " on lab1" */
#define NAME_PROFILE	(1u << 1)	/* of the guest */

/* "vmexit.pio_out guest3 threads=2 [p99] (counted) on lab1" */
char *row_name(const struct obs_row *id, unsigned int parts, bool ascii);
/* "TSC ticks per operation, lower is better" */
char *metric_words(const struct metric *m);

/* Write out what is buffered. Return: 0 or a negative errno. */
int stream_end(FILE *out);

/* Comma-separated values: RFC 4180, but for lines that end in \n alone. */

/* A field of text, quoted where it must be; formulas are defused. */
void csv_field(FILE *out, const char *s);
/* A number; nothing where it is unknown. */
void csv_number(FILE *out, double v);
/* A whole row: @n fields of text, then @m numbers. */
void csv_line(FILE *out, const char *const *field, size_t n,
	      const double *number, size_t m);

/* ---- answers ---- */

/**
 * struct report_ctx - what a report says beside its rows
 * @command:	the command line that makes it again, for "reproduce"
 * @full:	facts that are not for publication may be printed
 * @tsc_khz:	of the host for ns in brackets; 0: several or unknown
 * @margin:	that the verdicts were reached with; 0: the default
 * @counts:	what counting runs of the same sides found, NULL: nothing; in
 *		the full report
 * @aa:		how often the hosts alarm for nothing; NULL: not to be said
 */
struct report_ctx {
	const char *command;
	int full;
	uint64_t tsc_khz;
	double margin;
	const struct comparison *counts;
	const struct aa_rates *aa;
};

/* All of these return 0, -ENOMEM, or what stream_end() says. */
int report_compare_text(const struct comparison *c,
			const struct report_ctx *ctx, FILE *out);

/**
 * report_compare_json() - one object
 *
 * {base, new, treatment, refused, margin, withheld, rows, sets, across,
 * not_measured, summary, aa}
 *
 * base, new:	{name, series, revision, arm, state, commit, tree, dirty,
 *		boots: [{host, release, build_id, state, evidence}]}
 * treatment:	[{key, class, host, allowed, base, new}], facts that differ;
 *		those not for publication are counted by "withheld" instead
 * refused:	null, or the reason
 * rows:	[{benchmark, params, where, profile, metric, host, unit,
 *		better, mode, base, new, ratio, lo, hi, p, p_adj, p_holm,
 *		scope, verdict, reason, flags, n_base, n_new, runs_base,
 *		runs_new, noisy_base, noisy_new, mde, need, sd_run, sd_boot,
 *		theta, se, df, p_raw, sd_raw, sd_used, borrowed, borrowed_df,
 *		ranks, ranks_lo, ranks_hi, mode_low, mode_high, id, aa}];
 *		borrowed is "past", "benchmarks" or null; explain's rows also
 *		have shape: [{quantile, ratio, lo, hi}]; regressions first;
 *		params is an object
 * sets:	[{set, host, benchmarks, better, scope, ratio, lo, hi, p, p_adj,
 *		mde, verdict, reason, n_base, n_new}], geometric means
 * across:	[{benchmark, ..., hosts, method, scope, ratio, lo, hi, p, i2}],
 *		rows that several hosts have; method is "these hosts" or
 *		"random effects"
 * not_measured: [{name, side, status, reason, runs}], side "base", "new" or
 *		"both"
 * summary:	rows per verdict
 * aa:		false alarms of the hosts, and of a row: see aa.h; null where
 *		nothing is known
 *
 * Unknown is null, never NaN or 0.
 */
int report_compare_json(const struct comparison *c,
			const struct report_ctx *ctx, FILE *out);
int report_compare_csv(const struct comparison *c,
		       const struct report_ctx *ctx, FILE *out);

/* The section on counts of counting runs; nothing where there are none. */
int report_counts(const struct comparison *c, FILE *out);

/* For a merge request: paragraphs, a table, the rest as a block of code. */
int report_markdown(const struct comparison *c, const struct report_ctx *ctx,
		    FILE *out);

/*
 * A row is a test: regressed fails; equivalent, small and improved pass; all
 * else is skipped with its reason, and runs that ended badly are errors.
 */
int report_junit(const struct comparison *c, const struct report_ctx *ctx,
		 FILE *out);
/* TAP 14, with a YAML block per test. */
int report_tap(const struct comparison *c, const struct report_ctx *ctx,
	       FILE *out);

/* Of the above, that of @format; not FORMAT_HTML. */
int report_compare(enum format format, const struct comparison *c,
		   const struct report_ctx *ctx, FILE *out);

/**
 * report_mail() - a block of at most 72 ASCII columns for a mailing list
 */
int report_mail(const struct comparison *c, const struct report_ctx *ctx,
		FILE *out);

/**
 * report_full() - the comparison, the facts, what was not measured and why
 */
int report_full(const struct comparison *c, const struct report_ctx *ctx,
		FILE *out);

/* That of report_compare_json() and {facts: [{key, class, host, base, new}],
 * noisy: [{side, rule, runs, of}]}; a fact's value is a list over boots. */
int report_full_json(const struct comparison *c,
		     const struct report_ctx *ctx, FILE *out);

/* What a row's flag means, for a legend. */
const char *row_flag_meaning(unsigned int bit);

/* ---- pictures, by gnuplot ---- */

/**
 * struct plot_trend - a value with its interval per revision
 * @unit:	of the values, with the direction of better if there is one
 * @of:		what @units counts: "runs", "boots"
 * @revision:	names, in order
 * @mid:	values, NaN where a revision has none
 * @lo, @hi:	95 % intervals, NaN where there is none
 * @units:	behind each value
 * @disturbed:	the core was shared during every run of it: it is shown hollow,
 *		at the edge if it lies outside what the others span, and is in
 *		no level; NULL: none
 * @level:	@nlevels that changes divide the revisions into; none where no
 *		change was shown
 */
struct plot_trend {
	const char *title;
	const char *unit;
	const char *of;
	const char *const *revision;
	const double *mid;
	const double *lo;
	const double *hi;
	const int *units;
	const bool *disturbed;
	size_t n;
	const struct plot_level *level;
	size_t nlevels;
};

/**
 * struct plot_level - revisions between two changes
 * @first, @last: indices of revisions
 * @ratio:	to the level before, NaN of the first
 */
struct plot_level {
	size_t first;
	size_t last;
	double value;
	double ratio;
};

/**
 * struct plot_ecdf - distributions of the samples of two revisions
 */
struct plot_ecdf {
	const char *title;
	const char *unit;
	const char *name[2];
	const double *v[2];
	size_t n[2];
};

/**
 * struct sweep_point - a value at one step of a parameter
 * @lo, @hi:	95 % interval, NaN where there is none
 * @units:	behind it
 */
struct sweep_point {
	double x;
	double mid;
	double lo;
	double hi;
	int units;
};

/**
 * struct plot_sweep - a value over a numeric parameter
 * @x:		what the parameter is called, with its unit
 * @line:	each with its points, ascending in x; at least one point
 * @mark:	places on the x axis that have a name
 */
struct plot_sweep {
	const char *title;
	const char *unit;
	const char *of;
	const char *x;
	struct sweep_line {
		const char *name;
		struct sweep_point *point;
		size_t n;
	} *line;
	size_t n;
	const struct sweep_mark {
		double x;
		const char *name;
	} *mark;
	size_t nmarks;
};

/**
 * plot_trend(), plot_ecdf(), plot_sweep() - write @stem.svg and @stem.png
 *
 * Data, titles and names reach gnuplot in data files only.
 *
 * Return: 0; -ENOENT where gnuplot is missing (said, with what to install);
 * another negative errno after saying why.
 */
int plot_trend(const struct plot_trend *p, const char *stem);
int plot_ecdf(const struct plot_ecdf *p, const char *stem);
int plot_sweep(const struct plot_sweep *p, const char *stem);

/* The same samples by value. */
int plot_histogram(const struct plot_ecdf *p, const char *stem);

/**
 * struct plot_forest - changes with their intervals, one a line
 * @ratio, @lo, @hi: new/base; intervals may be NaN
 * @count:	what n is, in words: "5 boots a side"
 */
struct plot_forest {
	const char *title;
	const char *const *name;
	const double *ratio;
	const double *lo;
	const double *hi;
	const enum verdict *verdict;
	const char *count;
	double margin;
	size_t n;
};

int plot_forest(const struct plot_forest *p, const char *stem);

/**
 * struct plot_spread - spread by level, one benchmark a line
 * @run, @boot:	sd as a fraction; NaN: unknown
 */
struct plot_spread {
	const char *title;
	const char *const *name;
	const double *run;
	const double *boot;
	const char *count;
	size_t n;
};

int plot_spread(const struct plot_spread *p, const char *stem);

/* ---- a page ---- */

/**
 * struct report_panel - pictures beside a row of a page; n 0: none. Their
 * titles are captions
 * @trend:	of the base's arm and, where that is another, of the new one's
 */
struct report_panel {
	struct plot_trend trend[2];
	struct plot_ecdf ecdf;
};

/**
 * report_html() - one self-contained page
 * @panel:	one per row of @c, in the order of c->row; NULL: no pictures
 *
 * Well-formed as XML, too; nothing is fetched, and no script but the page's
 * own may run. Without scripts it shows the same, not sorted nor filtered.
 */
int report_html(const struct comparison *c, const struct report_ctx *ctx,
		const struct report_panel *panel, FILE *out);

#endif
