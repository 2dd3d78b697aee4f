/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two tasks that hand a token to and fro: the switch from one to the other is
 * what is measured. The partner is a process or a thread, on this CPU or on
 * another, and the token goes through a pipe, an eventfd or a futex.
 */
#ifndef BENCH_HANDOFF_H
#define BENCH_HANDOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/bench.h"

/* Values of bench.arg: what the partner is, and how the token travels. */
#define HANDOFF_THREAD	(1l << 0)	/* else a process */
#define HANDOFF_EVENTFD	(1l << 1)	/* else a pipe */
#define HANDOFF_FUTEX	(1l << 2)

/**
 * struct handoff_work - what each side does besides
 * @setup:	in the partner, before the first token: 0 or -errno; or NULL
 * @turn:	in the partner, between getting the token and giving it back;
 *		or NULL
 * @arg:	theirs
 */
struct handoff_work {
	int (*setup)(void *arg);
	void (*turn)(void *arg);
	void *arg;
};

/**
 * handoff_start() - make the partner and wait until it is ready
 * @ctx:	with ctx->arg a set of HANDOFF_*; ctx->priv is set. The partner
 *		runs on ctx->peer_cpu if there is one
 * @work:	or NULL; copied
 * Return: 0 or -errno.
 */
int handoff_start(struct bench_ctx *ctx, const struct handoff_work *work);

/* End the partner and wait for it. */
void handoff_stop(struct bench_ctx *ctx);

/*
 * To the partner and back: two hand-offs. The process ends if the partner is
 * gone: that is not a figure.
 */
void handoff_pipe(struct bench_ctx *ctx);
void handoff_eventfd(struct bench_ctx *ctx);
void handoff_futex(struct bench_ctx *ctx);

#endif
