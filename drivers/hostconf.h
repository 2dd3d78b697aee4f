/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys that a file of hosts.d may hold, and reading the files. */
#ifndef DRIVERS_HOSTCONF_H
#define DRIVERS_HOSTCONF_H

#include "lib/conf.h"
#include "lib/words.h"

extern const struct conf_key host_conf_keys[];		/* of [host] */
extern const struct conf_key host_conf_defaults[];	/* of [defaults] */

struct host_conf;

#define HOSTS_MAX	64	/* files of hosts.d */

/**
 * host_conf_parse() - parse the text of a hosts.d file
 * @path:	for messages
 * @text:	its bytes, @len of them
 * @conf:	out; keys that the file does not hold stay as they are
 * Return: 0, or -EINVAL after saying what is wrong, with path and line.
 */
int host_conf_parse(const char *path, const char *text, size_t len,
		    struct host_conf *conf);

/**
 * host_conf_named() - the file of one lab host, over those of defaults.conf
 * @name:	of the host: its file is hosts.d/NAME.conf
 *
 * Return: 0; -ENOENT (said) if there is no such file; -EINVAL or another
 * negative errno after saying what is wrong.
 */
int host_conf_named(const char *name, struct host_conf *conf);

/**
 * host_conf_names() - names of all hosts that hosts.d has a file of, sorted
 * @name:	out: malloc'ed strings
 * Return: how many, or a negative errno (said).
 */
int host_conf_names(char *name[HOSTS_MAX]);

/* Seconds from asking for a boot until it must answer. */
double host_boot_timeout(const struct host_conf *conf);

/* May @name name a host of a lab? */
int host_name_ok(const char *name);

/* What stands in the commands of a file, and what it becomes. */
enum { FILL_HOST, FILL_ADDRESS, FILL_KERNEL, FILL_CMDLINE,
       FILL_IMAGE, NR_FILLS };
void host_fills(struct fill fill[NR_FILLS + 1], const struct host_conf *conf,
		const char *kernel, const char *cmdline, const char *image);

#endif
