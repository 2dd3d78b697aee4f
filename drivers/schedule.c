// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/schedule.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drivers/count.h"
#include "drivers/host.h"
#include "lib/clock.h"
#include "lib/pace.h"
#include "lib/stats.h"

const struct plan_rules plan_defaults = {
	.budget = 120,
	.precision = 0.01,
	.runs_least = 10,
	.runs_most = 200,
	.runs_unscored = 3,
	.share = 0.125,
	.tries = 2,
};

#define TRIES_MOST	3	/* runs for each that the rules count, at most */
#define RUN_NS_MOST	(100 * NSEC_PER_MSEC)
#define RUN_NS_LEAST	(20 * NSEC_PER_MSEC)
#define RUN_OVERHEAD	0.08	/* fork, set-up, calibration, commit: s */
#define RUN_GUESS	0.25	/* cost of a variant that never ran: s */
#define DEADLINE_NS	(10 * NSEC_PER_SEC)

/**
 * struct line - a variant in one arm: what is known of it so far
 * @done:	needs no more runs
 * @bad:	failures in a row
 * @counted:	runs with figures, of MODE_COUNTED: they have no score
 * @seconds:	that its runs have taken
 * @n:		scores taken, @v their logs and @pace the core's pace then; those
 *		of disturbed runs do not count (lib/pace.h)
 */
struct line {
	int64_t variant_id;
	uint64_t batch;
	double cost;
	double seconds;
	bool done;
	int bad;
	int counted;
	int runs;
	int n;
	double *v;
	double *pace;
};

struct sched {
	struct store *store;
	const struct host *host;
	const struct plan *plan;
	const volatile int *stop;
	void (*event)(void *priv, const struct schedule_event *e);
	void *priv;
	struct schedule_end *end;
	struct run_result *res;
	gsl_rng *rng;
	struct count *hold;
	struct line *line;	/* [variant * narms + arm] */
	double pace;		/* the best of this boot */
	uint64_t run_ns;
	uint64_t start;
	int block;
};

static size_t nlines(const struct sched *s)
{
	return s->plan->variants->n * s->plan->narms;
}

static double spent(const struct sched *s)
{
	return s->plan->spent + (clock_now() - s->start) / 1e9;
}

static struct store_slot slot_of(const struct sched *s, size_t line)
{
	const struct plan_arm *arm = &s->plan->arm[line % s->plan->narms];

	return (struct store_slot) {
		.campaign = s->plan->campaign, .boot = s->plan->boot,
		.label = arm->label, .arm = arm->arm,
		.variant = s->line[line].variant_id, .mode = s->plan->mode,
		.inject = s->plan->inject ? s->plan->inject[line] :
			arm->inject,
		.block = s->block,
	};
}

static const struct variant_entry *entry_of(const struct sched *s, size_t line)
{
	return &s->plan->variants->v[line / s->plan->narms];
}

/* Typical value, half-width of its interval, and how many runs count. */
static int interval_of(const struct sched *s, const struct line *l,
		       double *mid, double *half)
{
	double v[l->n + 1], lo, hi;
	int n = 0, i;

	for (i = 0; i < l->n; i++)
		if (!pace_disturbed(l->pace[i], s->pace))
			v[n++] = l->v[i];
	*mid = *half = NAN;
	if (n)
		*mid = exp(stats_mean(v, n));
	if (n < 2)
		return n;
	stats_interval(v, n, 0.95, &lo, &hi);
	*half = exp((hi - lo) / 2) - 1;
	return n;
}

static void add_score(struct sched *s, struct line *l, double score,
		      double pace)
{
	double mid, half;
	int n;

	if (l->n == TRIES_MOST * s->plan->rules.runs_most)
		return;
	l->v[l->n] = log(score);
	l->pace[l->n++] = pace;
	if (pace > 0 && (!s->pace || pace < s->pace))
		s->pace = pace;
	n = interval_of(s, l, &mid, &half);
	if (n >= s->plan->rules.runs_most ||
	    (n >= s->plan->rules.runs_least &&
	     half <= s->plan->rules.precision))
		l->done = true;
}

/* Counts vary little from run to run: some runs, not a precision. */
static void add_counted(struct sched *s, struct line *l)
{
	const struct plan_rules *r = &s->plan->rules;

	l->counted++;
	if (l->counted >= r->runs_least || l->counted >= r->runs_most)
		l->done = true;
}

static bool same_variant(const struct obs_row *row, const struct variant *v)
{
	return !strcmp(row->benchmark, v->bench->name) &&
		!strcmp(row->params, v->params) &&
		!strcmp(row->place, place_name(v->place));
}

/* What a campaign that is resumed has measured counts towards its rules. */
static void take_prior(struct sched *s, struct line *l,
		       const struct variant *v)
{
	const struct obs_set *prior = s->plan->prior;
	int row = -1;	/* that of the first count of a counted run */
	size_t i;

	for (i = 0; prior && i < prior->n; i++) {
		const struct obs *o = &prior->v[i];

		if (!same_variant(&prior->row[o->row], v))
			continue;
		if (s->plan->mode == MODE_COUNTED) {
			row = row < 0 ? o->row : row;
			if (row == o->row)
				add_counted(s, l);
			continue;
		}
		if (!prior->row[o->row].metric.primary || !(o->value > 0))
			continue;
		add_score(s, l, o->value, o->pace);
		if (o->status == RUN_INTERPRETED &&
		    l->n >= s->plan->rules.runs_unscored)
			l->done = true;
	}
	l->runs = l->n + l->counted;
}

/* Ids, costs and batches of old; what cannot run is recorded once. */
static int prepare_line(struct sched *s, size_t i)
{
	const struct variant_entry *e = entry_of(s, i);
	struct line *l = &s->line[i];
	struct store_slot slot;
	size_t most;
	int err;

	err = store_variant(s->store, e->v.bench->name, e->v.params,
			    e->v.place, e->v.profile, &l->variant_id);
	if (err)
		return err;
	if (e->reason[0]) {
		l->done = true;
		if (s->plan->first_block)
			return 0;
		slot = slot_of(s, i);
		return store_slot_skip(s->store, &slot, e->reason);
	}
	most = TRIES_MOST * s->plan->rules.runs_most;
	l->v = calloc(2 * most, sizeof(*l->v));
	if (!l->v)
		return -ENOMEM;
	l->pace = l->v + most;
	take_prior(s, l, &e->v);
	err = store_batch(s->store, s->plan->host_id, l->variant_id,
			  &l->batch);
	if (err)
		return err;
	l->batch /= variant_per_op(&e->v);
	return store_cost(s->store, s->plan->host_id, l->variant_id, &l->cost);
}

/*
 * A run samples as long as leaves time for runs_least blocks, within bounds:
 * more short runs say more about run-to-run variance than few long ones.
 */
static uint64_t choose_run_ns(const struct sched *s)
{
	const struct plan_rules *r = &s->plan->rules;
	size_t open = 0, i;
	double each;

	if (r->run_ns)
		return r->run_ns;
	for (i = 0; i < nlines(s); i++)
		open += !s->line[i].done;
	if (!open)
		return RUN_NS_LEAST;
	each = r->budget / (open * (r->runs_least + 2)) - RUN_OVERHEAD;
	/* The batches take one part, single operations half a part more. */
	each = each / 1.5 * NSEC_PER_SEC;
	return fmin(fmax(each, RUN_NS_LEAST), RUN_NS_MOST);
}

static void tell(struct sched *s, size_t i, int index, int total,
		 const struct run_result *res)
{
	struct schedule_event e = {
		.block = s->block, .index = index, .total = total,
		.variant = &entry_of(s, i)->v, .res = res,
		.spent = spent(s), .budget = s->plan->rules.budget,
	};

	if (!s->event)
		return;
	e.runs = interval_of(s, &s->line[i], &e.mid, &e.half);
	s->event(s->priv, &e);
}

static double score_of(const struct run_result *res)
{
	uint32_t i;

	for (i = 0; i < res->nvalues; i++)
		if (res->value[i].metric->primary)
			return res->value[i].value;
	return NAN;
}

/* What the result means for the rest of the plan. */
static void learn(struct sched *s, size_t i, const struct run_result *res)
{
	struct line *l = &s->line[i];
	const struct plan_rules *r = &s->plan->rules;
	double score = score_of(res);

	l->runs++;
	l->bad = res->status == RUN_OK || res->status == RUN_INTERPRETED ?
		0 : l->bad + 1;
	if (l->bad >= r->tries || l->runs >= TRIES_MOST * r->runs_most)
		l->done = true;
	if (res->nseries && res->series[0].metric->primary && !l->batch)
		l->batch = res->series[0].batch /
			variant_per_op(&entry_of(s, i)->v);
	if (res->status == RUN_INTERPRETED && l->runs >= r->runs_unscored)
		l->done = true;
	if (!l->bad && s->plan->mode == MODE_COUNTED)
		add_counted(s, l);
	if (l->bad || !(score > 0))
		return;
	add_score(s, l, score, res->pace);
}

static int run_slot(struct sched *s, size_t i, int index, int total)
{
	const struct variant_entry *e = entry_of(s, i);
	struct line *l = &s->line[i];
	struct store_slot slot = slot_of(s, i);
	struct run_spec spec = {
		.variant = &e->v, .host = s->host, .mode = s->plan->mode,
		.inject = slot.inject, .batch = l->batch, .pace = s->pace,
		.time_ns = s->run_ns,
		.words = s->plan->arm[i % s->plan->narms].words,
		.deadline_ns = (e->driver->deadline_ns ?
				e->driver->deadline_ns : DEADLINE_NS) +
			10 * s->run_ns,
	};
	double started, seconds;
	int64_t id;
	int err;

	slot.order = index;
	slot.attempt = l->bad;
	tell(s, i, index, total, NULL);
	err = store_slot_start(s->store, &slot, &id);
	if (err)
		return err;
	runner_run(e->driver, &spec, s->stop, s->res, &seconds);
	started = clock_ns(CLOCK_REALTIME) / 1e9 - seconds;
	err = record_run(s->store, id, s->res, started, seconds);
	if (err)
		return err;
	if (s->res->status == RUN_INTERRUPTED)
		return 0;
	s->end->runs++;
	s->end->scored += s->res->status == RUN_OK;
	l->cost = seconds;
	l->seconds += seconds;
	learn(s, i, s->res);
	tell(s, i, index, total, s->res);
	return 0;
}

/*
 * The lines of a block in random order, the arms of a variant together. The
 * generator starts from seed and block, so that a resumed campaign goes on as
 * it would have.
 */
static size_t shuffle_block(struct sched *s, size_t *order)
{
	size_t narms = s->plan->narms, nvars = s->plan->variants->n;
	size_t n = 0, i, k, *var = calloc(nvars + narms, sizeof(*var));
	size_t *arm = var + nvars;

	if (!var)
		return 0;
	gsl_rng_set(s->rng, s->plan->seed * 1000003 + s->block);
	for (i = 0; i < nvars; i++)
		var[i] = i;
	for (k = 0; k < narms; k++)
		arm[k] = k;
	gsl_ran_shuffle(s->rng, var, nvars, sizeof(*var));
	for (i = 0; i < nvars; i++) {
		gsl_ran_shuffle(s->rng, arm, narms, sizeof(*arm));
		for (k = 0; k < narms; k++)
			if (!s->line[var[i] * narms + arm[k]].done)
				order[n++] = var[i] * narms + arm[k];
	}
	free(var);
	return n;
}

/* Arms of a variant stop together, or the last runs would be one arm's. */
static void settle_variants(struct sched *s)
{
	size_t narms = s->plan->narms, i, k;

	for (i = 0; i < s->plan->variants->n; i++) {
		struct line *l = &s->line[i * narms];
		bool all = true, any_bad = false;

		for (k = 0; k < narms; k++) {
			all = all && l[k].done;
			any_bad = any_bad || (l[k].done && l[k].bad);
		}
		for (k = 0; k < narms; k++)
			l[k].done = all || any_bad;
	}
}

/*
 * A guest's boot takes a hundred times as long as a process: among many others
 * it has an eighth of the budget, or twice its part of it where that is more,
 * and rests when that is used up. It runs once in any case.
 */
static bool had_its_share(const struct sched *s, size_t i)
{
	const struct line *l = &s->line[i];
	double part = s->plan->rules.share * s->plan->rules.budget;
	size_t open = 0, k;

	for (k = 0; k < nlines(s); k++)
		open += !entry_of(s, k)->reason[0];
	if (open && part < 2 * s->plan->rules.budget / open)
		part = 2 * s->plan->rules.budget / open;
	return s->plan->rules.share > 0 && l->runs &&
		l->seconds + l->cost > part;
}

static void rest(struct sched *s)
{
	size_t i;

	for (i = 0; i < nlines(s); i++)
		if (!s->line[i].done && had_its_share(s, i))
			s->line[i].done = true;
}

static bool out_of_budget(const struct sched *s, size_t i)
{
	double cost = s->line[i].cost > 0 ? s->line[i].cost : RUN_GUESS;

	return spent(s) + cost > s->plan->rules.budget;
}

static int run_blocks(struct sched *s)
{
	size_t *order = calloc(nlines(s) + 1, sizeof(*order));
	size_t n, k;
	int err = 0;

	if (!order)
		return -ENOMEM;
	for (s->block = s->plan->first_block;; s->block++) {
		n = shuffle_block(s, order);
		if (!n)
			goto out;
		for (k = 0; k < n; k++) {
			if (*s->stop) {
				s->end->stop = "signal";
				goto out;
			}
			if (out_of_budget(s, order[k])) {
				s->end->stop = "budget";
				goto out;
			}
			err = run_slot(s, order[k], k, n);
			if (err)
				goto out;
		}
		rest(s);
		settle_variants(s);
	}
out:
	free(order);
	return err;
}

/* Commits and their like happen elsewhere than what is measured. */
static void leave_cpu(int cpu, cpu_set_t *before)
{
	cpu_set_t others;

	CPU_ZERO(before);
	sched_getaffinity(0, sizeof(*before), before);
	others = *before;
	CPU_CLR(cpu, &others);
	if (CPU_COUNT(&others))
		sched_setaffinity(0, sizeof(others), &others);
}

/*
 * The first who counts a tracepoint registers it and the last one removes it,
 * which takes the kernel 30 ms each: held for all runs, it happens once.
 */
static int hold_tracepoints(struct sched *s)
{
	const struct count_target all = { .who.vm = true };

	return s->plan->mode == MODE_COUNTED ? count_open(&s->hold, &all) : 0;
}

static void sched_free(struct sched *s)
{
	size_t i;

	count_close(s->hold);
	for (i = 0; s->line && i < nlines(s); i++)
		free(s->line[i].v);
	free(s->line);
	if (s->rng)
		gsl_rng_free(s->rng);
	runner_result_free(s->res);
}

int schedule(struct store *store, const struct host *host,
	     const struct plan *plan, const volatile int *stop,
	     void (*event)(void *priv, const struct schedule_event *e),
	     void *priv, struct schedule_end *end)
{
	struct sched s = {
		.store = store, .host = host, .plan = plan, .stop = stop,
		.event = event, .priv = priv, .end = end,
		.start = clock_now(), .block = plan->first_block,
	};
	cpu_set_t before;
	size_t i;
	int err = -ENOMEM;

	memset(end, 0, sizeof(*end));
	end->stop = "precision";
	s.res = runner_result();
	s.rng = gsl_rng_alloc(gsl_rng_mt19937);
	s.line = calloc(nlines(&s) + 1, sizeof(*s.line));
	if (!s.res || !s.rng || !s.line)
		goto out;
	err = hold_tracepoints(&s);
	if (!err)
		err = store_pace(store, plan->boot, &s.pace);
	for (i = 0; i < nlines(&s) && !err; i++)
		err = prepare_line(&s, i);
	if (err)
		goto out;
	leave_cpu(host->cpu, &before);
	s.run_ns = choose_run_ns(&s);
	err = run_blocks(&s);
	sched_setaffinity(0, sizeof(before), &before);
	end->seconds = (clock_now() - s.start) / 1e9;
out:
	sched_free(&s);
	return err;
}
