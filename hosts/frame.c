// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"

#define HEAD		5	/* kind, length as four bytes, low first */
#define NOISE_MAX	(64u << 10)	/* that a login shell may say */

void frames_init(struct frames *f, int fd, int hello)
{
	memset(f, 0, sizeof(*f));
	f->fd = fd;
	f->hello = hello;
	f->skip_zeros = !hello;
}

void frames_free(struct frames *f)
{
	free(f->buf);
	f->buf = NULL;
	f->n = f->start = f->room = 0;
}

int frames_fill(struct frames *f)
{
	ssize_t got;
	char *buf;

	if (f->start) {
		memmove(f->buf, f->buf + f->start, f->n - f->start);
		f->n -= f->start;
		f->start = 0;
	}
	if (f->n + (64 << 10) > f->room) {
		buf = realloc(f->buf, f->room * 2 + (128 << 10));
		if (!buf)
			return -ENOMEM;
		f->buf = buf;
		f->room = f->room * 2 + (128 << 10);
	}
	/* One byte stays free, for the zero behind a frame's data. */
	got = read(f->fd, f->buf + f->n, f->room - f->n - 1);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -errno;
	f->n += got;
	return got > 0;
}

static int next_line(struct frames *f, struct frame *out)
{
	char *line = f->buf + f->start, *nl;

	nl = memchr(line, '\n', f->n - f->start);
	if (!nl)
		return f->n - f->start > NOISE_MAX ? -EPROTO : 0;
	*nl = '\0';
	f->start = nl + 1 - f->buf;
	f->hello = strcmp(line, FRAME_HELLO) != 0;
	out->kind = FRAME_LINE;
	out->data = line;
	out->len = nl - line;
	return 1;
}

int frames_next(struct frames *f, struct frame *out)
{
	unsigned char *h;
	size_t len;

	if (!f->buf)
		return 0;
	if (f->hello)
		return next_line(f, out);
	while (f->skip_zeros && f->start < f->n && !f->buf[f->start])
		f->start++;
	if (f->n - f->start < HEAD)
		return 0;
	h = (unsigned char *)f->buf + f->start;
	len = h[1] | h[2] << 8 | h[3] << 16 | (size_t)h[4] << 24;
	if (h[0] < '!' || h[0] > '~' || len > FRAME_MAX)
		return -EPROTO;
	if (f->n - f->start < HEAD + len)
		return 0;
	f->skip_zeros = 0;
	out->kind = h[0];
	out->len = len;
	/* Moved over its head, so that a zero byte has room behind it. */
	out->data = memmove(h, h + HEAD, len);
	out->data[len] = '\0';
	f->start += HEAD + len;
	return 1;
}

int write_until(int fd, const void *data, size_t len, uint64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	const char *at = data;
	uint64_t now;
	ssize_t n;

	while (len) {
		now = clock_now();
		if (now >= until)
			return -ETIMEDOUT;
		if (poll(&p, 1, (until - now) / NSEC_PER_MSEC + 1) < 0 &&
		    errno != EINTR)
			return -errno;
		if (!(p.revents & (POLLOUT | POLLERR | POLLHUP)))
			continue;
		/* No more than a pipe takes without waiting. */
		n = write(fd, at, len < 4096 ? len : 4096);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			at += n;
			len -= n;
		}
	}
	return 0;
}

int frame_send(int fd, char kind, const void *data, size_t len,
	       uint64_t until)
{
	unsigned char head[HEAD] = {
		kind, len, len >> 8, len >> 16, len >> 24,
	};
	int err;

	if (len > FRAME_MAX)
		return -EMSGSIZE;
	err = write_until(fd, head, sizeof(head), until);
	return err ? err : write_until(fd, data, len, until);
}

int frame_send_json(int fd, char kind, json_t *o, uint64_t until)
{
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	int err = -ENOMEM;

	if (text)
		err = frame_send(fd, kind, text, strlen(text), until);
	free(text);
	json_decref(o);
	return err;
}
