/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures that others measured, on their way into results.db.
 *
 * A reader of a format hands runs to import_run(); they are kept in memory,
 * written to a database of their own by import_end(), and merged from there:
 * whole or not at all. Content that is in the database is not taken again.
 * Imported runs keep their origin and a host of their own, so that no row of
 * a comparison mixes them with what was measured here.
 */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/model.h"
#include "store/store.h"

/* What any reader takes at most: beyond it a file is refused, not cut. */
#define IMPORT_FILE_MOST	(16u << 20)	/* bytes of a file */
#define IMPORT_FILES_MOST	100000u
#define IMPORT_RUNS_MOST	1000000u
#define IMPORT_LINE_MOST	65536u		/* bytes of a line */

struct import;

/**
 * struct import_options - what the user said
 * @series:	they go into; must have no runs that were measured
 * @host:	alias for the machine, for formats that do not name it
 * @revision:	for formats that do not say, or NULL
 * @symbols:	kallsyms or System.map, for listings of page tables; or NULL
 */
struct import_options {
	const char *series;
	const char *host;
	const char *revision;
	const char *symbols;
};

/**
 * struct import_run - a run, as a format tells it
 * @boot:	name of the boot, within host and revision
 * @host, @arm:	NULL: those of the options, "default"
 * @commit:	or NULL
 * @dirty:	what was built is not what the revision names
 * @fact, @nfacts: of the boot, taken from its first run
 * @params:	canonical JSON object
 * @profile:	or NULL
 * @value, @nvalues: figures
 */
struct import_run {
	const char *revision;
	const char *boot;
	const char *host;
	const char *arm;
	const char *commit;
	bool dirty;
	const struct fact *fact;
	size_t nfacts;
	const char *benchmark;
	const char *params;
	enum place place;
	const char *profile;
	enum run_mode mode;
	enum run_status status;
	const char *reason;
	const struct store_value *value;
	size_t nvalues;
};

/**
 * import_begin() - begin
 * @format:	"falba", ...: part of the origin
 * Return: 0 or -ENOMEM.
 */
int import_begin(struct import **im, const char *format,
		 const struct import_options *o);
const struct import_options *import_options(const struct import *im);

/**
 * import_content() - a file that is taken, for the hash of the whole
 * @name:	relative, the same wherever the files lie
 */
int import_content(struct import *im, const char *name, const void *data,
		   size_t len);

/* Takes a copy. Return: 0, -ENOMEM, -E2BIG (said). */
int import_run(struct import *im, const struct import_run *r);

/**
 * import_end() - write what was taken into a database
 * @m:		out; all 0 if the content was there already
 * Return: 0, or a negative errno after the error was said.
 */
int import_end(struct import *im, struct store *into, struct store_merge *m);
void import_free(struct import *im);

/* ---- formats: each returns 0, or a negative errno after saying why ---- */

/* A directory of falba's results; prints what it found of labels and traces. */
int import_falba(struct import *im, const char *dir);
/* What "fio --output-format=json" wrote; each job is a benchmark. */
int import_fio(struct import *im, const char *file);
/* A log of kvm-unit-tests' x86/vmexit. */
int import_vmexit(struct import *im, const char *file);
/* A listing of a page table (listing/mappings.h): exact figures by region. */
int import_mappings(struct import *im, const char *file);
/* A listing of isolation exits (listing/sites.h): counts by site. */
int import_sites(struct import *im, const char *file);
/* Go's benchmark text, also that of "export --to go". */
int import_go(struct import *im, const char *file);

/* ---- what readers share ---- */

/**
 * import_read() - a file, bounded; its content is noted
 * @name:	for the hash
 * @text:	malloc'ed, terminated
 */
int import_read(struct import *im, const char *path, const char *name,
		char **text);

/* "FILE:LINE: ..." on stderr. Return: -EBADMSG. */
int import_bad(const char *file, size_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define FIO_VALUES	4

/**
 * struct fio_result - a job of fio's output
 * @params:	malloc'ed canonical JSON: every option, global ones too
 * @fs:		"directory" or the directory of "filename", "" if unknown;
 *		belongs to @params' text
 */
struct fio_result {
	char name[128];
	char *params;
	struct store_value value[FIO_VALUES];
	size_t nvalues;
};

/**
 * fio_results() - the jobs of an output
 * @file:	for messages
 * @each:	called for each job; an error ends it
 */
int fio_results(const char *file, const char *text,
		int (*each)(void *arg, const struct fio_result *f), void *arg);

#endif
