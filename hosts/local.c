// SPDX-License-Identifier: GPL-2.0-or-later
/* This machine: the program itself as an agent. */
#include "hosts/link.h"
#include "lib/child.h"

static pid_t local_spawn(struct link *l, int fds[3])
{
	static const char *const argv[] = { "/proc/self/exe", "agent", NULL };

	return child_spawn(argv, NULL, true, fds);
}

const struct transport local_transport = { "local", local_spawn };
