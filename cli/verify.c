// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * asibench verify: is a bundle whole, and does its report follow from its
 * database? That proves consistency, not who measured.
 */
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/bundle.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/msg.h"
#include "lib/tar.h"

#define SUMS_MOST	(1u << 20)
#define REPORT_MOST	(256u << 20)

static const struct opt opts[] = { { 0 } };

/**
 * struct checked - what was looked at
 * @shown:	as the user named it: a directory, or the archive that @dir was
 *		unpacked from
 * @name:	files of the manifest
 */
struct checked {
	const char *shown;
	const char *dir;
	char *name[BUNDLE_FILES];
	size_t n;
	int wrong;
};

/* ---- files ---- */

static void check_file(struct checked *c, const char *hex, const char *name)
{
	char *path = bundle_path(c->dir, name), got[HASH_HEX];

	if (path && access(path, F_OK)) {
		pr_err("%s/%s: is missing", c->shown, name);
		c->wrong++;
	} else if (!path || bundle_hash(path, got)) {
		c->wrong++;
	} else if (strcmp(hex, got)) {
		pr_err("%s/%s: changed since the bundle was made", c->shown,
		       name);
		c->wrong++;
	}
	free(path);
}

static int check_line(struct checked *c, char *line)
{
	char *name = line + HASH_HEX + 1;

	if (strlen(line) < HASH_HEX + 2 ||
	    strspn(line, "0123456789abcdef") != HASH_HEX - 1 ||
	    strncmp(line + HASH_HEX - 1, "  ", 2) || !tar_name_ok(name) ||
	    !strcmp(name, BUNDLE_SUMS) ||
	    c->n == BUNDLE_FILES) {
		pr_err("%s/" BUNDLE_SUMS ": a line is not \"HASH  NAME\"",
		       c->shown);
		return -EBADMSG;
	}
	line[HASH_HEX - 1] = '\0';
	c->name[c->n] = strdup(name);
	if (!c->name[c->n])
		return -ENOMEM;
	c->n++;
	check_file(c, line, name);
	return 0;
}

static bool listed(const struct checked *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!strcmp(c->name[i], name))
			return true;
	return false;
}

/* A signature of the manifest may stand beside it. */
static int check_unlisted(struct checked *c)
{
	struct dirent *d;
	DIR *dir = opendir(c->dir);

	if (!dir)
		return -errno;
	while ((d = readdir(dir))) {
		if (d->d_name[0] == '.' || listed(c, d->d_name) ||
		    !strncmp(d->d_name, BUNDLE_SUMS, strlen(BUNDLE_SUMS)))
			continue;
		pr_err("%s/%s: is not in " BUNDLE_SUMS, c->shown, d->d_name);
		c->wrong++;
	}
	closedir(dir);
	return 0;
}

static int check_needed(struct checked *c)
{
	static const char *const needed[] = {
		BUNDLE_DB, BUNDLE_REPORT, BUNDLE_OPTIONS,
	};
	size_t i;

	for (i = 0; i < 3; i++) {
		if (listed(c, needed[i]))
			continue;
		pr_err("%s/" BUNDLE_SUMS ": lists no %s", c->shown, needed[i]);
		return -EBADMSG;
	}
	return 0;
}

static int check_files(struct checked *c)
{
	char *path = bundle_path(c->dir, BUNDLE_SUMS), *text, *at, *line;
	size_t len;
	int err = path ? file_read(path, SUMS_MOST, &text, &len) : -ENOMEM;

	if (err) {
		pr_err("%s/" BUNDLE_SUMS ": %s; is it a bundle?", c->shown,
		       strerror(-err));
		free(path);
		return err;
	}
	for (at = text; !err && (line = strsep(&at, "\n")); )
		if (*line)
			err = check_line(c, line);
	free(text);
	free(path);
	if (!err)
		err = check_needed(c);
	return err ? err : check_unlisted(c);
}

/* ---- figures ---- */

static void differs(struct checked *c, const char *where, const json_t *said,
		    const json_t *found)
{
	char *a = said ? json_dumps(said, JSON_ENCODE_ANY | JSON_COMPACT) :
		NULL;
	char *b = found ? json_dumps(found, JSON_ENCODE_ANY | JSON_COMPACT) :
		NULL;

	if (c->wrong++ < 20)
		pr_err("%s/" BUNDLE_REPORT ": %s is %.80s, and %.80s by "
		       BUNDLE_DB, c->shown, where, a ? a : "not there",
		       b ? b : "not there");
	free(a);
	free(b);
}

static void compare_json(struct checked *c, const char *where,
			 const json_t *said, const json_t *found)
{
	char at[512];
	const char *key;
	json_t *v;
	size_t i;

	if (json_is_object(said) && json_is_object(found)) {
		json_object_foreach((json_t *)found, key, v) {
			snprintf(at, sizeof(at), "%.400s%s%.80s", where,
				 *where ? "." : "", key);
			compare_json(c, at, json_object_get(said, key), v);
		}
		if (json_object_size(said) > json_object_size(found))
			differs(c, where, said, found);
	} else if (json_is_array(said) && json_is_array(found) &&
		   json_array_size(said) == json_array_size(found)) {
		json_array_foreach(found, i, v) {
			snprintf(at, sizeof(at), "%.400s[%zu]", where, i);
			compare_json(c, at, json_array_get(said, i), v);
		}
	} else if (!said || !json_equal(said, found)) {
		differs(c, where, said, found);
	}
}

static json_t *load_json(const char *dir, const char *name)
{
	char *path = bundle_path(dir, name), *text = NULL;
	json_error_t where;
	json_t *j = NULL;
	size_t len;

	if (path && file_read(path, REPORT_MOST, &text, &len))
		pr_err("%s: cannot be read", path);
	else if (path)
		j = json_loads(text, JSON_REJECT_DUPLICATES, &where);
	if (text && !j)
		pr_err("%s:%d: %s", path, where.line, where.text);
	free(text);
	free(path);
	return j;
}

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static int take_list(const json_t *j, struct opt_list *list)
{
	size_t i;

	for (i = 0; i < json_array_size(j) && i < OPT_LIST_MAX; i++) {
		list->v[i] = json_string_value(json_array_get(j, i));
		if (!list->v[i])
			return -EBADMSG;
		list->n++;
	}
	return 0;
}

static int take_options(const json_t *j, struct side_options *o)
{
	*o = (struct side_options) {
		.series = text_of(j, "series"), .base = text_of(j, "base"),
		.now = text_of(j, "new"), .select = text_of(j, "select"),
		.mode = text_of(j, "mode"), .foreign = true,
		.margin = json_number_value(json_object_get(j, "margin")),
		.all = json_is_true(json_object_get(j, "all")),
	};
	if (take_list(json_object_get(j, "allow"), &o->allow) ||
	    take_list(json_object_get(j, "set"), &o->set))
		return -EBADMSG;
	return json_integer_value(json_object_get(j, "format")) ==
		BUNDLE_FORMAT && o->series && o->base && o->now &&
		o->margin >= 0 && o->margin <= 1000 ? 0 : -EBADMSG;
}

/* The report as this program would write it of this database. */
static int recompute(struct checked *c, const struct side_options *o,
		     const json_t *said)
{
	struct sides s;
	json_t *found;
	char *text;

	if (sides_open(&s, o, "report"))
		return -EBADMSG;
	text = bundle_report(&s);
	sides_close(&s);
	found = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	if (!found)
		return -ENOMEM;
	compare_json(c, "", said, found);
	json_decref(found);
	return 0;
}

static int check_figures(struct checked *c)
{
	json_t *options = load_json(c->dir, BUNDLE_OPTIONS);
	json_t *said = load_json(c->dir, BUNDLE_REPORT);
	char *db = bundle_path(c->dir, BUNDLE_DB);
	struct side_options o;
	int err = -EBADMSG;

	if (!options || !said || !db)
		goto free_all;
	if (take_options(options, &o)) {
		pr_err("%s/" BUNDLE_OPTIONS ": is not of this format",
		       c->shown);
		goto free_all;
	}
	o.db = db;
	err = recompute(c, &o, said);
free_all:
	free(db);
	json_decref(options);
	json_decref(said);
	return err;
}

/* An archive is unpacked where nobody else is, and removed again. */
static int check(struct checked *c)
{
	char *scratch = NULL;
	struct stat st;
	int err = 0;

	c->dir = c->shown;
	if (!stat(c->shown, &st) && !S_ISDIR(st.st_mode)) {
		c->dir = scratch = bundle_scratch();
		err = scratch ? tar_unpack(c->shown, scratch, BUNDLE_FILES,
					   BUNDLE_MOST) : -EIO;
	}
	if (!err)
		err = check_files(c);
	if (!err)
		err = check_figures(c);
	if (scratch)
		bundle_remove(scratch);
	free(scratch);
	return err;
}

int cmd_verify(int argc, char **argv)
{
	struct checked c = { 0 };
	int first, status, err;
	size_t i;

	if (opts_parse(argc, argv, opts,
		       "  asibench verify evidence.tar.zst\n"
		       "  ssh-keygen -Y verify -n asibench -I SIGNER -f ALLOWED_SIGNERS \\\n"
		       "      -s evidence.tar.zst.sig <evidence.tar.zst\n",
		       &first, &status))
		return status;
	if (argc - first != 1) {
		pr_err("verify which bundle? see asibench verify --help");
		return EXIT_USAGE;
	}
	c.shown = argv[first];
	err = check(&c);
	if (!err && !c.wrong)
		printf("%s: %zu files are as they were made, and every figure of the report follows from the database; who measured is not proven by that\n",
		       c.shown, c.n);
	for (i = 0; i < c.n; i++)
		free(c.name[i]);
	return err || c.wrong ? EXIT_USAGE : output_status(0);
}
