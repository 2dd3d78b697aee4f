// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hosts/agent_int.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/hash.h"
#include "lib/text.h"

#define SEND_NS		(30 * NSEC_PER_SEC)
#define GRACE_NS	(5 * NSEC_PER_SEC)	/* to close a database */
#define ACK_NS		(120 * NSEC_PER_SEC)
#define CHUNK		(256u << 10)
#define FILE_MOST	(4096ull << 20)

int agent_send(struct agent *a, char kind, json_t *o)
{
	int err = frame_send_json(a->out, kind, o, clock_now() + SEND_NS);

	if (err)
		a->gone = 1;
	return err;
}

void agent_bytes(struct agent *a, char kind, const void *data, size_t len)
{
	if (!a->gone &&
	    frame_send(a->out, kind, data, len, clock_now() + SEND_NS))
		a->gone = 1;
}

int agent_end(struct agent *a, int rc, const char *reason)
{
	return agent_send(a, FRAME_END, json_pack("{s:i, s:s}", "rc", rc,
						  "reason", reason));
}

/*
 * Wait for input from the controller or one of two other descriptors (-1:
 * none), keep up our beat and watch the controller's. Return: set of bits
 * 1 (controller) and 2, 4 (the others).
 */
static int agent_poll(struct agent *a, int fd1, int fd2)
{
	struct pollfd p[3] = {
		{ .fd = a->gone ? -1 : a->in.fd, .events = POLLIN },
		{ .fd = fd1, .events = POLLIN },
		{ .fd = fd2, .events = POLLIN },
	};
	uint64_t now;
	int set = 0, i, got;

	poll(p, 3, 200);
	for (i = 0; i < 3; i++)
		set |= p[i].revents ? 1 << i : 0;
	now = clock_now();
	if (set & 1) {
		got = frames_fill(&a->in);
		if (got <= 0)
			a->gone = 1;
		a->heard = now;
	}
	if (now - a->heard > SILENCE_NS)
		a->gone = 1;
	if (now - a->beat > BEAT_NS) {
		a->beat = now;
		agent_bytes(a, FRAME_BEAT, "", 0);
	}
	return set;
}

/* The next frame that is no beat. 1, 0 (none yet) or -EPIPE once gone. */
static int agent_frame(struct agent *a, struct frame *f)
{
	int got;

	do {
		got = frames_next(&a->in, f);
		if (got < 0)
			a->gone = 1;
	} while (got > 0 && f->kind == FRAME_BEAT);
	return got > 0 ? 1 : a->gone ? -EPIPE : 0;
}

/* What it said, line by line; what does not end a line is kept. */
static void send_lines(struct agent *a, char *buf, size_t *n)
{
	char *nl, clean[1024];

	while ((nl = memchr(buf, '\n', *n))) {
		*nl = '\0';
		text_clean(clean, sizeof(clean), buf);
		agent_bytes(a, FRAME_LOG, clean, strlen(clean));
		*n -= nl + 1 - buf;
		memmove(buf, nl + 1, *n);
	}
}

struct pipes {
	int out;
	int err;
	char line[2048];
	size_t n;
};

static void take_output(struct agent *a, struct pipes *p, int set)
{
	char data[16384];
	ssize_t got;

	if (set & 2) {
		got = read(p->out, data, sizeof(data));
		if (got <= 0) {
			close(p->out);
			p->out = -1;
		} else {
			agent_bytes(a, FRAME_OUT, data, got);
		}
	}
	if (set & 4) {
		/* A line that is too long is cut. */
		if (p->n == sizeof(p->line) - 1)
			p->n = 0;
		got = read(p->err, p->line + p->n,
			   sizeof(p->line) - 1 - p->n);
		if (got <= 0) {
			close(p->err);
			p->err = -1;
			return;
		}
		p->n += got;
		send_lines(a, p->line, &p->n);
	}
}

static pid_t start(struct agent *a, char **argv, const struct spool *s,
		   struct pipes *p)
{
	int out[2], errp[2], argc;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		return -errno;
	if (pipe2(errp, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return -errno;
	}
	pid = child_fork();
	if (!pid) {
		dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(errp[1], STDERR_FILENO);
		if (s) {
			setenv("XDG_CONFIG_HOME", s->dir, 1);
			if (chdir(s->dir))
				_exit(2);
		}
		for (argc = 0; argv[argc]; argc++)
			;
		exit(a->command(argc, argv));
	}
	close(out[1]);
	close(errp[1]);
	if (pid < 0) {
		close(out[0]);
		close(errp[0]);
	}
	*p = (struct pipes) { .out = out[0], .err = errp[0] };
	return pid;
}

int agent_run(struct agent *a, char **argv, const struct spool *s,
	      double seconds, char *reason, size_t size)
{
	uint64_t until = clock_now() + seconds * NSEC_PER_SEC, now;
	uint64_t kill_at = 0;
	struct child_end end;
	struct pipes p;
	pid_t pid;
	int set;

	reason[0] = '\0';
	pid = start(a, argv, s, &p);
	if (pid < 0) {
		snprintf(reason, size, "fork: %s", strerror(-pid));
		return 2;
	}
	while (p.out >= 0 || p.err >= 0) {
		set = agent_poll(a, p.out, p.err);
		take_output(a, &p, set);
		now = clock_now();
		if (!kill_at && (a->gone || now > until)) {
			snprintf(reason, size, "%s", a->gone ?
				 "the controller is gone" :
				 "its deadline had come");
			kill(pid, SIGTERM);
			kill_at = now + GRACE_NS;
		}
		if (kill_at && now > kill_at)
			break;
	}
	close(p.out);
	close(p.err);
	child_wait(pid, kill_at ? 0 : NSEC_PER_SEC, NULL, &end);
	if (reason[0])
		return AGENT_CUT;
	if (end.signal) {
		snprintf(reason, size, "ended by signal %d (%s)", end.signal,
			 strsignal(end.signal));
		return AGENT_CUT;
	}
	return end.code;
}

static int wait_ack(struct agent *a, const char *id)
{
	uint64_t until = clock_now() + ACK_NS;
	struct frame f;
	json_t *o;
	int got, same;

	while (clock_now() < until) {
		got = agent_frame(a, &f);
		if (got < 0)
			return got;
		if (!got) {
			agent_poll(a, -1, -1);
			continue;
		}
		o = json_loads(f.data, 0, NULL);
		same = f.kind == FRAME_ACK && o && json_is_string(
			json_object_get(o, "id")) &&
			!strcmp(json_string_value(json_object_get(o, "id")),
				id);
		json_decref(o);
		return same ? 0 : -EPROTO;
	}
	return -ETIMEDOUT;
}

int agent_file(struct agent *a, const char *id, const struct spool *s)
{
	char hex[HASH_HEX], *data;
	size_t len, at, n;
	int err;

	err = file_read(s->db, FILE_MOST, &data, &len);
	if (err)
		return err;
	hash_hex(data, len, hex);
	err = agent_send(a, FRAME_FILE, json_pack("{s:s, s:I, s:s, s:b}",
			 "id", id, "size", (json_int_t)len, "sha256", hex,
			 "complete", s->complete));
	for (at = 0; !err && !a->gone && at < len; at += n) {
		n = len - at < CHUNK ? len - at : CHUNK;
		agent_bytes(a, FRAME_DATA, data + at, n);
	}
	free(data);
	if (!err)
		err = wait_ack(a, id);
	if (!err)
		spool_remove(id);
	return err;
}

int agent_main(int (*command)(int argc, char **argv))
{
	struct agent a = {
		.out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3),
		.command = command, .lock = -1,
		.heard = clock_now(), .beat = clock_now(),
	};
	struct frame f;
	int got;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	/* Whatever prints by mistake must not stand among frames. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	frames_init(&a.in, STDIN_FILENO, 0);
	if (write_until(a.out, FRAME_HELLO "\n", strlen(FRAME_HELLO) + 1,
			clock_now() + SEND_NS) ||
	    agent_send(&a, FRAME_START, agent_hello()))
		a.gone = 1;
	while (!a.gone) {
		got = agent_frame(&a, &f);
		if (got > 0)
			agent_request(&a, &f);
		else if (!got)
			agent_poll(&a, -1, -1);
	}
	frames_free(&a.in);
	return 0;
}
