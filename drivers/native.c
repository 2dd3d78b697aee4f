// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations that run in a pinned process. */
#include "drivers/native.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/host.h"
#include "drivers/measure.h"

#define SAMPLE_ROOM	(1u << 14)

static bool native_takes(const struct bench *bench, enum place place)
{
	return place == PLACE_USER && bench->op;
}

static const char *native_unavailable(struct host *host,
				      const struct bench *bench,
				      enum place place)
{
	return NULL;
}

static int native_derive(const struct host *host, struct variant *v)
{
	return 0;
}

static int native_loop(struct engine *e, struct sampler *s)
{
	sampler_loop(s);
	return 0;
}

static int native_run(const struct run_spec *spec, struct run_result *res)
{
	const struct bench *bench = spec->variant->bench;
	struct bench_ctx ctx = {
		.arg = bench->arg, .cpu = spec->host->cpu,
		.peer_cpu = spec->variant->peer_cpu,
		.peer = spec->variant->peer, .peers = spec->variant->peers,
	};
	struct engine e = {
		.loop = native_loop, .ctx = &ctx, .room = SAMPLE_ROOM,
	};
	int err;

	memcpy(ctx.param, spec->variant->param, sizeof(ctx.param));
	e.sample = malloc(2 * SAMPLE_ROOM * sizeof(*e.sample));
	if (!e.sample)
		return result_end(res, RUN_FAILED, "out of memory");
	e.pace = e.sample + SAMPLE_ROOM;
	/* Touched now: a fault inside a timed region would be ours. */
	memset(e.sample, 0xff, 2 * SAMPLE_ROOM * sizeof(*e.sample));
	err = bench->setup ? bench->setup(&ctx) : 0;
	if (err) {
		result_end(res, RUN_FAILED, "setting up failed: %s",
			   ctx.why ? ctx.why : strerror(-err));
		goto free_sample;
	}
	err = measure_latency(spec, &e, res);
	if (bench->teardown)
		bench->teardown(&ctx);
	native_peer_stop();
free_sample:
	free(e.sample);
	return err;
}

const struct driver native_driver = {
	.name = "native",
	.takes = native_takes,
	.unavailable = native_unavailable,
	.derive = native_derive,
	.run = native_run,
};
