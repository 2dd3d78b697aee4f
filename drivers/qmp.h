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

#endif
