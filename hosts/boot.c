// SPDX-License-Identifier: GPL-2.0-or-later
#include "hosts/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/hostconf.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/text.h"

#define COMMAND_NS	(60 * NSEC_PER_SEC)
#define POLL_US		(500 * 1000)
#define CONSOLE_END	4096
#define CONSOLE_LINES	3

static void arm_words(char *buf, size_t size, const struct plan_arm_conf *a,
		      const struct host_conf *conf)
{
	const char *switches = !strcmp(a->isolation, "on") ?
		conf->isolation_on : !strcmp(a->isolation, "off") ?
		conf->isolation_off : "";

	snprintf(buf, size, "%s", a->cmdline[0] ? a->cmdline : switches);
}

void boot_want(struct boot_want *w, const struct plan_file *file, int kernel,
	       int arm, const struct host_conf *conf)
{
	int i;

	memset(w, 0, sizeof(*w));
	w->kernel = &file->kernel[kernel];
	arm_words(w->cmdline, sizeof(w->cmdline), &file->arm[arm], conf);
	for (i = 0; i < file->narms; i++)
		if (i != arm)
			arm_words(w->others[w->nothers++],
				  sizeof(w->others[0]), &file->arm[i], conf);
}

/* The last word of a command line that sets what @word sets, or NULL. */
static const char *setting(const struct words *line, const char *word)
{
	size_t n = strcspn(word, "="), i;

	for (i = line->n; i--;)
		if (!strncmp(line->v[i], word, n) &&
		    (!line->v[i][n] || line->v[i][n] == '='))
			return line->v[i];
	return NULL;
}

static int has_word(const struct words *line, const char *word)
{
	size_t i;

	for (i = 0; i < line->n; i++)
		if (!strcmp(line->v[i], word))
			return 1;
	return 0;
}

/* A long command line has more words than a command may have. */
static int split_cmdline(struct words *w, const char *text)
{
	const char *tail = text;
	size_t n;
	int words = 0;

	/* From its end, as many as fit: what counts is what is set last. */
	for (n = strlen(text); n && words < WORDS_MAX; n--)
		if (text[n - 1] == ' ' && ++words == WORDS_MAX)
			tail = text + n;
	return words_split(w, tail);
}

static int verify_cmdline(const struct boot_want *w, const struct words *line,
			  char *why, size_t size)
{
	struct words want, other;
	const char *is;
	int err = words_split(&want, w->cmdline), a;
	size_t i;

	for (i = 0; !err && i < want.n; i++) {
		is = setting(line, want.v[i]);
		if (is && !strcmp(is, want.v[i]))
			continue;
		snprintf(why, size, "its command line has %s where %s was asked for",
			 is ? is : "nothing", want.v[i]);
		err = -EBADSLT;
	}
	for (a = 0; !err && a < w->nothers; a++) {
		err = words_split(&other, w->others[a]);
		for (i = 0; !err && i < other.n; i++) {
			is = setting(line, other.v[i]);
			if (!is || strcmp(is, other.v[i]) ||
			    has_word(&want, other.v[i]))
				continue;
			snprintf(why, size, "its command line has %s, of another arm",
				 is);
			err = -EBADSLT;
		}
		words_free(&other);
	}
	words_free(&want);
	return err;
}

int boot_verify(const struct boot_want *w, const char *release,
		const char *build_id, const char *cmdline, char *why,
		size_t size)
{
	const struct plan_kernel *k = w->kernel;
	struct words line;
	int err;

	if (strcmp(release, k->release)) {
		snprintf(why, size, "wrong kernel: %s runs where %s was asked for",
			 release, k->release);
		return -EBADSLT;
	}
	if (k->build_id[0] &&
	    strncmp(build_id, k->build_id, strlen(k->build_id))) {
		snprintf(why, size, "wrong kernel: %s with build id %s where %s was asked for",
			 release, build_id[0] ? build_id : "unknown",
			 k->build_id);
		return -EBADSLT;
	}
	err = split_cmdline(&line, cmdline);
	if (!err)
		err = verify_cmdline(w, &line, why, size);
	else
		snprintf(why, size, "its command line cannot be read");
	words_free(&line);
	return err ? -EBADSLT : 0;
}

int boot_check(struct visit *v, struct link *l, const struct boot_want *w)
{
	char why[sizeof(v->why)];

	visit_step(v, "verify");
	if (!boot_verify(w, link_text(l, "release"), link_text(l, "build_id"),
			 link_text(l, "cmdline"), why, sizeof(why)))
		return 0;
	return visit_fail(v, -EBADSLT, why);
}

int boot_reach(struct visit *v, struct link *l, const char *not_boot,
	       double seconds)
{
	uint64_t until = clock_now() + seconds * NSEC_PER_SEC;
	int err;

	for (;;) {
		err = visit_connect(v, l);
		if (!err && strcmp(v->boot, not_boot))
			return 0;
		if (!err) {
			link_close(l);
			err = visit_fail(v, -ETIMEDOUT,
					 "it answers, but has not booted");
		}
		/* What was booted to be reached has failed to boot. */
		if (clock_now() >= until || transport_of(&v->conf)->boots)
			return err;
		usleep(POLL_US);
	}
}

/* A command of hosts.d, on this machine. */
static int command(struct visit *v, const char *text,
		   const struct plan_kernel *kernel, const char *cmdline,
		   char **out)
{
	struct fill fill[NR_FILLS + 1];
	struct child_end end;
	char said[256], why[512];
	struct words w;
	int err;

	host_fills(fill, &v->conf, kernel ? kernel->release : "", cmdline,
		   kernel ? kernel->image : "");
	err = words_split(&w, text);
	if (!err)
		err = words_fill(&w, fill);
	if (!err)
		err = child_output(w.v, NULL, COMMAND_NS, out, NULL,
				   out ? 1 << 20 : 0, said, sizeof(said),
				   &end);
	if (err)
		snprintf(why, sizeof(why), "%s: %s", w.n ? w.v[0] : text,
			 strerror(-err));
	else if (end.timed_out || end.code)
		snprintf(why, sizeof(why), "%s %s: %s", w.v[0],
			 end.timed_out ? "did not end" : "failed",
			 text_trim(said));
	words_free(&w);
	if (!err && !end.timed_out && !end.code)
		return 0;
	return visit_fail(v, err ? err : -EIO, why);
}

static void next_boot(struct link_boot *next, const struct plan_kernel *kernel,
		      const char *cmdline)
{
	strcpy(next->image, kernel->image);
	strcpy(next->release, kernel->release);
	snprintf(next->words, sizeof(next->words), "%s", cmdline);
}

static int request(struct visit *v, struct link *l,
		   const struct boot_want *w)
{
	char cmdline[2 * BOOT_CMDLINE_MAX], owner[256], why[600];
	int err;

	snprintf(cmdline, sizeof(cmdline), "%s%s%s", v->conf.cmdline,
		 v->conf.cmdline[0] && w->cmdline[0] ? " " : "", w->cmdline);
	if (transport_of(&v->conf)->boots) {
		/* By connecting. */
		next_boot(&v->next, w->kernel, cmdline);
		return 0;
	}
	if (!strcmp(v->conf.boot_method, "command"))
		return command(v, v->conf.boot_cmd, w->kernel, cmdline, NULL);
	visit_owner(owner, sizeof(owner));
	err = visit_ask(v, l, json_pack("{s:s, s:s, s:s, s:s, s:s}",
					"op", "boot", "owner", owner,
					"method", v->conf.boot_method,
					"kernel", w->kernel->release,
					"cmdline", cmdline), 90);
	if (!err && v->rc) {
		snprintf(why, sizeof(why), "%s", v->why);
		err = visit_fail(v, -EIO, why);
	}
	return err;
}

int boot_into(struct visit *v, struct link *l, const struct boot_want *w)
{
	char old[sizeof(v->boot)];
	int err;

	if (!strcmp(v->conf.boot_method, "none"))
		return boot_check(v, l, w);
	visit_step(v, "boot");
	memcpy(old, v->boot, sizeof(old));
	err = request(v, l, w);
	link_close(l);
	if (err)
		return err;
	err = boot_reach(v, l, old, host_boot_timeout(&v->conf));
	if (err) {
		visit_step(v, "boot");
		return -ETIMEDOUT;
	}
	return boot_check(v, l, w);
}

int boot_power(struct visit *v, struct link *l)
{
	int err;

	visit_step(v, "power");
	if (!v->conf.power_cmd[0])
		return visit_fail(v, -ENOTSUP, "no power_cmd to cycle its power with");
	err = command(v, v->conf.power_cmd, NULL, "", NULL);
	return err ? err : boot_reach(v, l, "", host_boot_timeout(&v->conf));
}

/* The last lines that are not empty, "a | b | c". */
static void last_lines(char *text, char *buf, size_t size)
{
	char *line[CONSOLE_LINES] = { NULL }, *save = NULL, *at;
	char raw[1024] = "";
	size_t n = 0, i;

	for (at = strtok_r(text, "\r\n", &save); at;
	     at = strtok_r(NULL, "\r\n", &save)) {
		memmove(line, line + 1, sizeof(line) - sizeof(*line));
		line[CONSOLE_LINES - 1] = text_trim(at);
	}
	for (i = 0; i < CONSOLE_LINES && n < sizeof(raw); i++)
		if (line[i] && *line[i])
			n += snprintf(raw + n, sizeof(raw) - n, "%s%s",
				      n ? " | " : "", line[i]);
	text_clean(buf, size, raw);
}

/* The end of a log, which may be large. */
static char *log_end(const char *path)
{
	char *data = calloc(1, CONSOLE_END + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	off_t size;
	ssize_t n = 0;

	if (fd >= 0 && data) {
		size = lseek(fd, 0, SEEK_END);
		n = pread(fd, data, CONSOLE_END,
			  size > CONSOLE_END ? size - CONSOLE_END : 0);
	}
	if (fd >= 0)
		close(fd);
	if (data)
		data[n > 0 ? n : 0] = '\0';
	return data;
}

void boot_console(const struct host_conf *conf, char *buf, size_t size)
{
	struct visit *v;
	char *text = NULL;

	buf[0] = '\0';
	if (conf->console_cmd[0]) {
		v = calloc(1, sizeof(*v));
		if (!v)
			return;
		v->conf = *conf;
		v->quiet = 1;
		command(v, conf->console_cmd, NULL, "", &text);
		free(v);
	} else if (conf->console_log[0]) {
		text = log_end(conf->console_log);
	}
	if (text)
		last_lines(text, buf, size);
	free(text);
}
