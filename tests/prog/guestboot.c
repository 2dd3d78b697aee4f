// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boots a guest by the library and says how that ended.
 *
 *	guestboot [-p] [-d SECONDS] [-k KERNEL] [-m MIB] [-w WORDS] [-t MS]
 *		  [-v VCPUS] [-f FILE=PATH]... [-e NAME=VALUE]...
 *		  [-g PATH=FILE]... [PROGRAM [ARGUMENT...] [::: ARGUMENT...]...]
 *
 * -p ends once it is known by what guests run. -f puts a file of this host
 * into the guest, -g brings one out.
 * PROGRAM is taken from this host with its libraries, and run again with what
 * follows each ":::" (or, if that begins with a path, that); without one the guest idles. Prints "end NUMBER", "reason ..." and the program's output, or
 * "none REASON" where there can be no guest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/guest/guest.h"
#include "lib/clock.h"

#define FILES	8
#define WORDS	256	/* of all jobs */
#define IDLE_MS	200
#define JOB_MS	30000	/* on a machine that is busy otherwise */

/**
 * struct plan - what the command line asks for
 * @fetch, @to:	paths in the guest, and files they are written to
 */
struct plan {
	struct guest_spec spec;
	struct guest_job job[GUEST_JOBS];
	char name[GUEST_JOBS][16];
	struct guest_file file[FILES];
	const char *word[WORDS];
	const char *env[FILES + 1];
	const char *fetch[FILES + 1];
	const char *to[FILES];
	int nenv;
	int nfetch;
	const char *kernel;
	unsigned int ms;
	bool probe;
};

/* "A=B" cut in two; returns B. */
static char *cut(char *text)
{
	char *equals = strchr(text, '=');

	if (!equals)
		exit(2);
	*equals = '\0';
	return equals + 1;
}

static void option(struct plan *p, int c)
{
	struct guest_file *f = &p->file[p->spec.nfiles % FILES];

	switch (c) {
	case 'd':
		p->spec.deadline_ns = atof(optarg) * NSEC_PER_SEC;
		break;
	case 'e':
		p->env[p->nenv++ % FILES] = optarg;
		break;
	case 'f':
		f->guest = cut(optarg);
		f->host = optarg;
		p->spec.nfiles++;
		break;
	case 'g':
		p->to[p->nfetch % FILES] = cut(optarg);
		p->fetch[p->nfetch++ % FILES] = optarg;
		break;
	case 'k':
		p->kernel = optarg;
		break;
	case 'm':
		p->spec.memory = atoi(optarg);
		break;
	case 'p':
		p->probe = true;
		break;
	case 't':
		p->ms = atoi(optarg);
		break;
	case 'v':
		p->spec.vcpus = atoi(optarg);
		break;
	case 'w':
		p->spec.words = optarg;
		break;
	default:
		exit(2);
	}
}

/* A job a set of arguments; each begins with the program, which is one file. */
static void jobs(struct plan *p, int argc, char **argv)
{
	struct guest_file *f = &p->file[p->spec.nfiles % FILES];
	int i, n = 0, words = 0;

	p->spec.njobs = 1;
	p->job[0] = (struct guest_job) {
		.name = "job", .ms = p->ms ? p->ms : IDLE_MS,
	};
	if (!argc)
		return;
	f->guest = "/bin/job";
	f->host = argv[0];
	p->spec.nfiles++;
	for (i = 0; i < argc; i++) {
		if (words + 2 >= WORDS || n == GUEST_JOBS)
			exit(2);
		if (i && strcmp(argv[i], ":::")) {
			p->word[words++] = argv[i];
			continue;
		}
		/* What is between two jobs stays NULL. */
		words += !!i;
		snprintf(p->name[n], sizeof(p->name[n]), n ? "job%d" : "job",
			 n);
		p->job[n] = (struct guest_job) {
			.name = p->name[n], .ms = p->ms ? p->ms : JOB_MS,
			.argv = p->word + words, .env = n ? NULL : p->env,
		};
		if (!i || i + 1 == argc || argv[i + 1][0] != '/')
			p->word[words++] = f->guest;
		n++;
	}
	p->spec.njobs = n;
}

static void write_out(const struct plan *p, const struct guest_run *run)
{
	const char *data;
	size_t len;
	FILE *f;
	int i;

	for (i = 0; i < p->nfetch; i++) {
		data = guest_record(run, p->fetch[i], &len);
		f = data ? fopen(p->to[i], "we") : NULL;
		if (!f || fwrite(data, 1, len, f) != len)
			printf("nothing %s\n", p->fetch[i]);
		if (f)
			fclose(f);
	}
}

static void tell(const struct plan *p, const struct guest_run *run)
{
	char name[32];
	const char *out;
	double off;
	size_t i;

	printf("end %d\nreason %s\n", run->end, run->reason);
	for (i = 0; i < run->ntimes; i++)
		printf("clock %s\n", guest_clock_off(&run->times[i], &off) ?
		       "wrong" : "right");
	printf("seconds %.2f, until init %.2f\n", run->total_s, run->boot_s);
	for (i = 0; i < p->spec.njobs; i++) {
		snprintf(name, sizeof(name), "%s.out", p->job[i].name);
		out = guest_record(run, name, NULL);
		printf("%s", out ? out : "");
		snprintf(name, sizeof(name), "%s.err", p->job[i].name);
		out = guest_record(run, name, NULL);
		fprintf(stderr, "%s", out ? out : "");
	}
}

int main(int argc, char **argv)
{
	static struct plan p = {
		.spec = {
			.vcpu_cpu = { -1 }, .io_cpu = -1,
			.deadline_ns = 60 * NSEC_PER_SEC,
		},
	};
	struct guest_env env;
	struct guest_run run;
	int c, err;

	while ((c = getopt(argc, argv, "+d:e:f:g:k:m:pt:v:w:")) != -1)
		option(&p, c);
	/* One is the program's; names beyond are not kept. */
	if (p.nenv > FILES || p.nfetch > FILES || p.spec.nfiles >= FILES)
		return 2;
	guest_find(&env, p.kernel);
	if (env.reason[0] || guest_probe(&env, NULL)) {
		printf("none %s\n", env.reason);
		return 1;
	}
	printf("accel %s\n", env.accel);
	if (p.probe)
		return 0;
	fflush(stdout);
	p.spec.env = &env;
	p.spec.file = p.file;
	p.spec.fetch = p.fetch;
	p.spec.job = p.job;
	jobs(&p, argc - optind, argv + optind);
	err = guest_boot(&p.spec, &run);
	write_out(&p, &run);
	tell(&p, &run);
	guest_run_free(&run);
	return err ? 1 : 0;
}
