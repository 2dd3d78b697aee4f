// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench campaign: hosts x kernels x arms x boots. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "cli/fleet.h"
#include "cli/hosts.h"
#include "hosts/campaign.h"
#include "lib/msg.h"

static const char *db;
static enum format format;
static volatile int stop;

static void on_signal(int sig)
{
	stop = sig;
}

/* For people; programs get seconds. */
static void seconds_text(char *buf, size_t size, double s)
{
	if (format != FORMAT_TEXT)
		snprintf(buf, size, "%.0f", s);
	else if (s < 120)
		snprintf(buf, size, "%.0f s", s);
	else if (s < 7200)
		snprintf(buf, size, "%.0f min", s / 60);
	else
		snprintf(buf, size, "%.1f h", s / 3600);
}

/* Is a controller at it? Only asked, not taken. */
static int is_running(const struct journal *j)
{
	if (flock(j->fd, LOCK_EX | LOCK_NB))
		return owner_alive(&j->owner);
	flock(j->fd, LOCK_UN);
	return 0;
}

static const char *word_of(const struct journal *j, int host, int running)
{
	const struct host_state *h = &j->host[host];

	if (h->finished)
		return "finished";
	if (h->aside)
		return "set aside";
	if (j->cancelled)
		return "cancelled";
	return running ? "running" :
		h->done || h->nboots ? "interrupted" : "waiting";
}

static int status_rows(struct journal *j, int running)
{
	static const char *const heads[] = {
		"host", "state", "kernel", "arm", "block", "boots", "of",
		"left", "step", "reason",
	};
	char block[16], done[16], of[16], left[32];
	const struct plan_file *f = &j->file;
	struct rows r;
	size_t i;

	rows_begin(&r, format, heads, format == FORMAT_TEXT ? "llllrrrlll" :
		   "llllrrrrll");
	for (i = 0; i < f->host.n; i++) {
		const struct host_state *h = &j->host[i];
		int begun = h->done || h->nboots;
		int all = campaign_width(j) * f->least;
		const char *const cells[] = {
			f->host.v[i], word_of(j, i, running),
			begun ? f->kernel[h->now_kernel].name : NULL,
			begun ? f->arm[h->now_arm].name : NULL,
			begun ? block : NULL, done, of,
			h->finished ? NULL : left, h->step, h->why,
		};

		if (h->done > all)
			all = campaign_width(j) * f->most;
		snprintf(block, sizeof(block), "%d", h->block + 1);
		snprintf(done, sizeof(done), "%d", h->done);
		snprintf(of, sizeof(of), "%d", h->finished ? h->done : all);
		seconds_text(left, sizeof(left), (all - h->done) *
			     (campaign_boot_s(h) + campaign_run_s(h, f)));
		rows_add(&r, cells);
	}
	return rows_end(&r) ? EXIT_USAGE : EXIT_FINE;
}

static int status(const char *file)
{
	struct journal j;
	int k, rc;

	if (journal_open(&j, file))
		return EXIT_USAGE;
	rc = status_rows(&j, is_running(&j));
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

		seconds_text(one, sizeof(one), a);
		seconds_text(lo, sizeof(lo), a * width * f->least);
		seconds_text(hi, sizeof(hi), a * width * f->most >
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
	int rc = EXIT_USAGE;

	if (!v)
		return EXIT_USAGE;
	if (fleet_db(db, path) || ship_make(&ship))
		goto out;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	fleet_prepare(v, j->file.host.n, &ship, path);
	if (!campaign_measure(j, v, &stop)) {
		status_rows(j, 0);
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
		if (is_running(&j) && owner_alive(&j.owner))
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
