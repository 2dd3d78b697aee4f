// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench campaign: hosts x kernels x arms x boots. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/campaign_status.h"
#include "cli/fleet.h"
#include "cli/hosts.h"
#include "hosts/campaign.h"
#include "lib/msg.h"

static const char *db;
static enum format format;
static bool follow;
static volatile int stop;

static void on_signal(int sig)
{
	stop = sig;
}

static int status(const char *file)
{
	struct journal j;
	int k, rc;

	if (journal_open(&j, file))
		return EXIT_USAGE;
	if (follow && isatty(STDERR_FILENO))
		live_follow(&j);
	rc = status_print(&j, format, status_running(&j), stdout) ?
		EXIT_USAGE : EXIT_FINE;
	for (k = 0; k < j.file.nkernels; k++)
		if (j.kernel_aside[k])
			pr_info("kernel %s is set aside: two hosts could not boot it",
				j.file.kernel[k].name);
	journal_close(&j);
	return rc;
}

/* ---- plan ---- */

static int plan_rows(const struct plan_file *f, struct visit *v)
{
	static const char *const heads[] = {
		"host", "boot_method", "kernels", "arms", "boots_least",
		"boots_most", "a_boot", "time_least", "time_most",
	};
	struct host_state none = { .nboots = 0 };
	double each = campaign_boot_s(&none) + campaign_run_s(&none, f);
	char kernels[16], arms[16], least[16], most[16], one[32], lo[32];
	char hi[32];
	int width = f->nkernels * f->narms;
	struct rows r;
	size_t i;

	snprintf(kernels, sizeof(kernels), "%d", f->nkernels);
	snprintf(arms, sizeof(arms), "%d", f->narms);
	snprintf(least, sizeof(least), "%d", width * f->least);
	snprintf(most, sizeof(most), "%d", width * f->most);
	rows_begin(&r, format, heads, format == FORMAT_TEXT ? "llrrrrlll" :
		   "llrrrrrrr");
	for (i = 0; i < f->host.n; i++) {
		double a = !strcmp(v[i].conf.boot_method, "none") ?
			campaign_run_s(&none, f) : each;
		const char *const cells[] = {
			v[i].conf.name, v[i].conf.boot_method, kernels, arms,
			least, most, one, lo, hi,
		};

		status_seconds(format, one, sizeof(one), a);
		status_seconds(format, lo, sizeof(lo), a * width * f->least);
		status_seconds(format, hi, sizeof(hi), a * width * f->most >
			     f->hours_all * 3600 ? f->hours_all * 3600 :
			     a * width * f->most);
		rows_add(&r, cells);
	}
	return rows_end(&r) ? EXIT_USAGE : EXIT_FINE;
}

static int plan(const char *file)
{
	struct plan_file f;
	struct visit *v;
	int rc = EXIT_USAGE;

	if (plan_file_read(file, &f, NULL))
		return EXIT_USAGE;
	v = fleet_hosts(f.host.v, f.host.n);
	if (v)
		rc = plan_rows(&f, v);
	visit_free(v, f.host.n);
	plan_file_free(&f);
	return rc;
}

/* ---- start and resume ---- */

static int end_status(const struct journal *j)
{
	size_t i;

	if (stop)
		return 130;
	for (i = 0; i < j->file.host.n; i++)
		if (!j->host[i].finished)
			return EXIT_USAGE;
	return EXIT_FINE;
}

static int measure(struct journal *j)
{
	struct visit *v = fleet_hosts(j->file.host.v, j->file.host.n);
	struct sigaction sa = { .sa_handler = on_signal };
	struct ship ship = { .tar = NULL };
	char path[PATH_MAX];
	struct live live;
	int rc = EXIT_USAGE, err;

	if (!v)
		return EXIT_USAGE;
	if (fleet_db(db, path) || ship_make(&ship))
		goto out;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	fleet_prepare(v, j->file.host.n, &ship, path);
	live_begin(&live, j);
	err = campaign_measure(j, v, &stop);
	live_end(&live);
	if (!err) {
		status_print(j, format, 0, stdout);
		rc = end_status(j);
	}
out:
	ship_free(&ship);
	visit_free(v, j->file.host.n);
	return rc;
}

static int go(struct journal *j)
{
	int rc = EXIT_USAGE;

	if (j->cancelled)
		pr_err("%s: this campaign was cancelled", j->path);
	else if (!journal_lock(j))
		rc = measure(j);
	journal_close(j);
	return rc;
}

static int start(const char *file)
{
	struct journal j;

	return journal_begin(&j, file) ? EXIT_USAGE : go(&j);
}

static int resume(const char *file)
{
	struct journal j;

	return journal_open(&j, file) ? EXIT_USAGE : go(&j);
}

static int cancel(const char *file)
{
	struct journal j;
	int rc = EXIT_USAGE;

	if (journal_open(&j, file))
		return EXIT_USAGE;
	if (!journal_add(&j, "cancelled", json_object())) {
		rc = EXIT_FINE;
		if (status_running(&j) && owner_alive(&j.owner))
			kill(j.owner.pid, SIGTERM);
		pr_info("%s: cancelled; its results stay", file);
	}
	journal_close(&j);
	return rc;
}

static const struct action {
	const char *name;
	int (*run)(const char *file);
} actions[] = {
	{ "plan", plan }, { "start", start }, { "status", status },
	{ "resume", resume }, { "cancel", cancel },
};

int cmd_campaign(int argc, char **argv)
{
	const struct opt opts[] = {
		{ "db", OPT_TEXT, &db, "FILE", "results database" },
		{ "format", OPT_FORMAT, &format, "FORMAT",
		  "text, json or csv" },
		{ "follow", OPT_FLAG, &follow, NULL,
		  "status: keep the table up while a controller is at it" },
		{ 0 }
	};
	int first, rc;
	size_t i;

	if (opts_parse(argc, argv, opts,
		       "  asibench campaign plan asi-v3.conf\n"
		       "  nohup asibench campaign start asi-v3.conf &\n"
		       "  asibench campaign status asi-v3.conf\n", &first,
		       &rc))
		return rc;
	for (i = 0; argc == first + 2 && i < 5; i++)
		if (!strcmp(argv[first], actions[i].name))
			return actions[i].run(argv[first + 1]);
	pr_err("campaign: plan, start, status, resume or cancel, and a file; see asibench campaign --help");
	return EXIT_USAGE;
}
