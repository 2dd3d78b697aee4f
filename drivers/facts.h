/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of facts_collect(), and what they read with. */
#ifndef DRIVERS_FACTS_H
#define DRIVERS_FACTS_H

#include <stddef.h>

#include "drivers/host.h"

/**
 * enum file_kind - what a file of sysfs or procfs holds
 * @FILE_TEXT:		a line of text
 * @FILE_INT:		a decimal number
 * @FILE_CHOICE:	"always [madvise] never": the one in brackets
 */
enum file_kind { FILE_TEXT, FILE_INT, FILE_CHOICE };

/**
 * struct fact_file - a fact that one small file holds
 * @path:	a '#' stands for the number of the measuring CPU
 * @none:	value when the file is not there; NULL: no fact then
 *
 * All of them may be published: what must not be is no row of a table.
 */
struct fact_file {
	const char *key;
	const char *path;
	enum fact_class class;
	enum file_kind kind;
	const char *none;
};

/* Add the facts of a table of @n files. */
void facts_files(struct host *host, const struct fact_file *t, size_t n);

/* Where the kernel says which clock it has. */
#define CLOCKSOURCE							\
	"/sys/devices/system/clocksource/clocksource0/current_clocksource"

/*
 * What it is called there: "tsc-early", until the kernel has measured its
 * frequency better, is the TSC, and is read as it.
 */
const char *clocksource_name(const char *said);

/* @path with '#' replaced by @cpu. */
void cpu_path(char *buf, size_t size, const char *path, int cpu);

void facts_cpu(struct host *host);
int facts_kernel(struct host *host);
void facts_cmdline(struct fact_list *l, const char *cmdline);
void facts_mm(struct host *host);
void facts_tlb(struct host *host);

/**
 * struct tlb_sizes - entries of the data TLBs; 0: none, or not told
 */
struct tlb_sizes {
	unsigned int l1_4k;
	unsigned int l1_2m;
	unsigned int l2_4k;
	unsigned int l2_2m;
};

/* One subleaf of CPUID leaf 18H, by EBX, ECX and EDX. */
void tlb_leaf_take(struct tlb_sizes *t, unsigned int b, unsigned int c,
		   unsigned int d);

/**
 * cpuinfo_field() - a value in a CPU's block of /proc/cpuinfo
 * @text:	the file
 * @cpu:	whose block
 * @buf:	out, cut if it does not fit
 * Return: 0 or -ENOENT.
 */
int cpuinfo_field(const char *text, int cpu, const char *field, char *buf,
		  size_t size);

/* Is @word one of the blank-separated words of @list? */
int word_in(const char *list, const char *word);

/**
 * cmdline_next() - next parameter of a kernel command line
 * @s:		moves; the kernel's rules: quotes keep blanks together, and
 *		what follows "--" is for init
 * @name:	out, with '-' written as '_' (the kernel takes both as one)
 * @value:	out, NULL of a bare word
 * Return: 1, or 0 at the end.
 *
 * Writes into the text it parses.
 */
int cmdline_next(char **s, char **name, char **value);

/**
 * build_id_parse() - the build id in a section of ELF notes
 * @hex:	out, at least 41 bytes for the usual 20
 * Return: 0, -ENOENT, or -EINVAL where the notes are damaged.
 */
int build_id_parse(const void *notes, size_t len, char *hex, size_t size);

#endif
