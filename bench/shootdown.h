/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Was there a TLB of another CPU to flush? */
#ifndef BENCH_SHOOTDOWN_H
#define BENCH_SHOOTDOWN_H

#include <string.h>

#include "bench/bench.h"

/*
 * Only an interrupt depends on the peers being on their CPUs just then: the
 * kernel sends none to a CPU that runs something else. A broadcast, or a
 * hypervisor that flushes for a vCPU, reaches them anyhow. Their share of the
 * time is a fact of the run.
 */
static inline const char *shootdown_check(struct bench_run *run)
{
	if (!run->ctx->peers || run->peer >= 500 || run->peer == BENCH_UNKNOWN)
		return NULL;
	if (run->mechanism && (!strcmp(run->mechanism, "broadcast") ||
			       !strcmp(run->mechanism, "paravirtual")))
		return NULL;
	return "a further thread was mostly off its CPU: no shootdown to measure";
}

#endif
