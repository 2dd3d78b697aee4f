/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the agent. */
#ifndef HOSTS_AGENT_INT_H
#define HOSTS_AGENT_INT_H

#include <jansson.h>
#include <stdint.h>

#include "hosts/frame.h"
#include "hosts/spool.h"
#include "lib/file.h"

#define AGENT_CUT	130	/* rc of what did not end by itself */

/**
 * struct agent - while it serves
 * @gone:	the controller is not there any more
 * @heard, @beat: when it was heard last, and we
 * @lock:	that of spool_lock(), or -1
 */
struct agent {
	struct frames in;
	int out;
	int gone;
	uint64_t heard;
	uint64_t beat;
	int lock;
	int (*command)(int argc, char **argv);
};

/* Send a frame of JSON; @o is taken. */
int agent_send(struct agent *a, char kind, json_t *o);
void agent_bytes(struct agent *a, char kind, const void *data, size_t len);
int agent_end(struct agent *a, int rc, const char *reason);

/**
 * agent_run() - run a command of asibench, passing on what it prints
 * @s:		its directory and configuration, or NULL
 * @seconds:	deadline
 * @reason:	out: why it did not end by itself, or ""
 * Return: its exit status, or AGENT_CUT.
 */
int agent_run(struct agent *a, char **argv, const struct spool *s,
	      double seconds, char *reason, size_t size);

/**
 * agent_file() - send the results of a measurement, and forget them once they
 * are acknowledged
 */
int agent_file(struct agent *a, const char *id, const struct spool *s);

/* Serve one request; always ends with FRAME_END or FRAME_BUSY. */
void agent_request(struct agent *a, const struct frame *f);

/* Which host, boot and kernel this is, and what it has. */
json_t *agent_hello(void);

/**
 * agent_boot() - make the next boot another kernel, and boot
 * @say:	called with 0 and "", or 2 and a reason, before the reboot
 */
void agent_boot(struct agent *a, json_t *request);

#endif
