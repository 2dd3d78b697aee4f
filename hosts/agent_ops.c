// SPDX-License-Identifier: GPL-2.0-or-later
/* What an agent is asked for. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/facts.h"
#include "drivers/host.h"
#include "drivers/hostconf.h"
#include "hosts/agent_int.h"
#include "lib/clock.h"

#define ARGS_MAX	256
#define KERNELS_MAX	256

static const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* Releases with an image in /boot. */
static json_t *kernels(void)
{
	json_t *all = json_array();
	DIR *d = opendir("/boot");
	struct dirent *e;

	while (d && (e = readdir(d)) && json_array_size(all) < KERNELS_MAX)
		if (!strncmp(e->d_name, "vmlinuz-", 8))
			json_array_append_new(all, json_string(e->d_name + 8));
	if (d)
		closedir(d);
	return all;
}

static int in_path(const char *name)
{
	const char *path = getenv("PATH"), *end;
	char file[4096];

	for (; path && *path; path = *end ? end + 1 : end) {
		end = path + strcspn(path, ":");
		snprintf(file, sizeof(file), "%.*s/%s", (int)(end - path),
			 path, name);
		if (path[0] == '/' && !access(file, X_OK))
			return 1;
	}
	return 0;
}

static json_t *tools(void)
{
	static const char *const names[] = {
		"fio", "grub-reboot", "kexec", "reboot",
	};
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (in_path(names[i]))
			json_array_append_new(all, json_string(names[i]));
	return all;
}

/* The same places as drivers/facts_kernel.c, which is asked. */
json_t *agent_hello(void)
{
	struct host *host = calloc(1, sizeof(*host));
	char *cmdline = NULL;
	json_t *o = NULL;

	if (!host || facts_kernel(host))
		goto out;
	if (file_read("/proc/cmdline", 64 << 10, &cmdline, NULL))
		goto out;
	cmdline[strcspn(cmdline, "\n")] = '\0';
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:f, s:b, s:b, s:o, s:o, s:o}",
		      "version", ASIBENCH_VERSION, "boot_id", host->boot_id,
		      "release", host->release, "build_id", host->build_id,
		      "cmdline", cmdline, "uid", (int)geteuid(),
		      "now", clock_ns(CLOCK_REALTIME) / 1e9,
		      "kvm", !access("/dev/kvm", F_OK),
		      "kvm_usable", !access("/dev/kvm", R_OK | W_OK),
		      "tools", tools(), "kernels", kernels(),
		      "kept", spool_list());
out:
	free(cmdline);
	if (host)
		facts_free(&host->facts);
	free(host);
	return o;
}

/**
 * struct args - an argument vector out of JSON; strings stay there
 */
struct args {
	char *v[ARGS_MAX + 4];
	int n;
};

static int take_args(json_t *request, struct args *args)
{
	json_t *list = json_object_get(request, "argv"), *word;
	size_t i;

	args->n = 0;
	json_array_foreach(list, i, word) {
		if (!json_is_string(word) || args->n == ARGS_MAX)
			return -EINVAL;
		args->v[args->n++] = (char *)json_string_value(word);
	}
	args->v[args->n] = NULL;
	return args->n ? 0 : -EINVAL;
}

/* A command that only looks. */
static void op_look(struct agent *a, json_t *request)
{
	struct args args;
	char reason[256];
	int rc;

	if (take_args(request, &args) ||
	    (strcmp(args.v[0], "doctor") && strcmp(args.v[0], "list"))) {
		agent_end(a, 2, "no such request");
		return;
	}
	rc = agent_run(a, args.v, NULL, json_number_value(
		       json_object_get(request, "seconds")), reason,
		       sizeof(reason));
	agent_end(a, rc, reason);
}

/* Which machine it is, as its results will say. */
static void op_identify(struct agent *a, json_t *request)
{
	struct host *host = calloc(1, sizeof(*host));
	int err = host ? topology_init(host) : -ENOMEM;

	if (!err)
		agent_bytes(a, FRAME_OUT, host->fingerprint,
			    strlen(host->fingerprint));
	agent_end(a, err ? 2 : 0, err ? strerror(-err) : "");
	if (host)
		facts_free(&host->facts);
	free(host);
}

/* The host's own file, and over it what the controller says. */
static int conf_both(const char *theirs, char *buf, size_t size)
{
	struct host_conf conf;
	int n;

	if (host_conf_load(&conf) ||
	    host_conf_parse("hosts.d of the controller", theirs,
			    strlen(theirs), &conf))
		return -EINVAL;
	n = snprintf(buf, size, "[host]\n");
	if (conf.alias[0])
		n += snprintf(buf + n, size - n, "alias = %s\n", conf.alias);
	if (conf.cpus[0])
		n += snprintf(buf + n, size - n, "cpus = %s\n", conf.cpus);
	if (conf.scratch[0])
		n += snprintf(buf + n, size - n, "scratch = %s\n",
			      conf.scratch);
	return 0;
}

/*
 * What was interrupted in this boot is gone on with; without a campaign in
 * it there is nothing to go on with, and it starts again.
 */
static int run_in(struct agent *a, struct args *args, struct spool *s,
		  double seconds, char *reason, size_t size)
{
	char *resume[] = { "run", "--db", s->db, "--resume", NULL };
	int rc = -1;

	args->v[args->n] = "--db";
	args->v[args->n + 1] = s->db;
	args->v[args->n + 2] = NULL;
	if (s->resumes)
		rc = agent_run(a, resume, s, seconds, reason, size);
	if (rc == -1 || rc == 2)
		rc = agent_run(a, args->v, s, seconds, reason, size);
	if (rc == 0 || rc == 77) {
		spool_done(s);
		s->complete = 1;
	}
	return rc;
}

static void op_measure(struct agent *a, json_t *request)
{
	const char *id = text_of(request, "id");
	char reason[512], boot[64] = "", conf[1024];
	struct spool s;
	struct args args;
	uint64_t began;
	double ran;
	int rc, err;

	file_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	err = take_args(request, &args);
	if (err || strcmp(args.v[0], "run")) {
		agent_end(a, 2, "no such request");
		return;
	}
	if (strcmp(boot, text_of(request, "boot_id"))) {
		agent_end(a, 2, "it has booted since it was looked at");
		return;
	}
	if (conf_both(text_of(request, "conf"), conf, sizeof(conf))) {
		agent_end(a, 2, "its hosts.d/localhost.conf is not accepted there");
		return;
	}
	if (spool_open(&s, id, boot, conf, reason, sizeof(reason))) {
		agent_end(a, 2, reason);
		return;
	}
	/* One whose results did not arrive is not measured again. */
	reason[0] = '\0';
	began = clock_now();
	rc = s.complete ? 0 :
		run_in(a, &args, &s, json_number_value(
		       json_object_get(request, "seconds")), reason,
		       sizeof(reason));
	ran = (clock_now() - began) / 1e9;
	if (spool_has_results(&s)) {
		err = a->gone ? -EPIPE : agent_file(a, id, &s);
		if (err && !reason[0])
			snprintf(reason, sizeof(reason),
				 "its results could not be sent: %s",
				 strerror(-err));
	} else {
		spool_remove(id);
	}
	agent_send(a, FRAME_END, json_pack("{s:i, s:s, s:f}", "rc",
		   err && !rc ? 2 : rc, "reason", reason, "ran_s", ran));
}

/* Results that nobody has acknowledged. */
static void op_collect(struct agent *a, json_t *request)
{
	json_t *all = json_object_get(request, "ids"), *id;
	struct spool s;
	char why[512];
	size_t i;
	int err = 0;

	json_array_foreach(all, i, id) {
		if (!json_is_string(id) ||
		    !spool_id_ok(json_string_value(id)))
			continue;
		err = spool_find(&s, json_string_value(id));
		if (!err && !spool_has_results(&s))
			spool_remove(json_string_value(id));
		else if (!err)
			err = agent_file(a, json_string_value(id), &s);
		if (err)
			break;
	}
	snprintf(why, sizeof(why), "%s", err ? strerror(-err) : "");
	agent_end(a, err ? 2 : 0, why);
}

/* One controller at a time, from its first request to its end. */
static int take_lock(struct agent *a, json_t *request)
{
	char busy[256], why[512], dir[PATH_MAX] = "";

	if (a->lock >= 0)
		return 0;
	a->lock = spool_lock(text_of(request, "owner"), busy, sizeof(busy));
	if (a->lock >= 0)
		return 0;
	if (a->lock == -EBUSY) {
		agent_send(a, FRAME_BUSY, json_pack("{s:s}", "owner", busy));
	} else {
		agent_dir(dir, sizeof(dir));
		snprintf(why, sizeof(why), "%s: %s", dir, strerror(-a->lock));
		agent_end(a, 2, why);
	}
	return -1;
}

void agent_request(struct agent *a, const struct frame *f)
{
	static const struct {
		const char *name;
		int locks;
		void (*serve)(struct agent *a, json_t *request);
	} ops[] = {
		{ "look", 0, op_look }, { "identify", 0, op_identify },
		{ "measure", 1, op_measure },
		{ "collect", 1, op_collect }, { "boot", 1, agent_boot },
	};
	json_t *request = json_loads(f->data, 0, NULL);
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (f->kind == FRAME_REQUEST &&
		    !strcmp(text_of(request, "op"), ops[i].name))
			break;
	if (i == sizeof(ops) / sizeof(*ops))
		agent_end(a, 2, "no such request");
	else if (!ops[i].locks || !take_lock(a, request))
		ops[i].serve(a, request);
	json_decref(request);
}
