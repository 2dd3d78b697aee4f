// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/cpulock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/msg.h"

#define POLL_US		2000

static void wait_for_lock(int fd, int cpu, const char *who, uint64_t wait_ns,
			  const volatile int *stop)
{
	uint64_t until = clock_now() + wait_ns;
	static int said;

	if (!said++)
		pr_info("%sanother asibench measures on CPU %d: taking turns with it",
			who, cpu);
	while (!(stop && *stop) && flock(fd, LOCK_EX | LOCK_NB)) {
		if (clock_now() >= until) {
			pr_warn("%sCPU %d was not given back within %.0f s: measuring beside whoever has it",
				who, cpu, wait_ns / 1e9);
			return;
		}
		usleep(POLL_US);
	}
}

int cpu_lock(int cpu, const char *who, uint64_t wait_ns,
	     const volatile int *stop)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d", cpu);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		wait_for_lock(fd, cpu, who, wait_ns, stop);
	return fd;
}
