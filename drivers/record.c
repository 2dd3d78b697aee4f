// SPDX-License-Identifier: GPL-2.0-or-later
/* From a driver's result to the store's run. */
#include <math.h>

#include "drivers/schedule.h"

int record_run(struct store *store, int64_t slot,
	       const struct run_result *res, double started, double seconds)
{
	struct store_value value[RESULT_VALUES];
	struct store_series series[RESULT_SERIES];
	struct store_run run = {
		.slot = slot, .status = res->status, .reason = res->reason,
		.origin = "own", .noisy = res->noisy, .started = started,
		.seconds = seconds, .lost = res->lost, .pace = res->pace,
		.value = value, .nvalues = res->nvalues,
		.series = series, .nseries = res->nseries,
		.fact = res->fact, .nfacts = res->nfacts,
	};
	int64_t id;
	uint32_t i;

	for (i = 0; i < res->nvalues; i++)
		value[i] = (struct store_value) {
			.metric = *res->value[i].metric,
			.value = res->value[i].value,
			.n = res->value[i].n,
		};
	for (i = 0; i < res->nseries; i++)
		series[i] = (struct store_series) {
			.metric = *res->series[i].metric,
			.batch = res->series[i].batch,
			.v = res->sample + res->series[i].first,
			.n = res->series[i].n,
		};
	if (res->artifact_name[0]) {
		run.artifact_name = res->artifact_name;
		run.artifact = res->artifact;
		run.artifact_len = res->artifact_len;
	}
	return store_run(store, &run, &id);
}
