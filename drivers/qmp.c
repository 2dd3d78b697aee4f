// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/text.h"

#define CHUNK	4096

/**
 * struct qmp - a connection
 * @timeout_ns:	for a command
 * @until:	deadline of the present one
 * @buf:	what has come: @len bytes in room for @room
 * @used:	of them, those that lines given out already took
 * @id:	of the latest command
 * @why, @why_size: where a fault of the present command is said
 */
struct qmp {
	int fd;
	uint64_t timeout_ns;
	uint64_t until;
	char *buf;
	size_t room;
	size_t len;
	size_t used;
	json_int_t id;
	char version[32];
	char *why;
	size_t why_size;
};

static int __attribute__((format(printf, 3, 4)))
fault(struct qmp *q, int err, const char *fmt, ...)
{
	char raw[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_clean(q->why, q->why_size, raw);
	return err;
}

static int timed_out(struct qmp *q)
{
	return fault(q, -ETIMEDOUT, "no answer within %.1f s: QEMU serves one client at a time, is somebody else (libvirt) connected?",
		     q->timeout_ns / 1e9);
}

/* Wait for the socket; 0, or -ETIMEDOUT once the deadline has passed. */
static int wait_for(struct qmp *q, short events)
{
	struct pollfd p = { .fd = q->fd, .events = events };
	uint64_t now = clock_now();
	int n = 0;

	while (now < q->until) {
		n = poll(&p, 1, (q->until - now) / NSEC_PER_MSEC + 1);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return fault(q, -errno, "poll: %s", strerror(errno));
		now = clock_now();
	}
	return timed_out(q);
}

static int send_all(struct qmp *q, const char *text, size_t len)
{
	ssize_t n;
	int err;

	while (len) {
		err = wait_for(q, POLLOUT);
		if (err)
			return err;
		n = send(q->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return fault(q, -ECONNRESET, "QEMU has closed the connection");
		text += n;
		len -= n;
	}
	return 0;
}

/* At least one byte more. */
static int receive(struct qmp *q)
{
	char *more;
	ssize_t n;
	int err;

	if (q->used) {
		memmove(q->buf, q->buf + q->used, q->len - q->used);
		q->len -= q->used;
		q->used = 0;
	}
	if (q->room - q->len < CHUNK) {
		if (q->len > QMP_LINE_MAX)
			return fault(q, -EPROTO, "a line of more than %u bytes: this is no QMP",
				     QMP_LINE_MAX);
		more = realloc(q->buf, 2 * q->room + CHUNK);
		if (!more)
			return fault(q, -ENOMEM, "out of memory");
		q->buf = more;
		q->room = 2 * q->room + CHUNK;
	}
	do {
		err = wait_for(q, POLLIN);
		if (err)
			return err;
		n = recv(q->fd, q->buf + q->len, q->room - q->len,
			 MSG_DONTWAIT);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n <= 0)
		return fault(q, -ECONNRESET,
			     "QEMU has closed the connection");
	q->len += n;
	return 0;
}

/* The next message, an object. */
static int next_message(struct qmp *q, json_t **msg)
{
	size_t seen = q->used;
	json_error_t error;
	char *end;
	int err;

	while (!(end = memchr(q->buf + seen, '\n', q->len - seen))) {
		seen = q->len - q->used;
		err = receive(q);
		if (err)
			return err;
	}
	*msg = json_loadb(q->buf + q->used, end - (q->buf + q->used), 0,
			  &error);
	q->used = end + 1 - q->buf;
	if (json_is_object(*msg))
		return 0;
	json_decref(*msg);
	return fault(q, -EPROTO, "it does not speak QMP: %s",
		     *error.text ? error.text : "not an object");
}

static int greeting(struct qmp *q)
{
	int major, minor, micro, err;
	json_t *msg;

	err = next_message(q, &msg);
	if (err)
		return err;
	if (!json_unpack(msg, "{s:{s:{s:{s:i,s:i,s:i}}}}", "QMP", "version",
			 "qemu", "major", &major, "minor", &minor, "micro",
			 &micro))
		snprintf(q->version, sizeof(q->version), "%d.%d.%d", major,
			 minor, micro);
	else
		err = fault(q, -EPROTO, "it does not greet as QMP does");
	json_decref(msg);
	return err;
}

/* 1: the answer, 0: something else, or a negative errno. */
static int look_at(struct qmp *q, const char *command, json_t *msg,
		   json_t **ret)
{
	const json_t *id = json_object_get(msg, "id");
	const json_t *error = json_object_get(msg, "error");
	const char *words;

	if (json_object_get(msg, "event") || !json_is_integer(id) ||
	    json_integer_value(id) != q->id)
		return 0;
	*ret = json_incref(json_object_get(msg, "return"));
	if (*ret)
		return 1;
	words = json_string_value(json_object_get(error, "desc"));
	return fault(q, error ? -EREMOTEIO : -EPROTO, "QEMU %s on %s: %s",
		     q->version, command, words ? words : "neither result nor error");
}

static int await_answer(struct qmp *q, const char *command, json_t **ret)
{
	int skipped, err;
	json_t *msg;

	for (skipped = 0; skipped <= QMP_SKIP_MAX; skipped++) {
		err = next_message(q, &msg);
		if (err)
			return err;
		err = look_at(q, command, msg, ret);
		json_decref(msg);
		if (err)
			return err < 0 ? err : 0;
	}
	return fault(q, -EPROTO, "%d messages and no answer to %s",
		     QMP_SKIP_MAX, command);
}

int qmp_execute(struct qmp *q, const char *command, json_t *arguments,
		json_t **ret, char *why, size_t size)
{
	json_t *o;
	char *text, *line;
	int err, n;

	*ret = NULL;
	q->why = why;
	q->why_size = size;
	q->until = clock_now() + q->timeout_ns;
	o = json_pack("{s:s, s:o*, s:I}", "execute", command, "arguments",
		      arguments, "id", ++q->id);
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	n = text ? asprintf(&line, "%s\n", text) : -1;
	free(text);
	if (n < 0)
		return fault(q, -ENOMEM, "out of memory");
	err = send_all(q, line, n);
	free(line);
	return err ? err : await_answer(q, command, ret);
}

static int connect_to(struct qmp *q, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path))
		return fault(q, -ENAMETOOLONG, "the path is longer than a socket's may be (%zu bytes)",
			     sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);
	q->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (q->fd < 0)
		return fault(q, -errno, "socket: %s", strerror(errno));
	/* A full queue would hold connect() up for as long as it likes. */
	if (setsockopt(q->fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval) {
			.tv_sec = q->timeout_ns / NSEC_PER_SEC,
			.tv_usec = q->timeout_ns % NSEC_PER_SEC / 1000 },
		       sizeof(struct timeval)) ||
	    connect(q->fd, (struct sockaddr *)&addr, sizeof(addr)))
		return errno == EAGAIN ? timed_out(q) :
			fault(q, -errno, "%s (is it a QMP socket: qemu -qmp unix:PATH,server=on,wait=off?)",
			      strerror(errno));
	return 0;
}

int qmp_open(struct qmp **out, const char *path, uint64_t timeout_ns,
	     char *why, size_t size)
{
	struct qmp *q = calloc(1, sizeof(*q));
	json_t *ret = NULL;
	int err;

	if (!q)
		return -ENOMEM;
	q->why = why;
	q->why_size = size;
	q->fd = -1;
	q->timeout_ns = timeout_ns;
	q->until = clock_now() + timeout_ns;
	q->room = CHUNK;
	q->buf = malloc(q->room);
	err = q->buf ? connect_to(q, path) : fault(q, -ENOMEM, "out of memory");
	if (!err)
		err = greeting(q);
	if (!err)
		err = qmp_execute(q, "qmp_capabilities", NULL, &ret, why,
				  size);
	json_decref(ret);
	if (err)
		qmp_close(q);
	else
		*out = q;
	return err;
}

void qmp_close(struct qmp *q)
{
	if (!q)
		return;
	if (q->fd >= 0)
		close(q->fd);
	free(q->buf);
	free(q);
}

const char *qmp_version(const struct qmp *q)
{
	return q->version;
}
