// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/msg.h"

#define JOURNAL_MAX	(64u << 20)

struct slot *journal_slot(struct journal *j, int host, int block, int kernel,
			  int arm)
{
	return &j->slot[((host * PLAN_BLOCKS + block) * j->file.nkernels +
			 kernel) * j->file.narms + arm];
}

static const char *text(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* An index in its range, or -1. */
static int index_of(json_t *o, const char *key, int n)
{
	json_t *v = json_object_get(o, key);
	json_int_t i = json_is_integer(v) ? json_integer_value(v) : -1;

	return i >= 0 && i < n ? (int)i : -1;
}

static int host_of(const struct journal *j, const char *name)
{
	size_t i;

	for (i = 0; i < j->file.host.n; i++)
		if (!strcmp(j->file.host.v[i], name))
			return i;
	return -1;
}

static void replay_plan(struct journal *j, json_t *o)
{
	const char *plan = text(o, "plan");
	size_t slots;

	if (j->slot || plan_file_parse(j->path, plan, strlen(plan), &j->file))
		return;
	snprintf(j->uuid, sizeof(j->uuid), "%s", text(o, "uuid"));
	j->seed = json_integer_value(json_object_get(o, "seed"));
	slots = j->file.host.n * PLAN_BLOCKS * j->file.nkernels *
		j->file.narms;
	j->slot = calloc(slots, sizeof(*j->slot));
}

/* A controller takes up the campaign: what was set aside gets a chance. */
static void replay_session(struct journal *j, json_t *o, double t)
{
	size_t i;

	j->session = t;
	j->owner.pid = json_integer_value(json_object_get(o, "pid"));
	j->owner.start = json_integer_value(json_object_get(o, "start"));
	snprintf(j->owner.boot, sizeof(j->owner.boot), "%s", text(o, "boot"));
	memset(j->kernel_aside, 0, sizeof(j->kernel_aside));
	for (i = 0; i < j->file.host.n; i++) {
		j->host[i].aside = 0;
		j->host[i].why[0] = j->host[i].step[0] = '\0';
		j->host[i].phase[0] = '\0';
		j->host[i].kernel = -1;
	}
}

static void replay_aside(struct journal *j, struct host_state *h, json_t *o)
{
	int k = index_of(o, "kernel", j->file.nkernels);
	size_t i, hosts = 0;

	snprintf(h->step, sizeof(h->step), "%s", text(o, "step"));
	snprintf(h->why, sizeof(h->why), "%s", text(o, "why"));
	h->aside = 1;
	h->kernel = k;
	if (k < 0)
		return;
	/* A kernel that two hosts could not boot is the kernel's fault. */
	for (i = 0; i < j->file.host.n; i++)
		hosts += j->host[i].kernel == k;
	j->kernel_aside[k] = hosts > 1;
	for (i = 0; i < j->file.host.n && hosts > 1; i++)
		if (j->host[i].kernel == k)
			j->host[i].aside = 0;
}

static void replay_slot(struct journal *j, struct host_state *h, int host,
			const char *event, json_t *o)
{
	int block = index_of(o, "block", PLAN_BLOCKS);
	int k = index_of(o, "kernel", j->file.nkernels);
	int a = index_of(o, "arm", j->file.narms);
	struct slot *s;

	if (block < 0 || k < 0 || a < 0)
		return;
	snprintf(h->phase, sizeof(h->phase), "%s",
		 !strcmp(event, "booting") ? "booting" :
		 !strcmp(event, "started") || !strcmp(event, "again") ?
		 "measuring" : "");
	h->since = json_number_value(json_object_get(o, "t"));
	s = journal_slot(j, host, block, k, a);
	h->block = block;
	h->now_kernel = k;
	h->now_arm = a;
	if (!strcmp(event, "started")) {
		s->state = SLOT_STARTED;
		snprintf(s->id, sizeof(s->id), "%s", text(o, "id"));
		snprintf(s->boot_id, sizeof(s->boot_id), "%s",
			 text(o, "boot_id"));
		h->boot_s += json_number_value(json_object_get(o, "boot_s"));
		h->nboots += json_object_get(o, "boot_s") != NULL;
	} else if (!strcmp(event, "done")) {
		h->done += s->state != SLOT_DONE;
		s->state = SLOT_DONE;
		h->step[0] = h->why[0] = '\0';
		if (json_object_get(o, "run_s")) {
			h->run_s += json_number_value(
				json_object_get(o, "run_s"));
			h->nruns++;
		}
	} else if (!strcmp(event, "lost")) {
		if (s->state != SLOT_DONE)
			s->state = SLOT_OPEN;
	} else if (!strcmp(event, "failed")) {
		snprintf(h->step, sizeof(h->step), "%s", text(o, "step"));
		snprintf(h->why, sizeof(h->why), "%s", text(o, "why"));
	}
}

static void replay_line(struct journal *j, json_t *o)
{
	const char *event = text(o, "event");
	double t = json_number_value(json_object_get(o, "t"));
	int host;

	if (!strcmp(event, "plan")) {
		replay_plan(j, o);
		return;
	}
	if (!j->slot)
		return;
	if (!strcmp(event, "session")) {
		replay_session(j, o, t);
		return;
	}
	/* What was after the last event of a session is not known. */
	if (j->session && t > j->session) {
		j->spent += t - j->session;
		j->session = t;
	}
	if (!strcmp(event, "cancelled"))
		j->cancelled = 1;
	host = host_of(j, text(o, "host"));
	if (host < 0)
		return;
	if (!strcmp(event, "aside"))
		replay_aside(j, &j->host[host], o);
	else if (!strcmp(event, "finished"))
		j->host[host].finished = 1;
	else
		replay_slot(j, &j->host[host], host, event, o);
}

/* A last line without its end was being written when all went out. */
int journal_replay(struct journal *j)
{
	char *data, *line, *nl;
	json_t *o;
	size_t i;
	int err;

	plan_file_free(&j->file);
	free(j->slot);
	j->slot = NULL;
	memset(j->host, 0, sizeof(j->host));
	memset(j->kernel_aside, 0, sizeof(j->kernel_aside));
	for (i = 0; i < PLAN_HOSTS; i++)
		j->host[i].kernel = -1;
	j->cancelled = 0;
	j->spent = j->session = 0;
	err = file_read(j->path, JOURNAL_MAX, &data, NULL);
	if (err) {
		pr_err("%s: %s", j->path, strerror(-err));
		return err;
	}
	for (line = data; (nl = strchr(line, '\n')); line = nl + 1) {
		*nl = '\0';
		o = json_loads(line, 0, NULL);
		if (o)
			replay_line(j, o);
		json_decref(o);
	}
	free(data);
	if (j->slot)
		return 0;
	pr_err("%s: not a campaign's journal", j->path);
	return -EBADMSG;
}

int journal_add(struct journal *j, const char *event, json_t *o)
{
	char *line;
	size_t n;
	int err = 0;

	json_object_set_new(o, "event", json_string(event));
	json_object_set_new(o, "t", json_real(clock_ns(CLOCK_REALTIME) / 1e9));
	line = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(o);
	if (!line)
		return -ENOMEM;
	n = strlen(line);
	line[n] = '\n';
	/* One write: hosts append side by side. */
	if (write(j->fd, line, n + 1) != (ssize_t)n + 1 || fdatasync(j->fd))
		err = errno ? -errno : -EIO;
	free(line);
	if (err)
		pr_err("%s: %s", j->path, strerror(-err));
	return err;
}

static int set_path(struct journal *j, const char *file)
{
	memset(j, 0, sizeof(*j));
	j->fd = -1;
	if ((size_t)snprintf(j->path, sizeof(j->path), "%s.journal", file) <
	    sizeof(j->path))
		return 0;
	pr_err("%s: its name is too long", file);
	return -ENAMETOOLONG;
}

int plan_file_read(const char *file, struct plan_file *p, char **text)
{
	int fd = conf_open_trusted(AT_FDCWD, file, file, S_IFREG), err;
	char path[64], *data;
	size_t len;

	if (fd < 0) {
		if (fd == -ENOENT)
			pr_err("%s: there is no such file", file);
		return fd;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = file_read(path, CONF_FILE_MAX, &data, &len);
	close(fd);
	if (err) {
		pr_err("%s: %s", file, strerror(-err));
		return err;
	}
	err = plan_file_parse(file, data, len, p);
	if (err || !text)
		free(data);
	else
		*text = data;
	return err;
}

static json_t *new_plan(const char *plan)
{
	uint32_t seed = 1;
	char uuid[UUID_TEXT];

	if (uuid_make(uuid) || getrandom(&seed, sizeof(seed), 0) < 0)
		return NULL;
	return json_pack("{s:s, s:s, s:I}", "uuid", uuid, "plan", plan,
			 "seed", (json_int_t)seed);
}

int journal_begin(struct journal *j, const char *file)
{
	struct plan_file check;
	char *plan;
	json_t *o;
	int err = set_path(j, file);

	if (!err)
		err = plan_file_read(file, &check, &plan);
	if (err)
		return err;
	plan_file_free(&check);
	o = new_plan(plan);
	free(plan);
	if (!o) {
		pr_err("%s: this text cannot be kept: is it UTF-8?", file);
		return -EINVAL;
	}
	j->fd = open(j->path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
		     0600);
	if (j->fd < 0) {
		err = -errno;
		if (err == -EEXIST)
			pr_err("%s is there: this campaign was started; asibench campaign resume %s goes on with it",
			       j->path, file);
		else
			pr_err("%s: %s", j->path, strerror(-err));
		json_decref(o);
		return err;
	}
	err = journal_add(j, "plan", o);
	if (!err)
		err = journal_replay(j);
	if (err) {
		unlink(j->path);
		journal_close(j);
	}
	return err;
}

int journal_open(struct journal *j, const char *file)
{
	int err = set_path(j, file);

	if (err)
		return err;
	j->fd = open(j->path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (j->fd < 0) {
		err = -errno;
		if (err == -ENOENT)
			pr_err("%s: not there: this campaign was not started; asibench campaign start %s does that",
			       j->path, file);
		else
			pr_err("%s: %s", j->path, strerror(-err));
		return err;
	}
	err = journal_replay(j);
	if (err)
		journal_close(j);
	return err;
}

int journal_lock(struct journal *j)
{
	int tries = j->owner.pid && !owner_alive(&j->owner) ? 50 : 1;
	char end;
	struct stat st;

	/* The processes of one that was killed take a moment to follow it. */
	while (flock(j->fd, LOCK_EX | LOCK_NB)) {
		if (--tries > 0) {
			usleep(100 * 1000);
			continue;
		}
		pr_err("%s: another controller is at it (process %lld)",
		       j->path, (long long)j->owner.pid);
		return -EBUSY;
	}
	/* After half a line the next one must not be taken for its rest. */
	if (!fstat(j->fd, &st) && st.st_size > 0 &&
	    pread(j->fd, &end, 1, st.st_size - 1) == 1 && end != '\n' &&
	    write(j->fd, "\n", 1) != 1)
		return -errno;
	return 0;
}

void journal_close(struct journal *j)
{
	plan_file_free(&j->file);
	free(j->slot);
	j->slot = NULL;
	if (j->fd >= 0)
		close(j->fd);
	j->fd = -1;
}
