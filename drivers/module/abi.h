/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the module and the program that uses it say to each other: ioctls on
 * /dev/MODULE_NAME, each with one structure of fixed size. All sizes inside
 * are bounded by the constants here.
 */
#ifndef DRIVERS_MODULE_ABI_H
#define DRIVERS_MODULE_ABI_H

#ifdef __KERNEL__
#include <linux/ioctl.h>
#include <linux/types.h>
#else
#include <linux/types.h>
#include <sys/ioctl.h>
#endif

#define MODULE_NAME	"asibench"
#define MODULE_ABI	1	/* in each request; another one is -EPROTO */

#define MODULE_SAMPLES	4096u	/* of one request */
#define MODULE_BATCH	65536u	/* operations between two interrupts */
#define MODULE_PAGES	512u	/* pinned for one request */
#define MODULE_TABLES	2048u	/* pages of tables that one request makes */
#define MODULE_SET	(1ull << 30)	/* bytes of mappings that are copied */
#define MODULE_ENTRIES	4096u	/* of a listing, each time it is asked */

/*
 * A batch runs with interrupts off, but where tables are built and none is
 * loaded. One that lasts longer ends the request with -E2BIG: the program
 * doubles its batches from one up, so that none is much longer than this.
 */
#define MODULE_OFF_US	2000u

/**
 * enum module_feature - what the CPU and the running kernel have
 * @MODULE_PCID:	CR4.PCIDE is set
 * @MODULE_INVPCID:	the instruction is there
 * @MODULE_PGE:		CR4.PGE is set
 * @MODULE_LA57:	tables have five levels
 * @MODULE_PTI:		user space has a table of its own
 * @MODULE_SMAP:	CR4.SMAP is set
 */
enum module_feature {
	MODULE_PCID	= 1u << 0,
	MODULE_INVPCID	= 1u << 1,
	MODULE_PGE	= 1u << 2,
	MODULE_LA57	= 1u << 3,
	MODULE_PTI	= 1u << 4,
	MODULE_SMAP	= 1u << 5,
};

/**
 * struct module_info - what the module runs on
 * @abi:	in
 * @features:	set of enum module_feature
 * @direct_at, @vmalloc_at, @vmemmap_at: where these regions begin
 * @slot:	what one entry of the topmost table maps, bytes
 * @benches:	operations that were compiled into it
 */
struct module_info {
	__u32 abi;
	__u32 features;
	__u64 direct_at;
	__u64 vmalloc_at;
	__u64 vmemmap_at;
	__u64 slot;
	__u32 benches;
	__u32 pad;
};

#define MODULE_PARAMS	8
#define MODULE_FIGURES	4
#define MODULE_NAMES	64
#define MODULE_TEXT	128

/**
 * struct module_run - samples of an operation
 * @abi:	in
 * @bench:	its name
 * @param:	values of its parameters
 * @batch:	operations per sample
 * @n:		samples wanted
 * @delayed, @inject, @pace_n: see struct sampler
 * @limit:	TSC ticks after which no further sample is begun; 0: none
 * @memory:	pages of the calling process for the operation to read, aligned
 *		to @page; they are pinned meanwhile
 * @pages:	how many; 0: none
 * @page:	bytes of each: 4096, or 2 MiB where they really are
 * @hole:	address for which the isolated table has no entry: the start of
 *		a range of module_info.slot bytes in which the process maps
 *		nothing but one page, right there. 0: none
 * @set:	first and last address of mappings of the process to copy, which
 *		are @set_page bytes each; 0: none
 * @which:	of the sets of struct ring0 it is
 * @tables:	pages for new tables; 0: none
 * @sample, @pace: addresses of @n 64-bit numbers each
 * @done:	out: samples taken
 * @off_max:	out: longest time with interrupts off, TSC ticks
 * @error:	out: what prepare() returned, where it failed
 * @value:	in and out: see bench_ctx.value
 * @why:	out: with @error, a reason in words, or ""; what is missing
 *		here, where the request ends with -EOPNOTSUPP
 */
struct module_run {
	__u32 abi;
	__u32 pad;
	char bench[MODULE_NAMES];
	__s64 param[MODULE_PARAMS];
	__u64 batch;
	__u64 n;
	__s64 delayed;
	__u64 inject;
	__u64 pace_n;
	__u64 limit;
	__u64 memory;
	__u64 pages;
	__u64 page;
	__u64 hole;
	__u64 set[2];
	__u64 set_page;
	__u64 which;
	__u64 tables;
	__u64 sample;
	__u64 pace;
	__u64 done;
	__u64 off_max;
	__s64 error;
	__u64 value[MODULE_FIGURES];
	char why[MODULE_TEXT];
};

/**
 * struct module_entry - entries of a kind that follow each other
 * @start:	address of the first byte mapped
 * @end:	of the last one
 * @level:	0 for 4 KiB, 1 for 2 MiB, 2 for 1 GiB
 * @flags:	bits 0 to 8 and 63 of an entry, as all levels above and it
 *		together grant them (present, writable, user, ..., no execute
 *		in bit 9)
 */
struct module_entry {
	__u64 start;
	__u64 end;
	__u32 level;
	__u32 flags;
};

#define MODULE_ENTRY_NX	(1u << 9)

/**
 * struct module_list - the upper half of the calling process's page table
 * @abi:	in
 * @n:		in: room at @entry, at most MODULE_ENTRIES; out: filled in
 * @from:	in: where to begin; out: where to go on, 0 at the end
 * @entry:	address of struct module_entry
 *
 * The kernel changes its table meanwhile: what a listing says of ranges that
 * come and go may be of different moments.
 */
struct module_list {
	__u32 abi;
	__u32 n;
	__u64 from;
	__u64 entry;
};

#define MODULE_IOC_INFO	_IOWR('A', 0x60, struct module_info)
#define MODULE_IOC_RUN	_IOWR('A', 0x61, struct module_run)
#define MODULE_IOC_LIST	_IOWR('A', 0x62, struct module_list)

#endif
