/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's control socket, as far as guests need it: which thread is what, let
 * it go, count exits. Beside the console, so nothing here waits.
 */
#ifndef DRIVERS_GUEST_MONITOR_H
#define DRIVERS_GUEST_MONITOR_H

#include <stdint.h>
#include <sys/types.h>

#include "drivers/guest/guest.h"
#include "drivers/qmp.h"

/**
 * struct monitor - a conversation
 * @qmp:	NULL once it has ended
 * @vcpu:	thread ids of the vCPUs
 * @iothread:	and of the iothreads
 * @exits:	the last answer's sum over vCPUs, -1 unavailable
 * @threads:	called once all threads are known, before the guest starts
 * @counted:	called when an answer of monitor_count() is there
 */
struct monitor {
	struct qmp *qmp;
	pid_t vcpu[GUEST_VCPUS];
	int nvcpus;
	pid_t iothread[GUEST_DISKS];
	int niothreads;
	int64_t exits;
	void (*threads)(void *priv);
	void (*counted)(void *priv, int tag);
	void *priv;
	char error[128];
};

/**
 * monitor_begin() - before QEMU starts
 * @fd:		a socket of which QEMU gets the other end; stolen
 * Return: 0 or -ENOMEM.
 */
int monitor_begin(struct monitor *m, int fd);
void monitor_end(struct monitor *m);

/* To wait for by poll(), -1 after the end. */
int monitor_fd(const struct monitor *m);

/* Take what arrived; at its end, or on a fault, the conversation ends. */
void monitor_read(struct monitor *m);

/* Ask for the count of exits; @tag comes back with the answer. */
void monitor_count(struct monitor *m, int tag);

#endif
