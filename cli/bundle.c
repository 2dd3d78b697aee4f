// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench bundle: two revisions, and what was concluded, for a reviewer. */
#include "cli/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/page.h"
#include "cli/plot.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/msg.h"
#include "lib/redact.h"
#include "lib/tar.h"

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

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int bundle_names(const char *dir, char ***name, size_t *n)
{
	struct dirent **d;
	int i, got = scandir(dir, &d, visible, by_bytes), err = 0;

	*n = 0;
	*name = got < 0 ? NULL : calloc(got + 1, sizeof(**name));
	if (!*name)
		err = got < 0 ? -errno : -ENOMEM;
	for (i = 0; i < got; i++) {
		if (!err && !((*name)[(*n)++] = strdup(d[i]->d_name)))
			err = -ENOMEM;
		free(d[i]);
	}
	if (got >= 0)
		free(d);
	if (err)
		pr_err("%s: %s", dir, strerror(-err));
	return err;
}

void bundle_names_free(char **name, size_t n)
{
	while (n)
		free(name[--n]);
	free(name);
}

char *bundle_scratch(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir;

	if (asprintf(&dir, "%s/asibench-bundle.XXXXXX",
		     tmp && *tmp ? tmp : "/tmp") < 0)
		return NULL;
	if (mkdtemp(dir))
		return dir;
	pr_err("%s: %s: set TMPDIR", dir, strerror(errno));
	free(dir);
	return NULL;
}

void bundle_remove(const char *dir)
{
	char **name;
	size_t n, i;

	if (bundle_names(dir, &name, &n))
		n = 0;
	for (i = 0; i < n; i++) {
		char *path = bundle_path(dir, name[i]);

		if (path)
			unlink(path);
		free(path);
	}
	bundle_names_free(name, n);
	rmdir(dir);
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

static int full_text(const struct sides *s, FILE *out)
{
	return report_full(&s->c, &s->ctx, out);
}

static int mail_text(const struct sides *s, FILE *out)
{
	return report_mail(&s->c, &s->ctx, out);
}

static int commands_text(const struct sides *s, FILE *out)
{
	return fputs(s->ctx.command, out) < 0 ? -EIO : 0;
}

static json_t *json_list(const struct opt_list *list)
{
	json_t *j = json_array();
	size_t i;

	for (i = 0; i < list->n; i++)
		json_array_append_new(j, json_string(list->v[i]));
	return j;
}

static int options_text(const struct sides *s, FILE *out)
{
	json_t *j = json_pack("{si ss ss ss ss ss* ss* sf sb so so}",
		"format", BUNDLE_FORMAT, "version", ASIBENCH_VERSION,
		"series", s->base.series, "base", s->name[0],
		"new", s->name[1], "select", o.select, "mode", o.mode,
		"margin", o.margin, "all", o.all, "allow", json_list(&o.allow),
		"set", json_list(&o.set));
	int err = j ? json_dumpf(j, out, JSON_INDENT(2)) : -1;
	fputc('\n', out);
	json_decref(j);
	return err ? -ENOMEM : 0;
}

static const struct {
	const char *name;
	int (*write)(const struct sides *s, FILE *out);
} files[] = {
	{ BUNDLE_REPORT, report_text }, { "report.html", page_text },
	{ "report.txt", full_text }, { "mail.txt", mail_text },
	{ "commands", commands_text }, { BUNDLE_OPTIONS, options_text },
};

#define NR_FILES	(sizeof(files) / sizeof(*files))

/* A new file of the directory, by @fn. */
static int write_file(const char *dir, const char *name,
		      int (*fn)(const struct sides *s, FILE *out),
		      const struct sides *s)
{
	char *path = bundle_path(dir, name);
	FILE *out = path ? fopen(path, "wxe") : NULL;
	int err = out ? fn(s, out) : path ? -errno : -ENOMEM;

	if (out && fclose(out) && !err)
		err = -errno;
	if (err)
		pr_err("%s: %s", path ? path : name, strerror(-err));
	free(path);
	return err;
}

/* ---- raw output ---- */

/* Every text of it, at any depth; what is deeper than jansson reads is not. */
static void redact(json_t *j)
{
	const char *key, *text;
	char *clean;
	json_t *v;
	size_t i;

	json_object_foreach(j, key, v)
		redact(v);
	json_array_foreach(j, i, v)
		redact(v);
	text = json_string_value(j);
	clean = text ? redact_paths(text) : NULL;
	if (clean && json_string_set(j, clean))
		json_string_set(j, "");
	free(clean);
}

struct raw {
	FILE *out;
	size_t n;
};

static int write_raw(void *arg, const char *run, const char *name,
		     const char *data, size_t len)
{
	struct raw *raw = arg;
	json_t *content = json_loadb(data, len, 0, NULL), *line;
	int err;

	/* What cannot be looked through cannot leave. */
	if (!content)
		return 0;
	redact(content);
	json_object_del(content, "hostname");
	line = json_pack("{ss ss so}", "run", run, "file", name, "content",
			 content);
	if (!line)
		return -ENOMEM;
	err = json_dumpf(line, raw->out, JSON_COMPACT);
	fputc('\n', raw->out);
	json_decref(line);
	raw->n++;
	return err ? -EIO : 0;
}

/* @full: the slice has none of it. */
static int write_raws(const char *dir, const struct sides *full)
{
	const struct store_revision *const rev[2] = {
		sides_revision(full, 0), sides_revision(full, 1),
	};
	char *path = bundle_path(dir, BUNDLE_RAW);
	struct raw raw = { path ? fopen(path, "wxe") : NULL, 0 };
	int err = raw.out ? 0 : -EIO;

	if (!err)
		err = store_artifacts_each(full->store, rev, write_raw, &raw);
	if (raw.out && fclose(raw.out) && !err)
		err = -errno;
	if (err)
		pr_err("%s: %s", path ? path : dir, strerror(-err));
	else if (!raw.n)
		unlink(path);
	free(path);
	return err;
}

/* ---- pictures, and sums ---- */

/* Those that show all benchmarks; of each one the page has its own. */
static int write_pictures(const char *dir, const struct sides *s)
{
	char path[4096];

	if (!file_in_path("gnuplot", path, sizeof(path)))
		return plot_into(dir, s, KIND_FOREST | KIND_VARIANCE);
	pr_info("no pictures but the page's own: gnuplot is not installed");
	return 0;
}

/* As sha256sum(1) writes and checks it. */
static int write_sums(const char *dir)
{
	char *path = bundle_path(dir, BUNDLE_SUMS), hex[HASH_HEX], **name;
	size_t n, i;
	int err = bundle_names(dir, &name, &n);
	FILE *out = !err && path ? fopen(path, "wxe") : NULL;

	if (!err && !out)
		err = -EIO;
	for (i = 0; i < n && !err; i++) {
		char *file = bundle_path(dir, name[i]);

		err = file ? bundle_hash(file, hex) : -ENOMEM;
		if (!err)
			fprintf(out, "%s  %s\n", hex, name[i]);
		free(file);
	}
	if (out && fclose(out) && !err)
		err = -EIO;
	bundle_names_free(name, n);
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
static int write_all(const char *dir, const struct sides *full)
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
			err = write_file(dir, files[i].name, files[i].write,
					 &s);
		if (!err)
			err = write_pictures(dir, &s);
		sides_close(&s);
	}
	free(db);
	if (!err)
		err = write_raws(dir, full);
	return err ? err : write_sums(dir);
}

/* What the archive unpacks into: its own name, up to the first dot. */
static void top_name(const char *path, char *top, size_t size)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	snprintf(top, size, "%.*s", (int)strcspn(base, "."), base);
	if (!tar_name_ok(top))
		snprintf(top, size, "evidence");
}

static int write_bundle(const char *path, const struct sides *full)
{
	char *dir = bundle_scratch(), top[40], **name = NULL;
	size_t n = 0;
	int err = dir ? write_all(dir, full) : -EIO;

	top_name(path, top, sizeof(top));
	if (!err)
		err = bundle_names(dir, &name, &n);
	if (!err)
		err = tar_pack(path, dir, top, name, n);
	bundle_names_free(name, n);
	if (dir)
		bundle_remove(dir);
	free(dir);
	return err;
}

int cmd_bundle(int argc, char **argv)
{
	struct sides s;
	int first, status;

	if (opts_parse(argc, argv, opts,
		       "  asibench bundle evidence.tar.zst --base v2 --new v3\n"
		       "  ssh-keygen -Y sign -n asibench -f KEY evidence.tar.zst\n",
		       &first, &status))
		return status;
	if (argc - first != 1) {
		pr_err("bundle into which file? see asibench bundle --help");
		return EXIT_USAGE;
	}
	if (!access(argv[first], F_OK)) {
		pr_err("%s: is there already", argv[first]);
		return EXIT_USAGE;
	}
	status = sides_open(&s, &o, "bundle");
	if (status)
		return status;
	if (write_bundle(argv[first], &s)) {
		status = EXIT_USAGE;
	} else {
		printf("%s: %s against %s; asibench verify checks it\n",
		       argv[first], s.now.name, s.base.name);
		status = output_status(0);
	}
	sides_close(&s);
	return status;
}
