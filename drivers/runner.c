// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "drivers/cpulock.h"
#include "drivers/host.h"
#include "drivers/native.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/msg.h"

struct run_result *runner_result(void)
{
	void *p = mmap(NULL, sizeof(struct run_result),
		       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void runner_result_free(struct run_result *res)
{
	if (res)
		munmap(res, sizeof(*res));
}

/* Samples and artifact stay as they are: their lengths are zero. */
static void result_clear(struct run_result *res)
{
	memset(res, 0, offsetof(struct run_result, sample));
	res->artifact_name[0] = '\0';
	res->artifact_len = 0;
}

static void run_in_child(const struct driver *driver,
			 const struct run_spec *spec, struct run_result *res)
{
	int err = native_pin(spec->host->cpu);

	if (err)
		result_end(res, RUN_FAILED, "cannot pin to CPU %d: %s",
			   spec->host->cpu, strerror(-err));
	else if (driver->run(spec, res) && res->status == RUN_OK)
		result_end(res, RUN_FAILED, "the %s driver failed",
			   driver->name);
	res->complete = 1;
	_exit(0);
}

static void end_incomplete(const struct child_end *end,
			   const struct run_spec *spec,
			   struct run_result *res)
{
	if (end->interrupted)
		result_end(res, RUN_INTERRUPTED, "stopped while it ran");
	else if (end->timed_out)
		result_end(res, RUN_STUCK, "no end within %.0f s",
			   spec->deadline_ns / 1e9);
	else if (end->signal)
		result_end(res, RUN_FAILED, "its process was ended by signal %d (%s)",
			   end->signal, strsignal(end->signal));
	else
		result_end(res, RUN_FAILED, "its process ended with status %d",
			   end->code);
	/* Half of a result is none. */
	res->nvalues = res->nseries = res->nsamples = 0;
}

#define LOCK_WAIT_NS	(60 * NSEC_PER_SEC)	/* far longer than a run takes */

static int order_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/**
 * struct cpu_locks - the CPUs of a run, locked
 */
struct cpu_locks {
	int fd[BENCH_PEERS + 1];
	int n;
};

/* In one order for all, so that no two wait for each other. */
static void cpus_lock(const struct run_spec *spec, const volatile int *stop,
		      struct cpu_locks *l)
{
	const struct variant *v = spec->variant;
	int cpu[BENCH_PEERS + 1] = { spec->host->cpu }, n = 1, i;

	for (i = 0; i < v->peers && i < BENCH_PEERS; i++)
		cpu[n++] = v->peer[i];
	qsort(cpu, n, sizeof(*cpu), order_int);
	l->n = 0;
	for (i = 0; i < n; i++)
		/* The same CPU again would wait for itself. */
		if (!i || cpu[i] != cpu[i - 1])
			l->fd[l->n++] = cpu_lock(cpu[i], "", LOCK_WAIT_NS,
						stop);
}

static void cpus_unlock(const struct cpu_locks *l)
{
	int i;

	for (i = 0; i < l->n; i++)
		if (l->fd[i] >= 0)
			close(l->fd[i]);
}

void runner_run(const struct driver *driver, const struct run_spec *spec,
		const volatile int *stop, struct run_result *res,
		double *seconds)
{
	struct cpu_locks lock;
	struct child_end end;
	int err;
	uint64_t start;
	pid_t pid;

	cpus_lock(spec, stop, &lock);
	start = clock_now();
	result_clear(res);
	/* What stdio still holds must not be printed by both. */
	fflush(NULL);
	pid = child_fork();
	if (!pid)
		run_in_child(driver, spec, res);
	if (pid < 0) {
		result_end(res, RUN_FAILED, "fork: %s", strerror(-pid));
		goto out;
	}
	err = child_wait(pid, spec->deadline_ns, stop, &end);
	if (err)
		result_end(res, RUN_FAILED, "waiting: %s", strerror(-err));
	else if (!res->complete)
		end_incomplete(&end, spec, res);
out:
	*seconds = (clock_now() - start) / 1e9;
	cpus_unlock(&lock);
}
