// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/guest/boot.h"
#include "lib/clock.h"
#include "lib/file.h"

int boot_threads(pid_t pid, pid_t *tid)
{
	char path[64];
	struct dirent *e;
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	while (dir && n < BOOT_THREADS && (e = readdir(dir)))
		if (atoi(e->d_name) > 0)
			tid[n++] = atoi(e->d_name);
	if (dir)
		closedir(dir);
	return n;
}

/* "on_cpu waiting timeslices", in ns; without SCHED_INFO all are 0. */
int64_t boot_thread_ns(pid_t pid, pid_t tid)
{
	char path[80], line[96];
	long long ns;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid,
		 (int)tid);
	if (file_line(path, line, sizeof(line)) <= 0 ||
	    sscanf(line, "%lld", &ns) != 1 || ns <= 0)
		return -1;
	return ns;
}
