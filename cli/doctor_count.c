// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What counting can do on this host, found by a counting run of one benchmark:
 * what a list of files would promise is not always what is counted.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "drivers/runner.h"
#include "drivers/tracefs.h"
#include "lib/child.h"
#include "lib/clock.h"

#define RUN_NS		(20 * NSEC_PER_MSEC)
#define DEADLINE_NS	(10 * NSEC_PER_SEC)

/* Families of counts, each of which is told as one. */
static const struct {
	const char *prefix;
	const char *what;
} families[] = {
	{ "kvm.", "statistics of KVM" },
	{ "exit.", "VM exits by reason" },
	{ "user_exit.", "returns to user space by reason" },
};

/* What stands in a run's facts for a whole family. */
static const struct {
	const char *key;
	const char *what;
} missing[] = {
	{ "counter.exit", "VM exits by reason" },
	{ "counter.user_exit", "returns to user space by reason" },
	{ "counter.kvm.vm", "statistics of a VM" },
	{ "counter.kvm.vcpu", "statistics of a vCPU" },
};

static const char *family_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (!strncmp(name, families[i].prefix,
			     strlen(families[i].prefix)))
			return families[i].what;
	return name;
}

static bool is_listed(const char *names, const char *name)
{
	const char *at = strstr(names, name);
	size_t n = strlen(name);

	return at && (at == names || at[-1] == ' ') &&
		(!at[n] || at[n] == ',');
}

/* Under the heading @why, which is "" for what can be counted. */
static void add(struct doctor *d, const char *name, const char *why)
{
	struct countable *c = d->countable;
	size_t used;

	while (c < d->countable + d->ncountable && strcmp(c->why, why))
		c++;
	if (c == d->countable + COUNTABLE_MAX)
		return;
	if (c == d->countable + d->ncountable) {
		d->ncountable++;
		snprintf(c->why, sizeof(c->why), "%s", why);
	}
	used = strlen(c->names);
	if (!is_listed(c->names, name))
		snprintf(c->names + used, sizeof(c->names) - used, "%s%s",
			 used ? ", " : "", name);
}

static const char *why_of(const struct run_result *res, const char *name)
{
	char key[FACT_KEY_MAX];
	uint32_t i;

	snprintf(key, sizeof(key), "counter.%.50s", name);
	for (i = 0; i < res->nfacts; i++)
		if (res->fact[i].type == FACT_TEXT &&
		    !strcmp(res->fact[i].key, key))
			return res->fact[i].text;
	return NULL;
}

static void take_result(struct doctor *d, const struct run_result *res)
{
	const char *why;
	uint32_t i;
	size_t k;

	for (i = 0; i < res->nvalues; i++) {
		const char *name = res->value[i].metric->name;

		/* Of one statistic that is missing, not of its family. */
		if (!isnan(res->value[i].value)) {
			why = why_of(res, name);
			add(d, family_of(name), why ? why : "");
			continue;
		}
		why = why_of(res, name);
		add(d, name, why ? why : "unknown");
	}
	for (k = 0; k < sizeof(missing) / sizeof(*missing); k++) {
		why = why_of(res, missing[k].key + strlen("counter."));
		if (why)
			add(d, missing[k].what, why);
	}
}

/* Rather a guest than a process: then KVM is counted as well. */
static const struct variant_entry *choose(const struct doctor *d)
{
	static const enum place places[] = {
		PLACE_GUEST3, PLACE_GUEST0, PLACE_USER,
	};
	const struct variant_entry *e;
	size_t k;

	for (k = 0; k < 3; k++)
		for (e = d->variants.v; e < d->variants.v + d->variants.n; e++)
			if (e->v.place == places[k] && !e->reason[0] &&
			    e->v.bench->op && !e->v.bench->peer)
				return e;
	return NULL;
}

/* Of a VM of somebody else, by asibench count. */
static void foreign(struct doctor *d)
{
	int dir = debugfs_open(d->debugfs, sizeof(d->debugfs));

	if (dir >= 0)
		close(dir);
}

/* In a process of its own, but without its turn on the CPU: no time counts. */
static void run_once(const struct driver *driver, const struct run_spec *spec,
		     struct run_result *res)
{
	struct child_end end;
	pid_t pid;

	fflush(NULL);
	pid = child_fork();
	if (!pid) {
		driver->run(spec, res);
		res->complete = 1;
		_exit(0);
	}
	if (pid > 0)
		child_wait(pid, spec->deadline_ns, NULL, &end);
	if (!res->complete)
		result_end(res, RUN_FAILED, "a counting run did not come to its end");
}

int doctor_count(struct doctor *d)
{
	const struct variant_entry *e = choose(d);
	struct run_spec spec = {
		.host = &d->host, .mode = MODE_COUNTED,
		.time_ns = RUN_NS, .deadline_ns = DEADLINE_NS,
	};
	struct run_result *res;

	foreign(d);
	if (!e)
		return 0;
	res = runner_result();
	if (!res)
		return -1;
	spec.variant = &e->v;
	run_once(e->driver, &spec, res);
	if (res->nvalues)
		take_result(d, res);
	else
		add(d, "everything", res->reason);
	runner_result_free(res);
	return 0;
}
