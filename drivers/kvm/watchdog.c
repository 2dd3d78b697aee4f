// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that never exits is left by a signal. The handler also sets
 * immediate_exit: a signal that arrives just before KVM_RUN must not be lost,
 * and a guest that exits for ever must not be entered again.
 */
#include "drivers/kvm/exits.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id	_sigev_un._tid
#endif

/* What is left of the deadline for ending a stuck guest and its VM. */
#define MARGIN_MAX_NS	NSEC_PER_SEC
#define DEADLINE_NS	(60 * NSEC_PER_SEC)	/* where none was set */

static struct {
	timer_t timer;
	int armed;
	struct sigaction old;
	struct kvm_run *volatile run;
	volatile sig_atomic_t fired;
} dog;

static void bite(int sig)
{
	struct kvm_run *run = dog.run;

	dog.fired = 1;
	if (run)
		*(volatile uint8_t *)&run->immediate_exit = 1;
}

static int watchdog_signal(void)
{
	return SIGRTMIN + 5;
}

static int arm(uint64_t ns)
{
	struct itimerspec when = {
		.it_value = { .tv_sec = ns / NSEC_PER_SEC,
			      .tv_nsec = ns % NSEC_PER_SEC },
	};
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = watchdog_signal(),
	};

	event.sigev_notify_thread_id = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, &dog.timer))
		return -errno;
	dog.armed = 1;
	return timer_settime(dog.timer, 0, &when, NULL) ? -errno : 0;
}

int watchdog_start(struct kvm_run *run, uint64_t ns)
{
	struct sigaction act = { .sa_handler = bite };
	sigset_t set;
	int err;

	dog.run = run;
	dog.fired = 0;
	dog.armed = 0;
	if (sigaction(watchdog_signal(), &act, &dog.old))
		return -errno;
	sigemptyset(&set);
	sigaddset(&set, watchdog_signal());
	err = -pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	if (!err)
		err = arm(ns ? ns : 1);
	if (err)
		watchdog_stop();
	return err;
}

int watchdog_start_before(struct kvm_run *run, uint64_t deadline_ns)
{
	uint64_t deadline = deadline_ns ? deadline_ns : DEADLINE_NS;
	uint64_t margin = deadline / 4;

	if (margin > MARGIN_MAX_NS)
		margin = MARGIN_MAX_NS;
	return watchdog_start(run, deadline - margin);
}

void watchdog_stop(void)
{
	if (dog.armed)
		timer_delete(dog.timer);
	dog.armed = 0;
	dog.run = NULL;
	sigaction(watchdog_signal(), &dog.old, NULL);
}

int watchdog_fired(void)
{
	return dog.fired;
}
