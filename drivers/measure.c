// SPDX-License-Identifier: GPL-2.0-or-later
/* Warm-up, calibration, samples, single operations, witnesses, check. */
#include "drivers/measure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/count.h"
#include "drivers/host.h"
#include "drivers/native.h"
#include "drivers/variant.h"
#include "drivers/witness.h"
#include "lib/clock.h"
#include "lib/pace.h"
#include "lib/stats.h"

#define BATCH_MAX	(1ull << 24)
#define SLOW_NS		(NSEC_PER_SEC / 10)	/* one such batch is enough */
#define ROUND_SAMPLES	64	/* samples a call of the engine, at least */
#define BATCHES_MAX	(RESULT_SAMPLES / 2 - MEASURE_SINGLES)

/* How far exits per operation may be from what KVM should have counted. */
#define EXITS_TOLERANCE	0.02
#define EXITS_TOLERANCE_MAX	0.45	/* or one too many would be right */

struct measure {
	const struct run_spec *spec;
	const struct bench *bench;
	struct engine *e;
	struct run_result *res;
	struct sampler s;
	struct count *count;	/* of a counting run, else NULL */
	uint64_t *pace;		/* RESULT_SAMPLES, beside res->sample */
	uint64_t *ones;		/* samples of loop_by_ones(), then their pace */
	uint64_t time_ns;	/* to sample */
	uint64_t ops;		/* executed between the witnesses */
};

#define WAIT_NS		NSEC_PER_SEC	/* for the core, at most */
#define WAIT_LOOPS	64		/* in a row at full pace */
#define HASTE		4	/* a run that waited in vain is shorter by this */

static uint64_t ticks_of_ns(const struct measure *m, uint64_t ns)
{
	return (double)ns * m->spec->host->tsc_khz / 1e6;
}

/*
 * A loop that is interpreted has no pace of its own: that of the host is taken
 * round each sample.
 */
static int loop_by_ones(struct measure *m, uint64_t n, uint64_t limit)
{
	uint64_t start = tsc_fenced(), done = 0, before, after;
	int err;

	m->s.n = 1;
	m->s.pace_n = 0;
	do {
		before = sampler_pace(PACE_ITERATIONS);
		m->s.done = 0;
		err = m->e->loop(m->e, &m->s);
		if (err || m->s.error || !m->s.done)
			break;
		after = sampler_pace(PACE_ITERATIONS);
		m->ones[done] = m->e->sample[0];
		m->ones[m->e->room + done++] = after > before ? after : before;
	} while (done < n && !(limit && tsc_fenced() - start >= limit));
	m->s.done = done;
	m->s.sample = m->ones;
	m->s.pace = m->ones + m->e->room;
	return err;
}

static int end_unprepared(struct measure *m)
{
	const char *why = m->e->ctx->why;

	if (m->s.error == BENCH_SKIPPED)
		return result_end(m->res, RUN_SKIPPED, "%s", why ? why :
				  "this place has too little memory of its kind");
	return result_end(m->res, RUN_FAILED, "preparing a batch failed: %s",
			  why ? why : strerror(-m->s.error));
}

static int loop(struct measure *m, uint64_t batch, uint64_t n, uint64_t limit)
{
	int err;

	m->s.batch = batch;
	m->s.n = n < m->e->room ? n : m->e->room;
	m->s.limit = limit;
	m->s.done = 0;
	m->s.error = 0;
	m->s.sample = m->e->sample;
	m->s.pace = m->e->pace;
	m->s.pace_n = PACE_ITERATIONS;
	if (m->e->interpreted)
		err = loop_by_ones(m, m->s.n, limit);
	else
		err = m->e->loop(m->e, &m->s);
	if (err)
		return err;
	if (m->s.error)
		return end_unprepared(m);
	if (!m->s.done)
		return result_end(m->res, RUN_FAILED, "took no sample");
	m->ops += batch * m->s.done;
	return 0;
}

/* Ticks left until a moment of clock_now(), at least one. */
static uint64_t ticks_left(const struct measure *m, uint64_t until)
{
	uint64_t now = clock_now();

	return now < until ? ticks_of_ns(m, until - now) + 1 : 1;
}

static uint64_t batch_limit(const struct measure *m)
{
	return m->bench->max_batch ? m->bench->max_batch : BATCH_MAX;
}

/*
 * The smallest power of two whose batch lasts at least MEASURE_STEPS steps of
 * the TSC: the median of five, so that one interrupt does not decide.
 */
static int calibrate(struct measure *m, uint64_t *batch)
{
	double least = MEASURE_STEPS * fmax(m->spec->host->tsc_step, 1);
	uint64_t limit = batch_limit(m), b = m->bench->min_batch;
	int err;

	for (b = b ? b : 1; b < limit; b *= 2) {
		err = loop(m, b, 5, ticks_of_ns(m, SLOW_NS));
		if (err)
			return err;
		if (stats_quantile_u64_sort(m->s.sample, m->s.done, 0.5) >=
		    least)
			break;
	}
	*batch = b < limit ? b : limit;
	return 0;
}

static int warm_up(struct measure *m, uint64_t batch)
{
	uint64_t until = clock_now() + MEASURE_WARMUP_NS;
	int err;

	do {
		err = loop(m, batch, ROUND_SAMPLES,
			   ticks_of_ns(m, MEASURE_WARMUP_NS));
		if (err)
			return err;
	} while (clock_now() < until);
	return 0;
}

/* Append what the engine brought to the last series, and to its pace. */
static void keep_samples(struct measure *m)
{
	struct run_result *res = m->res;

	memcpy(res->sample + res->nsamples, m->s.sample,
	       m->s.done * sizeof(uint64_t));
	memcpy(m->pace + res->nsamples, m->s.pace,
	       m->s.done * sizeof(uint64_t));
	res->nsamples += m->s.done;
	res->series[res->nseries - 1].n += m->s.done;
}

/* Samples of one kind until there are @most or @ns have passed. */
static int take(struct measure *m, const struct metric *metric,
		uint64_t batch, uint64_t most, uint64_t ns)
{
	uint64_t until = clock_now() + ns, done = 0;
	int err;

	result_series(m->res, metric, batch, m->s.sample, 0);
	do {
		err = loop(m, batch, most - done, ticks_left(m, until));
		if (err)
			return err;
		keep_samples(m);
		done += m->s.done;
	} while (clock_now() < until && done < most);
	return 0;
}

/* A quantile of the samples that were taken at full pace. */
static void quantile_value(struct measure *m, const struct metric *metric,
			   const struct run_series *series, double reference,
			   double p)
{
	uint64_t *kept = malloc((series->n + 1) * sizeof(*kept));
	double per = series->batch * variant_per_op(m->spec->variant);
	const uint64_t *v = m->res->sample + series->first;
	size_t n = series->n;

	if (!kept || !n) {
		free(kept);
		return;
	}
	memcpy(kept, v, n * sizeof(*kept));
	if (reference > 0)
		n = pace_select(m->pace + series->first, v, n, reference,
				m->spec->host->tsc_step, kept);
	if (n)
		result_value(m->res, metric,
			     stats_quantile_u64_sort(kept, n, p) / per, n);
	if (reference > 0 && metric == &metric_latency)
		result_real(m->res, "pace.share", (double)n / series->n);
	free(kept);
}

/* Scores and pace out of what was taken. */
static void conclude(struct measure *m)
{
	struct run_result *res = m->res;
	const struct run_series *batches = &res->series[0], *series;
	double score = m->spec->variant->peer_cpu < 0 ? MEASURE_SCORE :
		MEASURE_SCORE_PEER;
	uint32_t taken = res->nseries, i;
	double reference;

	if (!taken)
		return;
	reference = pace_reference(m->pace + batches->first, batches->n);
	res->pace = reference / PACE_ITERATIONS;
	result_real(res, "pace.ticks_per_cycle", res->pace);
	for (i = 0; i < taken; i++) {
		series = &res->series[i];
		if (series->metric == &metric_latency) {
			quantile_value(m, &metric_latency, series, reference,
				       score);
			quantile_value(m, &metric_median, series, reference,
				       0.5);
		}
		if (series->batch == 1)
			quantile_value(m, &metric_p99, series, reference,
				       0.99);
	}
	for (i = 0; i < taken && reference > 0; i++) {
		series = &res->series[i];
		result_series(res, series->metric == &metric_single ?
			      &metric_single_pace : &metric_pace,
			      PACE_ITERATIONS, m->pace + series->first,
			      series->n);
	}
	/* What is kept is read per event, as the figures are. */
	for (i = 0; i < taken; i++)
		res->series[i].batch *= variant_per_op(m->spec->variant);
}

/*
 * Where the core is known to run faster than it does now, wait a little for
 * whoever shares it. In vain: the figures will not count, so be short.
 */
static void wait_for_core(struct measure *m)
{
	uint64_t until = clock_now() + WAIT_NS;
	double most = m->spec->pace * PACE_DISTURBED * PACE_ITERATIONS;
	int fast = 0;

	m->time_ns = m->spec->time_ns;
	if (m->count)
		return;
	while (most > 0 && fast < WAIT_LOOPS) {
		if (clock_now() >= until) {
			m->time_ns /= HASTE;
			return;
		}
		fast = sampler_pace(PACE_ITERATIONS) <= most ? fast + 1 : 0;
	}
}

static const char *exits_rule_text(enum bench_exits rule)
{
	return rule == EXITS_ALL_OR_NONE ? " or none" :
	       rule == EXITS_UP_TO ? " at most" : "";
}

/* Some instructions exit on one CPU or KVM and not on another: both right. */
static int right_exits(struct measure *m, double exits, double tolerance)
{
	enum bench_exits rule = m->bench->exits_rule;
	double expected = m->bench->exits;
	int none = fabs(exits) <= tolerance;

	if (rule != EXITS_ALL)
		result_text(m->res, "vmexit.label", none ? "no exit" : "exit");
	return fabs(exits - expected) <= tolerance ||
	       (rule != EXITS_ALL && none) ||
	       (rule == EXITS_UP_TO && exits > 0 && exits < expected);
}

/*
 * Interrupts of the host end a guest's run too and are counted as exits, so
 * they widen what is tolerated; not without limit, for on a busy CPU most of
 * them come while the guest waits for it.
 */
static int check_exits(struct measure *m, double exits, double irqs)
{
	double expected = m->bench->exits;
	double tolerance = fmin(EXITS_TOLERANCE + irqs, EXITS_TOLERANCE_MAX);

	if (m->spec->variant->place != PLACE_GUEST0 &&
	    m->spec->variant->place != PLACE_GUEST3)
		return 0;
	if (isnan(exits)) {
		result_text(m->res, "kvm.exits", "unavailable");
		return 0;
	}
	result_value(m->res, &metric_exits, exits, 1);
	if (m->e->interpreted || right_exits(m, exits, tolerance))
		return 0;
	if (m->bench->exits_rule == EXITS_ALL && exits < 0.5 * expected)
		return result_end(m->res, RUN_INVALID, "this KVM counted %.2f exits per operation, expected %.2f: handled without it, as by an outer hypervisor",
				  exits, expected);
	return result_end(m->res, RUN_INVALID,
			  "KVM counted %.2f exits per operation, expected %.2f%s",
			  exits, expected,
			  exits_rule_text(m->bench->exits_rule));
}

static long thousandths(double v)
{
	return isnan(v) ? BENCH_UNKNOWN : lround(1000 * v);
}

static int check_run(struct measure *m, double exits, double ipis,
		     double peer)
{
	struct bench_run run = {
		.ctx = m->e->ctx, .ops = m->ops,
		.exits = thousandths(exits), .ipis = thousandths(ipis),
		.peer = thousandths(peer),
	};
	const char *why;

	if (!isnan(peer)) {
		result_real(m->res, "peer.running", peer);
		run.mechanism = native_flush_mechanism(ipis);
		result_text(m->res, "tlb.mechanism", run.mechanism);
		if (peer < 0.95)
			m->res->noisy |= NOISY_PEER;
	}
	why = m->bench->check ? m->bench->check(&run) : NULL;
	if (why)
		return result_end(m->res, RUN_INVALID, "%s", why);
	return 0;
}

static int measured_part(struct measure *m, uint64_t batch)
{
	int err;

	if (m->count)
		count_start(m->count);
	err = take(m, &metric_latency, batch, BATCHES_MAX, m->time_ns);
	/*
	 * Single operations show the distribution; their medians are
	 * quantised. Batches of one are single operations already.
	 */
	if (!err && batch > 1)
		err = take(m, &metric_single, 1, MEASURE_SINGLES,
			   m->time_ns / 2);
	if (m->count) {
		count_stop(m->count);
		/* Counting made it slower: no time is scored, and none kept. */
		m->res->nseries = m->res->nsamples = 0;
	}
	return err;
}

/* The measured part between two readings of everything that disturbs. */
static int witnessed(struct measure *m, uint64_t batch)
{
	const struct variant *v = m->spec->variant;
	int cpu = m->spec->host->cpu, peer_cpu = v->peer_cpu, err;
	double exits[2] = { NAN, NAN }, per_op = NAN, ipis = NAN, irqs;
	struct witness before, after;
	struct peer_time peer;

	witness_read(&before, cpu, peer_cpu);
	native_peer_read(&peer);
	if (m->e->count && m->e->count(m->e, &exits[0]))
		exits[0] = NAN;
	m->ops = 0;
	err = measured_part(m, batch);
	if (err)
		return err;
	if (m->e->count && m->e->count(m->e, &exits[1]))
		exits[1] = NAN;
	per_op = (exits[1] - exits[0]) / m->ops;
	witness_read(&after, cpu, peer_cpu);
	witness_store(m->res, &before, &after,
		      (m->bench->peer ? NOISY_IRQS : 0) |
		      (m->bench->handoff ? NOISY_SWITCHES : 0));
	result_int(m->res, "ops", m->ops);
	if (m->count)
		count_store(m->count, m->res, m->ops);
	if (witness_ipis(&before, &after) >= 0 && peer_cpu >= 0) {
		ipis = (double)witness_ipis(&before, &after) / m->ops;
		result_value(m->res, &metric_ipis, ipis, 1);
	}
	irqs = (double)(after.irqs - before.irqs) / m->ops;
	err = check_exits(m, per_op, irqs > 0 ? irqs : 0);
	if (err)
		return err;
	return check_run(m, per_op, ipis, native_peer_share(&peer));
}

int measure_latency(const struct run_spec *spec, struct engine *e,
		    struct run_result *res)
{
	struct measure m = {
		.spec = spec, .bench = spec->variant->bench, .e = e,
		.res = res,
		.s = {
			.op = spec->variant->bench->op,
			.prepare = spec->variant->bench->prepare,
			.ctx = e->ctx,
			.delayed = spec->mode == MODE_INJECTED,
			.inject = spec->inject,
		},
	};
	static const struct count_target self;
	uint64_t batch = spec->batch;
	int err = 0;

	if (spec->mode == MODE_COUNTED)
		err = count_open(&m.count, e->counted ? e->counted : &self);
	if (err)
		return result_end(res, RUN_FAILED, "counters: %s",
				  strerror(-err));
	m.pace = malloc(RESULT_SAMPLES * sizeof(*m.pace));
	m.ones = malloc(2 * e->room * sizeof(*m.ones));
	if (!m.pace || !m.ones)
		err = result_end(res, RUN_FAILED, "out of memory");
	if (!err && (!batch || batch > batch_limit(&m)))
		err = calibrate(&m, &batch);
	wait_for_core(&m);
	if (!err)
		err = warm_up(&m, batch);
	if (!err)
		err = witnessed(&m, batch);
	if (m.pace && !m.count)
		conclude(&m);
	free(m.pace);
	free(m.ones);
	count_close(m.count);
	return err;
}
