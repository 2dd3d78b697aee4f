// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench mail: the comparison, ready for a mailing list. */
#include <stdio.h>

#include "cli/sides.h"

static struct side_options o;

static const struct opt opts[] = {
	SIDE_OPTS(o),
	{ 0 }
};

static int print(const struct sides *s)
{
	return report_mail(&s->c, &s->ctx, stdout);
}

int cmd_mail(int argc, char **argv)
{
	static const struct sides_command command = {
		.opts = opts,
		.example = "  asibench mail --base v2@off --new v3@off\n",
		.options = &o,
		.print = print,
	};

	return sides_command(argc, argv, &command);
}
