/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One visit to one host: connect, measure, fetch, merge. Whatever goes wrong
 * ends as one line that names host, step and reason.
 */
#ifndef HOSTS_VISIT_H
#define HOSTS_VISIT_H

#include <limits.h>

#include "hosts/link.h"

#define VISIT_OUT_MAX	(512u << 10)

/**
 * struct visit - what is asked for, and what came of it; in shared memory
 * @conf:	the host
 * @ship:	the suite
 * @next:	what is booted where connecting boots
 * @db:		results database that takes the results in
 * @argv:	"run" and its options, ended by NULL
 * @seconds:	budget of the run
 * @id:		of the measurement
 * @boot_id:	it must still be in this boot, or ""
 * @merged:	called, if it is not NULL, when results have been taken in and
 *		before the host forgets them; @priv is the caller's
 * @quiet:	failures are left to the caller to say
 * @step:	what it is, or was, at: "connect", "measure", ...
 * @why:	reason in words if it failed
 * @said:	what the run said last, not passed on yet
 * @rc:		exit status of the run there; -1: it was not run to its end
 * @err:	0 or a negative errno: infrastructure
 * @kept:	measurements of others that wait there
 * @release, @boot: what it ran
 * @runs:	new in @db
 * @took, @ran:	seconds that measuring took from here, and of them the run
 * @out:	what the run printed
 */
struct visit {
	struct host_conf conf;
	const struct ship *ship;
	struct link_boot next;
	char db[PATH_MAX];
	const char *const *argv;
	double seconds;
	char id[40];
	char boot_id[64];
	int (*merged)(struct visit *v, const struct fetched *got);
	void *priv;
	int quiet;
	char step[16];
	char why[512];
	char said[512];
	int rc;
	int err;
	int kept;
	char release[128];
	char boot[64];
	int runs;
	double took;
	double ran;
	size_t nout;
	char out[VISIT_OUT_MAX];
};

/* Memory that a child shares with us; NULL if there is none. */
struct visit *visit_new(size_t n);
void visit_free(struct visit *v, size_t n);

/* The step that now begins. */
void visit_step(struct visit *v, const char *step);

/* Say once what went wrong, "HOST: STEP: REASON". Return: @err. */
int visit_fail(struct visit *v, int err, const char *why);

/* Connect; the link is then the caller's to close. */
int visit_connect(struct visit *v, struct link *l);

/**
 * visit_ask() - send a request, take its answer
 * @request:	JSON, taken; asked again for a while where the agent of a controller
 *		that is gone still has the host
 * Return: 0, v->rc being how it ended there, or a negative errno (said).
 */
int visit_ask(struct visit *v, struct link *l, json_t *request,
	      double seconds);

/* Who others are told has the host. */
void visit_owner(char *buf, size_t size);

/* Measure over a link that is open. Return: 0 or a negative errno (said). */
int visit_measure(struct visit *v, struct link *l);

/**
 * visit_collect() - take in results that wait there
 * @ids:	JSON array of their ids; stays the caller's
 */
int visit_collect(struct visit *v, struct link *l, json_t *ids);

/* v->out becomes the fingerprint of the machine. */
int visit_identify(struct visit *v, struct link *l);

/**
 * visit_look() - run a command that only looks; v->out is what it prints
 */
int visit_look(struct visit *v, struct link *l, const char *const argv[],
	       double seconds);

/**
 * visit_all() - each in a process of its own, at once
 * @one:	called in the process
 * @deadline:	seconds for the longest
 * @stop:	when it becomes nonzero all end
 */
void visit_all(struct visit *v, size_t n, void (*one)(struct visit *v),
	       double deadline, const volatile int *stop);

#endif
