// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/hostconf.h"
#include "hosts/spool.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/hash.h"
#include "lib/text.h"

#define OPEN_NS		(15 * NSEC_PER_SEC)	/* until it answers */
#define SHIP_NS		(120 * NSEC_PER_SEC)	/* until the suite is there */
#define SEND_NS		(10 * NSEC_PER_SEC)
#define FILE_MOST	(4096ll << 20)
#define TRIES		4	/* an ssh server refuses too many at once */

static int link_fail(struct link *l, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int link_fail(struct link *l, int err, const char *fmt, ...)
{
	char raw[sizeof(l->why)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_clean(l->why, sizeof(l->why), raw);
	return err;
}

/* The last line that is not empty is the reason. */
static void take_stderr(struct link *l)
{
	char data[4096], *line, *save = NULL;
	ssize_t n = read(l->err, data, sizeof(data) - 1);

	if (n <= 0) {
		close(l->err);
		l->err = -1;
		return;
	}
	data[n] = '\0';
	for (line = strtok_r(data, "\r\n", &save); line;
	     line = strtok_r(NULL, "\r\n", &save))
		if (*text_trim(line))
			text_clean(l->tail, sizeof(l->tail), text_trim(line));
}

/* The other side has ended: why, by what it said last. */
static int link_ended(struct link *l)
{
	struct child_end end;
	uint64_t until = clock_now() + NSEC_PER_SEC;
	struct pollfd p = { .fd = l->err, .events = POLLIN };

	while (l->err >= 0 && clock_now() < until) {
		p.fd = l->err;
		if (poll(&p, 1, 200) > 0)
			take_stderr(l);
	}
	if (l->pid > 0)
		child_wait(l->pid, NSEC_PER_SEC, NULL, &end);
	l->pid = -1;
	return link_fail(l, l->start ? -ECONNRESET : -EHOSTUNREACH, "%s%s%s",
			 l->start ? "the connection was lost" : "not reached",
			 l->tail[0] ? ": " : "", l->tail);
}

/* One step of waiting: read what comes, keep up the beat. */
static int link_poll(struct link *l, uint64_t until)
{
	struct pollfd p[2] = {
		{ .fd = l->out, .events = POLLIN },
		{ .fd = l->err, .events = POLLIN },
	};
	uint64_t now = clock_now();
	int got;

	if (now >= until)
		return link_fail(l, -ETIMEDOUT, "no answer within its deadline%s%s",
				 l->tail[0] ? ": " : "", l->tail);
	if (l->start && now - l->heard > SILENCE_NS)
		return link_fail(l, -ETIMEDOUT, "nothing was heard of it for %.0f s",
				 SILENCE_NS / 1e9);
	if (l->start && now - l->beat > BEAT_NS) {
		l->beat = now;
		if (frame_send(l->in, FRAME_BEAT, "", 0, now + SEND_NS))
			return link_ended(l);
	}
	poll(p, 2, 200);
	if (p[1].revents)
		take_stderr(l);
	if (!p[0].revents)
		return 0;
	got = frames_fill(&l->frames);
	if (got == -ENOMEM)
		return link_fail(l, got, "out of memory");
	if (got <= 0)
		return link_ended(l);
	l->heard = clock_now();
	return 0;
}

int link_next(struct link *l, uint64_t until, struct frame *f)
{
	int got, err;

	for (;;) {
		got = frames_next(&l->frames, f);
		if (got < 0)
			return link_fail(l, got, "it answers with what no agent says");
		if (got && f->kind != FRAME_BEAT)
			return 0;
		if (got)
			continue;
		err = link_poll(l, until);
		if (err)
			return err;
	}
}

static int take_start(struct link *l, const struct frame *f)
{
	double now;

	l->start = json_loads(f->data, 0, NULL);
	if (!l->start || !link_text(l, "boot_id")[0])
		return link_fail(l, -EPROTO, "it does not say which boot and kernel it is");
	now = json_number_value(json_object_get(l->start, "now"));
	l->skew = now - clock_ns(CLOCK_REALTIME) / 1e9;
	l->beat = l->heard = clock_now();
	return 0;
}

/* Up to the agent's first frame; the suite is sent where it is asked for. */
static int hello(struct link *l)
{
	uint64_t until = clock_now() + (transport_of(l->conf)->boots ?
		host_boot_timeout(l->conf) * NSEC_PER_SEC : OPEN_NS);
	struct frame f;
	int err;

	for (;;) {
		err = link_next(l, until, &f);
		if (err)
			return err;
		if (f.kind == FRAME_START)
			return take_start(l, &f);
		if (f.kind != FRAME_LINE)
			return link_fail(l, -EPROTO, "it answers with what no agent says");
		if (!strncmp(f.data, FRAME_CANNOT, strlen(FRAME_CANNOT)))
			return link_fail(l, -EIO, "%s", f.data +
					 strlen(FRAME_CANNOT));
		if (strcmp(f.data, FRAME_WANT) || !l->ship)
			continue;
		until = clock_now() + SHIP_NS;
		err = write_until(l->in, l->ship->tar, l->ship->len, until);
		/* It may have said why it does not take it. */
		if (err == -ETIMEDOUT)
			return link_fail(l, err, "the suite could not be sent in time");
	}
}

const struct transport *transport_of(const struct host_conf *conf)
{
	return !strcmp(conf->transport, "local") ? &local_transport :
		!strcmp(conf->transport, "guest") ? &guest_transport :
		&ssh_transport;
}

static int open_once(struct link *l)
{
	const struct transport *t = transport_of(l->conf);
	int fds[3], err;

	l->tail[0] = l->why[0] = '\0';
	l->pid = t->spawn(l, fds);
	if (l->pid < 0)
		return link_fail(l, l->pid, "%s cannot be started: %s", t->name,
				 strerror(-l->pid));
	l->in = fds[0];
	l->out = fds[1];
	l->err = fds[2];
	fcntl(l->in, F_SETFL, O_NONBLOCK);
	frames_init(&l->frames, l->out, 1);
	err = hello(l);
	if (err)
		link_close(l);
	return err;
}

int link_open(struct link *l, const struct host_conf *conf,
	      const struct ship *ship, const struct link_boot *boot)
{
	int try, err = 0;

	*l = (struct link)LINK_CLOSED;
	l->conf = conf;
	l->ship = ship;
	l->boot = boot;
	for (try = 0; try < TRIES; try++) {
		err = open_once(l);
		if (!err || !strstr(l->why, "kex_exchange_identification"))
			return err;
		sleep(1 + try);
	}
	return err;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void link_close(struct link *l)
{
	struct child_end end;

	shut(&l->in);
	/* The agent ends when its input does; a stuck ssh does not. */
	if (l->pid > 0)
		child_wait(l->pid, l->start && !transport_of(l->conf)->boots ?
			   NSEC_PER_SEC : 0, NULL, &end);
	l->pid = -1;
	shut(&l->out);
	shut(&l->err);
	shut(&l->keyfd);
	while (l->nlocks)
		shut(&l->lock[--l->nlocks]);
	frames_free(&l->frames);
	json_decref(l->start);
	l->start = NULL;
}

int link_ask(struct link *l, json_t *request)
{
	int err = frame_send_json(l->in, FRAME_REQUEST, request,
				  clock_now() + SEND_NS);

	return err ? link_ended(l) : 0;
}

int link_ack(struct link *l, const char *id)
{
	int err = frame_send_json(l->in, FRAME_ACK, json_pack("{s:s}", "id",
				  id), clock_now() + SEND_NS);

	return err ? link_ended(l) : 0;
}

/* The bytes behind a FRAME_FILE, into memory. */
static int fetch_bytes(struct link *l, char *data, size_t size,
		       uint64_t until)
{
	struct frame f;
	size_t n = 0;
	int err;

	while (n < size) {
		err = link_next(l, until, &f);
		if (err)
			return err;
		if (f.kind != FRAME_DATA || f.len > size - n)
			return link_fail(l, -EPROTO, "results of %zu bytes end after %zu",
					 size, n);
		memcpy(data + n, f.data, f.len);
		n += f.len;
	}
	return 0;
}

static int save(struct link *l, const char *path, const char *data,
		size_t size)
{
	int fd, err = 0;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return link_fail(l, -errno, "%s: %s", path, strerror(errno));
	while (size && !err) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno != EINTR)
			err = -errno;
		if (n > 0) {
			data += n;
			size -= n;
		}
	}
	if (close(fd) && !err)
		err = -errno;
	if (err) {
		unlink(path);
		link_fail(l, err, "%s: %s", path, strerror(-err));
	}
	return err;
}

int link_fetch(struct link *l, const struct frame *file, const char *path,
	       struct fetched *got, uint64_t until)
{
	json_t *o = json_loads(file->data, 0, NULL);
	const char *name = "", *sha256 = "";
	char hex[HASH_HEX], *data = NULL;
	json_int_t size = -1;
	int err;

	if (json_unpack(o, "{s:s, s:I, s:s}", "id", &name, "size", &size,
			"sha256", &sha256) || size < 0 || size > FILE_MOST ||
	    !spool_id_ok(name)) {
		err = link_fail(l, -EPROTO, "its results have no name, length or hash");
		goto out;
	}
	snprintf(got->id, sizeof(got->id), "%s", name);
	got->complete = json_is_true(json_object_get(o, "complete"));
	data = malloc(size + 1);
	err = data ? fetch_bytes(l, data, size, until) :
		link_fail(l, -ENOMEM, "no memory for results of %lld bytes",
			  (long long)size);
	if (err)
		goto out;
	hash_hex(data, size, hex);
	if (strcmp(hex, sha256))
		err = link_fail(l, -EBADMSG, "its results arrived with another hash");
	else
		err = save(l, path, data, size);
out:
	free(data);
	json_decref(o);
	return err;
}

const char *link_text(const struct link *l, const char *key)
{
	const char *s = json_string_value(json_object_get(l->start, key));

	return s ? s : "";
}
