// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/initrd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/facts.h"
#include "drivers/guest/cpio.h"
#include "drivers/guest/image.h"
#include "drivers/guest/kernel.h"
#include "drivers/guest/wire.h"
#include "lib/closure.h"

#define WORD_MAX	3800	/* what init reads of a line */

/**
 * struct maker - an initramfs in the making
 * @tree:	the payload
 * @on_disk:	it has a disk of its own
 * @plan:	text for init
 * @libs:	directories of libraries, for LD_LIBRARY_PATH
 */
struct maker {
	const struct guest_spec *spec;
	struct cpio cpio;
	struct tree tree;
	bool on_disk;
	FILE *plan;
	char libs[1024];
	char *why;
	size_t size;
	int err;
};

static void __attribute__((format(printf, 3, 4)))
fail(struct maker *m, int err, const char *fmt, ...)
{
	va_list ap;

	if (m->err)
		return;
	m->err = err;
	va_start(ap, fmt);
	vsnprintf(m->why, m->size, fmt, ap);
	va_end(ap);
}

/* A line of the plan; a word that would break out of it is refused. */
static void plan(struct maker *m, const char *key, const char *value)
{
	if (strchr(value, '\n') || strlen(value) > WORD_MAX)
		fail(m, -EINVAL, "a word of a job is too long or has a line break");
	fprintf(m->plan, "%s %s\n", key, value);
}

static void add_module(struct maker *m, const char *path, size_t number)
{
	char name[64], *data;
	size_t len;
	int err = module_read(path, &data, &len);

	if (err) {
		fail(m, err, "%.160s: %s", path, strerror(-err));
		return;
	}
	snprintf(name, sizeof(name), "/lib/modules/%zu.ko", number);
	cpio_data(&m->cpio, name, 0600, data, len);
	plan(m, "module", name);
	free(data);
}

static void add_modules(struct maker *m)
{
	static const char *const base[] = { "virtio_pci", "virtio_blk", NULL };
	static const char *const disk[] = { "ext4", NULL };
	const char *const *wanted[] = {
		base, m->on_disk ? disk : NULL, m->spec->modules,
	};
	struct module_list list;
	char missing[64];
	size_t i, k, number = 0;
	int err;

	for (k = 0; k < 3 && !m->err; k++) {
		if (!wanted[k])
			continue;
		err = modules_find(m->spec->env->modules, wanted[k], &list,
				   missing, sizeof(missing));
		if (err)
			fail(m, err, "kernel %.80s has no module %s",
			     m->spec->env->release, missing);
		for (i = 0; i < list.n && !m->err; i++)
			add_module(m, list.path[i], number++);
		modules_free(&list);
	}
	fprintf(m->plan, "disks\n");
	if (m->on_disk)
		fprintf(m->plan, "root " PAYLOAD_SERIAL "\n");
}

/* A kernel of which nothing is known may not have it. */
static bool has_ext4(const struct guest_env *env)
{
	static const char *const names[] = { "ext4", NULL };
	struct module_list list;
	char missing[64];
	int err;

	err = modules_find(env->modules, names, &list, missing,
			   sizeof(missing));
	modules_free(&list);
	return env->modules[0] && !err;
}

/* "/a:/b", each once. */
static void add_libdir(struct maker *m, const char *path)
{
	const char *slash = strrchr(path, '/');
	int n = slash - path;
	size_t used = strlen(m->libs);
	char dir[256];

	if (n <= 0 || n >= (int)sizeof(dir) - 2)
		return;
	snprintf(dir, sizeof(dir), "%.*s:", n, path);
	if (!strstr(m->libs, dir) && used + n + 2 < sizeof(m->libs))
		strcpy(m->libs + used, dir);
}

/* Libraries go where they are on the host; several programs share them. */
static void add_libraries(struct maker *m, const char *host)
{
	struct closure c;
	char why[160];
	size_t i;
	int err;

	err = closure_find(host, &c, why, sizeof(why));
	if (err) {
		/* A script or a data file has none. */
		if (err != -ENOEXEC)
			fail(m, err, "%.60s: %s", host, why);
		return;
	}
	for (i = 0; i < c.n && !m->err; i++) {
		add_libdir(m, c.path[i]);
		err = tree_file(&m->tree, c.path[i], c.path[i]);
		if (err)
			fail(m, err, "%.120s: %s", c.path[i], strerror(-err));
	}
	closure_free(&c);
}

static void add_files(struct maker *m)
{
	/* Where init puts the guest's own when the payload is a disk. */
	static const char *const mounts[] = {
		"/dev", "/proc", "/run", "/sys", "/tmp",
	};
	const struct guest_file *f;
	size_t i;
	int err;

	for (i = 0; i < sizeof(mounts) / sizeof(*mounts); i++)
		tree_dir(&m->tree, mounts[i]);
	for (i = 0; i < m->spec->nfiles && !m->err; i++) {
		f = &m->spec->file[i];
		if (!f->host) {
			tree_data(&m->tree, f->guest, 0755, f->data, f->len);
			continue;
		}
		err = tree_file(&m->tree, f->guest, f->host);
		if (err)
			fail(m, err, "%.120s: %s", f->host, strerror(-err));
		else
			add_libraries(m, f->host);
	}
	if (m->tree.err)
		fail(m, m->tree.err, "the payload's files: %s",
		     strerror(-m->tree.err));
}

static void add_jobs(struct maker *m)
{
	static const char *const facts[] = {
		"/proc/version", "/proc/cmdline", "/proc/cpuinfo",
		"/proc/meminfo", "/proc/modules",
		"/proc/sys/kernel/osrelease", "/proc/sys/kernel/version",
		"/proc/sys/kernel/random/boot_id", "/sys/kernel/notes",
		"/sys/devices/system/cpu/vulnerabilities",
		CLOCKSOURCE,
		"/proc/bus/pci/devices", "/proc/partitions",
	};
	const struct guest_job *job;
	const char *const *p;
	char text[128];
	size_t i;

	if (m->libs[0]) {
		m->libs[strlen(m->libs) - 1] = '\0';
		fprintf(m->plan, "env LD_LIBRARY_PATH=%s\n", m->libs);
	}
	fprintf(m->plan, "env PATH=/bin:/usr/bin\nenv HOME=/tmp\n");
	for (i = 0; i < sizeof(facts) / sizeof(*facts); i++)
		plan(m, "fetch", facts[i]);
	for (job = m->spec->job; job < m->spec->job + m->spec->njobs; job++) {
		for (p = job->env; p && *p; p++)
			plan(m, "env", *p);
		for (p = job->argv; p && *p; p++)
			plan(m, "arg", *p);
		snprintf(text, sizeof(text), "%u %.60s", job->ms, job->name);
		plan(m, job->argv ? "run" : job->busy ? "spin" : "idle", text);
	}
	plan(m, "fetch", "/proc/diskstats");
	for (p = m->spec->fetch; p && *p; p++)
		plan(m, "fetch", *p);
}

static void make(struct maker *m)
{
	char *text = NULL;
	size_t len = 0;

	m->plan = open_memstream(&text, &len);
	if (!m->plan) {
		fail(m, -ENOMEM, "out of memory");
		return;
	}
	cpio_dir(&m->cpio, "/dev");
	cpio_dir(&m->cpio, "/tmp");
	/* The kernel opens it for init before anything is mounted. */
	cpio_chardev(&m->cpio, "/dev/console", 5, 1);
	cpio_data(&m->cpio, "/init", 0755, guest_init_start,
		  guest_init_end - guest_init_start);
	add_files(m);
	add_modules(m);
	add_jobs(m);
	if (fclose(m->plan))
		fail(m, -ENOMEM, "out of memory");
	else
		cpio_data(&m->cpio, PLAN_PATH, 0600, text, len);
	free(text);
}

/* Where the files go: on a disk, or behind the rest. */
static void put_payload(struct maker *m, struct initrd *out)
{
	int err = 0;

	if (m->err)
		return;
	if (!m->on_disk) {
		image_cpio(&m->tree, &m->cpio);
		return;
	}
	out->payload = memfd_create("payload", 0);
	err = out->payload < 0 ? -errno : image_write(&m->tree, out->payload);
	if (err)
		fail(m, err, "writing the payload's disk: %s", strerror(-err));
}

int initrd_make(const struct guest_spec *spec, struct initrd *out, char *why,
		size_t whysize)
{
	struct maker *m = calloc(1, sizeof(*m));
	int err;

	why[0] = '\0';
	out->payload = -1;
	out->fd = memfd_create("initramfs", 0);
	if (out->fd < 0 || !m) {
		err = out->fd < 0 ? -errno : -ENOMEM;
		snprintf(why, whysize, "no memory for an initramfs: %s",
			 strerror(-err));
		goto out;
	}
	m->spec = spec;
	m->why = why;
	m->size = whysize;
	m->on_disk = spec->nfiles && has_ext4(spec->env);
	cpio_begin(&m->cpio, out->fd);
	tree_begin(&m->tree);
	make(m);
	put_payload(m, out);
	err = cpio_end(&m->cpio);
	if (err && !m->err)
		fail(m, err, "writing the initramfs: %s", strerror(-err));
	err = m->err;
	out->size = m->cpio.size;
	tree_end(&m->tree);
out:
	free(m);
	if (err)
		initrd_close(out);
	return err;
}

void initrd_close(struct initrd *out)
{
	if (out->fd >= 0)
		close(out->fd);
	if (out->payload >= 0)
		close(out->payload);
	out->fd = out->payload = -1;
}
