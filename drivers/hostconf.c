// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hosts.d/localhost.conf. Its values are data: none of them ever reaches a
 * shell. A file that others may write could redirect I/O benchmarks to a
 * directory of their choice, so it is refused.
 */
#include "drivers/hostconf.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/host.h"
#include "drivers/topology.h"
#include "lib/msg.h"
#include "lib/num.h"
#include "lib/text.h"

#define CONF_NAME	"localhost.conf"

static int alias_ok(const char *v)
{
	return text_name_ok(v, sizeof(((struct host_conf *)0)->alias) - 1);
}

static int cpus_ok(const char *v)
{
	return cpu_list_parse(v, NULL, NULL) == 0;
}

static int scratch_ok(const char *v)
{
	return v[0] == '/' &&
		text_name_ok(v, sizeof(((struct host_conf *)0)->scratch) - 1);
}

#define KEY(field)	#field, .offset = offsetof(struct host_conf, field), \
			.size = sizeof(((struct host_conf *)0)->field)

const struct host_conf_key host_conf_keys[] = {
	{ KEY(alias), .ok = alias_ok,
	  .allowed = "1 to 63 printable characters",
	  .desc = "public name of this host; reports never show its real one" },
	{ KEY(cpus), .ok = cpus_ok,
	  .allowed = "a list of CPU numbers such as 3 or 2,4-7",
	  .desc = "CPUs to measure on; the first one named measures, "
		  "the nearest other one runs second threads" },
	{ KEY(scratch), .ok = scratch_ok,
	  .allowed = "an absolute path",
	  .desc = "directory for the files of I/O benchmarks" },
	{ NULL },
};

/**
 * struct parse - state between the library and the handler
 * @next, @end:	text not read yet
 * @line:	number of the line handed out last
 * @seen:	set of keys already given, by index
 */
struct parse {
	const char *path;
	const char *next;
	const char *end;
	int line;
	unsigned int seen;
	int err;
	struct host_conf *conf;
};

static void parse_fail(struct parse *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Only the first error is said: the rest may be its consequence. */
static void parse_fail(struct parse *p, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	if (p->err)
		return;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	pr_err("%s:%d: %s", p->path, p->line, what);
	p->err = -EINVAL;
}

/* A reason why a line cannot be handed to the parser, or NULL. */
static const char *line_fault(const char *s, size_t len)
{
	size_t i;

	if (len > HOSTCONF_LINE_MAX)
		return "the line is longer than 190 bytes";
	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 && s[i] != '\t')
			return "the line holds a control character";
	/* The parser would take it for more of the value before it. */
	if (len && (s[0] == ' ' || s[0] == '\t') &&
	    strspn(s, " \t") < len)
		return "the line starts with white space; allowed are \"key = value\", \"[host]\" and \"# comment\"";
	if (len && s[0] == '[' && !memchr(s, ']', len))
		return "a section's name lacks its ']'";
	return NULL;
}

/* fgets() over the text in memory; refuses what the parser would bend. */
static char *parse_line(char *str, int num, void *stream)
{
	struct parse *p = stream;
	const char *nl, *fault;
	size_t len;

	if (p->next == p->end || p->err)
		return NULL;
	nl = memchr(p->next, '\n', p->end - p->next);
	len = (nl ? nl : p->end) - p->next;
	p->line++;
	fault = line_fault(p->next, len);
	if (fault || len + 2 > (size_t)num) {
		parse_fail(p, "%s", fault ? fault : "the line is too long");
		return NULL;
	}
	memcpy(str, p->next, len);
	str[len] = '\n';
	str[len + 1] = '\0';
	p->next += len + !!nl;
	return str;
}

static void fail_unknown(struct parse *p, const char *name)
{
	char list[256] = "";
	size_t i, used = 0;

	for (i = 0; host_conf_keys[i].name && used < sizeof(list); i++)
		used += snprintf(list + used, sizeof(list) - used, "%s%s",
				 i ? ", " : "", host_conf_keys[i].name);
	parse_fail(p, "there is no key \"%s\"; keys are %s", name, list);
}

static int parse_pair(void *user, const char *section, const char *name,
		      const char *value)
{
	const struct host_conf_key *k;
	struct parse *p = user;
	unsigned int bit;

	if (p->err)
		return 1;
	if (strcmp(section, "host")) {
		parse_fail(p, section[0] ?
			   "\"%s\" stands in section [%s]; the only section is [host]" :
			   "\"%s\" stands before a section%s; put [host] above it",
			   name, section);
		return 1;
	}
	for (k = host_conf_keys; k->name && strcmp(k->name, name); k++)
		;
	if (!k->name) {
		fail_unknown(p, name);
		return 1;
	}
	bit = 1u << (k - host_conf_keys);
	if (p->seen & bit)
		parse_fail(p, "\"%s\" is given twice", name);
	else if (strlen(value) >= k->size || !k->ok(value))
		parse_fail(p, "\"%s = %s\": the value must be %s", name, value,
			   k->allowed);
	if (p->err)
		return 1;
	p->seen |= bit;
	strcpy((char *)p->conf + k->offset, value);
	return 1;
}

int host_conf_parse(const char *path, const char *text, size_t len,
		    struct host_conf *conf)
{
	struct parse p = {
		.path = path, .next = text, .end = text + len, .conf = conf,
	};
	int line;

	if (memchr(text, '\0', len)) {
		pr_err("%s: not a text file", path);
		return -EINVAL;
	}
	line = ini_parse_stream(parse_line, &p, parse_pair, &p);
	if (!p.err && line) {
		p.line = line > 0 ? line : p.line;
		parse_fail(&p, "allowed are \"key = value\", \"[host]\" and \"# comment\"");
	}
	return p.err;
}

/* Does @uid belong to who runs this, also through sudo? */
static int owner_trusted(uid_t uid)
{
	const char *sudo = getenv("SUDO_UID");
	uint64_t caller;

	if (uid == 0 || uid == geteuid())
		return 1;
	return geteuid() == 0 && num_u64(sudo, 0, UINT32_MAX, &caller) == 0 &&
		uid == caller;
}

/* Refuse what somebody else could have written. */
static int check_trust(int fd, const char *path, mode_t type)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		int err = -errno;

		pr_err("%s: %s", path, strerror(-err));
		return err;
	}
	if ((st.st_mode & S_IFMT) != type) {
		pr_err("%s: not a %s", path,
		       type == S_IFDIR ? "directory" : "regular file");
		return -EINVAL;
	}
	if (!owner_trusted(st.st_uid)) {
		pr_err("%s: belongs to user %u, who could change what is measured; type: chown %u '%s'",
		       path, st.st_uid, geteuid(), path);
		return -EPERM;
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		pr_err("%s: others may write it; type: chmod go-w '%s'", path,
		       path);
		return -EPERM;
	}
	return 0;
}

/* Where hosts.d is; the first rule that applies is the only one. */
static void conf_dir(char *dir, size_t size)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char base[4096] = "";

	if (!access("hosts.d", F_OK) && !access("bench/bench.h", F_OK)) {
		snprintf(dir, size, "hosts.d");
		return;
	}
	if (xdg && xdg[0] == '/')
		snprintf(base, sizeof(base), "%s", xdg);
	else if (home && home[0] == '/')
		snprintf(base, sizeof(base), "%s/.config", home);
	if (base[0] && (size_t)snprintf(dir, size, "%s/asibench/hosts.d",
					base) < size && !access(dir, F_OK))
		return;
	snprintf(dir, size, "/etc/asibench/hosts.d");
}

/* Return: a descriptor, or -errno after saying why; -ENOENT is not said. */
static int open_trusted(int at, const char *name, const char *path, int flags,
			mode_t type)
{
	int fd, err;

	fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
		    flags);
	if (fd < 0) {
		err = -errno;
		if (err == -ELOOP || (err == -ENOTDIR && type == S_IFDIR))
			pr_err("%s: a symbolic link or no %s; links are not followed",
			       path, type == S_IFDIR ? "directory" : "file");
		else if (err != -ENOENT)
			pr_err("%s: %s", path, strerror(-err));
		return err;
	}
	err = check_trust(fd, path, type);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static int read_conf(int fd, struct host_conf *conf)
{
	char *text = malloc(HOSTCONF_FILE_MAX + 1);
	size_t n = 0;
	ssize_t got = 0;
	int err = 0;

	if (!text)
		return -ENOMEM;
	while (n <= HOSTCONF_FILE_MAX &&
	       (got = read(fd, text + n, HOSTCONF_FILE_MAX + 1 - n)) > 0)
		n += got;
	if (got < 0) {
		err = -errno;
		pr_err("%s: %s", conf->path, strerror(-err));
	} else if (n > HOSTCONF_FILE_MAX) {
		err = -EFBIG;
		pr_err("%s: longer than 64 KiB", conf->path);
	} else {
		err = host_conf_parse(conf->path, text, n, conf);
	}
	free(text);
	return err;
}

int host_conf_load(struct host_conf *conf)
{
	char dir[sizeof(conf->path) - sizeof(CONF_NAME)];
	int dfd, fd, err;

	memset(conf, 0, sizeof(*conf));
	conf_dir(dir, sizeof(dir));
	dfd = open_trusted(AT_FDCWD, dir, dir, O_DIRECTORY, S_IFDIR);
	if (dfd < 0)
		return dfd == -ENOENT ? 0 : dfd;
	snprintf(conf->path, sizeof(conf->path), "%s/" CONF_NAME, dir);
	fd = open_trusted(dfd, CONF_NAME, conf->path, 0, S_IFREG);
	close(dfd);
	if (fd < 0) {
		conf->path[0] = '\0';
		return fd == -ENOENT ? 0 : fd;
	}
	err = read_conf(fd, conf);
	close(fd);
	return err;
}
