// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench count: what a VM of somebody else does, and what it costs. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "analysis/report/json.h"
#include "cli/cli.h"
#include "drivers/kvm/params.h"
#include "drivers/vmwatch.h"
#include "lib/clock.h"
#include "lib/msg.h"
#include "lib/text.h"

static const char *qmp;
static uint64_t pid;
static double seconds = 1;
static bool reasons;
static bool all;
static enum format format;

static const struct opt opts[] = {
	{ "pid", OPT_U64, &pid, "PID",
	  "the VM of this process, by debugfs unless --qmp is given", 1,
	  INT32_MAX },
	{ "qmp", OPT_TEXT, &qmp, "SOCKET",
	  "the VM of the QEMU whose QMP socket this is" },
	{ "seconds", OPT_REAL, &seconds, "S",
	  "how long to watch it (default 1)", 0.05, 86400 },
	{ "reasons", OPT_FLAG, &reasons, NULL,
	  "exits by reason, too: slows the VM's exits while it lasts" },
	{ "all", OPT_FLAG, &all, NULL, "what is 0, too" },
	{ "format", OPT_FORMAT, &format, "FORMAT", "text, json or csv" },
	{ 0 }
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
}

/* Ctrl-C ends the watch early, not the report. */
static void watch(double s)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct timespec left = { .tv_sec = s, .tv_nsec = 1e9 * (s - (long)s) };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	while (!stop && nanosleep(&left, &left) && errno == EINTR)
		;
}

/* An event per thread and reason: of a large VM more than the usual 1,024. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool is_state(const struct vmwatch_stat *s)
{
	return s->kind == KVMSTAT_INSTANT || s->kind == KVMSTAT_PEAK;
}

/* ---- text ---- */

static void print_head(const struct vmwatch_figures *f)
{
	char value[32];

	printf("VM");
	if (f->pid)
		printf(" of process %d", f->pid);
	if (f->vcpus >= 0)
		printf(", %d vCPU%s", f->vcpus, f->vcpus == 1 ? "" : "s");
	if (f->vms > 1)
		printf(" of %d VMs added up", f->vms);
	printf(", watched for %.2f s%s%s\n", f->seconds,
	       f->source[0] ? " by " : "",
	       strcmp(f->source, "qmp") ? f->source : "QMP");
	if (f->exits_by[0])
		printf("  VM exits  %s per second, by %s\n",
		       fmt_value(value, sizeof(value), f->exits),
		       strcmp(f->exits_by, "tracepoint") ?
		       "KVM's statistics" : "tracepoint");
	if (!isnan(f->cpu))
		printf("  host CPU  %.4f s per second: guest %.2f, kernel %.2f, user %.2f\n",
		       f->cpu, f->cpu_guest, f->cpu_kernel, f->cpu_user);
}

/* Nothing at all where the table is empty. */
static int print_rows(struct table *t, size_t n)
{
	int err = 0;

	if (n) {
		putchar('\n');
		err = table_print(t, stdout);
	}
	table_free(t);
	return err;
}

static int print_stats(const struct vmwatch_figures *f, bool states)
{
	const char *const heads[] = {
		states ? "at the end" : "statistic",
		states ? "value" : "per second", states ? "" : "unit", NULL,
	};
	struct table *t = table_new(heads, "l.l");
	size_t i, n = 0;
	char value[32];

	for (i = 0; i < f->nstats; i++) {
		const struct vmwatch_stat *s = &f->stat[i];

		if (is_state(s) != states || (s->value == 0 && !all))
			continue;
		table_row(t, (const char *const []) {
			s->name, fmt_value(value, sizeof(value), s->value),
			states && !strcmp(s->unit, "at end") ? "" : s->unit });
		n++;
	}
	return print_rows(t, n);
}

static int print_reasons(const struct vmwatch_figures *f, bool user)
{
	const char *const heads[] = {
		user ? "left for user space" : "left the guest for",
		"per second", NULL,
	};
	struct table *t = table_new(heads, "l.");
	size_t i, n = 0;
	char value[32];

	for (i = 0; i < f->nreasons; i++) {
		const struct vmwatch_reason *r = &f->reason[i];

		if (r->user != user || (r->per_second == 0 && !all))
			continue;
		table_row(t, (const char *const []) { r->name,
			fmt_value(value, sizeof(value), r->per_second) });
		n++;
	}
	return print_rows(t, n);
}

static void print_why(const char *what, const char *why, int *n)
{
	char clean[512];

	if (!why[0])
		return;
	if (!(*n)++)
		puts("\nNot counted");
	printf("  %s: %s\n", what, text_clean(clean, sizeof(clean), why));
}

static void print_missing(const struct vmwatch_figures *f)
{
	int n = 0;

	print_why("VM exits", f->no_exits, &n);
	if (strcmp(f->no_stats, f->no_exits))
		print_why("statistics", f->no_stats, &n);
	print_why("host CPU", f->no_cpu, &n);
	print_why("reasons", f->no_reasons, &n);
	if (strcmp(f->no_reasons, f->no_user_reasons))
		print_why("returns to user space", f->no_user_reasons, &n);
	if (f->hists)
		print_why("histograms", "debugfs shows but their first bucket: use --qmp", &n);
}

static int print_text(const struct vmwatch_figures *f)
{
	int err;

	print_head(f);
	err = print_stats(f, false);
	if (!err)
		err = print_stats(f, true);
	if (!err)
		err = print_reasons(f, false);
	if (!err)
		err = print_reasons(f, true);
	print_missing(f);
	return err;
}

/* ---- json, csv ---- */

static json_t *stats_json(const struct vmwatch_figures *f)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < f->nstats; i++) {
		const struct vmwatch_stat *s = &f->stat[i];

		json_array_append_new(list, json_pack("{so ss ss so}",
			"name", json_text(s->name),
			"kind", kvmstat_kind_name(s->kind), "unit", s->unit,
			is_state(s) ? "value" : "per_second",
			json_figure(s->value)));
	}
	return list;
}

static json_t *reasons_json(const struct vmwatch_figures *f, bool user)
{
	json_t *list;
	size_t i;

	if ((user ? f->no_user_reasons : f->no_reasons)[0] || !reasons)
		return json_null();
	list = json_array();
	for (i = 0; i < f->nreasons; i++)
		if (f->reason[i].user == user)
			json_array_append_new(list, json_pack("{so so}",
				"reason", json_text(f->reason[i].name),
				"per_second",
				json_figure(f->reason[i].per_second)));
	return list;
}

static json_t *whole(int n, int unknown)
{
	return n == unknown ? json_null() : json_integer(n);
}

static int print_json(const struct vmwatch_figures *f)
{
	json_t *j = json_pack("{so so so so so}",
		"seconds", json_figure(f->seconds),
		"pid", whole(f->pid, 0), "vcpus", whole(f->vcpus, -1),
		"vms", whole(f->vms, -1), "source", json_known(f->source));

	json_object_update_new(j, json_pack("{so so so so so so}",
		"exits_per_second", json_figure(f->exits),
		"exits_by", json_known(f->exits_by),
		"cpu_per_second", json_figure(f->cpu),
		"cpu_guest", json_figure(f->cpu_guest),
		"cpu_kernel", json_figure(f->cpu_kernel),
		"cpu_user", json_figure(f->cpu_user)));
	json_object_update_new(j, json_pack("{so so so s{so so so so so}}",
		"statistics", f->source[0] ? stats_json(f) : json_null(),
		"reasons", reasons_json(f, false),
		"user_reasons", reasons_json(f, true), "why_not",
		"exits", json_known(f->no_exits),
		"statistics", json_known(f->no_stats),
		"cpu", json_known(f->no_cpu),
		"reasons", json_known(f->no_reasons),
		"user_reasons", json_known(f->no_user_reasons)));
	return json_print(j, stdout);
}

static void csv_figure(const char *kind, const char *name, const char *unit,
		       double value)
{
	csv_line(stdout, (const char *const []) { kind, name, unit }, 3,
		 &value, 1);
}

static int print_csv(const struct vmwatch_figures *f)
{
	size_t i;

	puts("kind,name,unit,value");
	csv_figure("figure", "seconds", "s", f->seconds);
	csv_figure("figure", "exits", "1/s", f->exits);
	csv_figure("figure", "cpu", "s/s", f->cpu);
	csv_figure("figure", "cpu_guest", "s/s", f->cpu_guest);
	csv_figure("figure", "cpu_kernel", "s/s", f->cpu_kernel);
	csv_figure("figure", "cpu_user", "s/s", f->cpu_user);
	for (i = 0; i < f->nstats; i++) {
		const struct vmwatch_stat *s = &f->stat[i];
		char unit[24];

		snprintf(unit, sizeof(unit), "%s%s", s->unit,
			 is_state(s) ? "" : "/s");
		csv_figure(kvmstat_kind_name(s->kind), s->name, unit,
			   s->value);
	}
	for (i = 0; i < f->nreasons; i++)
		csv_figure(f->reason[i].user ? "user_reason" : "reason",
			   f->reason[i].name, "1/s",
			   f->reason[i].per_second);
	return 0;
}

/* ---- the command ---- */

static int count(struct vmwatch *w)
{
	static int (*const print[])(const struct vmwatch_figures *) = {
		[FORMAT_TEXT] = print_text,
		[FORMAT_JSON] = print_json,
		[FORMAT_CSV] = print_csv,
	};
	struct vmwatch_figures f;
	int err;

	vmwatch_begin(w);
	watch(seconds);
	vmwatch_end(w, &f);
	err = print[format](&f);
	if (!err)
		err = stream_end(stdout);
	if (err) {
		pr_err("standard output: %s", strerror(-err));
		return EXIT_USAGE;
	}
	return f.source[0] || !isnan(f.cpu) || f.nreasons ? EXIT_FINE :
		EXIT_NOTHING_RAN;
}

int cmd_count(int argc, char **argv)
{
	struct vmwatch_target target = { 0 };
	static struct host host;
	char why[VMWATCH_WHY];
	struct vmwatch *w;
	int first, status;

	if (opts_parse(argc, argv, opts,
		       "  asibench count --qmp /run/vm1.sock --seconds 10\n"
		       "  asibench count --pid 4711 --reasons\n",
		       &first, &status))
		return status;
	if (opts_no_more(argc, argv, first))
		return EXIT_USAGE;
	if (!qmp && !pid) {
		pr_err("which VM? say --pid PID of its process, or --qmp SOCKET of its QEMU");
		return EXIT_USAGE;
	}
	kvm_module_find(&host);
	if (reasons)
		raise_file_limit();
	target.qmp = qmp;
	target.pid = pid;
	target.reasons = reasons;
	target.kvm_module = host.kvm_module;
	if (vmwatch_open(&w, &target, why, sizeof(why))) {
		pr_err("%s", why);
		return EXIT_USAGE;
	}
	status = count(w);
	vmwatch_close(w);
	return status;
}
