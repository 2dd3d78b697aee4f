// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A directory of falba's results: TEST:HASH/artifacts/, one directory a boot.
 *
 * Three things that such a database lets one get wrong are found and said:
 * a job's label against the directory it ran in, results that were traced
 * (stored as counted: their times never meet those of others), and results of
 * a configuration with uncommitted changes (a revision of their own).
 */
#include "import/import.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/factlist.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "lib/text.h"

#define TRACE	"bpftrace_asi_exits.log"
#define NAME_BYTES	200	/* of a revision; the schema's limit */

#define NAMES_MOST	256	/* that are told apart in what is said */

/**
 * struct name_seen - a revision's name, and the first configuration of it
 * @mixed:	there was another one
 */
struct name_seen {
	char name[NAME_BYTES + 16];
	char commit[128];
	bool mixed;
};

/**
 * struct findings - what was found, and how often
 */
struct findings {
	int results, runs, traced, dirty;
	int labelled;		/* fio runs whose label is not their directory's */
	int shmem;		/* traced fio results that write to a tmpfs */
	char label[64];
	char directory[128];
	struct name_seen seen[NAMES_MOST];
	int nseen;
};

/**
 * struct result - a directory on its way in
 * @name:	"TEST:HASH"
 * @path:	of its artifacts
 */
struct result {
	struct import *im;
	struct findings *found;
	const char *name;
	char path[PATH_MAX];
	char revision[NAME_BYTES + 16];
	char commit[128];
	bool dirty, traced, tmpfs;
	struct fact fact[1];
	const char *file;	/* being read */
};

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_hidden(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* A regular file of the result; links are not followed. */
static int read_artifact(struct result *r, const char *name, char **text)
{
	char path[PATH_MAX + 300], shown[700];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", r->path, name);
	snprintf(shown, sizeof(shown), "%.300s/%.300s", r->name, name);
	if (lstat(path, &st))
		return import_bad(path, 0, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return import_bad(path, 0, "is not a regular file");
	return import_read(r->im, path, shown, text);
}

/* ---- what a result is ---- */

/* VARIANT_ID="name" */
static int take_variant(struct result *r, const char *text)
{
	static const char key[] = "VARIANT_ID=";
	const char *at = text;
	size_t len;

	while (at && strncmp(at, key, sizeof(key) - 1)) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return import_bad(r->path, 0, "etc_os-release has no VARIANT_ID");
	at += sizeof(key) - 1;
	at += *at == '"';
	len = strcspn(at, "\"\n");
	if (!len || len > NAME_BYTES)
		return import_bad(r->path, 0, "etc_os-release: VARIANT_ID is no name");
	snprintf(r->revision, sizeof(r->revision), "%.*s", (int)len, at);
	if (!text_name_ok(r->revision, NAME_BYTES))
		return import_bad(r->path, 0, "etc_os-release: VARIANT_ID is no name");
	return 0;
}

/* What the configuration's revision is, or that it is not known. */
static int take_version(struct result *r, const char *text)
{
	json_error_t where;
	json_t *root = json_loads(text, 0, &where);
	const char *rev;

	if (!root)
		return import_bad("nixos-version.json", where.line, "%s: %s",
				  r->name, where.text);
	rev = json_string_value(json_object_get(root,
						"configurationRevision"));
	snprintf(r->commit, sizeof(r->commit), "%s", rev ? rev : "unknown");
	r->dirty = !rev || strstr(rev, "dirty");
	json_decref(root);
	return 0;
}

/* One name for several configurations: they are replicates of nothing. */
static void note_name(struct result *r)
{
	struct findings *f = r->found;
	int i;

	for (i = 0; i < f->nseen; i++) {
		if (strcmp(f->seen[i].name, r->revision))
			continue;
		f->seen[i].mixed |= !!strcmp(f->seen[i].commit, r->commit);
		return;
	}
	if (i == NAMES_MOST)
		return;
	f->nseen++;
	strcpy(f->seen[i].name, r->revision);
	strcpy(f->seen[i].commit, r->commit);
}

static int take_identity(struct result *r)
{
	char *text;
	int err = read_artifact(r, "etc_os-release", &text);

	if (err)
		return err;
	err = take_variant(r, text);
	free(text);
	if (!err)
		err = read_artifact(r, "nixos-version.json", &text);
	if (err)
		return err;
	err = take_version(r, text);
	free(text);
	if (r->dirty) {
		strcat(r->revision, "-dirty");
		r->found->dirty++;
	}
	note_name(r);
	fact_set_text(&r->fact[0], "falba.config_revision", r->commit);
	r->fact[0].class = FACT_IDENTITY;
	r->fact[0].publish = 1;
	return err;
}

static int take_run(struct result *r, const char *benchmark,
		    const char *params, const struct store_value *v, size_t n)
{
	const struct import_run run = {
		.revision = r->revision, .boot = r->name,
		.dirty = r->dirty, .fact = r->fact, .nfacts = 1,
		.benchmark = benchmark, .params = params,
		.place = PLACE_USER, .value = v, .nvalues = n,
		.mode = r->traced ? MODE_COUNTED : MODE_TIMED,
	};

	r->found->runs++;
	return import_run(r->im, &run);
}

/* ---- its artifacts ---- */

/* "@total_exits: N" at the end of the trace; one figure of the whole boot. */
static int take_trace(struct result *r)
{
	static const char key[] = "@total_exits: ";
	struct store_value v = {
		.metric = { "exits", "exits", BETTER_LOWER, SCALE_LOG,
			    NATURE_COUNT, 1 },
		.n = 1, .lo = NAN, .hi = NAN,
	};
	char *text, *at, params[64];
	size_t test = strcspn(r->name, ":");
	uint64_t count;
	int err = read_artifact(r, TRACE, &text);

	if (err)
		return err;
	r->tmpfs = strstr(text, "shmem_file_write_iter+") != NULL;
	at = strstr(text, key);
	if (at) {
		at += sizeof(key) - 1;
		at[strcspn(at, "\r\n")] = '\0';
	}
	if (!at || num_u64(at, 0, 1ull << 53, &count)) {
		err = import_bad(r->path, 0, TRACE " has no count of all exits");
	} else {
		v.value = count;
		snprintf(params, sizeof(params), "{\"during\":\"%.*s\"}",
			 test < 40 ? (int)test : 40, r->name);
		err = take_run(r, "isolation.exits", params, &v, 1);
	}
	free(text);
	return err;
}

static int take_elapsed(struct result *r, const char *name, const char *text)
{
	struct store_value v = {
		.metric = { "elapsed", "ns", BETTER_LOWER, SCALE_LOG,
			    NATURE_REPLICATED, 1 },
		.n = 1, .lo = NAN, .hi = NAN,
	};
	char benchmark[NAME_BYTES], number[32];
	const char *end = strstr(name, "_elapsed_ns_");
	uint64_t ns;

	snprintf(number, sizeof(number), "%.*s",
		 (int)strcspn(text, " \r\n"), text);
	if (num_u64(number, 1, 1ull << 53, &ns))
		return import_bad(r->path, 1, "%.100s: '%s' is no number of nanoseconds",
				  name, number);
	v.value = ns;
	snprintf(benchmark, sizeof(benchmark), "%.*s",
		 end - name < 100 ? (int)(end - name) : 100, name);
	return take_run(r, benchmark, "{}", &v, 1);
}

/* Is the label "ext4" of fio_output_ext4_3.json what its directory is? */
static void judge_label(struct result *r, json_t *params)
{
	const char *dir = json_string_value(json_object_get(params,
							    "directory"));
	const char *label = r->file + strlen("fio_output_");
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(label, "_."), label);
	json_object_set_new(params, "label", json_string(name));
	if (!dir || strstr(dir, name))
		return;
	r->found->labelled++;
	if (!*r->found->label || (strcmp(name, "tmpfs") &&
				  !strcmp(r->found->label, "tmpfs")))
		snprintf(r->found->label, sizeof(r->found->label), "%s", name);
	snprintf(r->found->directory, sizeof(r->found->directory), "%s", dir);
}

static int take_fio(void *arg, const struct fio_result *f)
{
	struct result *r = arg;
	json_t *params = json_loads(f->params, 0, NULL);
	char benchmark[64], *text = NULL;
	const char *rw;
	int err = -ENOMEM;

	if (params) {
		rw = json_string_value(json_object_get(params, "rw"));
		snprintf(benchmark, sizeof(benchmark), "fio.%s",
			 rw && strlen(rw) < 40 ? rw : "job");
		judge_label(r, params);
		text = json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	}
	if (text)
		err = take_run(r, benchmark, text, f->value, f->nvalues);
	free(text);
	json_decref(params);
	return err;
}

static bool is_json(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcmp(dot, ".json");
}

static int take_artifact(struct result *r, const char *name)
{
	bool elapsed = strstr(name, "_elapsed_ns_");
	bool fio = !strncmp(name, "fio_output_", 11) && is_json(name);
	char *text;
	int err;

	if (!elapsed && !fio)
		return 0;
	err = read_artifact(r, name, &text);
	if (err)
		return err;
	r->file = name;
	err = elapsed ? take_elapsed(r, name, text) :
		fio_results(name, text, take_fio, r);
	free(text);
	return err;
}

static int take_result(struct result *r)
{
	struct dirent **entry;
	char trace[PATH_MAX + 32];
	struct stat st;
	int n, i, err;

	snprintf(trace, sizeof(trace), "%s/" TRACE, r->path);
	r->traced = !lstat(trace, &st);
	err = take_identity(r);
	if (!err && r->traced)
		err = take_trace(r);
	if (err)
		return err;
	r->found->results++;
	r->found->traced += r->traced;
	r->found->shmem += r->tmpfs && !strncmp(r->name, "fio:", 4);
	n = scandir(r->path, &entry, not_hidden, by_name);
	if (n < 0)
		return import_bad(r->path, 0, "%s", strerror(errno));
	for (i = 0; i < n; i++) {
		if (!err)
			err = take_artifact(r, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	return err;
}

/* ---- what was found ---- */

static void say_mixed(const struct findings *f)
{
	const char *first = NULL;
	int i, n = 0;

	for (i = 0; i < f->nseen; i++) {
		if (!f->seen[i].mixed)
			continue;
		n++;
		first = first ? first : f->seen[i].name;
	}
	if (n)
		pr_info("%d of %d names, like %s, stand for results of several configuration revisions, which differ in more than the name says: boots of one name spread by that, too; reports list falba.config_revision",
			n, f->nseen, first);
}

static void say_findings(const struct findings *f)
{
	pr_info("%d results, %d runs", f->results, f->runs);
	if (f->labelled && f->shmem)
		pr_info("%d runs of fio are labelled by a file system and ran in %s, and %d traced results write there through shmem_file_write_iter, which is tmpfs: the label %s does not say what was measured; it is kept as a parameter",
			f->labelled, f->directory, f->shmem, f->label);
	else if (f->labelled)
		pr_info("%d runs of fio are labelled by a file system and ran in %s: that the label %s is right is not known; it is kept as a parameter",
			f->labelled, f->directory, f->label);
	if (f->traced)
		pr_info("%d results were traced: they are stored as counted runs (--mode counted), whose times are never compared with those of others",
			f->traced);
	if (f->dirty)
		pr_info("%d results are of a configuration with uncommitted changes: they are revisions of their own, NAME-dirty",
			f->dirty);
	say_mixed(f);
}

/* The results, or the one directory that has them. */
static int scan(const char *dir, char *inner, size_t size,
		struct dirent ***entry)
{
	int n = scandir(dir, entry, not_hidden, by_name);

	snprintf(inner, size, "%s", dir);
	if (n == 1 && !strchr((*entry)[0]->d_name, ':')) {
		snprintf(inner, size, "%s/%s", dir, (*entry)[0]->d_name);
		free((*entry)[0]);
		free(*entry);
		n = scandir(inner, entry, not_hidden, by_name);
	}
	return n < 0 ? import_bad(inner, 0, "%s", strerror(errno)) : n;
}

int import_falba(struct import *im, const char *dir)
{
	struct findings found = { 0 };
	struct dirent **entry;
	char inner[PATH_MAX / 2];
	int n = scan(dir, inner, sizeof(inner), &entry), i, err = 0;

	if (n < 0)
		return n;
	for (i = 0; i < n; i++) {
		struct result r = {
			.im = im, .found = &found, .name = entry[i]->d_name,
		};

		if (strchr(r.name, ':') && !err) {
			snprintf(r.path, sizeof(r.path), "%s/%s/artifacts",
				 inner, r.name);
			err = take_result(&r);
		}
		free(entry[i]);
	}
	free(entry);
	if (!err && !found.results)
		err = import_bad(dir, 0, "holds no results of falba (TEST:HASH/artifacts)");
	if (!err)
		say_findings(&found);
	return err;
}
