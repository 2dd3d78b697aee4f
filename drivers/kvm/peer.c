// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The second vCPU. It repeats one thing and never asks for anything, so when
 * its thread comes to an end by itself, something went wrong: then the first
 * vCPU is made to leave the guest, and reports it.
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

/* The run's process has at most one. */
static struct {
	struct vcpu *vcpu;
	pthread_t thread;
	pthread_t starter;
	int there;
	int cpu;
	uint64_t since;
	volatile int stop;
	volatile int ended;
	struct vm_end end;
} peer;

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
	return peer.stop ? -EINTR : 0;
}

static void say_whose(struct vm_end *end)
{
	char reason[REASON_MAX];

	memcpy(reason, end->reason, sizeof(reason));
	snprintf(end->reason, sizeof(end->reason), "second vCPU: %.*s",
		 REASON_MAX - 16, reason);
}

static void *peer_main(void *arg)
{
	struct vm_end *end = &peer.end;
	int err = peer.cpu < 0 ? 0 : native_pin(peer.cpu);

	memset(end, 0, sizeof(*end));
	if (err) {
		end->status = RUN_FAILED;
		snprintf(end->reason, sizeof(end->reason),
			 "it cannot be put on CPU %d: %s", peer.cpu,
			 strerror(-err));
	} else {
		err = vcpu_serve(peer.vcpu, end, peer_interrupted);
	}
	if (err == -EINTR)
		return NULL;
	if (!err) {
		end->status = RUN_FAILED;
		snprintf(end->reason, sizeof(end->reason),
			 "the guest asked for a request");
	}
	say_whose(end);
	__atomic_store_n(&peer.ended, 1, __ATOMIC_RELEASE);
	kick(&peer.vcpu->vm->vcpu[0], peer.starter);
	return NULL;
}

int peer_start(struct vm *vm, int cpu)
{
	struct sigaction act = { .sa_handler = nothing };
	int err;

	if (sigaction(kick_signal(), &act, NULL))
		return -errno;
	peer.vcpu = &vm->vcpu[1];
	peer.cpu = cpu;
	peer.stop = peer.ended = 0;
	peer.starter = pthread_self();
	peer.since = clock_now();
	err = -pthread_create(&peer.thread, NULL, peer_main, NULL);
	peer.there = !err;
	return err;
}

void peer_stop(void)
{
	struct timespec until;
	int err;

	if (!peer.there)
		return;
	peer.stop = 1;
	do {
		kick(peer.vcpu, peer.thread);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += RETRY_NS;
		if (until.tv_nsec >= (long)NSEC_PER_SEC) {
			until.tv_nsec -= NSEC_PER_SEC;
			until.tv_sec++;
		}
		err = pthread_timedjoin_np(peer.thread, NULL, &until);
	} while (err == ETIMEDOUT);
	peer.there = 0;
}

int peer_ended(struct vm_end *end)
{
	if (!peer.there || !__atomic_load_n(&peer.ended, __ATOMIC_ACQUIRE))
		return 0;
	*end = peer.end;
	return -EINVAL;
}

void peer_store(struct run_result *res, int halts)
{
	clockid_t clock;
	double share;

	if (!peer.there || pthread_getcpuclockid(peer.thread, &clock))
		return;
	share = (double)clock_ns(clock) / (clock_now() - peer.since);
	result_real(res, "peer.running", share);
	if (!halts && share < RUNNING)
		res->noisy |= NOISY_PEER;
}
