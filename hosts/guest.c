// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest of this machine as a host: booted by the guest driver to be
 * reached, with the suite as its payload; its agent speaks through a virtio
 * port. It ends with the link, and so does what it had not sent.
 */
#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "drivers/cpulock.h"
#include "drivers/guest/guest.h"
#include "drivers/topology.h"
#include "hosts/link.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/num.h"

#define FILES_MAX	80
#define DIR		"/asibench/"
#define MEMORY		512u		/* MiB */
#define DAY_MS		(24 * 3600 * 1000u)
#define TURN_NS		(24 * 3600 * NSEC_PER_SEC)
#define TURN_US		(20 * 1000)
#define LOG_MAX		(16 << 20)
#define MACHINE_ID	33		/* 32 digits */

/**
 * struct cargo - the suite as files of the guest
 */
struct cargo {
	struct guest_file file[FILES_MAX];
	char path[FILES_MAX][96];
	char id[HASH_HEX + 1];
	size_t n;
};

/* The same each time, and another for each guest and machine. */
static void machine_id(const char *name, char *id)
{
	char text[256], own[64];

	if (file_line("/etc/machine-id", own, sizeof(own)) < 1)
		memset(own, 0, sizeof(own));
	snprintf(text, sizeof(text), "asibench guest|%s|%s", own, name);
	hash_hex(text, strlen(text), id);
	strcpy(id + MACHINE_ID - 1, "\n");
}

static void put_file(struct cargo *c, const char *path, const void *data,
		     size_t len)
{
	struct guest_file *f = &c->file[c->n];

	if (c->n == FILES_MAX)
		return;
	snprintf(c->path[c->n], sizeof(c->path[0]), "%s", path);
	f->guest = c->path[c->n++];
	f->data = data;
	f->len = len;
}

static void load(struct cargo *c, const struct link *l)
{
	struct ship_file f;
	char path[96];
	size_t at = 0;

	while (l->ship && (at = ship_next(l->ship, at, &f))) {
		snprintf(path, sizeof(path), DIR "%.80s", f.name);
		put_file(c, path, f.data, f.len);
	}
	machine_id(l->conf->name, c->id);
	put_file(c, "/etc/machine-id", c->id, strlen(c->id));
}

/* vCPUs to CPUs, one after the other. Return: how many CPUs. */
static int pins(const struct host_conf *conf, int *cpu)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int n = 0, i = -1;

	if (set && conf->pin[0] && !cpu_list_parse(conf->pin, set, NULL))
		while ((i = hwloc_bitmap_next(set, i)) >= 0 &&
		       n < GUEST_VCPUS - 1)
			cpu[n++] = i;
	cpu[n] = -1;
	hwloc_bitmap_free(set);
	return n;
}

/* Whoever waits for one of these CPUs gets it between two boots of ours. */
static void take_cpus(struct link *l)
{
	int cpu[GUEST_VCPUS], n = pins(l->conf, cpu), i;
	char who[80];

	snprintf(who, sizeof(who), "%s: ", l->conf->name);
	if (n)
		usleep(TURN_US);
	for (i = 0; i < n; i++)
		l->lock[l->nlocks++] = cpu_lock(cpu[i], who, TURN_NS, NULL);
}

static int open_console(const char *path)
{
	char old[256];
	struct stat st;
	int fd;

	if (!path[0])
		return 0;
	snprintf(old, sizeof(old), "%s.1", path);
	if (!stat(path, &st) && st.st_size > LOG_MAX)
		rename(path, old);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		fprintf(stderr, "its console is not kept: %s: %s\n", path,
			strerror(errno));
	return fd < 0 ? 0 : fd;
}

static void head_console(const struct guest_spec *spec)
{
	char when[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (spec->console)
		dprintf(spec->console, "\n==== %s %s%s%s\n", when,
			spec->env->release, spec->words[0] ? " " : "",
			spec->words);
}

static void number(const char *text, int *out)
{
	uint64_t n;

	if (!num_u64(text, 1, INT32_MAX, &n))
		*out = n;
}

static int boot(const struct link *l, const struct guest_env *env,
		int channel, char *why)
{
	static const char *const argv[] = {
		DIR SHIP_LOADER, "--library-path", DIR, DIR SHIP_PROGRAM,
		"agent", "--port", GUEST_CHANNEL, NULL,
	};
	static const char *const vars[] = {
		"HWLOC_PLUGINS_PATH=" DIR, "ASIBENCH_AGENT_DIR=/tmp/asibench",
		NULL,
	};
	static const char *const modules[] = { "virtio_console", NULL };
	const struct guest_job job = {
		.name = "agent", .argv = argv, .env = vars, .ms = 7 * DAY_MS,
	};
	struct cargo *c = calloc(1, sizeof(*c));
	struct guest_spec spec = {
		.env = env, .words = l->boot->release[0] ? l->boot->words :
			l->conf->cmdline,
		.job = &job, .njobs = 1, .modules = modules, .io_cpu = -1,
		.deadline_ns = 7 * DAY_MS * NSEC_PER_MSEC,
		.channel = channel,
		.console = open_console(l->conf->console_log),
	};
	struct guest_run run;
	int memory = MEMORY, err;

	if (!c)
		return -ENOMEM;
	load(c, l);
	spec.file = c->file;
	spec.nfiles = c->n;
	spec.vcpus = pins(l->conf, spec.vcpu_cpu);
	number(l->conf->vcpus, &spec.vcpus);
	number(l->conf->memory, &memory);
	spec.memory = memory;
	head_console(&spec);
	err = guest_boot(&spec, &run);
	strcpy(why, run.reason);
	guest_run_free(&run);
	free(c);
	return err;
}

/* What it says last on stderr is the reason that is given. */
static int run(const struct link *l, int channel)
{
	const char *kernel = l->boot->image[0] ? l->boot->image :
		l->boot->release[0] ? l->boot->release :
		l->conf->default_kernel[0] ? l->conf->default_kernel : NULL;
	struct guest_env env;
	char why[GUEST_REASON] = "";
	int err;

	guest_find(&env, kernel);
	err = guest_probe(&env, NULL);
	if (err)
		strcpy(why, env.reason);
	else
		err = boot(l, &env, channel, why);
	if (err)
		fprintf(stderr, "%s\n", why);
	return !!err;
}

static pid_t guest_spawn(struct link *l, int fds[3])
{
	int pair[2], err[2], channel, more;
	pid_t pid;

	take_cpus(l);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	more = fcntl(pair[0], F_DUPFD_CLOEXEC, 0);
	if (more < 0 || pipe2(err, O_CLOEXEC)) {
		close(pair[0]);
		close(pair[1]);
		return -EMFILE;
	}
	pid = child_fork();
	if (!pid) {
		close(pair[0]);
		close(more);
		dup2(err[1], STDERR_FILENO);
		/* QEMU inherits it. */
		channel = dup(pair[1]);
		_exit(channel < 0 ? 1 : run(l, channel));
	}
	close(pair[1]);
	close(err[1]);
	fds[0] = pair[0];
	fds[1] = more;
	fds[2] = err[0];
	return pid;
}

const struct transport guest_transport = { "guest", guest_spawn, .boots = 1 };
