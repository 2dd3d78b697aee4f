/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run in a process of its own. */
#ifndef DRIVERS_RUNNER_H
#define DRIVERS_RUNNER_H

#include "drivers/driver.h"

/**
 * runner_result() - shared memory for the result of one run after another
 * Return: NULL if there is none to be had.
 */
struct run_result *runner_result(void);
void runner_result_free(struct run_result *res);

/**
 * runner_run() - fork, pin, run, wait
 * @driver:	runs it in the child
 * @stop:	when it becomes nonzero the child is killed
 * @res:	from runner_result(); always says how it ended
 * @seconds:	out: wall time of it all, without waiting for another campaign
 *		that measures on the same CPUs
 */
void runner_run(const struct driver *driver, const struct run_spec *spec,
		const volatile int *stop, struct run_result *res,
		double *seconds);

#endif
