// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench import: take in what others measured with other tools. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/sides.h"
#include "import/import.h"
#include "lib/msg.h"

static const char *db;
static struct import_options o = { .host = "imported" };

static const struct opt opts[] = {
	{ "series", OPT_NAME, &o.series, "NAME",
	  "that takes them in (default: the format's name)" },
	{ "rev", OPT_NAME, &o.revision, "NAME",
	  "revision, for formats that do not say: all but falba and go" },
	{ "host", OPT_NAME, &o.host, "NAME",
	  "public name of the machine (default: imported)" },
	{ "symbols", OPT_TEXT, &o.symbols, "FILE",
	  "of the kernel whose mappings are listed: kallsyms or System.map" },
	{ "db", OPT_TEXT, &db, "FILE",
	  "results database that takes them in" },
	{ 0 }
};

/* @revision: the user has to say it */
static const struct format_of {
	const char *name;
	int (*read)(struct import *im, const char *file);
	bool revision;
} formats[] = {
	{ "falba", import_falba, false },
	{ "fio", import_fio, true },
	{ "vmexit", import_vmexit, true },
	{ "go", import_go, false },
	{ "mappings", import_mappings, true },
	{ "sites", import_sites, true },
};

static const struct format_of *format_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	pr_err("import: no format is called '%s': there are falba, fio, vmexit, go, mappings and sites",
	       name);
	return NULL;
}

static int take(struct store *store, const struct format_of *f,
		char *const *file)
{
	struct store_merge m;
	struct import *im;
	int err = import_begin(&im, f->name, &o);

	for (; *file && !err; file++)
		err = f->read(im, *file);
	if (!err)
		err = import_end(im, store, &m);
	import_free(im);
	if (err == -ENOMEM)
		pr_err("out of memory");
	if (err)
		return EXIT_USAGE;
	printf("%s: %d run%s new, %d known; %d boot%s new\n", o.series,
	       m.runs_new, m.runs_new == 1 ? "" : "s", m.runs_known,
	       m.boots_new, m.boots_new == 1 ? "" : "s");
	return output_status(0);
}

int cmd_import(int argc, char **argv)
{
	const struct format_of *f;
	struct store *store;
	int first, status;

	if (opts_parse(argc, argv, opts,
		       "  asibench import falba results/ --series published\n"
		       "  asibench import fio v2-*.json --rev v2\n",
		       &first, &status))
		return status;
	if (argc - first < 2) {
		pr_err("import what? see asibench import --help");
		return EXIT_USAGE;
	}
	f = format_find(argv[first]);
	if (!f)
		return EXIT_USAGE;
	if (f->revision && !o.revision) {
		pr_err("import %s: --rev must say which revision it is",
		       f->name);
		return EXIT_USAGE;
	}
	if (!o.series)
		o.series = f->name;
	status = cli_store_open(&store, db, STORE_CREATE);
	if (status)
		return status;
	status = take(store, f, argv + first + 1);
	store_close(store);
	return status;
}
