// SPDX-License-Identifier: GPL-2.0-or-later
#include "import/import.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/msg.h"

/**
 * struct import - runs in memory
 * @digest:	a line per file taken, "NAME HASH"
 */
struct import {
	struct import_options o;
	const char *format;
	struct arena *arena;
	struct import_run *run;
	size_t n, room, files;
	FILE *digest;
	char *digest_text;
	size_t digest_len;
};

int import_begin(struct import **im, const char *format,
		 const struct import_options *o)
{
	struct import *i = calloc(1, sizeof(*i));

	*im = i;
	if (!i)
		return -ENOMEM;
	i->o = *o;
	i->format = format;
	i->arena = arena_new();
	i->digest = open_memstream(&i->digest_text, &i->digest_len);
	if (!i->arena || !i->digest)
		return -ENOMEM;
	/* Two revisions may have one content. */
	if (o->revision)
		fprintf(i->digest, "revision %s\nhost %s\n", o->revision,
			o->host);
	return 0;
}

void import_free(struct import *im)
{
	if (!im)
		return;
	if (im->digest)
		fclose(im->digest);
	free(im->digest_text);
	arena_free(im->arena);
	free(im->run);
	free(im);
}

const struct import_options *import_options(const struct import *im)
{
	return &im->o;
}

int import_content(struct import *im, const char *name, const void *data,
		   size_t len)
{
	char hex[HASH_HEX];

	if (++im->files > IMPORT_FILES_MOST) {
		pr_err("%s: more than %u files", name, IMPORT_FILES_MOST);
		return -E2BIG;
	}
	hash_hex(data, len, hex);
	fprintf(im->digest, "%s %s\n", name, hex);
	return 0;
}

int import_read(struct import *im, const char *path, const char *name,
		char **text)
{
	size_t len;
	int err = file_read(path, IMPORT_FILE_MOST, text, &len);

	if (err) {
		pr_err("%s: %s", path, err == -EFBIG ?
		       "longer than 16 MB" : strerror(-err));
		return err;
	}
	if (memchr(*text, '\0', len))
		err = import_bad(path, 0, "is not text");
	else
		err = import_content(im, name, *text, len);
	if (err)
		free(*text);
	return err;
}

int import_bad(const char *file, size_t line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (line)
		pr_err("%s:%zu: %s; nothing was taken", file, line, text);
	else
		pr_err("%s: %s; nothing was taken", file, text);
	return -EBADMSG;
}

/* ---- taking ---- */

static const char *keep(struct import *im, const char *s, bool *ok)
{
	char *copy = arena_strdup(im->arena, s ? s : "");

	*ok &= copy != NULL;
	return copy;
}

static void *keep_array(struct import *im, const void *v, size_t size,
			bool *ok)
{
	void *copy = arena_alloc(im->arena, size + 1);

	*ok &= copy != NULL;
	return copy && size ? memcpy(copy, v, size) : copy;
}

static void keep_values(struct import *im, struct import_run *r, bool *ok)
{
	struct store_value *v;
	size_t i;

	v = keep_array(im, r->value, r->nvalues * sizeof(*v), ok);
	for (i = 0; *ok && i < r->nvalues; i++) {
		v[i].metric.name = keep(im, v[i].metric.name, ok);
		v[i].metric.unit = keep(im, v[i].metric.unit, ok);
	}
	r->value = v;
}

int import_run(struct import *im, const struct import_run *given)
{
	struct import_run r = *given, *v;
	bool ok = true;

	if (im->n == IMPORT_RUNS_MOST) {
		pr_err("import: more than %u runs", IMPORT_RUNS_MOST);
		return -E2BIG;
	}
	v = array_grow(im->run, im->n, &im->room, sizeof(*v));
	if (!v)
		return -ENOMEM;
	im->run = v;
	r.revision = keep(im, r.revision, &ok);
	r.boot = keep(im, r.boot, &ok);
	r.host = keep(im, r.host ? r.host : im->o.host, &ok);
	r.arm = keep(im, r.arm ? r.arm : "default", &ok);
	r.commit = keep(im, r.commit, &ok);
	r.benchmark = keep(im, r.benchmark, &ok);
	r.params = keep(im, r.params, &ok);
	r.profile = keep(im, r.profile, &ok);
	r.reason = keep(im, r.reason, &ok);
	r.fact = keep_array(im, r.fact, r.nfacts * sizeof(*r.fact), &ok);
	keep_values(im, &r, &ok);
	if (!ok)
		return -ENOMEM;
	v[im->n++] = r;
	return 0;
}

/* ---- writing ---- */

/**
 * struct writer - ids of the run written last; the next is likely alike
 */
struct writer {
	struct store *s;
	const char *origin;
	const char *series;
	const struct import_run *last;
	int64_t label, boot, arm, campaign;
	int order;
};

static bool same_boot(const struct import_run *a, const struct import_run *b)
{
	return !strcmp(a->revision, b->revision) && !strcmp(a->boot, b->boot) &&
		!strcmp(a->host, b->host) && !strcmp(a->arm, b->arm) &&
		a->dirty == b->dirty;
}

static int write_build(struct writer *w, const struct import_run *r,
		       int64_t *build)
{
	const struct store_label l = {
		.series = w->series, .revision = r->revision,
	};
	struct store_build b = { .commit = r->commit, .dirty = r->dirty };
	char *id;
	int err;

	/* What is not known to be the same build is not said to be. */
	if (asprintf(&id, "%s %s", w->series, r->revision) < 0)
		return -ENOMEM;
	b.patch_id = id;
	err = store_build(w->s, &b, build);
	free(id);
	return err ? err : store_label(w->s, &l, *build, &w->label);
}

static int write_boot(struct writer *w, const struct import_run *r)
{
	struct fact_list facts = { 0 };
	struct store_campaign c;
	int64_t host, build;
	char *key, *boot, evidence[600];
	size_t i;
	int err;

	if (asprintf(&key, "import %s", r->host) < 0)
		return -ENOMEM;
	err = store_host(w->s, key, r->host, "", NULL, &host);
	free(key);
	/* A host knows its boots by their names alone. */
	if (asprintf(&boot, "%s %s", r->boot, r->revision) < 0)
		return -ENOMEM;
	if (!err)
		err = write_build(w, r, &build);
	for (i = 0; i < r->nfacts; i++)
		facts_text(&facts, r->fact[i].key, r->fact[i].class,
			   r->fact[i].publish, r->fact[i].text);
	if (!err)
		err = facts.err;
	if (!err)
		err = store_boot(w->s, host, build, boot, "host", &facts,
				 &w->boot);
	free(boot);
	facts_free(&facts);
	if (!err)
		err = store_arm(w->s, r->arm, "[]", &w->arm);
	snprintf(evidence, sizeof(evidence), "imported, %.18s", w->origin);
	if (!err)
		err = store_arm_state(w->s, w->boot, w->arm, "",
				      STATE_UNVERIFIED, evidence);
	if (!err)
		err = store_campaign_begin(w->s, host, w->boot, "{}", 0, &c);
	if (err)
		return err;
	w->campaign = c.id;
	store_campaign_free(&c);
	return store_campaign_end(w->s, w->campaign, "done", "import");
}

static int write_run(struct writer *w, const struct import_run *r)
{
	struct store_slot slot;
	struct store_run run = {
		.status = r->status, .reason = r->reason, .origin = w->origin,
		.value = r->value, .nvalues = r->nvalues,
	};
	int64_t variant, id;
	int err = 0;

	if (!w->last || !same_boot(w->last, r))
		err = write_boot(w, r);
	w->last = r;
	if (!err)
		err = store_variant(w->s, r->benchmark, r->params, r->place,
				    r->profile, &variant);
	if (err)
		return err;
	slot = (struct store_slot) {
		.campaign = w->campaign, .boot = w->boot, .label = w->label,
		.arm = w->arm, .variant = variant, .mode = r->mode,
		.order = w->order++,
	};
	err = store_slot_start(w->s, &slot, &run.slot);
	return err ? err : store_run(w->s, &run, &id);
}

static int write_all(struct import *im, const char *path, const char *origin)
{
	struct writer w = { .origin = origin, .series = im->o.series };
	size_t i;
	int err = store_open(&w.s, path, STORE_CREATE);

	if (err)
		return err;
	for (i = 0; i < im->n && !err; i++)
		err = write_run(&w, &im->run[i]);
	store_close(w.s);
	return err;
}

/* Memory where there is some: nothing of it has to last. */
static int make_directory(char *dir, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	if (!tmp || *tmp != '/')
		tmp = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
	snprintf(dir, size, "%s/asibench-XXXXXX", tmp);
	if (mkdtemp(dir))
		return 0;
	pr_err("%s: %s; set TMPDIR to a directory that can be written", dir,
	       strerror(errno));
	return -EIO;
}

static int write_and_merge(struct import *im, struct store *into,
			   const char *origin, struct store_merge *m)
{
	static const char *const tail[] = { "", "-journal", "-wal", "-shm" };
	char dir[PATH_MAX], path[PATH_MAX + 16], file[PATH_MAX + 32];
	size_t i;
	int err = make_directory(dir, sizeof(dir));

	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/import.db", dir);
	err = write_all(im, path, origin);
	if (!err)
		err = store_merge(into, path, m);
	for (i = 0; i < sizeof(tail) / sizeof(*tail); i++) {
		snprintf(file, sizeof(file), "%s%s", path, tail[i]);
		unlink(file);
	}
	rmdir(dir);
	return err;
}

int import_end(struct import *im, struct store *into, struct store_merge *m)
{
	char hex[HASH_HEX], origin[128];
	int measured, known, err;

	memset(m, 0, sizeof(*m));
	if (fflush(im->digest))
		return -ENOMEM;
	hash_hex(im->digest_text, im->digest_len, hex);
	snprintf(origin, sizeof(origin), "%s:%s", im->format, hex);
	err = store_origin_runs(into, origin, im->o.series, &known, &measured);
	if (err)
		return err;
	if (measured) {
		pr_err("series %s has %d runs that were measured: say --series with a name for what is imported",
		       im->o.series, measured);
		return -EEXIST;
	}
	m->runs_known = known;
	return known ? 0 : write_and_merge(im, into, origin, m);
}
