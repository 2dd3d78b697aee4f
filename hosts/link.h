/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The near side: a connection to the agent of a host. Every wait ends: at its
 * deadline, when the other side ends, or when it was silent for SILENCE_NS.
 */
#ifndef HOSTS_LINK_H
#define HOSTS_LINK_H

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

#include "drivers/host.h"
#include "hosts/frame.h"
#include "hosts/ship.h"

#define LINK_WORDS	1024
#define LINK_LOCKS	64

/**
 * struct link_boot - what a transport that boots is to boot
 * @image:	of the kernel, or ""
 * @release:	of an installed one instead, or ""
 * @words:	added to its command line
 */
struct link_boot {
	char image[192];
	char release[128];
	char words[LINK_WORDS];
};

/**
 * struct link - while it is open
 * @boot:	as given to link_open()
 * @why:	what went wrong, in words, once a function has failed
 * @start:	what the agent said of itself (see agent_hello())
 * @skew:	its clock minus ours, seconds
 * @tail:	the last line that ssh or the login shell said
 * @lock:	CPUs of this machine that a guest runs on
 */
struct link {
	const struct host_conf *conf;
	const struct ship *ship;
	const struct link_boot *boot;
	pid_t pid;
	int in;
	int out;
	int err;
	struct frames frames;
	uint64_t heard;
	uint64_t beat;
	json_t *start;
	double skew;
	char why[512];
	char tail[512];
	int keyfd;
	int lock[LINK_LOCKS];
	int nlocks;
};

/* One that link_close() may be given before it was opened. */
#define LINK_CLOSED	{ .in = -1, .out = -1, .err = -1, .keyfd = -1 }

/**
 * struct transport - a way to a host
 * @spawn:	start something that ends up as an agent. pid or -errno
 * @boots:	it is booted to be reached, and off when the link is closed
 */
struct transport {
	const char *name;
	pid_t (*spawn)(struct link *l, int fds[3]);
	int boots;
};

extern const struct transport local_transport;
extern const struct transport ssh_transport;
extern const struct transport guest_transport;

const struct transport *transport_of(const struct host_conf *conf);

/**
 * link_open() - start an agent, sending the suite if it is not there
 * @boot:	for a transport that boots
 *
 * Return: 0, or a negative errno: -EHOSTUNREACH where nothing answered.
 */
int link_open(struct link *l, const struct host_conf *conf,
	      const struct ship *ship, const struct link_boot *boot);
void link_close(struct link *l);

/* @request is taken. */
int link_ask(struct link *l, json_t *request);

/**
 * link_next() - the next frame that is no beat
 * @until:	clock_now() of the deadline
 * Return: 0 or a negative errno; l->why is set.
 */
int link_next(struct link *l, uint64_t until, struct frame *f);

/**
 * struct fetched - results that have come
 * @id:		of the measurement
 * @complete:	it ended by itself
 */
struct fetched {
	char id[40];
	int complete;
};

/**
 * link_fetch() - the file whose FRAME_FILE has just come
 * @path:	written anew; whole and of the right hash, or not there
 * @got:	out: which measurement it is
 */
int link_fetch(struct link *l, const struct frame *file, const char *path,
	       struct fetched *got, uint64_t until);

int link_ack(struct link *l, const char *id);

/* What the agent said of itself; "" where it did not. */
const char *link_text(const struct link *l, const char *key);

#endif
