// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench relabel and forget: names of revisions, set right. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sides.h"
#include "lib/msg.h"
#include "lib/text.h"

#define REVISION_BYTES	128

static const char *db;
static const char *series;

static const struct opt opts[] = {
	{ "series", OPT_NAME, &series, "NAME",
	  "series (default: that of the latest results)" },
	{ "db", OPT_TEXT, &db, "FILE", "results database" },
	{ 0 }
};

/**
 * struct named - a label out of an argument
 */
struct named {
	struct store_label l;
	char revision[REVISION_BYTES + 1];
};

static int parse_label(const char *text, struct named *named)
{
	const char *colon = strrchr(text, ':');
	size_t len = strlen(text);

	memset(named, 0, sizeof(*named));
	if (colon && !patch_parse(colon + 1, &named->l.patch,
				   &named->l.patches))
		len = colon - text;
	if (len <= REVISION_BYTES) {
		memcpy(named->revision, text, len);
		named->l.revision = named->revision;
		if (text_name_ok(named->revision, REVISION_BYTES))
			return 0;
	}
	pr_err("'%s' cannot name a revision: want 1 to %d printable characters, not starting with '-' or a space",
	       text, REVISION_BYTES);
	return -EINVAL;
}

/* The series of the latest results, where none was said. */
static int find_series(struct store *store, char **name)
{
	struct store_revision *v;
	size_t n;
	int err = store_revisions(store, series, &v, &n);

	if (err)
		return err;
	*name = strdup(n ? v[0].series : series ? series : "");
	store_revisions_free(v, n);
	return *name ? 0 : -ENOMEM;
}

/**
 * label_command() - parse, open, find the series, and let @act do the rest
 * @want:	how many labels
 */
static int label_command(int argc, char **argv, int want, const char *example,
			 int (*act)(struct store *s, struct named *named))
{
	struct named named[2];
	struct store *store;
	char *name = NULL;
	int first, status, i;

	if (opts_parse(argc, argv, opts, example, &first, &status))
		return status;
	if (argc - first != want) {
		pr_err("asibench %s takes %s; see asibench %s --help",
		       argv[0], want == 1 ? "one revision" :
		       "the old name and the new one", argv[0]);
		return EXIT_USAGE;
	}
	for (i = 0; i < want; i++)
		if (parse_label(argv[first + i], &named[i]))
			return EXIT_USAGE;
	status = cli_store_open(&store, db, 0);
	if (status)
		return status;
	status = EXIT_USAGE;
	if (!find_series(store, &name)) {
		for (i = 0; i < want; i++)
			named[i].l.series = name;
		if (!act(store, named))
			status = EXIT_FINE;
	}
	free(name);
	store_close(store);
	return status;
}

static int do_relabel(struct store *s, struct named *named)
{
	return store_relabel(s, &named[0].l, &named[1].l);
}

int cmd_relabel(int argc, char **argv)
{
	return label_command(argc, argv, 2,
			     "  asibench relabel v3 v3-rc1 --series asi\n",
			     do_relabel);
}

static int do_forget(struct store *s, struct named *named)
{
	int runs, err = store_forget(s, &named->l, &runs);

	if (!err)
		pr_info("%s of series %s is forgotten, with %d run%s",
			named->l.revision, named->l.series, runs,
			runs == 1 ? "" : "s");
	return err;
}

int cmd_forget(int argc, char **argv)
{
	return label_command(argc, argv, 1,
			     "  asibench forget v3 --series asi\n",
			     do_forget);
}
