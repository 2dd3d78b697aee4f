// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/qmp.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/text.h"

#define LINE_MAX_BYTES	(1u << 20)

/* Ids of what was asked; those of qmp_count() follow. */
enum { ID_CAPABILITIES, ID_CPUS, ID_IOTHREADS, ID_CONT, ID_COUNT };

void qmp_begin(struct qmp *q, int fd)
{
	memset(q, 0, sizeof(*q));
	q->fd = fd;
	q->exits = -1;
}

void qmp_end(struct qmp *q)
{
	if (q->fd >= 0)
		close(q->fd);
	q->fd = -1;
	free(q->line);
	q->line = NULL;
}

/* A socket's buffer holds all that is ever asked at once. */
static void ask(struct qmp *q, const char *what, const char *arguments, int id)
{
	char text[160];
	int n = snprintf(text, sizeof(text),
			 "{\"execute\":\"%s\"%s%s,\"id\":%d}\n", what,
			 arguments[0] ? ",\"arguments\":" : "", arguments, id);

	if (q->fd >= 0 && send(q->fd, text, n, MSG_NOSIGNAL) != n)
		snprintf(q->error, sizeof(q->error), "%s was not taken", what);
}

void qmp_count(struct qmp *q, int tag)
{
	ask(q, "query-stats", "{\"target\":\"vcpu\"}", ID_COUNT + tag);
}

static int take_threads(const json_t *list, pid_t *tid, int most)
{
	json_int_t id;
	int n = 0, i;

	for (i = 0; i < (int)json_array_size(list) && n < most; i++) {
		id = json_integer_value(json_object_get(json_array_get(list,
						i), "thread-id"));
		if (id > 0 && id < INT32_MAX)
			tid[n++] = id;
	}
	return n;
}

static void take_count(struct qmp *q, const json_t *list)
{
	const json_t *stats, *one, *value;
	size_t i, k;

	q->exits = -1;
	for (i = 0; i < json_array_size(list); i++) {
		stats = json_object_get(json_array_get(list, i), "stats");
		for (k = 0; k < json_array_size(stats); k++) {
			one = json_array_get(stats, k);
			value = json_object_get(one, "value");
			if (!json_is_integer(value) || strcmp("exits",
			    json_string_value(json_object_get(one, "name")) ?:
			    ""))
				continue;
			if (q->exits < 0)
				q->exits = 0;
			q->exits += json_integer_value(value);
		}
	}
}

static void answer(struct qmp *q, json_int_t id, const json_t *value)
{
	switch (id) {
	case ID_CAPABILITIES:
		ask(q, "query-cpus-fast", "", ID_CPUS);
		break;
	case ID_CPUS:
		q->nvcpus = take_threads(value, q->vcpu, GUEST_VCPUS);
		ask(q, "query-iothreads", "", ID_IOTHREADS);
		break;
	case ID_IOTHREADS:
		q->niothreads = take_threads(value, q->iothread, GUEST_DISKS);
		if (q->threads)
			q->threads(q->priv);
		ask(q, "cont", "", ID_CONT);
		break;
	case ID_CONT:
		break;
	default:
		take_count(q, value);
		if (q->counted)
			q->counted(q->priv, id - ID_COUNT);
	}
}

static void take_line(struct qmp *q, const char *line)
{
	json_t *o = json_loads(line, 0, NULL);
	const json_t *id = json_object_get(o, "id");
	const char *said;

	if (json_object_get(o, "QMP"))
		ask(q, "qmp_capabilities", "", ID_CAPABILITIES);
	else if (json_is_integer(id) && json_object_get(o, "return"))
		answer(q, json_integer_value(id),
		       json_object_get(o, "return"));
	else if (json_is_integer(id) && json_integer_value(id) >= ID_COUNT)
		/* A QEMU without that command: no counts. */
		answer(q, json_integer_value(id), NULL);
	else if (json_object_get(o, "error")) {
		said = json_string_value(json_object_get(json_object_get(o,
						"error"), "desc"));
		text_ascii(q->error, sizeof(q->error), said ? said : "?");
	}
	json_decref(o);
}

static int take(struct qmp *q, const char *data, size_t n)
{
	size_t i;
	void *more;

	if (q->n + n + 1 > q->room) {
		if (q->n + n > LINE_MAX_BYTES)
			return -EFBIG;
		more = realloc(q->line, 2 * (q->n + n + 1));
		if (!more)
			return -ENOMEM;
		q->line = more;
		q->room = 2 * (q->n + n + 1);
	}
	for (i = 0; i < n; i++) {
		if (data[i] != '\n') {
			q->line[q->n++] = data[i];
			continue;
		}
		q->line[q->n] = '\0';
		take_line(q, q->line);
		q->n = 0;
	}
	return 0;
}

int qmp_read(struct qmp *q)
{
	char data[4096];
	ssize_t n = recv(q->fd, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return -errno;
	return n ? take(q, data, n) : 1;
}
