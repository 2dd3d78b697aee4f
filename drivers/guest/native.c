// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What runs in a process of the host, in one of a guest: this program with its
 * libraries is the payload, and its result comes out as a record.
 */
#include <errno.h>

#include "drivers/guest/bench.h"
#include "drivers/guest/packed.h"
#include "drivers/variant.h"

#define PROGRAM		"/bin/asibench"
#define JOB		"native"
#define JOB_MS		120000u	/* the deadline of all tells a hang */

/* As many vCPUs as it has threads. */
static int threads_of(const struct variant *v)
{
	int i = variant_param(v, "threads");

	if (i >= 0)
		return v->param[i] > 0 ? v->param[i] : 1;
	return v->bench->peer ? 2 : 1;
}

int guest_bench_native(struct guest_bench *g)
{
	const struct run_spec *spec = g->spec;
	const char *out;
	size_t len = 0;
	int err;

	inside_words(&g->words, PROGRAM, spec, g->ns);
	g->asked_ns = g->ns;
	g->file[0] = (struct guest_file) {
		.host = "/proc/self/exe", .guest = PROGRAM,
	};
	g->guest.file = g->file;
	g->guest.nfiles = 1;
	g->guest.vcpus = threads_of(spec->variant);
	g->step[0] = (struct guest_job) {
		.name = JOB, .argv = g->words.v, .ms = JOB_MS,
	};
	err = guest_bench_boot(g, 1);
	if (err)
		return err;
	out = guest_record(&g->run, JOB ".out", &len);
	if (result_unpack(out, len, spec->variant->bench, g->res))
		return result_end(g->res, RUN_FAILED, "the result that came out of the guest is not whole");
	err = g->res->status == RUN_OK ? guest_bench_clock(g) : 0;
	return g->res->status == RUN_OK ? err : -EINVAL;
}
