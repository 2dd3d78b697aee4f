// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench merge: take in a colleague's results. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/sides.h"
#include "lib/msg.h"

static const char *db;

static const struct opt opts[] = {
	{ "db", OPT_TEXT, &db, "FILE",
	  "results database that takes them in" },
	{ 0 }
};

static int merge_file(struct store *store, const char *file)
{
	struct store_merge m;
	char *name;

	if (store_merge(store, file, &m))
		return EXIT_USAGE;
	name = text_dup(file, false);
	printf("%s: %d run%s new, %d known; %d boot%s and %d host%s new\n",
	       name ? name : "?", m.runs_new, m.runs_new == 1 ? "" : "s",
	       m.runs_known, m.boots_new, m.boots_new == 1 ? "" : "s",
	       m.hosts_new, m.hosts_new == 1 ? "" : "s");
	free(name);
	return EXIT_FINE;
}

int cmd_merge(int argc, char **argv)
{
	struct store *store;
	int first, status;

	if (opts_parse(argc, argv, opts,
		       "  asibench merge ../theirs/results.db\n", &first,
		       &status))
		return status;
	if (first == argc) {
		pr_err("merge what? see asibench merge --help");
		return EXIT_USAGE;
	}
	status = cli_store_open(&store, db, STORE_CREATE);
	if (status)
		return status;
	/* Each file is whole or not at all; one bad one does not stop others. */
	for (; first < argc; first++)
		if (merge_file(store, argv[first]))
			status = EXIT_USAGE;
	store_close(store);
	return status;
}
