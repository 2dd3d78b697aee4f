// SPDX-License-Identifier: GPL-2.0-or-later
/* The drivers there are, and filling in a result. */
#include "drivers/driver.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/factlist.h"

static const struct driver *const drivers[] = {
	&native_driver,
	&kvm_driver,
	&fio_driver,
	&guest_driver,
	&host0_driver,
};

const struct metric metric_latency = {
	"latency", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 1,
};
const struct metric metric_median = {
	"median", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0,
};
const struct metric metric_p99 = {
	"p99", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0,
};
const struct metric metric_single = {
	"single", "tsc", BETTER_LOWER, SCALE_LOG, NATURE_REPLICATED, 0,
};
const struct metric metric_pace = {
	"pace", "tsc", BETTER_NEITHER, SCALE_LOG, NATURE_REPLICATED, 0,
};
const struct metric metric_single_pace = {
	"single_pace", "tsc", BETTER_NEITHER, SCALE_LOG, NATURE_REPLICATED, 0,
};
const struct metric metric_exits = {
	"exits", "exits", BETTER_LOWER, SCALE_LINEAR, NATURE_COUNT, 0,
};
const struct metric metric_ipis = {
	"ipis", "interrupts", BETTER_LOWER, SCALE_LINEAR, NATURE_COUNT, 0,
};

const struct driver *driver_for(const struct bench *bench, enum place place)
{
	size_t i;

	for (i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
		if (drivers[i]->takes(bench, place))
			return drivers[i];
	return NULL;
}

/* Parent and child map the result at one address: pointers hold in both. */
const struct metric *result_metric(struct run_result *res, const char *name,
				   const char *unit, enum better better,
				   enum nature nature)
{
	struct run_metric *m;

	for (m = res->metric; m < res->metric + res->nmetrics; m++)
		if (!strcmp(m->name, name))
			return &m->metric;
	if (res->nmetrics == RESULT_METRICS || strlen(name) >= sizeof(m->name))
		return NULL;
	res->nmetrics++;
	snprintf(m->name, sizeof(m->name), "%s", name);
	snprintf(m->unit, sizeof(m->unit), "%s", unit);
	m->metric = (struct metric) {
		.name = m->name, .unit = m->unit, .better = better,
		.scale = SCALE_LINEAR, .nature = nature,
	};
	return &m->metric;
}

void result_value(struct run_result *res, const struct metric *metric,
		  double value, uint64_t n)
{
	if (!metric || res->nvalues == RESULT_VALUES) {
		res->dropped++;
		return;
	}
	res->value[res->nvalues++] = (struct run_value) {
		.metric = metric, .value = value, .n = n,
	};
}

void result_series(struct run_result *res, const struct metric *metric,
		   uint64_t batch, const uint64_t *sample, uint32_t n)
{
	uint32_t room = RESULT_SAMPLES - res->nsamples;
	uint32_t kept = n < room ? n : room;

	if (res->nseries == RESULT_SERIES) {
		res->lost += n;
		return;
	}
	memcpy(res->sample + res->nsamples, sample, kept * sizeof(*sample));
	res->series[res->nseries++] = (struct run_series) {
		.metric = metric, .batch = batch,
		.first = res->nsamples, .n = kept,
	};
	res->nsamples += kept;
	res->lost += n - kept;
}

static struct fact *fact_new(struct run_result *res)
{
	static struct fact none;
	struct fact *f = &none;

	if (res->nfacts < RESULT_FACTS)
		f = &res->fact[res->nfacts++];
	f->class = FACT_WITNESS;
	f->publish = 1;
	return f;
}

void result_text(struct run_result *res, const char *key, const char *text)
{
	fact_set_text(fact_new(res), key, text);
}

void result_int(struct run_result *res, const char *key, long long v)
{
	fact_set_int(fact_new(res), key, v);
}

void result_real(struct run_result *res, const char *key, double v)
{
	fact_set_real(fact_new(res), key, v);
}

void result_fact(struct run_result *res, enum fact_class class,
		 const char *key, const char *text)
{
	struct fact *f = fact_new(res);

	f->class = class;
	fact_set_text(f, key, text);
}

void result_artifact(struct run_result *res, const char *name,
		     const void *data, size_t len)
{
	if (len > RESULT_ARTIFACT_MAX) {
		result_int(res, "artifact.too_long", len);
		return;
	}
	snprintf(res->artifact_name, sizeof(res->artifact_name), "%s", name);
	memcpy(res->artifact, data, len);
	res->artifact_len = len;
}

int result_end(struct run_result *res, enum run_status status,
	       const char *fmt, ...)
{
	va_list ap;

	res->status = status;
	va_start(ap, fmt);
	vsnprintf(res->reason, sizeof(res->reason), fmt, ap);
	va_end(ap);
	return status == RUN_OK || status == RUN_INTERPRETED ? 0 : -EINVAL;
}
