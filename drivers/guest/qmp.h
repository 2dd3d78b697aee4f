/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's control socket, as far as guests need it: which thread is what, let
 * it go, count exits. Replies are JSON, one a line; they are not trusted.
 */
#ifndef DRIVERS_GUEST_QMP_H
#define DRIVERS_GUEST_QMP_H

#include <stdint.h>
#include <sys/types.h>

#include "drivers/guest/guest.h"

/**
 * struct qmp - a conversation
 * @line:	malloc'ed, being collected
 * @vcpu:	thread ids of the vCPUs
 * @iothread:	and of the iothreads
 * @exits:	the last answer's sum over vCPUs, -1 unavailable
 * @threads:	called once all threads are known, before the guest starts
 * @counted:	called when an answer of qmp_count() is there
 */
struct qmp {
	int fd;
	char *line;
	size_t n;
	size_t room;
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

/* @fd: a non-blocking socket of which QEMU has the other end. */
void qmp_begin(struct qmp *q, int fd);
void qmp_end(struct qmp *q);

/* Take what arrived. 0; 1 at its end; or a negative errno. */
int qmp_read(struct qmp *q);

/* Ask for the count of exits; @tag comes back with the answer. */
void qmp_count(struct qmp *q, int tag);

#endif
