// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench: what isolation costs, and whether it changed. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commandline.h"
#include "lib/msg.h"

static int help(FILE *out)
{
	const struct command *c;

	fprintf(out, "Usage: asibench COMMAND [OPTION]...\n\n"
		"Measures what address space isolation costs KVM, and tells what changed.\n\n");
	for (c = commands; c->name; c++)
		fprintf(out, "  %-9s %s\n", c->name, c->summary);
	fprintf(out, "\nasibench COMMAND --help tells a command's options; asibench(1) all of it.\n");
	return EXIT_FINE;
}

int main(int argc, char **argv)
{
	const struct command *c;

	commandline_keep(argc, argv);
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "-h"))
		return help(stdout);
	if (!strcmp(argv[1], "version") || !strcmp(argv[1], "--version")) {
		printf("asibench %s\n", ASIBENCH_VERSION);
		return EXIT_FINE;
	}
	for (c = commands; c->name; c++)
		if (!strcmp(c->name, argv[1]))
			return c->run(argc - 1, argv + 1);
	pr_err("no command '%s'; see asibench help", argv[1]);
	return EXIT_USAGE;
}
