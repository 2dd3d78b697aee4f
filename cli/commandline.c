// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commandline.h"

#include <stdio.h>

#include "cli/cli.h"
#include "lib/shell.h"

static char kept[4096];

void commandline_keep(int argc, char **argv)
{
	FILE *out = fmemopen(kept, sizeof(kept), "w");
	int i;

	if (!out)
		return;
	fputs("asibench", out);
	for (i = 1; i < argc; i++) {
		fputc(' ', out);
		shell_word(out, argv[i]);
	}
	fclose(out);
	kept[sizeof(kept) - 1] = '\0';
}

const char *cli_command_line(void)
{
	return kept;
}
