// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/campaign_status.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/hosts.h"
#include "hosts/campaign.h"
#include "lib/child.h"
#include "lib/clock.h"

#define DRAW_MS		1000
#define END_NS		(2 * NSEC_PER_SEC)

void status_seconds(enum format format, char *buf, size_t size, double s)
{
	if (format != FORMAT_TEXT)
		snprintf(buf, size, "%.0f", s);
	else if (s < 120)
		snprintf(buf, size, "%.0f s", s);
	else if (s < 7200)
		snprintf(buf, size, "%.0f min", s / 60);
	else
		snprintf(buf, size, "%.1f h", s / 3600);
}

int status_running(const struct journal *j)
{
	if (flock(j->fd, LOCK_EX | LOCK_NB))
		return owner_alive(&j->owner);
	flock(j->fd, LOCK_UN);
	return 0;
}

static const char *word_of(const struct journal *j, int host, int running)
{
	const struct host_state *h = &j->host[host];

	if (h->finished)
		return "finished";
	if (h->aside)
		return "set aside";
	if (j->cancelled)
		return "cancelled";
	if (running)
		return h->phase[0] ? h->phase : "reaching";
	return h->done || h->nboots ? "interrupted" : "waiting";
}

/* What the boots that are to come take, by those that were. */
static double left_of(const struct journal *j, const struct host_state *h,
		      int all, int running)
{
	double each = campaign_boot_s(h) + campaign_run_s(h, &j->file);
	double left = (all - h->done) * each, into;

	if (running && h->phase[0]) {
		into = clock_ns(CLOCK_REALTIME) / 1e9 - h->since;
		if (!strcmp(h->phase, "measuring"))
			into += campaign_boot_s(h);
		left -= into < 0 ? 0 : into < each ? into : each;
	}
	return left;
}

static void add_host(struct rows *r, const struct journal *j, int i,
		     int running)
{
	const struct host_state *h = &j->host[i];
	const struct plan_file *f = &j->file;
	int begun = h->done || h->nboots || h->phase[0];
	int all = campaign_width(j) * f->least;
	char block[16], done[16], of[16], left[32];
	const char *const cells[] = {
		f->host.v[i], word_of(j, i, running),
		begun ? f->kernel[h->now_kernel].name : NULL,
		begun ? f->arm[h->now_arm].name : NULL,
		begun ? block : NULL, done, of, h->finished ? NULL : left,
		h->step, h->why,
	};

	if (h->done > all)
		all = campaign_width(j) * f->most;
	snprintf(block, sizeof(block), "%d", h->block + 1);
	snprintf(done, sizeof(done), "%d", h->done);
	snprintf(of, sizeof(of), "%d", h->finished ? h->done : all);
	status_seconds(r->format, left, sizeof(left),
		       left_of(j, h, all, running));
	rows_add(r, cells);
}

int status_print(const struct journal *j, enum format format, int running,
		 FILE *out)
{
	static const char *const heads[] = {
		"host", "state", "kernel", "arm", "block", "boots", "of",
		"left", "step", "reason",
	};
	struct rows r;
	size_t i;

	rows_begin(&r, format, heads, format == FORMAT_TEXT ? "llllrrrlll" :
		   "llllrrrrll");
	r.out = out;
	for (i = 0; i < j->file.host.n; i++)
		add_host(&r, j, i, running);
	return rows_end(&r);
}

/* ---- a table that is kept up ---- */

/**
 * struct screen - what stands on the terminal
 * @drawn:	lines of the table, above which the cursor goes back
 */
struct screen {
	int drawn;
	struct winsize size;
};

static void erase(struct screen *s)
{
	if (s->drawn)
		fprintf(stderr, "\r\033[%dA\033[J", s->drawn);
	s->drawn = 0;
}

/* Lines that are too long would wrap, and could not be gone back over. */
static void draw(struct screen *s, char *text)
{
	char *line, *save = NULL;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &s->size))
		memset(&s->size, 0, sizeof(s->size));
	s->size.ws_col = s->size.ws_col ? s->size.ws_col : 80;
	s->size.ws_row = s->size.ws_row ? s->size.ws_row : 24;
	for (line = strtok_r(text, "\n", &save);
	     line && s->drawn + 1 < s->size.ws_row;
	     line = strtok_r(NULL, "\n", &save), s->drawn++)
		fprintf(stderr, "%.*s\n", s->size.ws_col - 1, line);
	fflush(stderr);
}

static void draw_table(struct screen *s, struct journal *j)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (!out)
		return;
	if (!journal_replay(j))
		status_print(j, FORMAT_TEXT, 1, out);
	fclose(out);
	erase(s);
	draw(s, text);
	free(text);
}

/* Lines that come from @from stand above the table; until its end. */
static void keep_up(struct journal *j, int from)
{
	struct pollfd p = { .fd = from, .events = POLLIN };
	struct screen s = { .drawn = 0 };
	char data[4096];
	ssize_t n;

	for (;;) {
		draw_table(&s, j);
		if (poll(&p, 1, DRAW_MS) <= 0)
			continue;
		n = read(from, data, sizeof(data));
		if (n <= 0)
			break;
		erase(&s);
		fwrite(data, 1, n, stderr);
	}
	erase(&s);
	fflush(stderr);
}

void live_begin(struct live *l, const struct journal *j)
{
	struct journal own = *j;
	int fd[2];

	*l = (struct live) { .err = -1 };
	if (!isatty(STDERR_FILENO) || pipe2(fd, O_CLOEXEC))
		return;
	fflush(NULL);
	l->pid = child_fork();
	if (!l->pid) {
		close(fd[1]);
		/* The lock and the plan stay the parent's. */
		own.fd = -1;
		own.slot = NULL;
		memset(&own.file, 0, sizeof(own.file));
		keep_up(&own, fd[0]);
		_exit(0);
	}
	close(fd[0]);
	if (l->pid > 0) {
		l->err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
		dup2(fd[1], STDERR_FILENO);
	} else {
		l->pid = 0;
	}
	close(fd[1]);
}

void live_end(struct live *l)
{
	struct child_end end;

	if (!l->pid)
		return;
	dup2(l->err, STDERR_FILENO);
	close(l->err);
	child_wait(l->pid, END_NS, NULL, &end);
	l->pid = 0;
}

void live_follow(struct journal *j)
{
	struct screen s = { .drawn = 0 };

	while (status_running(j)) {
		draw_table(&s, j);
		usleep(DRAW_MS * 1000);
	}
	erase(&s);
	fflush(stderr);
	journal_replay(j);
}
