// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench bundle: two revisions, and what was concluded, for a reviewer. */
#include "cli/bundle.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/page.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/msg.h"

static struct side_options o;

static const struct opt opts[] = {
	SIDE_OPTS(o),
	{ 0 }
};

char *bundle_path(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

int bundle_hash(const char *path, char hex[HASH_HEX])
{
	size_t len;
	char *data;
	int err = file_read(path, BUNDLE_MOST, &data, &len);

	if (err) {
		pr_err("%s: %s", path, strerror(-err));
		return err;
	}
	hash_hex(data, len, hex);
	free(data);
	return 0;
}

char *bundle_report(const struct sides *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err = out ? report_full_json(&s->c, &s->ctx, out) : -ENOMEM;

	if (out && fclose(out))
		err = -ENOMEM;
	if (!err)
		return text;
	pr_err("out of memory");
	free(text);
	return NULL;
}

/* ---- files ---- */

static int report_text(const struct sides *s, FILE *out)
{
	char *text = bundle_report(s);

	if (!text)
		return -ENOMEM;
	fputs(text, out);
	free(text);
	return 0;
}

static int page_text(const struct sides *s, FILE *out)
{
	struct page page;
	int err = page_load(&page, s);

	if (err)
		return err;
	err = report_html(&s->c, &s->ctx, page.panel, out);
	page_free(&page);
	return err;
}

static int mail_text(const struct sides *s, FILE *out)
{
	return report_mail(&s->c, &s->ctx, out);
}

static int commands_text(const struct sides *s, FILE *out)
{
	return fputs(s->ctx.command, out) < 0 ? -EIO : 0;
}

static int options_text(const struct sides *s, FILE *out)
{
	json_t *allow = json_array(), *j;
	size_t i;
	int err;

	for (i = 0; i < o.allow.n; i++)
		json_array_append_new(allow, json_string(o.allow.v[i]));
	j = json_pack("{si ss ss ss ss ss* ss* sf sb so}",
		"format", BUNDLE_FORMAT, "version", ASIBENCH_VERSION,
		"series", s->base.series, "base", s->name[0],
		"new", s->name[1], "select", o.select, "mode", o.mode,
		"margin", o.margin, "all", o.all, "allow", allow);
	err = j ? json_dumpf(j, out, JSON_INDENT(2)) : -1;
	fputc('\n', out);
	json_decref(j);
	return err ? -ENOMEM : 0;
}

static const struct {
	const char *name;
	int (*write)(const struct sides *s, FILE *out);
} files[] = {
	{ BUNDLE_REPORT, report_text }, { "report.html", page_text },
	{ "mail.txt", mail_text }, { "commands", commands_text },
	{ BUNDLE_OPTIONS, options_text },
};

#define NR_FILES	(sizeof(files) / sizeof(*files))

static int write_file(const char *dir, size_t i, const struct sides *s)
{
	char *path = bundle_path(dir, files[i].name);
	FILE *out = path ? fopen(path, "wxe") : NULL;
	int err = out ? files[i].write(s, out) : path ? -errno : -ENOMEM;

	if (out && fclose(out) && !err)
		err = -errno;
	if (err)
		pr_err("%s: %s", path ? path : files[i].name, strerror(-err));
	free(path);
	return err;
}

/* As sha256sum(1) writes and checks it. */
static int write_sums(const char *dir)
{
	char *path = bundle_path(dir, BUNDLE_SUMS), hex[HASH_HEX];
	FILE *out = path ? fopen(path, "wxe") : NULL;
	size_t i;
	int err = out ? 0 : -EIO;

	for (i = 0; i <= NR_FILES && !err; i++) {
		const char *name = i < NR_FILES ? files[i].name : BUNDLE_DB;
		char *file = bundle_path(dir, name);

		err = file ? bundle_hash(file, hex) : -ENOMEM;
		if (!err)
			fprintf(out, "%s  %s\n", hex, name);
		free(file);
	}
	if (out && fclose(out) && !err)
		err = -EIO;
	if (err)
		pr_err("%s: %s", path ? path : dir, strerror(-err));
	free(path);
	return err;
}

/* ---- the command ---- */

static int slice(const struct sides *s, const char *path)
{
	const struct store_revision *const rev[2] = {
		sides_revision(s, 0), sides_revision(s, 1),
	};

	return store_slice(s->store, path, s->base.series, rev);
}

/* The report is made of the slice: what was left out has no part in it. */
static int write_bundle(const char *dir, struct sides *full)
{
	char *db = bundle_path(dir, BUNDLE_DB);
	struct side_options of_slice = o;
	struct sides s;
	size_t i;
	int err = db ? slice(full, db) : -ENOMEM;

	of_slice.db = db;
	of_slice.series = full->base.series;
	of_slice.base = full->name[0];
	of_slice.now = full->name[1];
	of_slice.full = false;
	if (!err && sides_open(&s, &of_slice, "report"))
		err = -EINVAL;
	else if (!err) {
		for (i = 0; i < NR_FILES && !err; i++)
			err = write_file(dir, i, &s);
		sides_close(&s);
	}
	free(db);
	return err ? err : write_sums(dir);
}

static void remove_bundle(const char *dir)
{
	static const char *const more[] = { BUNDLE_DB, BUNDLE_SUMS,
					    BUNDLE_DB "-journal" };
	size_t i;

	for (i = 0; i < NR_FILES + 3; i++) {
		char *path = bundle_path(dir, i < NR_FILES ? files[i].name :
					 more[i - NR_FILES]);

		if (path)
			unlink(path);
		free(path);
	}
	rmdir(dir);
}

int cmd_bundle(int argc, char **argv)
{
	struct sides s;
	int first, status;

	if (opts_parse(argc, argv, opts,
		       "  asibench bundle evidence --base v2 --new v3\n"
		       "  tar -czf evidence.tar.gz evidence\n"
		       "  ssh-keygen -Y sign -n asibench -f KEY evidence/SHA256SUMS\n",
		       &first, &status))
		return status;
	if (argc - first != 1) {
		pr_err("bundle into which directory? see asibench bundle --help");
		return EXIT_USAGE;
	}
	status = sides_open(&s, &o, "bundle");
	if (status)
		return status;
	if (mkdir(argv[first], 0777)) {
		pr_err("%s: %s", argv[first], strerror(errno));
		status = EXIT_USAGE;
	} else if (write_bundle(argv[first], &s)) {
		remove_bundle(argv[first]);
		status = EXIT_USAGE;
	} else {
		printf("%s: %s against %s; asibench verify checks it\n",
		       argv[first], s.now.name, s.base.name);
		status = output_status(0);
	}
	sides_close(&s);
	return status;
}
