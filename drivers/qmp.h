/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of QEMU's Machine Protocol on a Unix socket: a line of JSON each
 * way. The other side is not trusted: lines, messages and time are bounded.
 */
#ifndef DRIVERS_QMP_H
#define DRIVERS_QMP_H

#include <jansson.h>
#include <stdint.h>

#define QMP_LINE_MAX	(8u << 20)	/* of statistics of 1,024 vCPUs: 3 MB */
#define QMP_SKIP_MAX	10000		/* events before an answer */

struct qmp;

/**
 * qmp_open() - connect, and negotiate to where commands are taken
 * @path:	of the socket
 * @timeout_ns:	for this, and for each command later
 * @why:	out: what is wrong and what to do about it
 *
 * Return: 0; -ETIMEDOUT: nobody answers (QEMU serves one client at a time);
 * -EPROTO: what answers is no QMP; another negative errno.
 */
int qmp_open(struct qmp **q, const char *path, uint64_t timeout_ns, char *why,
	     size_t size);
void qmp_close(struct qmp *q);

/**
 * qmp_execute() - a command and its answer
 * @arguments:	an object, or NULL; stolen
 * @ret:	out: what the command returned, to be dropped
 * @why:	out, on failure
 *
 * Events that come before the answer are passed over.
 *
 * Return: 0; -EREMOTEIO: QEMU refused it, in the words of @why; -ETIMEDOUT;
 * -EPROTO; -ECONNRESET: QEMU is gone. After the last three the connection is
 * of no more use.
 */
int qmp_execute(struct qmp *q, const char *command, json_t *arguments,
		json_t **ret, char *why, size_t size);

/* "7.2.22" */
const char *qmp_version(const struct qmp *q);

/**
 * qmp_adopt() - the same for a caller that has more to wait for
 * @fd:		a socket of which QEMU has, or will have, the other end; stolen
 *
 * Nothing is negotiated: the greeting is the first that qmp_take() gives.
 *
 * Return: 0 or -ENOMEM, then @fd is closed, too.
 */
int qmp_adopt(struct qmp **q, int fd);

/* To wait for by poll(), before qmp_take(). */
int qmp_fd(const struct qmp *q);

/**
 * qmp_ask() - send a command, and do not wait for its answer
 * @arguments:	an object, or NULL; stolen
 * @id:		that the answer will have
 * @why:	out, on failure
 *
 * Return: 0; -ECONNRESET; -EAGAIN: QEMU does not read what it was sent.
 */
int qmp_ask(struct qmp *q, const char *command, json_t *arguments,
	    json_int_t id, char *why, size_t size);

/**
 * qmp_take() - one message out of what has come
 * @msg:	out: an object, to be dropped
 * @why:	out, on failure
 *
 * Return: 1; 0: no whole message yet; -ECONNRESET: QEMU has ended; -EPROTO.
 */
int qmp_take(struct qmp *q, json_t **msg, char *why, size_t size);

#endif
