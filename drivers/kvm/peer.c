// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vCPUs beside the first. Each repeats one thing and never asks for anything,
 * so when its thread comes to an end by itself, something went wrong: then the
 * first vCPU is made to leave the guest, and reports it.
 */
#include "drivers/kvm/exits.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drivers/native.h"
#include "lib/clock.h"

#define RETRY_NS	1000000	/* a kick may come before KVM_RUN does */

#define RUNNING		0.95	/* of the time, or the run is called noisy */

/**
 * struct peer - one of them
 * @cpu:	where it runs, or -1: it stays where the kernel puts it
 * @ended:	by itself, as @end says
 */
struct peer {
	struct vcpu *vcpu;
	pthread_t thread;
	int cpu;
	volatile int ended;
	struct vm_end end;
};

/* The run's process has one VM with such vCPUs at most. */
static struct {
	struct peer peer[VM_VCPUS - 1];
	int n;
	pthread_t starter;
	uint64_t since;
	volatile int stop;
} all;

static void nothing(int sig)
{
}

static int kick_signal(void)
{
	return SIGRTMIN + 6;
}

/* KVM_RUN returns, also one that has not begun. */
static void kick(struct vcpu *c, pthread_t thread)
{
	*(volatile uint8_t *)&c->run->immediate_exit = 1;
	pthread_kill(thread, kick_signal());
}

static int peer_interrupted(struct vcpu *c, struct vm_end *end)
{
	return all.stop ? -EINTR : 0;
}

static void say_whose(const struct vcpu *c, struct vm_end *end)
{
	char reason[REASON_MAX];

	memcpy(reason, end->reason, sizeof(reason));
	snprintf(end->reason, sizeof(end->reason), "vCPU %d: %.*s", c->index,
		 REASON_MAX - 16, reason);
}

static void *peer_main(void *arg)
{
	struct peer *p = arg;
	struct vm_end *end = &p->end;
	int err = p->cpu < 0 ? 0 : native_pin(p->cpu);

	memset(end, 0, sizeof(*end));
	if (err) {
		end->status = RUN_FAILED;
		snprintf(end->reason, sizeof(end->reason),
			 "it cannot be put on CPU %d: %s", p->cpu,
			 strerror(-err));
	} else {
		err = vcpu_serve(p->vcpu, end, peer_interrupted);
	}
	if (err == -EINTR)
		return NULL;
	if (!err) {
		end->status = RUN_FAILED;
		snprintf(end->reason, sizeof(end->reason),
			 "the guest asked for a request");
	}
	say_whose(p->vcpu, end);
	__atomic_store_n(&p->ended, 1, __ATOMIC_RELEASE);
	kick(&p->vcpu->vm->vcpu[0], all.starter);
	return NULL;
}

int peer_start(struct vm *vm, const struct variant *v)
{
	struct sigaction act = { .sa_handler = nothing };
	int err = 0;

	if (sigaction(kick_signal(), &act, NULL))
		return -errno;
	all.stop = all.n = 0;
	all.starter = pthread_self();
	all.since = clock_now();
	while (!err && all.n < vm->vcpus - 1) {
		struct peer *p = &all.peer[all.n];

		p->vcpu = &vm->vcpu[1 + all.n];
		p->cpu = v->peer && all.n < v->peers ? v->peer[all.n] :
			v->peer_cpu;
		p->ended = 0;
		err = -pthread_create(&p->thread, NULL, peer_main, p);
		all.n += !err;
	}
	if (err)
		peer_stop();
	return err;
}

static void join(struct peer *p)
{
	struct timespec until;
	int err;

	do {
		kick(p->vcpu, p->thread);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += RETRY_NS;
		if (until.tv_nsec >= (long)NSEC_PER_SEC) {
			until.tv_nsec -= NSEC_PER_SEC;
			until.tv_sec++;
		}
		err = pthread_timedjoin_np(p->thread, NULL, &until);
	} while (err == ETIMEDOUT);
}

void peer_stop(void)
{
	all.stop = 1;
	while (all.n)
		join(&all.peer[--all.n]);
}

int peer_ended(struct vm_end *end)
{
	int i;

	for (i = 0; i < all.n; i++) {
		if (!__atomic_load_n(&all.peer[i].ended, __ATOMIC_ACQUIRE))
			continue;
		*end = all.peer[i].end;
		return -EINVAL;
	}
	return 0;
}

/* The share of the one that had least. */
static int least_share(double *share)
{
	clockid_t clock;
	double one;
	int i;

	*share = 1;
	for (i = 0; i < all.n; i++) {
		if (pthread_getcpuclockid(all.peer[i].thread, &clock))
			return -ESRCH;
		one = (double)clock_ns(clock) / (clock_now() - all.since);
		if (one < *share)
			*share = one;
	}
	return all.n ? 0 : -ENOENT;
}

void peer_store(struct run_result *res, int halts)
{
	double share;

	if (least_share(&share))
		return;
	result_real(res, "peer.running", share);
	if (!halts && share < RUNNING)
		res->noisy |= NOISY_PEER;
}
