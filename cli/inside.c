// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench inside: one run in a guest; started by asibench. */
#include <stdio.h>

#include "cli/cli.h"
#include "drivers/guest/inside.h"

int cmd_inside(int argc, char **argv)
{
	const struct opt opts[] = { { 0 } };
	int first, status;

	if (opts_parse(argc, argv, opts, NULL, &first, &status))
		return status;
	return inside_run(argc - first, argv + first, stdout) ? EXIT_USAGE :
		EXIT_FINE;
}
