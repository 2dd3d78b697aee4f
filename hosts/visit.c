// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/visit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "lib/text.h"
#include "store/store.h"

#define SLACK		60.0	/* s: start, the last runs, closing */
#define FETCH		120.0	/* s: sending the results */
#define IDENTIFY	20.0	/* s: reading its topology */
#define BUSY_NS		(20 * NSEC_PER_SEC)	/* an orphan ends before */
#define SAYS		"asibench: "

struct visit *visit_new(size_t n)
{
	void *p = mmap(NULL, n * sizeof(struct visit), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void visit_free(struct visit *v, size_t n)
{
	if (v)
		munmap(v, n * sizeof(*v));
}

void visit_step(struct visit *v, const char *step)
{
	snprintf(v->step, sizeof(v->step), "%s", step);
}

int visit_fail(struct visit *v, int err, const char *why)
{
	char clean[sizeof(v->why)];

	/* It may be what is there already. */
	text_clean(clean, sizeof(clean), why);
	strcpy(v->why, clean);
	v->err = err;
	if (!v->quiet)
		pr_err("%s: %s: %s", v->conf.name, v->step, v->why);
	return err;
}

int visit_connect(struct visit *v, struct link *l)
{
	int err;

	visit_step(v, "connect");
	err = link_open(l, &v->conf, v->ship, &v->next);
	if (err)
		return visit_fail(v, err, l->why);
	snprintf(v->release, sizeof(v->release), "%s",
		 link_text(l, "release"));
	snprintf(v->boot, sizeof(v->boot), "%s", link_text(l, "boot_id"));
	v->kept = json_array_size(json_object_get(l->start, "kept"));
	return 0;
}

#define OWNER	"user %u on %s, process %d"

static void this_host(char *name, size_t size)
{
	memset(name, 0, size);
	if (gethostname(name, size - 1))
		snprintf(name, size, "?");
}

void visit_owner(char *buf, size_t size)
{
	char host[64];

	this_host(host, sizeof(host));
	snprintf(buf, size, OWNER, getuid(), host, getpid());
}

/*
 * An agent outlives a controller that was killed for a while: if that ran
 * here and is gone, waiting helps.
 */
static int is_orphan(const char *owner)
{
	const char *last = strrchr(owner, ' ');
	char host[64], same[256];
	uint64_t pid;

	if (!last || num_u64(last + 1, 1, INT32_MAX, &pid))
		return !owner[0];
	this_host(host, sizeof(host));
	snprintf(same, sizeof(same), OWNER, getuid(), host, (int)pid);
	return !strcmp(owner, same) && kill(pid, 0) && errno == ESRCH;
}

/* What goes over the host's own hosts.d/localhost.conf. */
static void conf_text(const struct host_conf *conf, char *buf, size_t size)
{
	int n = snprintf(buf, size, "[host]\n");

	if (conf->alias[0])
		n += snprintf(buf + n, size - n, "alias = %s\n", conf->alias);
	if (conf->cpus[0])
		n += snprintf(buf + n, size - n, "cpus = %s\n", conf->cpus);
	if (conf->scratch[0])
		n += snprintf(buf + n, size - n, "scratch = %s\n",
			      conf->scratch);
}

/* What it said last, once the next line comes or it ended well. */
static void say_held(struct visit *v)
{
	if (v->said[0])
		pr_info("%s: %s", v->conf.name, v->said);
	v->said[0] = '\0';
}

/* Messages are passed on, progress is not: there are other hosts. */
static void say_line(struct visit *v, char *line)
{
	char *path;

	if (strncmp(line, SAYS, strlen(SAYS)))
		return;
	say_held(v);
	line += strlen(SAYS);
	/* The file there is of no use to anybody here. */
	path = strstr(line, "; /");
	if (path && strstr(path, "/spool/"))
		*path = '\0';
	snprintf(v->said, sizeof(v->said), "%s", line);
}

static void add_out(struct visit *v, const char *data, size_t n)
{
	if (n > sizeof(v->out) - 1 - v->nout)
		n = sizeof(v->out) - 1 - v->nout;
	memcpy(v->out + v->nout, data, n);
	v->nout += n;
	v->out[v->nout] = '\0';
}

static int merge(struct visit *v, const char *path)
{
	struct store_merge m;
	struct store *store;
	int err;

	visit_step(v, "merge");
	err = store_open(&store, v->db, STORE_CREATE);
	if (!err) {
		err = store_merge(store, path, &m);
		store_close(store);
	}
	if (!err)
		v->runs += m.runs_new;
	return err;
}

/* Fetch, merge, and only then tell the host that it may forget them. */
static int take_results(struct visit *v, struct link *l,
			const struct frame *f)
{
	uint64_t until = clock_now() + FETCH * NSEC_PER_SEC;
	char path[PATH_MAX + 128];
	struct fetched got;
	int err;

	visit_step(v, "fetch");
	snprintf(path, sizeof(path), "%s.%s-%d", v->db, v->conf.name,
		 getpid());
	err = link_fetch(l, f, path, &got, until);
	if (err)
		return visit_fail(v, err, l->why);
	err = merge(v, path);
	unlink(path);
	if (err)
		return visit_fail(v, err, "its results were not taken in; the host keeps them");
	if (v->merged && v->merged(v, &got))
		return visit_fail(v, -EIO, "the journal could not be written");
	err = link_ack(l, got.id);
	return err ? visit_fail(v, err, l->why) : 0;
}

static int take_end(struct visit *v, const struct frame *f)
{
	json_t *o = json_loads(f->data, 0, NULL);
	const char *reason = "it does not say how it ended";
	int rc = 2;

	json_unpack(o, "{s:i, s:s}", "rc", &rc, "reason", &reason);
	v->ran = json_number_value(json_object_get(o, "ran_s"));
	v->rc = rc;
	text_clean(v->why, sizeof(v->why), reason);
	json_decref(o);
	return 0;
}

/*
 * Take what comes until the request has ended. Return: 0, -EBUSY (not said)
 * with the owner in v->why, or another negative errno.
 */
static int take_answer(struct visit *v, struct link *l, uint64_t until)
{
	struct frame f;
	json_t *o;
	int err;

	for (;;) {
		err = link_next(l, until, &f);
		if (err)
			return visit_fail(v, err, l->why);
		switch (f.kind) {
		case FRAME_LOG:
			say_line(v, f.data);
			break;
		case FRAME_OUT:
			add_out(v, f.data, f.len);
			break;
		case FRAME_FILE:
			err = take_results(v, l, &f);
			if (err)
				return err;
			break;
		case FRAME_BUSY:
			o = json_loads(f.data, 0, NULL);
			snprintf(v->why, sizeof(v->why), "%s",
				 json_string_value(json_object_get(o, "owner"))
				 ?: "somebody");
			json_decref(o);
			return -EBUSY;
		case FRAME_END:
			return take_end(v, &f);
		default:
			return visit_fail(v, -EPROTO, "it answers with what no agent says");
		}
	}
}

/* Ask, and while another controller has the host, ask again for a while. */
int visit_ask(struct visit *v, struct link *l, json_t *request,
	      double seconds)
{
	uint64_t give_up = clock_now() + BUSY_NS, until;
	char why[600];
	int err;

	for (;;) {
		until = clock_now() + seconds * NSEC_PER_SEC;
		err = link_ask(l, json_incref(request));
		if (err)
			err = visit_fail(v, err, l->why);
		else
			err = take_answer(v, l, until);
		if (err != -EBUSY || clock_now() > give_up ||
		    !is_orphan(v->why))
			break;
		usleep(1000 * 1000);
	}
	json_decref(request);
	if (err == -EBUSY) {
		snprintf(why, sizeof(why), "another controller has it (%s)",
			 v->why);
		visit_fail(v, err, why);
	}
	return err;
}

static json_t *args_json(const char *const argv[])
{
	json_t *all = json_array();

	for (; *argv; argv++)
		json_array_append_new(all, json_string(*argv));
	return all;
}

int visit_measure(struct visit *v, struct link *l)
{
	char owner[256], conf[1024], why[600];
	uint64_t start = clock_now();
	int err;

	visit_step(v, "measure");
	visit_owner(owner, sizeof(owner));
	conf_text(&v->conf, conf, sizeof(conf));
	v->rc = -1;
	err = visit_ask(v, l, json_pack("{s:s, s:s, s:s, s:s, s:s, s:f, s:o}",
				  "op", "measure", "id", v->id,
				  "boot_id", v->boot_id[0] ? v->boot_id :
				  v->boot, "owner", owner, "conf", conf,
				  "seconds", v->seconds + SLACK,
				  "argv", args_json(v->argv)),
		  v->seconds + SLACK + 10);
	v->took = (clock_now() - start) / 1e9;
	if (err)
		return err;
	if (v->rc && v->rc != 77) {
		visit_step(v, "measure");
		snprintf(why, sizeof(why), "%s", v->why[0] ? v->why :
			 v->said[0] ? v->said : "the run failed");
		v->said[0] = '\0';
		return visit_fail(v, -ECANCELED, why);
	}
	if (!v->quiet)
		say_held(v);
	v->said[0] = '\0';
	visit_step(v, "done");
	return 0;
}

int visit_collect(struct visit *v, struct link *l, json_t *ids)
{
	char owner[256], why[600];
	int err;

	visit_step(v, "collect");
	visit_owner(owner, sizeof(owner));
	err = visit_ask(v, l, json_pack("{s:s, s:s, s:O}", "op", "collect",
				  "owner", owner, "ids", ids), FETCH);
	if (!err && v->rc) {
		snprintf(why, sizeof(why), "%s", v->why);
		err = visit_fail(v, -EIO, why);
	}
	return err;
}

int visit_identify(struct visit *v, struct link *l)
{
	visit_step(v, "identify");
	v->nout = 0;
	return visit_ask(v, l, json_pack("{s:s}", "op", "identify"), IDENTIFY);
}

int visit_look(struct visit *v, struct link *l, const char *const argv[],
	       double seconds)
{
	visit_step(v, "look");
	return visit_ask(v, l, json_pack("{s:s, s:f, s:o}", "op", "look", "seconds",
				   seconds, "argv", args_json(argv)),
		   seconds + 10);
}

static void end_visit(struct visit *v, pid_t pid, double deadline,
		      const volatile int *stop)
{
	struct child_end end;

	if (child_wait(pid, deadline * NSEC_PER_SEC, stop, &end) ||
	    (!end.timed_out && !end.interrupted && end.code == 0))
		return;
	visit_fail(v, end.interrupted ? -EINTR : -ETIMEDOUT,
		   end.interrupted ? "stopped" :
		   end.timed_out ? "it did not end within its deadline" :
		   "its process ended by itself");
}

void visit_all(struct visit *v, size_t n, void (*one)(struct visit *v),
	       double deadline, const volatile int *stop)
{
	pid_t pid[n];
	uint64_t start = clock_now();
	double spent;
	size_t i;

	for (i = 0; i < n; i++) {
		fflush(NULL);
		pid[i] = child_fork();
		if (!pid[i]) {
			signal(SIGPIPE, SIG_IGN);
			one(&v[i]);
			_exit(0);
		}
		if (pid[i] < 0)
			visit_fail(&v[i], pid[i], "no process for it");
	}
	for (i = 0; i < n; i++) {
		spent = (clock_now() - start) / 1e9;
		if (pid[i] > 0)
			end_visit(&v[i], pid[i], spent < deadline ?
				  deadline - spent : 0, stop);
	}
}
