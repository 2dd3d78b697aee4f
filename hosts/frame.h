/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes between controller and agent: frames of a kind and bytes. 255 or
 * the end of a stream says nothing of what happened; a frame that is missing
 * does.
 */
#ifndef HOSTS_FRAME_H
#define HOSTS_FRAME_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* An agent's first line; what a login shell says before it is skipped. */
#define FRAME_HELLO	"asibench-agent 1"
/* Lines that may come before it: send the suite; it cannot be kept because. */
#define FRAME_WANT	"asibench-want"
#define FRAME_CANNOT	"asibench-cannot "

#define FRAME_MAX	(1u << 20)

/* Kinds. To the agent: a request, an acknowledgement. From it: all others. */
#define FRAME_BEAT	'.'	/* I am alive; both ways */
#define FRAME_REQUEST	'R'
#define FRAME_ACK	'A'	/* JSON {id}: what was sent has been kept */
#define FRAME_START	'S'	/* JSON: which host, boot and kernel this is */
#define FRAME_LOG	'L'	/* a line that the command said */
#define FRAME_OUT	'O'	/* bytes of its standard output */
#define FRAME_FILE	'F'	/* JSON {id, size, sha256, complete} */
#define FRAME_DATA	'D'	/* the next bytes of that file */
#define FRAME_BUSY	'B'	/* JSON {owner}: nothing was done */
#define FRAME_END	'E'	/* JSON {rc, reason}: of a request */

#define FRAME_LINE	'\n'	/* before FRAME_HELLO, which is one too */

#define BEAT_NS		(2 * 1000000000ull)
#define SILENCE_NS	(12 * 1000000000ull)	/* then the other is gone */

/**
 * struct frame - one that has come in, or a line where kind is FRAME_LINE
 * @data:	valid until more is read; a zero byte follows
 */
struct frame {
	char kind;
	char *data;
	size_t len;
};

struct frames {
	int fd;
	int hello;	/* lines come, until FRAME_HELLO has come */
	int skip_zeros;	/* the padding of an archive may stand before frames */
	char *buf;
	size_t start;
	size_t n;
	size_t room;
};

void frames_init(struct frames *f, int fd, int hello);
void frames_free(struct frames *f);

/**
 * frames_fill() - read what is there, once
 * Return: 1 if there was something, 0 at the end, or a negative errno.
 */
int frames_fill(struct frames *f);

/**
 * frames_next() - the next frame that is whole
 * Return: 1; 0 if there is none yet; -EPROTO: not a frame.
 */
int frames_next(struct frames *f, struct frame *out);

/**
 * frame_send() - write a frame, at most until a deadline
 * @until:	clock_now() after which it is given up
 * Return: 0, -ETIMEDOUT or another negative errno.
 */
int frame_send(int fd, char kind, const void *data, size_t len,
	       uint64_t until);

/* @o is taken, also on failure. */
int frame_send_json(int fd, char kind, json_t *o, uint64_t until);

/* Write all of it, at most until a deadline. */
int write_until(int fd, const void *data, size_t len, uint64_t until);

#endif
