// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/count.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/driver.h"
#include "drivers/kvmstats.h"
#include "drivers/reasons.h"

/* A tracepoint that is compiled in and never reached would read 0. */
const char count_never_fires[] =
	"it never fired for a vCPU that ran: this KVM does not pass it";

/**
 * struct tally - statistics of a VM or a vCPU over the stretches counted
 * @fd:		-1: there are none
 * @sum:	events of cumulative statistics and of histograms
 * @begun:	reading at the start of a stretch
 * @err:	why there are none, or why a reading failed
 */
struct tally {
	int fd;
	struct kvmstats set;
	uint64_t *sum;
	uint64_t *begun;
	int err;
};

/**
 * struct breakdown - a tracepoint by reason
 * @prefix:	of its metrics
 * @r:		NULL where it cannot be had
 * @why:	why not
 */
struct breakdown {
	const char *prefix;
	struct reasons *r;
	char why[200];
};

struct count {
	struct count_target target;
	struct counters *counters;
	struct breakdown by[2];
	struct tally vm;
	struct tally vcpu;
};

static void tally_close(struct tally *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	kvmstats_free(&t->set);
	free(t->sum);
	free(t->begun);
	t->sum = t->begun = NULL;
}

static void tally_open(struct tally *t, int fd)
{
	t->fd = -1;
	if (!fd)
		return;
	t->err = kvmstats_open(fd, &t->set, &t->fd);
	if (t->err)
		return;
	t->sum = calloc(t->set.nvalues + 1, sizeof(*t->sum));
	t->begun = calloc(t->set.nvalues + 1, sizeof(*t->begun));
	if (t->sum && t->begun)
		return;
	tally_close(t);
	t->err = -ENOMEM;
}

static void tally_read(struct tally *t)
{
	int err = t->fd < 0 ? 0 : kvmstats_read(&t->set, t->fd);

	if (err)
		t->err = err;
}

static void tally_start(struct tally *t)
{
	tally_read(t);
	if (t->fd >= 0 && t->set.nvalues)
		memcpy(t->begun, t->set.value,
		       t->set.nvalues * sizeof(*t->begun));
}

static void tally_stop(struct tally *t)
{
	size_t i;

	tally_read(t);
	for (i = 0; t->fd >= 0 && i < t->set.nvalues; i++)
		t->sum[i] += t->set.value[i] - t->begun[i];
}

static void breakdown_open(struct count *c, struct breakdown *b,
			   const struct reasons_of *of, const char *prefix)
{
	const struct counted *who = &c->target.who;
	static const pid_t self;

	b->prefix = prefix;
	reasons_open(&b->r, of, who->tid ? who->tid : &self,
		     who->tid ? who->ntids : 1, b->why, sizeof(b->why));
}

int count_open(struct count **out, const struct count_target *t)
{
	struct count *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->target = *t;
	tally_open(&c->vm, t->vm);
	tally_open(&c->vcpu, t->vcpu);
	err = counters_open(&c->counters, &t->who);
	if (err) {
		count_close(c);
		return err;
	}
	if (t->who.vm) {
		breakdown_open(c, &c->by[0],
			       reasons_for(t->kvm_module ? t->kvm_module : ""),
			       "exit");
		breakdown_open(c, &c->by[1], &reasons_user, "user_exit");
	}
	*out = c;
	return 0;
}

void count_close(struct count *c)
{
	int i;

	if (!c)
		return;
	for (i = 0; i < 2; i++)
		reasons_close(c->by[i].r);
	counters_close(c->counters);
	tally_close(&c->vcpu);
	tally_close(&c->vm);
	free(c);
}

void count_start(struct count *c)
{
	int i;

	tally_start(&c->vm);
	tally_start(&c->vcpu);
	for (i = 0; i < 2; i++)
		if (c->by[i].r)
			reasons_enable(c->by[i].r);
	counters_enable(c->counters);
}

void count_stop(struct count *c)
{
	int i;

	counters_disable(c->counters);
	for (i = 0; i < 2; i++)
		if (c->by[i].r)
			reasons_disable(c->by[i].r);
	tally_stop(&c->vcpu);
	tally_stop(&c->vm);
}

void count_refuse(struct run_result *res, const char *name, const char *why)
{
	char key[FACT_KEY_MAX];

	snprintf(key, sizeof(key), "counter.%.50s", name);
	result_text(res, key, why);
}

static void store_reason(struct run_result *res, const char *prefix,
			 const char *name, double n)
{
	char metric[64];

	snprintf(metric, sizeof(metric), "%s.%.*s", prefix,
		 SYMBOL_NAME, name);
	result_value(res, result_metric(res, metric, "exits", BETTER_LOWER,
					NATURE_COUNT), n, 1);
}

void count_store_reasons(struct run_result *res, const char *prefix,
			 const struct reason_count *v, const double *events,
			 size_t n, double total, double ops)
{
	size_t i;

	for (i = 0; i < n; i++) {
		store_reason(res, prefix, v[i].name, events[i] / ops);
		total -= events[i];
	}
	store_reason(res, prefix, "other", total / ops);
}

/* Has a vCPU of ours run, or may it have? Then it has left the guest, too. */
static bool has_run(const struct count *c, double ops)
{
	return c->target.who.vm && c->target.vcpu && ops > 0;
}

static void breakdown_store(struct count *c, struct breakdown *b,
			    struct run_result *res, double ops)
{
	struct reason_count v[REASONS_MAX];
	double events[REASONS_MAX];
	uint64_t total;
	size_t n, i;
	int err;

	if (b->r) {
		err = reasons_read(b->r, v, &n, &total);
		if (err)
			counters_why_not(err, b->why, sizeof(b->why));
		else if (!total && has_run(c, ops))
			snprintf(b->why, sizeof(b->why), "%s",
				 count_never_fires);
	}
	if (b->why[0]) {
		count_refuse(res, b->prefix, b->why);
		return;
	}
	for (i = 0; i < n; i++)
		events[i] = v[i].n;
	count_store_reasons(res, b->prefix, v, events, n, total, ops);
}

/* A histogram whole, and how much it holds. */
static void store_histogram(struct tally *t, const struct kvmstat *s,
			    const struct metric *metric,
			    struct run_result *res, double ops)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < s->n; i++)
		sum += t->sum[s->first + i];
	result_value(res, metric, sum / ops, sum);
	if (sum && metric)
		result_series(res, metric, 1, t->sum + s->first, s->n);
}

/* A KVM that leaves a statistic alone shows 0, whatever happens. */
static const char *not_kept(const struct count *c, const struct tally *t,
			    const struct kvmstat *s, double ops)
{
	if (t != &c->vcpu || t->set.value[s->first])
		return NULL;
	if (!strcmp(s->name, "exits") && has_run(c, ops))
		return "0 exits of a vCPU that ran: this KVM does not count them";
	if (!strcmp(s->name, "io_exits") && c->target.port_exits)
		return "0 although the guest used ports: this KVM does not count them";
	return NULL;
}

static void store_statistic(const struct count *c, struct tally *t,
			    const struct kvmstat *s, struct run_result *res,
			    double ops)
{
	const bool state = s->kind == KVMSTAT_INSTANT ||
		s->kind == KVMSTAT_PEAK;
	const char *why = not_kept(c, t, s, ops), *unit;
	const struct metric *metric;
	char name[64];
	double scale;

	/* A flag that changes all the while says nothing of a run. */
	if (s->unit == KVMSTAT_BOOLEAN)
		return;
	unit = kvmstat_unit(s, state ? "at end" : "events", &scale);
	if (kvmstat_is_histogram(s))
		unit = "events";
	snprintf(name, sizeof(name), "kvm.%s", s->name);
	metric = result_metric(res, name, unit,
			       state ? BETTER_NEITHER : BETTER_LOWER,
			       state ? NATURE_EXACT : NATURE_COUNT);
	if (why)
		count_refuse(res, name, why);
	if (why)
		result_value(res, metric, NAN, 0);
	else if (kvmstat_is_histogram(s))
		store_histogram(t, s, metric, res, ops);
	else if (state)
		result_value(res, metric, t->set.value[s->first] * scale, 1);
	else
		result_value(res, metric, t->sum[s->first] * scale / ops, 1);
}

static void tally_store(const struct count *c, struct tally *t,
			struct run_result *res, double ops)
{
	char why[96];
	size_t i;

	if (t->err) {
		snprintf(why, sizeof(why),
			 "no statistics of this VM by KVM_GET_STATS_FD: %s",
			 strerror(-t->err));
		count_refuse(res, t == &c->vm ? "kvm.vm" : "kvm.vcpu", why);
		return;
	}
	for (i = 0; t->fd >= 0 && i < t->set.n; i++)
		store_statistic(c, t, &t->set.v[i], res, ops);
	if (t->set.left_out)
		result_int(res, "counter.kvm.left_out", t->set.left_out);
}

/* Compiled in for every KVM; that a module never calls it shows here. */
static void check_points(struct count *c, double ops)
{
	static const char *const always[] = { "kvm_exit", "kvm_entry" };
	struct counter_value v;
	size_t i, k;

	for (i = 0; i < counters_n(c->counters) && has_run(c, ops); i++) {
		for (k = 0; k < 2; k++) {
			if (strcmp(counters_name(c->counters, i), always[k]))
				continue;
			counters_read(c->counters, i, &v);
			if (v.available && !(v.value > 0))
				counters_refuse(c->counters, always[k],
						count_never_fires);
		}
	}
}

void count_store(struct count *c, struct run_result *res, double ops)
{
	int i;

	if (!(ops > 0))
		return;
	check_points(c, ops);
	counters_store(c->counters, res, ops);
	for (i = 0; i < 2; i++)
		if (c->by[i].prefix)
			breakdown_store(c, &c->by[i], res, ops);
	tally_store(c, &c->vcpu, res, ops);
	tally_store(c, &c->vm, res, ops);
	if (res->dropped)
		result_int(res, "counter.left_out", res->dropped);
}
