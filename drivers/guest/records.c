// SPDX-License-Identifier: GPL-2.0-or-later
/* Records as the guest left them on its disk: not trusted in any length. */
#include "drivers/guest/records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/guest/wire.h"

/* The record at @at, checked: bytes it takes, or 0 with @why set. */
static size_t record_at(const char *disk, size_t size, size_t at, uint32_t seq,
			struct wire_head *h, const char **why)
{
	uint32_t crc;
	size_t room;

	if (size < sizeof(*h) || at > size - sizeof(*h)) {
		*why = "its last record is missing";
		return 0;
	}
	memcpy(h, disk + at, sizeof(*h));
	room = size - at - sizeof(*h);
	if (h->magic != WIRE_MAGIC || h->seq != seq) {
		*why = "its last record is missing";
		return 0;
	}
	if (h->len >= room || !memchr(h->name, '\0', sizeof(h->name))) {
		*why = "a record of it is damaged";
		return 0;
	}
	crc = h->crc;
	h->crc = 0;
	if (wire_crc(wire_crc(0, h, sizeof(*h)), disk + at + sizeof(*h),
		     h->len) != crc) {
		*why = "a record of it is damaged: its checksum is wrong";
		return 0;
	}
	return (sizeof(*h) + h->len + WIRE_ALIGN) / WIRE_ALIGN *
		WIRE_ALIGN;
}

int records_check(const void *disk, size_t size, const char **why)
{
	struct wire_head h;
	size_t at = 0, n;
	uint32_t seq;

	for (seq = 0; ; seq++, at += n) {
		n = record_at(disk, size, at, seq, &h, why);
		if (!n)
			return -EBADMSG;
		if (!strcmp(h.name, WIRE_END))
			return 0;
	}
}

const char *records_find(void *disk, size_t size, const char *name,
			 size_t *len)
{
	struct wire_head h;
	const char *why;
	char *data;
	size_t at = 0, n;
	uint32_t seq;

	for (seq = 0; disk; seq++, at += n) {
		n = record_at(disk, size, at, seq, &h, &why);
		if (!n)
			return NULL;
		if (strcmp(h.name, name))
			continue;
		if (len)
			*len = h.len;
		data = (char *)disk + at + sizeof(h);
		/* There is padding after each, whatever the guest put there. */
		data[h.len] = '\0';
		return data;
	}
	return NULL;
}
