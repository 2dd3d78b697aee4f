/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own file systems for tracing and debugging.
 *
 * Where nobody has mounted one, root gets it by a mount that is attached to no
 * directory and ends with the descriptor: nothing of the host is changed.
 */
#ifndef DRIVERS_TRACEFS_H
#define DRIVERS_TRACEFS_H

#include <stddef.h>
#include <stdint.h>

/**
 * tracefs_open() - the directory of tracefs
 * @why:	out: what is wrong and what to do about it
 * Return: a file descriptor or a negative errno.
 */
int tracefs_open(char *why, size_t size);

/* The same for debugfs. */
int debugfs_open(char *why, size_t size);

/**
 * tracepoint_id() - what perf_event_open(2) calls a tracepoint
 * @tracefs:	of tracefs_open()
 * @name:	"kvm:kvm_exit"
 * Return: 0; -ENOENT: the kernel has none of that name; -EACCES; ...
 */
int tracepoint_id(int tracefs, const char *name, uint64_t *id);

#define SYMBOL_NAME	40

/**
 * struct symbol - a value of a tracepoint's field, and its name
 */
struct symbol {
	uint64_t value;
	char name[SYMBOL_NAME];
};

/**
 * symbols_parse() - a table of __print_symbolic() in a tracepoint's format
 * @format:	text of the file
 * @index:	0: the first such table, 1: the second
 * @v:		room for @max
 *
 * Values are numbers and sums of numbers, names are strings, several of which
 * the compiler joins. What is something else is left out.
 *
 * Return: how many; -ENOENT: there is no such table; -E2BIG.
 */
int symbols_parse(const char *format, int index, struct symbol *v, size_t max);

/* The same from a tracepoint's own file. */
int tracepoint_symbols(int tracefs, const char *name, int index,
		       struct symbol *v, size_t max);

/**
 * tracepoint_list() - names of a subsystem's tracepoints, sorted
 * @system:	"asi"
 * Return: how many were put into @v, at most @max; 0 where there is no such
 * subsystem; a negative errno.
 */
int tracepoint_list(int tracefs, const char *system, char (*v)[64],
		    size_t max);

#endif
