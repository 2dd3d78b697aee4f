// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What changing the address space costs, seen from a process: two tasks on
 * one CPU hand a token to and fro over a pair of pipes. Between processes each
 * hand-off writes CR3; between threads of one mm it does not. All else is
 * equal, so the difference of the two is the address-space switch: the CR3
 * write, its mitigations (IBPB where it is armed) and the TLB refill of two
 * small working sets. Neither figure alone is the cost of a CR3 write.
 */
#include "bench/bench.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct handoff {
	int to[2];
	int back[2];
	pid_t process;
	pthread_t thread;
};

/* Until the other end of its pipe is closed. */
static void answer(const struct handoff *h)
{
	char token;

	while (read(h->to[0], &token, 1) == 1)
		if (write(h->back[1], &token, 1) != 1)
			return;
}

static void *answer_thread(void *arg)
{
	answer(arg);
	return NULL;
}

static struct handoff *handoff_new(struct bench_ctx *ctx)
{
	struct handoff *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	if (pipe(h->to) || pipe(h->back)) {
		free(h);
		return NULL;
	}
	ctx->priv = h;
	return h;
}

static int setup_process(struct bench_ctx *ctx)
{
	struct handoff *h = handoff_new(ctx);

	if (!h)
		return -errno;
	h->process = fork();
	if (h->process < 0)
		return -errno;
	if (!h->process) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(h->to[1]);
		answer(h);
		_exit(0);
	}
	return 0;
}

static void teardown_process(struct bench_ctx *ctx)
{
	struct handoff *h = ctx->priv;

	close(h->to[1]);
	waitpid(h->process, NULL, 0);
}

static int setup_thread(struct bench_ctx *ctx)
{
	struct handoff *h = handoff_new(ctx);

	if (!h)
		return -errno;
	return -pthread_create(&h->thread, NULL, answer_thread, h);
}

static void teardown_thread(struct bench_ctx *ctx)
{
	struct handoff *h = ctx->priv;

	close(h->to[1]);
	pthread_join(h->thread, NULL);
}

static void op(struct bench_ctx *ctx)
{
	const struct handoff *h = ctx->priv;
	char token = 0;

	if (write(h->to[1], &token, 1) != 1 || read(h->back[0], &token, 1) != 1)
		_exit(1);	/* the other side is gone: not a figure */
}

BENCH(cr3_switch_process) = {
	.name = "cr3.switch_process",
	.desc = "hand-off between two processes on one CPU (writes CR3)",
	.where = USER,
	.setup = setup_process,
	.teardown = teardown_process,
	.op = op,
	.handoff = 1,
	.per_op = 2,
};

BENCH(cr3_switch_thread) = {
	.name = "cr3.switch_thread",
	.desc = "hand-off between two threads on one CPU (keeps CR3)",
	.where = USER,
	.setup = setup_thread,
	.teardown = teardown_thread,
	.op = op,
	.handoff = 1,
	.per_op = 2,
};
