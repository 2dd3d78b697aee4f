/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two sides of compare, report, mail, explain and plot. */
#ifndef CLI_SIDES_H
#define CLI_SIDES_H

#include "analysis/report/report.h"
#include "cli/aa.h"
#include "cli/cli.h"
#include "cli/label.h"
#include "store/store.h"

/**
 * struct side_options - what the user asked for; all zero is the default
 * @base, @now:	REV, REV@ARM, with a patch REV:K/N; NULL: the two latest
 * @input:	figures from a file, not from the database; both sides named
 * @select:	GLOB of benchmarks
 * @mode:	"timed", "counted", "injected"; NULL: timed
 * @margin:	percent
 * @set:	NAME=GLOB, benchmarks to be summed up
 * @allow:	environment facts that may differ
 * @all:	every metric, not the primary ones alone
 * @full:	facts that are not for publication, too
 * @foreign:	the database is somebody else's
 */
struct side_options {
	const char *db;
	const char *input;
	const char *series;
	const char *base;
	const char *now;
	const char *select;
	const char *mode;
	double margin;
	struct opt_list set;
	struct opt_list allow;
	bool all;
	bool full;
	bool foreign;
};

/* The rows of a command's option table that say what is compared. */
#define SIDE_OPTS(o)							\
	{ "base", OPT_TEXT, &(o).base, "REV",				\
	  "baseline: REV, REV@ARM or REV:K/N (default: the latest but one)" }, \
	{ "new", OPT_TEXT, &(o).now, "REV",				\
	  "what is judged (default: the latest)" },			\
	{ "series", OPT_NAME, &(o).series, "NAME",			\
	  "series (default: that of the latest results)" },		\
	{ "select", OPT_TEXT, &(o).select, "GLOB",			\
	  "benchmarks (default: all)" },				\
	{ "mode", OPT_TEXT, &(o).mode, "MODE",				\
	  "timed (default), counted or injected runs" },		\
	{ "margin", OPT_REAL, &(o).margin, "PCT",			\
	  "change that matters (default 1)", 0.001, 1000 },		\
	{ "set", OPT_LIST, &(o).set, "NAME=GLOB",			\
	  "also the geometric mean of these benchmarks; may be given again" }, \
	{ "allow", OPT_LIST, &(o).allow, "FACT",			\
	  "an environment fact that may differ; may be given again" },	\
	{ "all", OPT_FLAG, &(o).all, NULL,				\
	  "all metrics, not only the primary one of each" },		\
	{ "full", OPT_FLAG, &(o).full, NULL,				\
	  "also facts that are not for publication" },			\
	{ "db", OPT_TEXT, &(o).db, "FILE", "results database" }

#define FORMAT_OPT(f)							\
	{ "format", OPT_FORMAT, &(f), "FORMAT", "text, json or csv" }

struct door;

/**
 * struct sides - both sides, loaded and compared
 * @select:	what each side was loaded by: [0] base, [1] new
 * @door:	the file that they came from, if it was one
 * @past:	other revisions and arms with several boots; @lent what they
 *		tell of the spread of boots
 * @set:	named sets, opts.nsets of them
 */
struct sides {
	struct store *store;
	struct store_select select[2];
	struct obs_set base;
	struct obs_set now;
	struct obs_set *past;
	size_t npast;
	struct compare_past *lent;
	struct compare_set_opt *set;
	struct compare_opts opts;
	struct comparison c;
	struct aa_known aa;
	struct report_ctx ctx;
	char *command;
	struct store_revision *revision;
	size_t nrevisions;
	char *name[2];
	struct door *door;
};

/**
 * sides_open() - resolve, load and compare
 * @command:	the command's name, for the line that reproduces it
 * Return: 0, or an exit status after the error was said.
 */
int sides_open(struct sides *s, const struct side_options *o,
	       const char *command);
void sides_close(struct sides *s);

/* The revision that a side was loaded of; 0 base, 1 new. */
const struct store_revision *sides_revision(const struct sides *s, int side);
/* Both sides out of o->input: 0 or a negative errno, said unless -ENOMEM. */
int sides_from_input(struct sides *s, const struct side_options *o);
void sides_free_input(struct sides *s);

/**
 * struct sides_counts - what counting runs of the same sides found
 * @c:		without counts that are 0 on both sides
 */
struct sides_counts {
	struct obs_set set[2];
	struct comparison c;
};

/* Load and compare them; no row where there are no such runs. 0 or -errno. */
int sides_counts(const struct sides *s, struct sides_counts *counts);
void sides_counts_free(struct sides_counts *counts);

/**
 * sides_run_command() - the command that measures a side again
 * @side:	0 base, 1 new
 * @select:	GLOB, or NULL
 */
void sides_run_command(const struct sides *s, int side, const char *select,
		       FILE *out);

/**
 * struct sides_command - a command that compares and prints
 * @opts, @example: for opts_parse()
 * @options:	where SIDE_OPTS() puts the user's wishes
 * @check:	0, or an exit status after saying what is wrong with the
 *		command's own options; or NULL
 * @instead:	did something else, which ended with @status; or NULL
 * @print:	0 or a negative errno
 * @end:	exit status of a command that went well, or NULL for 0
 */
struct sides_command {
	const struct opt *opts;
	const char *example;
	const struct side_options *options;
	int (*check)(void);
	bool (*instead)(int *status);
	int (*print)(const struct sides *s);
	int (*end)(const struct sides *s);
};

int sides_command(int argc, char **argv, const struct sides_command *c);

/* Flush standard output, say what went wrong; returns the exit status. */
int output_status(int err);

#endif
