// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/monitor.h"

#include <string.h>

#include "lib/text.h"

/* Ids of what was asked; those of monitor_count() follow. */
enum { ID_CAPABILITIES, ID_CPUS, ID_IOTHREADS, ID_CONT, ID_COUNT };

int monitor_begin(struct monitor *m, int fd)
{
	memset(m, 0, sizeof(*m));
	m->exits = -1;
	return qmp_adopt(&m->qmp, fd);
}

void monitor_end(struct monitor *m)
{
	qmp_close(m->qmp);
	m->qmp = NULL;
}

int monitor_fd(const struct monitor *m)
{
	return m->qmp ? qmp_fd(m->qmp) : -1;
}

/* A socket's buffer holds all that is ever asked at once. */
static void ask(struct monitor *m, const char *what, json_t *arguments, int id)
{
	if (m->qmp)
		qmp_ask(m->qmp, what, arguments, id, m->error,
			sizeof(m->error));
	else
		json_decref(arguments);
}

void monitor_count(struct monitor *m, int tag)
{
	ask(m, "query-stats", json_pack("{s:s}", "target", "vcpu"),
	    ID_COUNT + tag);
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

static void take_count(struct monitor *m, const json_t *list)
{
	const json_t *stats, *one, *value;
	size_t i, k;

	m->exits = -1;
	for (i = 0; i < json_array_size(list); i++) {
		stats = json_object_get(json_array_get(list, i), "stats");
		for (k = 0; k < json_array_size(stats); k++) {
			one = json_array_get(stats, k);
			value = json_object_get(one, "value");
			if (!json_is_integer(value) || strcmp("exits",
			    json_string_value(json_object_get(one, "name")) ?:
			    ""))
				continue;
			if (m->exits < 0)
				m->exits = 0;
			m->exits += json_integer_value(value);
		}
	}
}

static void answer(struct monitor *m, json_int_t id, const json_t *value)
{
	switch (id) {
	case ID_CAPABILITIES:
		ask(m, "query-cpus-fast", NULL, ID_CPUS);
		break;
	case ID_CPUS:
		m->nvcpus = take_threads(value, m->vcpu, GUEST_VCPUS);
		ask(m, "query-iothreads", NULL, ID_IOTHREADS);
		break;
	case ID_IOTHREADS:
		m->niothreads = take_threads(value, m->iothread, GUEST_DISKS);
		if (m->threads)
			m->threads(m->priv);
		ask(m, "cont", NULL, ID_CONT);
		break;
	case ID_CONT:
		break;
	default:
		take_count(m, value);
		if (m->counted)
			m->counted(m->priv, id - ID_COUNT);
	}
}

static void take(struct monitor *m, const json_t *msg)
{
	const json_t *id = json_object_get(msg, "id");
	const json_t *error = json_object_get(msg, "error");
	const char *said;

	if (json_object_get(msg, "QMP"))
		ask(m, "qmp_capabilities", NULL, ID_CAPABILITIES);
	else if (json_is_integer(id) && json_object_get(msg, "return"))
		answer(m, json_integer_value(id),
		       json_object_get(msg, "return"));
	else if (json_is_integer(id) && json_integer_value(id) >= ID_COUNT)
		/* A QEMU without that command: no counts. */
		answer(m, json_integer_value(id), NULL);
	else if (error) {
		said = json_string_value(json_object_get(error, "desc"));
		text_ascii(m->error, sizeof(m->error), said ? said : "?");
	}
}

void monitor_read(struct monitor *m)
{
	json_t *msg;
	int err = m->qmp ? 1 : 0;

	while (err > 0) {
		err = qmp_take(m->qmp, &msg, m->error, sizeof(m->error));
		if (err <= 0)
			break;
		take(m, msg);
		json_decref(msg);
	}
	if (err < 0)
		monitor_end(m);
}
