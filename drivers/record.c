// SPDX-License-Identifier: GPL-2.0-or-later
/* From a driver's result to the store's run. */
#include <math.h>

#include "drivers/schedule.h"
#include "drivers/session.h"

/* A kernel without a build id is told by its version line. */
static int enter_guest(struct store *store, int64_t slot,
		       const struct run_guest *g, int64_t *boot)
{
	char id[64];
	struct store_guest guest = {
		.boot_id = g->boot_id,
		.kind = g->emulated ? "emulated" : "guest",
		.build = {
			.release = g->release, .build_id = id, .commit = "",
			.tree = "", .patch_id = "", .config_hash = "",
			.toolchain = "",
		},
		.claim = g->claim, .state = g->state,
		.evidence = g->evidence,
	};

	build_name(g->build_id, g->version, id, sizeof(id));
	return store_guest_boot(store, slot, &guest, boot);
}

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
	int err;

	if (res->guest.boot_id[0]) {
		err = enter_guest(store, slot, &res->guest, &run.guest);
		if (err)
			return err;
	}
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
