// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench agent: the far side of a connection; started by asibench. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "hosts/agent.h"
#include "lib/msg.h"

static int run_command(int argc, char **argv)
{
	const struct command *c;

	for (c = commands; c->name; c++)
		if (!strcmp(c->name, argv[0]))
			return c->run(argc, argv);
	return EXIT_USAGE;
}

int cmd_agent(int argc, char **argv)
{
	const struct opt opts[] = { { 0 } };
	int first, status;

	if (opts_parse(argc, argv, opts, NULL, &first, &status))
		return status;
	if (opts_no_more(argc, argv, first))
		return EXIT_USAGE;
	if (isatty(STDIN_FILENO)) {
		pr_err("agent talks to another asibench, not to people: it is started by asibench hosts, run --host and campaign");
		return EXIT_USAGE;
	}
	return agent_main(run_command);
}
