// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/msg.h"
#include "lib/num.h"

/**
 * struct parse - state between the library and the handler
 * @next, @end:	text not read yet
 * @line:	number of the line handed out last
 * @section:	where we are, NULL before the first
 * @to:		what its keys fill
 * @seen:	set of keys already given in it, by index
 */
struct parse {
	const char *path;
	const char *next;
	const char *end;
	int line;
	const struct conf_section *sections;
	const struct conf_section *section;
	void *user;
	void *to;
	uint64_t seen;
	int err;
};

static void parse_fail(struct parse *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Only the first error is said: the rest may be its consequence. */
static void parse_fail(struct parse *p, const char *fmt, ...)
{
	char what[768];
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

	if (len > CONF_LINE_MAX)
		return "the line is longer than 190 bytes";
	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 && s[i] != '\t')
			return "the line holds a control character";
	/* The parser would take it for more of the value before it. */
	if (len && (s[0] == ' ' || s[0] == '\t') &&
	    strspn(s, " \t") < len)
		return "the line starts with white space; allowed are \"key = value\", \"[section]\" and \"# comment\"";
	if (len && s[0] == '[' && !memchr(s, ']', len))
		return "a section's name lacks its ']'";
	return NULL;
}

/* "[host], [kernel NAME]" */
static void section_list(const struct parse *p, char *buf, size_t size)
{
	const struct conf_section *s;
	size_t used = 0;

	for (s = p->sections; s->name && used < size; s++)
		used += snprintf(buf + used, size - used, "%s[%s%s]",
				 s == p->sections ? "" : ", ", s->name,
				 s->named ? " NAME" : "");
}

/*
 * Sections are taken from the line itself: the library does not tell of an
 * empty one, and cuts their names.
 */
static void section_begin(struct parse *p, char *name)
{
	const char *fault = NULL;
	char list[256], *rest;
	size_t n;

	section_list(p, list, sizeof(list));
	for (p->section = p->sections; p->section->name; p->section++) {
		n = strlen(p->section->name);
		if (strncmp(name, p->section->name, n))
			continue;
		rest = name + n;
		if (!p->section->named && !*rest)
			break;
		if (p->section->named && *rest == ' ' && rest[1])
			break;
	}
	p->seen = 0;
	if (!p->section->name) {
		parse_fail(p, "there is no section [%s]; there is %s", name,
			   list);
		return;
	}
	p->to = p->section->open(p->user, p->section->named ?
				 name + strlen(p->section->name) + 1 : "",
				 &fault);
	if (!p->to)
		parse_fail(p, "[%s]: %s", name, fault ? fault : "not allowed");
}

/* fgets() over the text in memory; refuses what the parser would bend. */
static char *parse_line(char *str, int num, void *stream)
{
	struct parse *p = stream;
	char name[CONF_LINE_MAX + 1];
	const char *nl, *fault;
	size_t len, n;

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
	if (str[0] == '[') {
		n = strcspn(str + 1, "]");
		memcpy(name, str + 1, n);
		name[n] = '\0';
		section_begin(p, name);
	}
	return p->err ? NULL : str;
}

static void fail_unknown(struct parse *p, const char *name)
{
	char list[512] = "";
	size_t i, used = 0;

	for (i = 0; p->section->keys[i].name && used < sizeof(list); i++)
		used += snprintf(list + used, sizeof(list) - used, "%s%s",
				 i ? ", " : "", p->section->keys[i].name);
	parse_fail(p, "there is no key \"%s\"; keys are %s", name, list);
}

static int parse_pair(void *user, const char *section, const char *name,
		      const char *value)
{
	const struct conf_key *k;
	struct parse *p = user;
	char list[256];
	uint64_t bit;

	if (p->err)
		return 1;
	if (!p->section) {
		section_list(p, list, sizeof(list));
		parse_fail(p, "\"%s\" stands before a section; there is %s",
			   name, list);
		return 1;
	}
	for (k = p->section->keys; k->name && strcmp(k->name, name); k++)
		;
	if (!k->name) {
		fail_unknown(p, name);
		return 1;
	}
	bit = 1ull << (k - p->section->keys);
	if (p->seen & bit)
		parse_fail(p, "\"%s\" is given twice", name);
	else if (strlen(value) >= k->size || !k->ok(value))
		parse_fail(p, "\"%s = %s\": the value must be %s", name, value,
			   k->allowed);
	if (p->err)
		return 1;
	p->seen |= bit;
	strcpy((char *)p->to + k->offset, value);
	return 1;
}

int conf_parse(const char *path, const char *text, size_t len,
	       const struct conf_section *sections, void *user)
{
	struct parse p = {
		.path = path, .next = text, .end = text + len,
		.sections = sections, .user = user,
	};
	int line;

	if (memchr(text, '\0', len)) {
		pr_err("%s: not a text file", path);
		return -EINVAL;
	}
	line = ini_parse_stream(parse_line, &p, parse_pair, &p);
	if (!p.err && line) {
		p.line = line > 0 ? line : p.line;
		parse_fail(&p, "allowed are \"key = value\", \"[section]\" and \"# comment\"");
	}
	return p.err;
}

int conf_read(int fd, const char *path, const struct conf_section *sections,
	      void *user)
{
	char *text = malloc(CONF_FILE_MAX + 1);
	size_t n = 0;
	ssize_t got = 0;
	int err = 0;

	if (!text)
		return -ENOMEM;
	while (n <= CONF_FILE_MAX &&
	       (got = read(fd, text + n, CONF_FILE_MAX + 1 - n)) > 0)
		n += got;
	if (got < 0) {
		err = -errno;
		pr_err("%s: %s", path, strerror(-err));
	} else if (n > CONF_FILE_MAX) {
		err = -EFBIG;
		pr_err("%s: longer than 64 KiB", path);
	} else {
		err = conf_parse(path, text, n, sections, user);
	}
	free(text);
	return err;
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

int conf_open_trusted(int at, const char *name, const char *path, mode_t type)
{
	int fd, err;

	fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
		    (type == S_IFDIR ? O_DIRECTORY : 0));
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
