// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/owner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/num.h"

/*
 * The name in field 2 may hold spaces and parentheses: fields are counted
 * from the last ')', behind which field 3 begins.
 */
static int64_t start_time(int64_t pid)
{
	char path[48], line[1024], *p, *save;
	int64_t start;
	int field;

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	if (file_line(path, line, sizeof(line)) < 0)
		return 0;
	p = strrchr(line, ')');
	if (!p)
		return 0;
	p = strtok_r(p + 1, " ", &save);
	for (field = 3; p && field < 22; field++)
		p = strtok_r(NULL, " ", &save);
	return num_s64(p, 0, INT64_MAX, &start) ? 0 : start;
}

static void this_boot(char *boot, size_t size)
{
	file_line("/proc/sys/kernel/random/boot_id", boot, size);
}

void owner_self(struct owner *o)
{
	o->pid = getpid();
	o->start = start_time(o->pid);
	this_boot(o->boot, sizeof(o->boot));
}

bool owner_alive(const struct owner *o)
{
	char boot[sizeof(o->boot)];
	int64_t start;

	this_boot(boot, sizeof(boot));
	if (*boot && *o->boot && strcmp(boot, o->boot))
		return false;
	if (o->pid < 1 || (kill(o->pid, 0) && errno == ESRCH))
		return false;
	start = start_time(o->pid);
	return !start || !o->start || start == o->start;
}

int uuid_make(char uuid[UUID_TEXT])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16];
	char *p = uuid;
	int i;

	/* Up to 256 bytes are never cut short nor interrupted. */
	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return errno ? -errno : -EIO;
	b[6] = 0x40 | (b[6] & 0x0f);
	b[8] = 0x80 | (b[8] & 0x3f);
	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[b[i] >> 4];
		*p++ = hex[b[i] & 15];
	}
	*p = '\0';
	return 0;
}
