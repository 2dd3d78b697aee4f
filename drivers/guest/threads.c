// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/guest/boot.h"
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
static int read_schedstat(pid_t pid, pid_t tid, long long *on_cpu,
			  long long *waiting)
{
	char path[80], line[96];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid,
		 (int)tid);
	return file_line(path, line, sizeof(line)) > 0 &&
		sscanf(line, "%lld %lld", on_cpu, waiting) == 2 ? 0 : -ENOENT;
}

int64_t boot_thread_ns(pid_t pid, pid_t tid)
{
	long long on_cpu, waiting;

	if (read_schedstat(pid, tid, &on_cpu, &waiting) || on_cpu <= 0)
		return -1;
	return on_cpu;
}

int64_t boot_waited_ns(pid_t pid)
{
	long long on_cpu, waiting, most = 0;
	pid_t tid[BOOT_THREADS];
	int n = boot_threads(pid, tid), i;

	for (i = 0; i < n; i++)
		if (!read_schedstat(pid, tid[i], &on_cpu, &waiting) &&
		    waiting > most)
			most = waiting;
	return most;
}
