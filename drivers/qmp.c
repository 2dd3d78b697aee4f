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
 * @timeout_ns:	for a command; 0: nothing is waited for
 * @until:	deadline of the present one
 * @buf:	what has come: @len bytes in room for @room
 * @used:	of them, those that lines given out already took
 * @seen:	of the others, those that hold no end of a line
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
	size_t seen;
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
		/* Without a time limit (qmp_adopt()) it goes now or never. */
		err = q->timeout_ns ? wait_for(q, POLLOUT) : 0;
		if (err)
			return err;
		n = send(q->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN && !q->timeout_ns)
			return fault(q, -EAGAIN, "QEMU does not read its commands");
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return fault(q, -ECONNRESET, "QEMU has closed the connection");
		text += n;
		len -= n;
	}
	return 0;
}

static int send_command(struct qmp *q, const char *command, json_t *arguments,
			json_int_t id)
{
	json_t *o = json_pack("{s:s, s:o*, s:I}", "execute", command,
			      "arguments", arguments, "id", id);
	char *text = json_dumps(o, JSON_COMPACT), *line;
	int n, err;

	json_decref(o);
	n = text ? asprintf(&line, "%s\n", text) : -1;
	free(text);
	if (n < 0)
		return fault(q, -ENOMEM, "out of memory");
	err = send_all(q, line, n);
	free(line);
	return err;
}

static int make_room(struct qmp *q)
{
	char *more;

	if (q->used) {
		memmove(q->buf, q->buf + q->used, q->len - q->used);
		q->len -= q->used;
		q->used = 0;
	}
	if (q->room - q->len >= CHUNK)
		return 0;
	if (q->len > QMP_LINE_MAX)
		return fault(q, -EPROTO, "a line of more than %u bytes: this is no QMP",
			     QMP_LINE_MAX);
	more = realloc(q->buf, 2 * q->room + CHUNK);
	if (!more)
		return fault(q, -ENOMEM, "out of memory");
	q->buf = more;
	q->room = 2 * q->room + CHUNK;
	return 0;
}

/* What has come: 1, 0: nothing, or a negative errno. */
static int receive(struct qmp *q)
{
	int err = make_room(q);
	ssize_t n;

	if (err)
		return err;
	n = recv(q->fd, q->buf + q->len, q->room - q->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return fault(q, -ECONNRESET,
			     "QEMU has closed the connection");
	q->len += n;
	return 1;
}

/* The next message, an object: 1, or 0: it is not whole yet. */
static int message(struct qmp *q, json_t **msg)
{
	json_error_t error;
	char *start, *end;

	start = q->buf + q->used;
	end = memchr(start + q->seen, '\n', q->len - q->used - q->seen);
	if (!end) {
		q->seen = q->len - q->used;
		return 0;
	}
	*msg = json_loadb(start, end - start, 0, &error);
	q->used = end + 1 - q->buf;
	q->seen = 0;
	if (json_is_object(*msg))
		return 1;
	json_decref(*msg);
	return fault(q, -EPROTO, "it does not speak QMP: %s",
		     *error.text ? error.text : "not an object");
}

static int next_message(struct qmp *q, json_t **msg)
{
	int err;

	for (;;) {
		err = message(q, msg);
		if (!err)
			err = wait_for(q, POLLIN) ?: receive(q);
		else
			return err < 0 ? err : 0;
		if (err < 0)
			return err;
	}
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

static void say_to(struct qmp *q, char *why, size_t size)
{
	q->why = why;
	q->why_size = size;
}

int qmp_execute(struct qmp *q, const char *command, json_t *arguments,
		json_t **ret, char *why, size_t size)
{
	int err;

	*ret = NULL;
	say_to(q, why, size);
	q->until = clock_now() + q->timeout_ns;
	err = send_command(q, command, arguments, ++q->id);
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

int qmp_adopt(struct qmp **out, int fd)
{
	struct qmp *q = calloc(1, sizeof(*q));

	if (q) {
		q->fd = fd;
		q->room = CHUNK;
		q->buf = malloc(q->room);
		*out = q;
		if (q->buf)
			return 0;
		free(q);
	}
	*out = NULL;
	if (fd >= 0)
		close(fd);
	return -ENOMEM;
}

int qmp_fd(const struct qmp *q)
{
	return q->fd;
}

int qmp_ask(struct qmp *q, const char *command, json_t *arguments,
	    json_int_t id, char *why, size_t size)
{
	say_to(q, why, size);
	return send_command(q, command, arguments, id);
}

int qmp_take(struct qmp *q, json_t **msg, char *why, size_t size)
{
	int err;

	say_to(q, why, size);
	/* All that came at once is there before poll() is asked again. */
	err = message(q, msg);
	if (err)
		return err;
	err = receive(q);
	return err > 0 ? message(q, msg) : err;
}

int qmp_open(struct qmp **out, const char *path, uint64_t timeout_ns,
	     char *why, size_t size)
{
	json_t *ret = NULL;
	struct qmp *q;
	int err;

	if (qmp_adopt(&q, -1)) {
		snprintf(why, size, "out of memory");
		return -ENOMEM;
	}
	say_to(q, why, size);
	q->timeout_ns = timeout_ns;
	q->until = clock_now() + timeout_ns;
	err = connect_to(q, path);
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
