// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/pinned.h"

#include <errno.h>
#include <sched.h>

#include "drivers/native.h"

int pinned_call(int cpu, void (*fn)(void *arg), void *arg)
{
	cpu_set_t old;
	int err;

	if (sched_getaffinity(0, sizeof(old), &old))
		return -errno;
	err = native_pin(cpu);
	if (err)
		return err;
	if (fn)
		fn(arg);
	return sched_setaffinity(0, sizeof(old), &old) ? -errno : 0;
}
