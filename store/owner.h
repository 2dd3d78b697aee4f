/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose slot is it, and is that process still there? Also: fresh UUIDs. */
#ifndef STORE_OWNER_H
#define STORE_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_TEXT	37	/* 36 characters and the terminator */

/**
 * struct owner - a process that no later one can be taken for
 * @pid:	as the kernel numbers it now
 * @start:	its start time, field 22 of /proc/PID/stat, 0 if unreadable
 * @boot:	the boot it ran in, "" if unreadable
 */
struct owner {
	int64_t pid;
	int64_t start;
	char boot[64];
};

void owner_self(struct owner *o);

/* What cannot be found out counts as alive. */
bool owner_alive(const struct owner *o);

/**
 * uuid_make() - a random UUID, version 4, lower case
 * Return: 0 or a negative errno.
 */
int uuid_make(char uuid[UUID_TEXT]);

#endif
