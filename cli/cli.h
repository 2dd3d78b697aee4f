/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: a table of commands, one file per command.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/report/report.h"

struct store;

/* Exit statuses. */
#define EXIT_FINE		0
#define EXIT_REGRESSION		1	/* where asked to gate */
#define EXIT_USAGE		2	/* usage or data error */
#define EXIT_NOTHING_SURE	3	/* a gate with nothing conclusive */
#define EXIT_NOTHING_RAN	77

/**
 * struct command - a row of the table
 * @usage:	what follows the command's name in the usage line
 * @summary:	one line for "asibench help"
 */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage;
	const char *summary;
};

extern const struct command commands[];		/* ended by a NULL name */

/**
 * enum opt_kind - how an option's value is parsed
 *
 * OPT_LIST may be given several times.
 */
enum opt_kind {
	OPT_FLAG,	/* bool */
	OPT_TEXT,	/* const char * */
	OPT_NAME,	/* const char *, checked by text_name_ok() */
	OPT_LIST,	/* struct opt_list */
	OPT_U64,	/* uint64_t between min and max */
	OPT_REAL,	/* double between min and max; a trailing % is allowed */
	OPT_FORMAT,	/* enum format, up to max, or to csv; help lists them */
};

#define OPT_LIST_MAX	64

struct opt_list {
	const char *v[OPT_LIST_MAX];
	size_t n;
};

/**
 * struct opt - an option of a command
 * @name:	long name without the dashes
 * @kind:	see enum opt_kind
 * @to:		where the value goes
 * @arg:	its placeholder in --help, "REV"
 * @help:	one line
 * @min, @max:	range of numbers
 */
struct opt {
	const char *name;
	enum opt_kind kind;
	void *to;
	const char *arg;
	const char *help;
	double min;
	double max;
};

/**
 * opts_parse() - parse a command's options
 * @opts:	ended by a NULL name; --help is added
 * @example:	lines for --help, or NULL
 * @status:	out: exit status when the return value is not 0
 *
 * Positional arguments are left in argv from *@first on.
 *
 * Return: 0 to go on; 1 to end with *@status (help was printed, or the error
 * was said).
 */
int opts_parse(int argc, char **argv, const struct opt *opts,
	       const char *example, int *first, int *status);

/**
 * opts_words() - what was given, as words of a command line again
 * @leave:	names of options that are left out, ended by NULL
 *
 * Numbers that are not in their range are those that were not given.
 *
 * Return: malloc'ed words, *@n of them; NULL without memory.
 */
const char **opts_words(const struct opt *opts, const char *const *leave,
			size_t *n);

/* Complain about positional arguments where there may be none. */
int opts_no_more(int argc, char **argv, int first);

/**
 * cli_store_open() - the results database
 * @db:		--db or NULL
 * @flags:	STORE_*
 * Return: 0, or an exit status after the error was said.
 */
int cli_store_open(struct store **s, const char *db, unsigned int flags);

/**
 * cli_catch_signals() - SIGINT, SIGTERM and SIGHUP set cli_stop, end nothing
 */
void cli_catch_signals(void);
extern volatile int cli_stop;

#define EXIT_SIGNALLED		130

/* The command line as the user may repeat it, quoted for a shell. */
const char *cli_command_line(void);

int cmd_agent(int argc, char **argv);
int cmd_inside(int argc, char **argv);
int cmd_campaign(int argc, char **argv);
int cmd_hosts(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_mail(int argc, char **argv);
int cmd_sites(int argc, char **argv);
int cmd_mappings(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_count(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_aa(int argc, char **argv);
int cmd_revision(int argc, char **argv);
int cmd_series(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_bundle(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_relabel(int argc, char **argv);
int cmd_forget(int argc, char **argv);

#endif
