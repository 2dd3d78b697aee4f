/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys that a file of hosts.d may hold. */
#ifndef DRIVERS_HOSTCONF_H
#define DRIVERS_HOSTCONF_H

#include <stddef.h>

/* The libraries' own limit is 200; a longer line is refused, never split. */
#define HOSTCONF_LINE_MAX	190
#define HOSTCONF_FILE_MAX	(64u << 10)

/**
 * struct host_conf_key - a key of section [host]
 * @name:	as written
 * @allowed:	what its value may be, in words
 * @desc:	what it is for
 * @offset, @size: of its field in struct host_conf
 * @ok:		is the value acceptable?
 */
struct host_conf_key {
	const char *name;
	const char *allowed;
	const char *desc;
	size_t offset;
	size_t size;
	int (*ok)(const char *value);
};

extern const struct host_conf_key host_conf_keys[];	/* ended by NULL */

struct host_conf;

/**
 * host_conf_parse() - parse the text of a hosts.d file
 * @path:	for messages
 * @text:	its bytes, @len of them
 * @conf:	out; keys that the file does not hold stay as they are
 * Return: 0, or -EINVAL after saying what is wrong, with path and line.
 */
int host_conf_parse(const char *path, const char *text, size_t len,
		    struct host_conf *conf);

#endif
