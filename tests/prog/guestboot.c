// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boots a guest by the library and says how that ended.
 *
 *	guestboot [-p] [-d SECONDS] [-k KERNEL] [-m MIB] [-w WORDS] [-t MS]
 *		  [PROGRAM [ARGUMENT...]]
 *
 * -p ends once it is known by what guests run.
 * PROGRAM is taken from this host with its libraries; without one the guest
 * idles. Prints "end NUMBER", "reason ..." and the program's output, or
 * "none REASON" where there can be no guest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/guest/guest.h"
#include "lib/clock.h"

#define IDLE_MS	200
#define JOB_MS	30000	/* on a machine that is busy otherwise */

static void tell(const struct guest_run *run)
{
	const char *out = guest_record(run, "job.out", NULL);
	double off;
	size_t i;

	printf("end %d\nreason %s\n", run->end, run->reason);
	for (i = 0; i < run->ntimes; i++)
		printf("clock %s\n", guest_clock_off(&run->times[i], &off) ?
		       "wrong" : "right");
	printf("seconds %.2f, until init %.2f\n%s", run->total_s,
	       run->boot_s, out ? out : "");
}

int main(int argc, char **argv)
{
	struct guest_job job = { .name = "job", .ms = IDLE_MS };
	struct guest_file file = { .guest = "/bin/job" };
	struct guest_spec spec = {
		.job = &job, .njobs = 1, .vcpu_cpu = { -1 }, .io_cpu = -1,
		.deadline_ns = 60 * NSEC_PER_SEC,
	};
	const char *kernel = NULL;
	bool probe = false;
	struct guest_env env;
	struct guest_run run;
	int c, err;

	while ((c = getopt(argc, argv, "+d:k:m:pt:w:")) != -1) {
		if (c == 'd')
			spec.deadline_ns = atof(optarg) * NSEC_PER_SEC;
		else if (c == 'k')
			kernel = optarg;
		else if (c == 'm')
			spec.memory = atoi(optarg);
		else if (c == 'p')
			probe = true;
		else if (c == 't')
			job.ms = atoi(optarg);
		else if (c == 'w')
			spec.words = optarg;
		else
			return 2;
	}
	guest_find(&env, kernel);
	if (env.reason[0] || guest_probe(&env, NULL)) {
		printf("none %s\n", env.reason);
		return 1;
	}
	printf("accel %s\n", env.accel);
	if (probe)
		return 0;
	fflush(stdout);
	spec.env = &env;
	if (optind < argc) {
		file.host = argv[optind];
		spec.file = &file;
		spec.nfiles = 1;
		argv[optind] = (char *)file.guest;
		if (job.ms == IDLE_MS)
			job.ms = JOB_MS;
		job.argv = (const char *const *)argv + optind;
	}
	err = guest_boot(&spec, &run);
	tell(&run);
	guest_run_free(&run);
	return err ? 1 : 0;
}
