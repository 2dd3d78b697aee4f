// SPDX-License-Identifier: GPL-2.0-or-later
#include "listing/lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/text.h"

int lines_open(struct lines *l, const char *file)
{
	struct stat st;
	int err;

	l->file = strcmp(file, "-") ? file : "standard input";
	l->number = 0;
	l->f = strcmp(file, "-") ? fopen(file, "re") : stdin;
	if (!l->f) {
		err = -errno;
		pr_err("%s: %s", file, strerror(-err));
		return err;
	}
	if (!fstat(fileno(l->f), &st) && S_ISDIR(st.st_mode)) {
		pr_err("%s: is a directory; name a listing", file);
		lines_close(l);
		return -EISDIR;
	}
	return 0;
}

void lines_close(struct lines *l)
{
	if (l->f != stdin)
		fclose(l->f);
}

int lines_next(struct lines *l)
{
	char *trimmed;
	size_t n;

	/* A NUL would end the text early: found by what lies behind it. */
	memset(l->text, '\n', sizeof(l->text));
	if (!fgets(l->text, sizeof(l->text), l->f)) {
		if (!ferror(l->f))
			return 0;
		pr_err("%s: %s", l->file, strerror(errno));
		return -EIO;
	}
	if (++l->number > LINES_MAX)
		return lines_bad(l, "more lines than a listing can have");
	n = strlen(l->text);
	if (n + 1 == sizeof(l->text) && l->text[n - 1] != '\n')
		return lines_bad(l, "longer than %d bytes: not a listing",
				 LINES_LINE_MAX);
	if (n + 1 < sizeof(l->text) && l->text[n + 1] != '\n')
		return lines_bad(l, "holds a NUL byte: not a text");
	trimmed = text_trim(l->text);
	memmove(l->text, trimmed, strlen(trimmed) + 1);
	return 1;
}

int lines_bad(const struct lines *l, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	pr_err("%s:%llu: %s", l->file, (unsigned long long)l->number, what);
	return -EBADMSG;
}

int lines_hex(char **s, uint64_t *out)
{
	char *end;

	while (**s == ' ' || **s == '\t')
		++*s;
	if (!isxdigit((unsigned char)**s))
		return -EINVAL;
	errno = 0;
	*out = strtoull(*s, &end, 16);
	if (errno)
		return -ERANGE;
	*s = end;
	return 0;
}
