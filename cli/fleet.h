/* SPDX-License-Identifier: GPL-2.0-or-later */
/* asibench run --host: the same run on several hosts at once. */
#ifndef CLI_FLEET_H
#define CLI_FLEET_H

#include "cli/cli.h"

struct ship;
struct visit;

/**
 * fleet_run() - measure hosts, and take their results in
 * @hosts:	names
 * @words:	options of the run, as typed
 * @budget:	seconds for it
 * Return: exit status; 2 if a host failed.
 */
int fleet_run(const struct opt_list *hosts, const char *const *words,
	      size_t nwords, const char *db, double budget,
	      enum format format, const volatile int *stop);

/**
 * fleet_hosts() - the files of hosts, as visits
 * @names:	of @n hosts; each only once
 * Return: NULL after saying why.
 */
struct visit *fleet_hosts(const char *const *names, size_t n);

/**
 * fleet_prepare() - for hosts that are to measure
 * @db:		from fleet_db(); the consoles of guests are kept beside it
 */
void fleet_prepare(struct visit *v, size_t n, const struct ship *ship,
		   const char *db);

/**
 * fleet_db() - the results database, made if it is not there
 *
 * Made before hosts race for it, and refused before they have measured.
 *
 * @path:	out: PATH_MAX bytes
 */
int fleet_db(const char *db, char *path);

#endif
