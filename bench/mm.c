// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Address spaces made, replaced and ended, and pages taken and given back in
 * number: what a kernel that keeps a second set of page tables does twice.
 */
#include "bench/bench.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB	(1ul << 20)
#define PAGE	4096ul

static const struct bench_param mib[] = { { "mib", "1,16,256" }, { 0 } };
static const struct bench_param pages[] = {
	{ "pages", "1,16,512,4096" }, { 0 }
};

/* Touched memory that each child inherits. */
static int setup_memory(struct bench_ctx *ctx)
{
	unsigned long size = ctx->param[0] * MIB;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	if (madvise(p, size, MADV_NOHUGEPAGE) && errno != EINVAL)
		return -errno;
	memset(p, 1, size);
	ctx->priv = p;
	return 0;
}

/* A child that failed is not a figure. */
static void reap(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		_exit(1);
}

static void op_fork(struct bench_ctx *ctx)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	reap(pid);
}

static void op_exec(struct bench_ctx *ctx)
{
	static char *const argv[] = { "true", NULL };
	static char *const none[] = { NULL };
	pid_t pid = fork();

	if (!pid) {
		execve("/bin/true", argv, none);
		_exit(1);
	}
	reap(pid);
}

/* A child with memory of its own, which waits for a signal to end. */
static int make_child(struct bench_ctx *ctx, unsigned long n)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready))
		return -errno;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setup_memory(ctx) || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ctx->priv = (void *)(long)pid;
	if (pid > 0 && read(ready[0], &c, 1) != 1)
		pid = -1;
	close(ready[0]);
	return pid < 0 ? -ENOMEM : 0;
}

static void op_exit(struct bench_ctx *ctx)
{
	pid_t pid = (long)ctx->priv;

	if (kill(pid, SIGKILL) || waitpid(pid, NULL, 0) != pid)
		_exit(1);
}

static void op_populate(struct bench_ctx *ctx)
{
	unsigned long size = ctx->param[0] * PAGE;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED || munmap(p, size))
		_exit(1);
}

BENCH(mm_fork) = {
	.name = "mm.fork",
	.desc = "fork of a process with so many MiB, and the child's end",
	.where = USER,
	.params = mib,
	.setup = setup_memory,
	.op = op_fork,
	.handoff = 1,
	.extra = 1,
};

BENCH(mm_exec) = {
	.name = "mm.exec",
	.desc = "fork of a process with so many MiB, and exec of /bin/true",
	.where = USER,
	.params = mib,
	.setup = setup_memory,
	.op = op_exec,
	.handoff = 1,
	.extra = 1,
};

BENCH(mm_exit) = {
	.name = "mm.exit",
	.desc = "end of a process with so many MiB of its own, by SIGKILL",
	.where = USER,
	.params = mib,
	.prepare = make_child,
	.op = op_exit,
	.max_batch = 1,
	.handoff = 1,
	.extra = 1,
};

BENCH(mm_populate) = {
	.name = "mm.populate",
	.desc = "mmap of so many pages with MAP_POPULATE, and munmap",
	.where = USER,
	.params = pages,
	.op = op_populate,
	.extra = 1,
};
