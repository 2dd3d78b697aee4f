// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/handoff.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TO, BACK, NR_WAYS };

/**
 * struct shared - memory of both sides, also of two processes
 * @token:	futexes: 1 while the token is under way
 * @ready:	1, or the -errno of the partner's setup
 * @stop:	the next token is the last
 */
struct shared {
	uint32_t token[NR_WAYS];
	int ready;
	int stop;
};

/**
 * struct handoff - a pair
 * @in, @out:	descriptors per way; of an eventfd the same one
 * @cpu:	the partner's, -1: where it is born
 */
struct handoff {
	struct shared *shared;
	int in[NR_WAYS];
	int out[NR_WAYS];
	long kind;
	int cpu;
	struct handoff_work work;
	pid_t process;
	pthread_t thread;
};

static long futex(uint32_t *word, int op, uint32_t value)
{
	return syscall(SYS_futex, word, op, value, NULL, NULL, 0);
}

/* @kind beside @h, so that the timed code, which knows it, asks nothing. */
static inline bool give(const struct handoff *h, int way, long kind)
{
	static const uint64_t one = 1;

	if (kind & HANDOFF_FUTEX) {
		__atomic_store_n(&h->shared->token[way], 1, __ATOMIC_RELEASE);
		return futex(&h->shared->token[way], FUTEX_WAKE, 1) >= 0;
	}
	if (kind & HANDOFF_EVENTFD)
		return write(h->out[way], &one, sizeof(one)) == sizeof(one);
	return write(h->out[way], &one, 1) == 1;
}

static inline bool get(const struct handoff *h, int way, long kind)
{
	uint32_t *word = &h->shared->token[way];
	uint64_t token;

	if (kind & HANDOFF_FUTEX) {
		while (!__atomic_exchange_n(word, 0, __ATOMIC_ACQUIRE))
			if (futex(word, FUTEX_WAIT, 0) && errno != EAGAIN &&
			    errno != EINTR)
				return false;
		return true;
	}
	if (kind & HANDOFF_EVENTFD)
		return read(h->in[way], &token, sizeof(token)) ==
			sizeof(token);
	return read(h->in[way], &token, 1) == 1;
}

static int move_to(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return 0;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static void partner(struct handoff *h)
{
	const struct handoff_work *work = &h->work;
	int err = move_to(h->cpu);

	if (!err && work->setup)
		err = work->setup(work->arg);
	h->shared->ready = err ? err : 1;
	if (!give(h, BACK, h->kind) || err)
		return;
	while (get(h, TO, h->kind) && !h->shared->stop) {
		if (work->turn)
			work->turn(work->arg);
		if (!give(h, BACK, h->kind))
			return;
	}
}

static void *partner_thread(void *arg)
{
	partner(arg);
	return NULL;
}

static int make_ways(struct handoff *h)
{
	int i, fd[2];

	for (i = 0; i < NR_WAYS; i++) {
		if (h->kind & HANDOFF_EVENTFD) {
			fd[0] = fd[1] = eventfd(0, EFD_CLOEXEC);
			if (fd[0] < 0)
				return -errno;
		} else if (pipe2(fd, O_CLOEXEC)) {
			return -errno;
		}
		h->in[i] = fd[0];
		h->out[i] = fd[1];
	}
	return 0;
}

static int make_partner(struct handoff *h)
{
	if (h->kind & HANDOFF_THREAD)
		return -pthread_create(&h->thread, NULL, partner_thread, h);
	h->process = fork();
	if (h->process < 0)
		return -errno;
	if (!h->process) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		partner(h);
		_exit(0);
	}
	return 0;
}

static void wait_for_partner(struct handoff *h)
{
	if (h->kind & HANDOFF_THREAD)
		pthread_join(h->thread, NULL);
	else
		waitpid(h->process, NULL, 0);
}

static void pair_free(struct bench_ctx *ctx)
{
	struct handoff *h = ctx->priv;
	int i;

	for (i = 0; i < NR_WAYS; i++) {
		if (h->in[i] >= 0)
			close(h->in[i]);
		if (h->out[i] >= 0 && h->out[i] != h->in[i])
			close(h->out[i]);
	}
	munmap(h->shared, sizeof(*h->shared));
	free(h);
	ctx->priv = NULL;
}

static struct handoff *pair_new(struct bench_ctx *ctx,
				const struct handoff_work *work)
{
	struct handoff *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->shared = mmap(NULL, sizeof(*h->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (h->shared == MAP_FAILED) {
		free(h);
		return NULL;
	}
	h->kind = ctx->arg;
	h->cpu = ctx->peer_cpu;
	h->in[TO] = h->in[BACK] = h->out[TO] = h->out[BACK] = -1;
	if (work)
		h->work = *work;
	ctx->priv = h;
	return h;
}

int handoff_start(struct bench_ctx *ctx, const struct handoff_work *work)
{
	struct handoff *h = pair_new(ctx, work);
	int err;

	if (!h)
		return -ENOMEM;
	err = make_ways(h);
	if (!err)
		err = make_partner(h);
	if (err)
		goto free_pair;
	err = get(h, BACK, h->kind) ? h->shared->ready : -EPIPE;
	if (err == 1)
		return 0;
	wait_for_partner(h);
free_pair:
	pair_free(ctx);
	return err;
}

void handoff_stop(struct bench_ctx *ctx)
{
	struct handoff *h = ctx->priv;

	h->shared->stop = 1;
	give(h, TO, h->kind);
	wait_for_partner(h);
	pair_free(ctx);
}

static inline __attribute__((always_inline))
void round_trip(struct bench_ctx *ctx, long kind)
{
	const struct handoff *h = ctx->priv;

	if (!give(h, TO, kind) || !get(h, BACK, kind))
		_exit(1);
}

void handoff_pipe(struct bench_ctx *ctx)
{
	round_trip(ctx, 0);
}

void handoff_eventfd(struct bench_ctx *ctx)
{
	round_trip(ctx, HANDOFF_EVENTFD);
}

void handoff_futex(struct bench_ctx *ctx)
{
	round_trip(ctx, HANDOFF_FUTEX);
}
