// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench agent: the far side of a connection; started by asibench. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "hosts/agent.h"
#include "lib/file.h"
#include "lib/msg.h"

static int run_command(int argc, char **argv)
{
	const struct command *c;

	for (c = commands; c->name; c++)
		if (!strcmp(c->name, argv[0]))
			return c->run(argc, argv);
	return EXIT_USAGE;
}

/* The virtio port of that name, on standard input and output. */
static int use_port(const char *name)
{
	char path[320], line[64];
	struct dirent *e;
	int fd = -1;
	DIR *d = opendir("/sys/class/virtio-ports");

	while (d && fd < 0 && (e = readdir(d))) {
		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name",
			 e->d_name);
		if (file_line(path, line, sizeof(line)) <= 0 ||
		    strcmp(line, name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", e->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (d)
		closedir(d);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 ||
	    dup2(fd, STDOUT_FILENO) < 0) {
		pr_err("there is no virtio port \"%s\" in this guest", name);
		return -ENOENT;
	}
	return 0;
}

int cmd_agent(int argc, char **argv)
{
	static const char *port;
	const struct opt opts[] = {
		{ "port", OPT_TEXT, &port, "NAME",
		  "speak through this virtio port" },
		{ 0 }
	};
	int first, status;

	if (opts_parse(argc, argv, opts, NULL, &first, &status))
		return status;
	if (opts_no_more(argc, argv, first))
		return EXIT_USAGE;
	if (port && use_port(port))
		return EXIT_USAGE;
	if (isatty(STDIN_FILENO)) {
		pr_err("agent talks to another asibench, not to people: it is started by asibench hosts, run --host and campaign");
		return EXIT_USAGE;
	}
	return agent_main(run_command);
}
