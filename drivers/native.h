/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process as the place: pinning, and further threads as peers. */
#ifndef DRIVERS_NATIVE_H
#define DRIVERS_NATIVE_H

#include <stdint.h>

#include "bench/bench.h"

/**
 * struct peer_time - how long the peer threads have run
 * @wall:	ns, CLOCK_MONOTONIC_RAW; 0: there is no peer
 * @cpu:	ns on a CPU, of each
 */
struct peer_time {
	uint64_t wall;
	uint64_t cpu[BENCH_PEERS];
};

void native_peer_read(struct peer_time *t);

/* Share of the time since @before that the laziest ran, NaN without any. */
double native_peer_share(const struct peer_time *before);

/* End the peer threads, if there are any. */
void native_peer_stop(void);

/**
 * native_flush_mechanism() - how remote TLBs were flushed
 * @ipis:	interrupts per operation on the peer's CPU, NaN unknown
 * Return: "ipi", "broadcast" (INVLPGB), "paravirtual", "none", "unknown"
 */
const char *native_flush_mechanism(double ipis);

/* Pin the calling thread; 0 or -errno. */
int native_pin(int cpu);

#endif
