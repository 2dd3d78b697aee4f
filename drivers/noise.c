// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/noise.h"

#include "drivers/host.h"
#include "drivers/pinned.h"
#include "drivers/sampler.h"
#include "drivers/witness.h"

/* In TSC ticks. */
struct watch {
	const struct host *host;
	uint64_t ticks;		/* to look for */
	uint64_t least;		/* a gap is longer than that */
	uint64_t gaps;
	uint64_t longest;
	uint64_t lost;
	uint64_t seen;
	int64_t steal_ms;
};

static void watch_loop(struct watch *w)
{
	uint64_t start = tsc_fenced(), last = start, now;

	do {
		now = tsc_fenced();
		/* Another CPU's TSC may be behind: that is no gap. */
		if (now > last && now - last > w->least) {
			w->gaps++;
			w->lost += now - last;
			if (now - last > w->longest)
				w->longest = now - last;
		}
		last = now;
	} while (now - start < w->ticks);
	w->seen = now - start;
}

static void watch(void *arg)
{
	struct watch *w = arg;
	struct witness before, after;

	witness_read(&before, w->host->cpu, -1);
	watch_loop(w);
	witness_read(&after, w->host->cpu, -1);
	w->steal_ms = before.steal < 0 ? -1 : after.steal - before.steal;
}

int noise_check(const struct host *host, uint64_t ns, struct noise *noise)
{
	double per_ns = host->tsc_khz / 1e6;
	struct watch w = {
		.host = host,
		.ticks = ns * per_ns,
		.least = NOISE_GAP_NS * per_ns,
	};
	int err = pinned_call(host->cpu, watch, &w);

	if (err)
		return err;
	*noise = (struct noise) {
		.ms = w.seen / per_ns / 1e6,
		.gaps = w.gaps,
		.longest_us = w.longest / per_ns / 1e3,
		.share = (double)w.lost / w.seen,
		.steal_ms = w.steal_ms,
	};
	return 0;
}
