// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/campaign.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/hostconf.h"
#include "hosts/boot.h"
#include "hosts/precise.h"
#include "lib/clock.h"
#include "lib/msg.h"

#define TRIES		2	/* boots for a slot, and visits to a boot */
#define BOOT_GUESS	90.0	/* s, before one was seen */
#define BEYOND		20.0	/* s a slot takes beside boot and budget */
#define COMBOS_MAX	(PLAN_KERNELS * PLAN_ARMS)

/**
 * struct worker - one host's process
 * @linked:	@l is open
 * @k, @a, @block: the slot that it is at
 */
struct worker {
	struct journal *j;
	struct visit *v;
	struct link l;
	int linked;
	int host;
	int block;
	int k;
	int a;
	uint64_t boot_began;
	double boot_s;
};

/* What each process needs and cannot be in the visit. */
static struct journal *shared_journal;
static struct visit *shared_visits;

static struct host_state *state(const struct worker *w)
{
	return &w->j->host[w->host];
}

static struct slot *slot(const struct worker *w)
{
	return journal_slot(w->j, w->host, w->block, w->k, w->a);
}

/* An event of this host, and of its slot unless that is @whole. */
static int note(struct worker *w, const char *event, int whole, json_t *more)
{
	json_t *o = json_pack("{s:s}", "host", w->v->conf.name);

	if (!whole) {
		json_object_set_new(o, "block", json_integer(w->block));
		json_object_set_new(o, "kernel", json_integer(w->k));
		json_object_set_new(o, "arm", json_integer(w->a));
	}
	if (more)
		json_object_update(o, more);
	json_decref(more);
	return journal_add(w->j, event, o);
}

static void say(const struct worker *w, const char *what)
{
	const struct plan_file *f = &w->j->file;

	pr_info("%s: block %d, %s %s: %s", w->v->conf.name, w->block + 1,
		f->kernel[w->k].name, f->arm[w->a].name, what);
}

static void unlink_host(struct worker *w)
{
	if (w->linked)
		link_close(&w->l);
	w->linked = 0;
}

/* Done with this host, for this session. Says so in one line. */
static int set_aside(struct worker *w, int by_kernel)
{
	char console[1024], step[sizeof(w->v->step)], why[sizeof(w->v->why)];
	struct visit *v = w->v;

	memcpy(step, v->step, sizeof(step));
	memcpy(why, v->why, sizeof(why));
	boot_console(&v->conf, console, sizeof(console));
	pr_err("%s: %s: %s; set aside%s%s%s", v->conf.name, step, why,
	       console[0] ? " (console: " : "", console,
	       console[0] ? ")" : "");
	unlink_host(w);
	note(w, "aside", 1, json_pack("{s:s, s:s, s:s, s:i}", "step", step,
				      "why", why, "console", console,
				      "kernel", by_kernel ? w->k : -1));
	return -EHOSTDOWN;
}

static void note_failed(struct worker *w)
{
	note(w, "failed", 0, json_pack("{s:s, s:s}", "step", w->v->step,
				       "why", w->v->why));
}

/* Connect where it should be up; its power is cycled once if it is not. */
static int be_linked(struct worker *w)
{
	struct visit was;
	int err;

	/* One that is booted to be reached is off until then. */
	if (w->linked || transport_of(&w->v->conf)->boots)
		return 0;
	err = boot_reach(w->v, &w->l, "", host_boot_timeout(&w->v->conf));
	if (err && w->v->conf.power_cmd[0]) {
		was = *w->v;
		pr_info("%s: %s: %s; its power is cycled", was.conf.name,
			was.step, was.why);
		err = boot_power(w->v, &w->l);
	}
	w->linked = !err;
	return err;
}

/* Results have been taken in: written down before the host forgets them. */
static int on_merged(struct visit *v, const struct fetched *got)
{
	struct worker *w = v->priv;
	struct worker at = *w;
	struct journal *j = w->j;

	/* They may be of another slot than the one we are at. */
	for (at.block = 0; at.block < PLAN_BLOCKS; at.block++)
		for (at.k = 0; at.k < j->file.nkernels; at.k++)
			for (at.a = 0; at.a < j->file.narms; at.a++)
				if (!strcmp(slot(&at)->id, got->id))
					goto found;
	return 0;
found:
	if (!got->complete)
		return 0;
	return note(&at, "done", 0, json_pack("{s:s, s:i}", "id", got->id,
					      "runs", v->runs));
}

/*
 * What an earlier controller had begun: results that wait there are taken in;
 * what was cut off in a boot that is over is open again.
 */
static int settle(struct worker *w)
{
	json_t *kept, *o, *ours;
	struct slot *s = slot(w);
	size_t i;
	int err = 0;

	if (s->state != SLOT_STARTED ||
	    (w->linked && !strcmp(s->boot_id, w->v->boot)))
		return 0;
	kept = w->linked ? json_object_get(w->l.start, "kept") : NULL;
	ours = json_array();
	json_array_foreach(kept, i, o)
		if (!strcmp(json_string_value(o) ?: "", s->id))
			json_array_append(ours, o);
	if (json_array_size(ours))
		err = visit_collect(w->v, &w->l, ours);
	json_decref(ours);
	if (!err)
		err = note(w, "lost", 0, NULL);
	return err ? err : journal_replay(w->j);
}

static int add_opt(const char **argv, int n, const char *name,
		   const char *value)
{
	argv[n] = name;
	argv[n + 1] = value;
	return n + 2;
}

/* Measure in the boot that is linked. */
static int measure(struct worker *w)
{
	const struct plan_file *f = &w->j->file;
	const char *argv[2 * WORDS_MAX + 24];
	struct slot *s = slot(w);
	int n = 0, err;
	size_t i;

	argv[n++] = "run";
	n = add_opt(argv, n, "--series", f->series);
	n = add_opt(argv, n, "--rev", f->kernel[w->k].name);
	n = add_opt(argv, n, "--arm", f->arm[w->a].name);
	if (f->kernel[w->k].patch[0])
		n = add_opt(argv, n, "--patch", f->kernel[w->k].patch);
	if (f->arm[w->a].isolation[0])
		n = add_opt(argv, n, "--isolation", f->arm[w->a].isolation);
	if (f->budget[0])
		n = add_opt(argv, n, "--budget", f->budget);
	if (f->precision[0])
		n = add_opt(argv, n, "--precision", f->precision);
	for (i = 0; i < f->glob.n; i++)
		n = add_opt(argv, n, "--select", f->glob.v[i]);
	argv[n] = NULL;
	if (s->state != SLOT_STARTED) {
		err = uuid_make(s->id);
		if (!err)
			err = note(w, "started", 0, json_pack(
				"{s:s, s:s, s:f}", "id", s->id, "boot_id",
				w->v->boot, "boot_s", w->boot_s));
		if (err)
			return err;
		s->state = SLOT_STARTED;
		memcpy(s->boot_id, w->v->boot, sizeof(s->boot_id));
	} else {
		note(w, "again", 0, NULL);
	}
	memcpy(w->v->id, s->id, sizeof(w->v->id));
	w->v->argv = argv;
	w->v->seconds = f->budget_s;
	w->v->runs = 0;
	err = visit_measure(w->v, &w->l);
	/* What the merge noted is known only with the time that it took. */
	if (!err)
		err = note(w, "done", 0, json_pack("{s:s, s:f}", "id", s->id,
						   "run_s", w->v->took));
	return err;
}

/* The kernel and arm of the slot run, and the link is open to them. */
static int be_booted(struct worker *w)
{
	struct boot_want want;
	uint64_t began;
	int err = 0, try;

	boot_want(&want, &w->j->file, w->k, w->a, &w->v->conf);
	for (try = 0; try < TRIES; try++) {
		err = be_linked(w);
		if (err)
			return err;
		note(w, "booting", 0, NULL);
		began = clock_now();
		err = boot_into(w->v, &w->l, &want);
		w->linked = !err || err == -EBADSLT;
		w->boot_s = (clock_now() - began) / 1e9;
		if (!err)
			return 0;
		note_failed(w);
		/* To ask for what cannot be changed again is of no use. */
		if (!strcmp(w->v->conf.boot_method, "none"))
			return err;
		if (try + 1 < TRIES) {
			char what[700];

			snprintf(what, sizeof(what), "%s: %s; once more",
				 w->v->step, w->v->why);
			say(w, what);
		}
	}
	return err;
}

/*
 * One slot: boot, verify, measure. Return: 0, also where it stays open for a
 * later block; -EHOSTDOWN: the host was set aside.
 */
static int run_slot(struct worker *w)
{
	char what[80];
	int err, try;

	for (try = 0; try < TRIES; try++) {
		err = be_linked(w);
		if (!err)
			err = settle(w);
		if (err)
			return set_aside(w, 0);
		if (slot(w)->state == SLOT_DONE)
			return 0;
		if (slot(w)->state != SLOT_STARTED) {
			err = be_booted(w);
			if (err)
				return set_aside(w, 1);
		}
		err = measure(w);
		if (!err) {
			snprintf(what, sizeof(what), "%d runs in %.0f s",
				 w->v->runs, w->v->took);
			say(w, what);
			return journal_replay(w->j);
		}
		note_failed(w);
		/* Only what is lost on the way is worth another visit. */
		if (err != -ECONNRESET && err != -ETIMEDOUT && err != -EPROTO)
			break;
		unlink_host(w);
		if (try + 1 < TRIES) {
			pr_info("%s: %s: %s; reached for again",
				w->v->conf.name, w->v->step, w->v->why);
			journal_replay(w->j);
		}
	}
	return set_aside(w, 0);
}

/* Kernel and arm of each slot of the block, in an order of this host's. */
static int shuffle(const struct worker *w, int *order)
{
	const struct journal *j = w->j;
	int n = j->file.nkernels * j->file.narms, i;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	if (!rng)
		return 0;
	for (i = 0; i < n; i++)
		order[i] = i;
	gsl_rng_set(rng, j->seed * 1000003 + w->host * 7919 + w->block);
	gsl_ran_shuffle(rng, order, n, sizeof(*order));
	gsl_rng_free(rng);
	return n;
}

static int out_of_time(const struct worker *w)
{
	return w->j->spent + BEYOND / 2 > w->j->file.hours_all * 3600;
}

static int run_block(struct worker *w)
{
	const struct plan_file *f = &w->j->file;
	int order[COMBOS_MAX], n = shuffle(w, order), i, err;

	for (i = 0; i < n; i++) {
		w->k = order[i] / f->narms;
		w->a = order[i] % f->narms;
		err = journal_replay(w->j);
		if (err)
			return err;
		if (w->j->cancelled || out_of_time(w))
			return -ETIME;
		if (w->j->kernel_aside[w->k] || slot(w)->state == SLOT_DONE)
			continue;
		err = run_slot(w);
		if (err)
			return err;
	}
	return 0;
}

static int has_enough(struct worker *w)
{
	const struct plan_file *f = &w->j->file;
	double widest;
	int enough;

	if (w->block + 1 < f->least)
		return 0;
	if (w->block + 1 >= f->most)
		return 1;
	enough = precise_enough(w->v->db, w->v->conf.alias, f, &widest);
	if (!enough)
		pr_info("%s: block %d: figures are known to %.1f %% at worst; one more boot each",
			w->v->conf.name, w->block + 1, 100 * widest);
	return enough > 0;
}

/* The process of one host. */
static void work(struct visit *v)
{
	struct worker w = {
		.j = shared_journal, .v = v, .host = v - shared_visits,
		.l = LINK_CLOSED,
	};

	v->priv = &w;
	v->merged = on_merged;
	v->quiet = 1;
	if (state(&w)->finished || state(&w)->aside)
		return;
	for (w.block = 0; w.block < w.j->file.most; w.block++) {
		if (run_block(&w))
			break;
		if (has_enough(&w)) {
			note(&w, "finished", 1, NULL);
			break;
		}
	}
	unlink_host(&w);
}

static int asides(const struct journal *j)
{
	size_t i;
	int n = 0;

	for (i = 0; i < j->file.host.n; i++)
		n += !j->host[i].finished && !j->host[i].aside;
	return n;
}

static int begin_session(struct journal *j)
{
	struct owner o;
	int err;

	owner_self(&o);
	err = journal_add(j, "session", json_pack("{s:I, s:I, s:s}", "pid",
			  (json_int_t)o.pid, "start", (json_int_t)o.start,
			  "boot", o.boot));
	return err ? err : journal_replay(j);
}

int campaign_measure(struct journal *j, struct visit *v,
		     const volatile int *stop)
{
	int err = begin_session(j), round;
	size_t i;

	shared_journal = j;
	shared_visits = v;
	/* A host that only a bad kernel kept away comes back without it. */
	for (round = 0; !err && round <= j->file.nkernels; round++) {
		for (i = 0; i < j->file.host.n; i++)
			v[i].err = 0;
		visit_all(v, j->file.host.n, work,
			  j->file.hours_all * 3600 + 3600, stop);
		err = journal_replay(j);
		if (err || *stop || j->cancelled || !asides(j))
			break;
		if (j->spent > j->file.hours_all * 3600 - BEYOND)
			break;
	}
	return err;
}

double campaign_boot_s(const struct host_state *h)
{
	return h->nboots ? h->boot_s / h->nboots : BOOT_GUESS;
}

double campaign_run_s(const struct host_state *h,
		      const struct plan_file *file)
{
	return h->nruns ? h->run_s / h->nruns : file->budget_s + BEYOND;
}

int campaign_width(const struct journal *j)
{
	int k, n = 0;

	for (k = 0; k < j->file.nkernels; k++)
		n += !j->kernel_aside[k];
	return n * j->file.narms;
}
