/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has a host enough boots? */
#ifndef HOSTS_PRECISE_H
#define HOSTS_PRECISE_H

#include "hosts/planfile.h"

/**
 * precise_enough() - is every figure of a host known well enough over boots?
 * @db:		results database
 * @alias:	of the host
 * @widest:	out: the largest half-width, a fraction; NaN if there is none
 * Return: 1, 0, or a negative errno (said).
 */
int precise_enough(const char *db, const char *alias,
		   const struct plan_file *file, double *widest);

#endif
