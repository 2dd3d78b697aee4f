/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest's init and the host say to each other. Includes nothing of
 * ours: init is a program of its own.
 *
 * To the guest: a plan, one "key value" a line, in PLAN_PATH:
 *	module PATH	load it; a failure is noted and the rest goes on
 *	disks		find them; /dev/disk-SERIAL leads to each
 *	root SERIAL	jobs run in the file system on that disk
 *	env NAME=VALUE	for the jobs from here on
 *	arg WORD	of the next job's argument vector
 *	run MS NAME	run it, killed after MS; records NAME.out, NAME.err and
 *			NAME.end; the plan ends if it failed
 *	idle MS NAME	sleep instead: a job that does nothing
 *	spin MS NAME	be busy instead
 *	fetch PATH	a file, or each file of a directory, as records "PATH"
 *
 * From the guest: records on the disk whose serial is RESULT_SERIAL, each
 * zero-padded by 1 to WIRE_ALIGN bytes, the last of them named WIRE_END. And marks on
 * the console, "WIRE_MARK NAME GUEST_NS", which say when.
 */
#ifndef DRIVERS_GUEST_WIRE_H
#define DRIVERS_GUEST_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define PLAN_PATH	"/asibench/plan"
#define PAYLOAD_SERIAL	"asibench-payload"
#define RESULT_SERIAL	"asibench-result"
#define WIRE_MAGIC	0x3144524f43455247ull	/* "GRECORD1" */
#define WIRE_ALIGN	512u
#define WIRE_NAME	104
#define WIRE_END	"end"
#define WIRE_MARK	"asibench-mark"
#define WIRE_MARKS	4	/* of a kind: the quickest of them counts */

/**
 * struct wire_head - ahead of each record
 * @seq:	0, 1, 2, ...
 * @crc:	CRC-32 over this header with @crc 0, then the data
 * @len:	of the data
 * @name:	terminated
 */
struct wire_head {
	uint64_t magic;
	uint32_t seq;
	uint32_t crc;
	uint64_t len;
	char name[WIRE_NAME];
};

/* CRC-32 as in IEEE 802.3; @crc is that of what came before, 0 at first. */
static inline uint32_t wire_crc(uint32_t crc, const void *data, size_t n)
{
	static uint32_t table[256];
	const unsigned char *p = data;
	uint32_t c;
	int i, k;

	for (i = 0; !table[255] && i < 256; i++) {
		for (c = i, k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
		table[i] = c;
	}
	for (crc = ~crc; n; n--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return ~crc;
}

#endif
