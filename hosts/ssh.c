// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The OpenSSH client, with what the user's own configuration says of the host
 * but for options without which a fault would hang it: ConnectTimeout alone
 * does not end a peer that stops in key exchange, nor one that is cut off.
 * No ControlMaster: a stopped one hangs every session, and no option helps.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hosts/link.h"
#include "lib/child.h"

#define KEY_NAME	"asibench-host"

/**
 * struct ssh_args - an argument vector and room for what is in it
 */
struct ssh_args {
	const char *v[64];
	int n;
	char known[64];
	char script[SHIP_SCRIPT_MAX + 32];
};

static void add(struct ssh_args *a, const char *flag, const char *value)
{
	a->v[a->n++] = flag;
	a->v[a->n++] = value;
}

/* The key from hosts.d, as a file that only this process and its child see. */
static int add_key(struct ssh_args *a, struct link *l)
{
	char line[sizeof(l->conf->host_key) + 32];
	int n;

	if (l->keyfd < 0)
		l->keyfd = memfd_create("known_hosts", MFD_CLOEXEC);
	n = snprintf(line, sizeof(line), KEY_NAME " %s\n", l->conf->host_key);
	if (l->keyfd < 0 || pwrite(l->keyfd, line, n, 0) != n)
		return -errno;
	snprintf(a->known, sizeof(a->known),
		 "UserKnownHostsFile=/proc/%d/fd/%d", getpid(), l->keyfd);
	add(a, "-o", a->known);
	add(a, "-o", "GlobalKnownHostsFile=/dev/null");
	add(a, "-o", "HostKeyAlias=" KEY_NAME);
	return 0;
}

static pid_t ssh_spawn(struct link *l, int fds[3])
{
	static const char *const options[] = {
		"BatchMode=yes", "ConnectTimeout=5", "ServerAliveInterval=2",
		"ServerAliveCountMax=3", "StrictHostKeyChecking=yes",
		"ControlMaster=no", "ControlPath=none", "LogLevel=INFO",
		"ClearAllForwardings=yes", "PermitLocalCommand=no",
		"RemoteCommand=none",
	};
	const struct host_conf *conf = l->conf;
	char script[SHIP_SCRIPT_MAX];
	struct ssh_args a = { .n = 0 };
	size_t i;
	int err;

	a.v[a.n++] = "ssh";
	a.v[a.n++] = "-T";
	a.v[a.n++] = "-x";
	a.v[a.n++] = "-a";
	for (i = 0; i < sizeof(options) / sizeof(*options); i++)
		add(&a, "-o", options[i]);
	if (conf->port[0])
		add(&a, "-p", conf->port);
	if (conf->user[0])
		add(&a, "-l", conf->user);
	err = conf->host_key[0] ? add_key(&a, l) : 0;
	if (err)
		return err;
	ship_script(l->ship, script, sizeof(script));
	snprintf(a.script, sizeof(a.script), "exec sh -c '%s'", script);
	add(&a, "--", conf->address);
	add(&a, a.script, NULL);
	return child_spawn(a.v, NULL, true, fds);
}

const struct transport ssh_transport = { "ssh", ssh_spawn };
