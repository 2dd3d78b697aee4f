// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/msg.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/text.h"

#define MSG_MAX	2048

static void say(const char *kind, const char *fmt, va_list ap)
{
	char raw[MSG_MAX], clean[2 * MSG_MAX];

	vsnprintf(raw, sizeof(raw), fmt, ap);
	text_clean(clean, sizeof(clean), raw);
	fprintf(stderr, "asibench: %s%s\n", kind, clean);
}

#define SAY(name, kind)							\
void name(const char *fmt, ...)						\
{									\
	va_list ap;							\
									\
	va_start(ap, fmt);						\
	say(kind, fmt, ap);						\
	va_end(ap);							\
}

SAY(pr_err, "")
SAY(pr_warn, "warning: ")
SAY(pr_info, "")
