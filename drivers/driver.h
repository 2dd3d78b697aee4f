/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A driver runs one benchmark once, in a child process of its own.
 *
 * The scheduler forks, the child calls driver->run(), and what it found comes
 * back in a struct run_result in memory that both map: no wire format, and a
 * child that dies leaves a result that says so.
 */
#ifndef DRIVERS_DRIVER_H
#define DRIVERS_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/bench.h"

struct host;

#define PARAMS_TEXT_MAX		384
#define REASON_MAX		240

#define RESULT_VALUES		384
#define RESULT_METRICS		352	/* with names known at run time only */
#define RESULT_FACTS		160
#define RESULT_SERIES		4	/* batches, singles, the pace of each */
#define RESULT_SAMPLES		(1u << 16)
#define RESULT_ARTIFACT_MAX	(1u << 20)

/**
 * struct variant - one point of a benchmark's parameter space, in one place
 * @bench:	the benchmark
 * @place:	where its operation executes
 * @param:	numeric value of each declared parameter; of one that is no
 *		number, which of its values it is, from 0
 * @value:	the same as text
 * @params:	canonical JSON object of every parameter that changes the
 *		number, keys sorted: part of the key
 * @profile:	guest profile ("minimal", "cpu=host,pages=4k"), or ""
 * @peer_cpu:	CPU of the second thread, -1 if there is none
 * @peer:	CPUs of all further threads, @peers of them; lives as long as
 *		the host does
 */
struct variant {
	const struct bench *bench;
	enum place place;
	long param[BENCH_PARAMS];
	char value[BENCH_PARAMS][32];
	char params[PARAMS_TEXT_MAX];
	char profile[32];
	int peer_cpu;
	const int *peer;
	int peers;
};

/**
 * struct run_spec - what one run is asked to do
 * @variant:	what to measure
 * @host:	where: CPUs, clocks, scratch directory
 * @mode:	timed, counted or injected
 * @inject:	iterations of a register loop added to each operation
 *		(MODE_INJECTED only; may be 0)
 * @batch:	operations per timed region; 0: calibrate
 * @words:	of a guest's kernel command line, from the arm; NULL: none
 * @pace:	best pace known of this boot, 0 unknown: a run waits for it
 * @time_ns:	how long to sample
 * @deadline_ns: after this the scheduler kills the child
 */
struct run_spec {
	const struct variant *variant;
	const struct host *host;
	enum run_mode mode;
	uint64_t inject;
	uint64_t batch;
	const char *words;
	double pace;
	uint64_t time_ns;
	uint64_t deadline_ns;
};

/**
 * struct run_value - one figure of a run
 * @metric:	static data of this binary, or in run_result.metric
 * @value:	in the metric's unit, per operation
 * @n:		samples it was made of
 */
struct run_value {
	const struct metric *metric;
	double value;
	uint64_t n;
};

/**
 * struct run_metric - a metric whose name was found out on the way
 */
struct run_metric {
	struct metric metric;
	char name[64];
	char unit[16];
};

/**
 * struct run_series - raw samples of a metric, in the order taken
 * @metric:	what they are samples of
 * @batch:	events each sample covers: per event is sample/batch. Calls of
 *		the operation times what bench.per_op says
 * @first:	index into run_result.sample
 * @n:		how many
 */
struct run_series {
	const struct metric *metric;
	uint64_t batch;
	uint32_t first;
	uint32_t n;
};

/**
 * struct run_guest - the guest that a run was in
 * @boot_id:	its own, "" if there was none
 * @emulated:	its CPU is not this host's
 * @version:	of its kernel
 * @claim, @state, @evidence: of the arm's words; @claim "" without any
 */
struct run_guest {
	char boot_id[40];
	bool emulated;
	char release[128];
	char version[128];
	char build_id[64];
	char claim[128];
	enum arm_state state;
	char evidence[REASON_MAX];
};

/**
 * struct run_result - what a run brought back; lives in shared memory
 * @complete:	set last; without it the child died on the way
 * @status:	how it ended
 * @reason:	in words, wherever @status is not RUN_OK
 * @noisy:	set of NOISY_*
 * @values:	figures; the bench's primary metric is the score
 * @facts:	witnesses and other facts of this run
 * @guest:	see struct run_guest
 * @artifact_name: what @artifact is ("fio.json", "insn"), or ""
 * @metric:	metrics that @values refers to, beside those of this binary
 * @dropped:	values that found no room; said by a fact of the run
 * @lost:	samples that were taken but found no room
 * @pace:	full pace of the core during the run, TSC ticks per iteration
 *		of the pace loop; 0 unknown
 */
struct run_result {
	uint32_t complete;
	enum run_status status;
	char reason[REASON_MAX];
	uint32_t noisy;
	uint32_t nvalues;
	uint32_t nfacts;
	uint32_t nseries;
	uint32_t nsamples;
	uint32_t nmetrics;
	uint32_t dropped;
	uint64_t lost;
	double pace;
	struct run_guest guest;
	struct run_value value[RESULT_VALUES];
	struct run_metric metric[RESULT_METRICS];
	struct fact fact[RESULT_FACTS];
	struct run_series series[RESULT_SERIES];
	uint64_t sample[RESULT_SAMPLES];
	char artifact_name[32];
	uint32_t artifact_len;
	char artifact[RESULT_ARTIFACT_MAX];
};

/**
 * struct driver - a way of running benchmarks
 * @name:	"native", "kvm", "fio"
 * @takes:	does this driver run @bench at @place?
 * @unavailable: why it cannot on this host, with what to do about it; NULL if
 *		it can. Checked before planning; the text lives as long as @host
 * @lacks:	the same of one variant, for what its parameters ask, or NULL
 * @derive:	adds to @v what the host decides about the key (file system,
 *		placement), or NULL. 0 or -errno
 * @run:	called in the child, pinned. Fills @res; 0, or -errno with
 *		res->reason set
 * @deadline_ns: for a run beside its sampling; 0: the scheduler's own
 */
struct driver {
	const char *name;
	bool (*takes)(const struct bench *bench, enum place place);
	const char *(*unavailable)(struct host *host,
				   const struct bench *bench,
				   enum place place);
	const char *(*lacks)(struct host *host, const struct variant *v);
	int (*derive)(const struct host *host, struct variant *v);
	int (*run)(const struct run_spec *spec, struct run_result *res);
	uint64_t deadline_ns;
};

extern const struct driver native_driver;
extern const struct driver kvm_driver;
extern const struct driver fio_driver;
extern const struct driver guest_driver;
extern const struct driver host0_driver;

/**
 * driver_for() - the driver that runs @bench at @place, or NULL
 */
const struct driver *driver_for(const struct bench *bench, enum place place);

/* What a benchmark without metrics of its own is measured by. */
extern const struct metric metric_latency;	/* tsc per op, first decile */
extern const struct metric metric_median;	/* the same samples' median */
extern const struct metric metric_p99;		/* tsc, single operations */
extern const struct metric metric_single;	/* tsc, series only */
extern const struct metric metric_pace;		/* tsc, series only: batches */
extern const struct metric metric_single_pace;	/* the same: singles */
extern const struct metric metric_exits;	/* KVM exits per operation */
extern const struct metric metric_ipis;		/* IPIs per operation */

/**
 * result_metric() - a metric by its name, linear, never primary
 *
 * Of that name the result has one: made now, or found again.
 *
 * Return: the metric; NULL where there is no room, which result_value() takes.
 */
const struct metric *result_metric(struct run_result *res, const char *name,
				   const char *unit, enum better better,
				   enum nature nature);

/*
 * Filling a result; each is a no-op once the result's room is used up.
 * A value that is NaN is kept as unknown, which is not 0.
 */
void result_value(struct run_result *res, const struct metric *metric,
		  double value, uint64_t n);
void result_series(struct run_result *res, const struct metric *metric,
		   uint64_t batch, const uint64_t *sample, uint32_t n);
void result_text(struct run_result *res, const char *key, const char *text);
void result_int(struct run_result *res, const char *key, long long v);
void result_real(struct run_result *res, const char *key, double v);
/* A fact of another class than a witness: what comparisons look at. */
void result_fact(struct run_result *res, enum fact_class class,
		 const char *key, const char *text);
void result_artifact(struct run_result *res, const char *name,
		     const void *data, size_t len);

/**
 * result_end() - set status and reason
 * Return: 0 for RUN_OK and RUN_INTERPRETED, else -EINVAL: so that a driver
 * can end with "return result_end(...)".
 */
int result_end(struct run_result *res, enum run_status status,
	       const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
