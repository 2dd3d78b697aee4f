// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/initrd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/guest/cpio.h"
#include "drivers/guest/kernel.h"
#include "drivers/guest/wire.h"
#include "lib/arena.h"
#include "lib/closure.h"

#define WORD_MAX	3800	/* what init reads of a line */

/**
 * struct maker - an initramfs in the making
 * @plan:	text for init
 * @done:	paths that are in the archive already
 * @libs:	directories of libraries, for LD_LIBRARY_PATH
 */
struct maker {
	const struct guest_spec *spec;
	struct cpio cpio;
	FILE *plan;
	struct closure done;
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

static void add_modules(struct maker *m)
{
	static const char *const base[] = { "virtio_pci", "virtio_blk", NULL };
	const char *const *wanted[] = { base, m->spec->modules };
	struct module_list list;
	char missing[64], name[96], *data;
	size_t i, k, len, number = 0;
	int err;

	for (k = 0; k < 2 && !m->err; k++) {
		if (!wanted[k])
			continue;
		err = modules_find(m->spec->env->modules, wanted[k], &list,
				   missing, sizeof(missing));
		if (err)
			fail(m, err, "kernel %.80s has no module %s",
			     m->spec->env->release, missing);
		for (i = 0; i < list.n && !m->err; i++) {
			err = module_read(list.path[i], &data, &len);
			if (err) {
				fail(m, err, "%.160s: %s", list.path[i],
				     strerror(-err));
				break;
			}
			snprintf(name, sizeof(name), "/lib/modules/%zu.ko",
				 number++);
			cpio_data(&m->cpio, name, 0600, data, len);
			plan(m, "module", name);
			free(data);
		}
		modules_free(&list);
	}
	fprintf(m->plan, "disks\n");
}

static int known(const struct maker *m, const char *path)
{
	size_t i;

	for (i = 0; i < m->done.n; i++)
		if (!strcmp(m->done.path[i], path))
			return 1;
	return 0;
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
	void *more;
	size_t i;
	int err;

	err = closure_find(host, &c, why, sizeof(why));
	if (err) {
		/* A script or a data file has none. */
		if (err != -ENOEXEC)
			fail(m, err, "%.60s: %s", host, why);
		return;
	}
	for (i = 0; i < c.n; i++) {
		add_libdir(m, c.path[i]);
		if (known(m, c.path[i]))
			continue;
		more = array_grow(m->done.path, m->done.n, &m->done.room,
				  sizeof(*m->done.path));
		if (!more) {
			fail(m, -ENOMEM, "out of memory");
			break;
		}
		m->done.path = more;
		cpio_file(&m->cpio, c.path[i], c.path[i]);
		m->done.path[m->done.n++] = c.path[i];
		c.path[i] = NULL;
	}
	closure_free(&c);
}

static void add_files(struct maker *m)
{
	const struct guest_file *f;
	size_t i;

	for (i = 0; i < m->spec->nfiles && !m->err; i++) {
		f = &m->spec->file[i];
		if (!f->host) {
			cpio_data(&m->cpio, f->guest, 0755, f->data, f->len);
			continue;
		}
		cpio_file(&m->cpio, f->guest, f->host);
		if (m->cpio.err)
			fail(m, m->cpio.err, "%.120s: %s", f->host,
			     strerror(-m->cpio.err));
		add_libraries(m, f->host);
	}
}

static void add_jobs(struct maker *m)
{
	static const char *const facts[] = {
		"/proc/version", "/proc/cmdline", "/proc/cpuinfo",
		"/proc/meminfo", "/proc/modules",
		"/proc/sys/kernel/osrelease", "/proc/sys/kernel/version",
		"/proc/sys/kernel/random/boot_id", "/sys/kernel/notes",
		"/sys/devices/system/cpu/vulnerabilities",
		"/sys/devices/system/clocksource/clocksource0/current_clocksource",
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
		plan(m, job->argv ? "run" : "idle", text);
	}
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
	add_modules(m);
	add_files(m);
	add_jobs(m);
	if (fclose(m->plan))
		fail(m, -ENOMEM, "out of memory");
	else
		cpio_data(&m->cpio, PLAN_PATH, 0600, text, len);
	free(text);
}

int initrd_make(const struct guest_spec *spec, uint64_t *size, char *why,
		size_t whysize)
{
	int fd = memfd_create("initramfs", 0), err;
	struct maker *m = calloc(1, sizeof(*m));

	why[0] = '\0';
	if (fd < 0 || !m) {
		err = fd < 0 ? -errno : -ENOMEM;
		snprintf(why, whysize, "no memory for an initramfs: %s",
			 strerror(-err));
		goto out;
	}
	m->spec = spec;
	m->why = why;
	m->size = whysize;
	cpio_begin(&m->cpio, fd);
	make(m);
	err = cpio_end(&m->cpio);
	if (err && !m->err)
		fail(m, err, "writing the initramfs: %s", strerror(-err));
	err = m->err;
	*size = m->cpio.size;
	closure_free(&m->done);
out:
	free(m);
	if (err && fd >= 0)
		close(fd);
	return err ? err : fd;
}
