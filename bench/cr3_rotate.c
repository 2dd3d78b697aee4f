// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many address spaces in turn: a token goes round a ring of processes on one
 * CPU. A kernel with PCIDs keeps a few address spaces in the TLB (Linux: six a
 * CPU); beyond that each switch finds its own entries flushed. One hand-off is
 * what is counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/walk.h"

enum { PARAM_SPACES, PARAM_WS };

#define SPACES_MAX	64

static const struct bench_param params[] = {
	{ "spaces", "2,3,4,5,6,7,8,10,12,16,32,64" }, { "ws", "16,256" }, { 0 }
};

/* Process k reads from pipe k and writes to pipe k + 1; this one is 0. */
static int ring[SPACES_MAX + 1][2];
static pid_t process[SPACES_MAX];
static struct walk set;

static bool pass(int from, int to)
{
	char token;

	if (read(ring[from][0], &token, 1) != 1)
		return false;
	walk_all(&set);
	return write(ring[to][1], &token, 1) == 1;
}

static void take_turns(int k, int n)
{
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The end of pipe k must be seen when its writer ends. */
	for (i = 0; i < n; i++)
		if (i != (k + 1) % n)
			close(ring[i][1]);
	while (pass(k, (k + 1) % n))
		;
	_exit(0);
}

static int setup(struct bench_ctx *ctx)
{
	int n = ctx->param[PARAM_SPACES], i;
	int err = walk_make(&set, ctx->param[PARAM_WS], 4);

	if (n > SPACES_MAX)
		return -EINVAL;
	for (i = 0; i < n && !err; i++)
		if (pipe2(ring[i], O_CLOEXEC))
			err = -errno;
	for (i = 1; i < n && !err; i++) {
		process[i] = fork();
		if (process[i] < 0)
			err = -errno;
		if (!process[i]) {
			/* Its own copy of the set. */
			walk_free(&set);
			if (walk_make(&set, ctx->param[PARAM_WS], 4))
				_exit(1);
			take_turns(i, n);
		}
	}
	return err;
}

static void teardown(struct bench_ctx *ctx)
{
	int n = ctx->param[PARAM_SPACES], i;

	for (i = 0; i < n; i++)
		close(ring[i][1]);
	for (i = 1; i < n; i++)
		waitpid(process[i], NULL, 0);
}

static void op(struct bench_ctx *ctx)
{
	char token = 0;

	walk_all(&set);
	if (write(ring[1][1], &token, 1) != 1 ||
	    read(ring[0][0], &token, 1) != 1)
		_exit(1);	/* a process is gone: not a figure */
}

BENCH(cr3_rotate) = {
	.name = "cr3.rotate",
	.desc = "hand-off in a ring of processes, each walking its set (KiB)",
	.where = USER,
	.params = params,
	.setup = setup,
	.teardown = teardown,
	.op = op,
	.handoff = 1,
	.extra = 1,
	.per_op_param = "spaces",
};
