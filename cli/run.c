// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench run: measure this host. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/run.h"
#include "cli/fleet.h"
#include "cli/label.h"
#include "cli/progress.h"
#include "drivers/campaign.h"
#include "lib/msg.h"
#include "lib/text.h"

static int check_claim(const char *isolation)
{
	if (!isolation || !strcmp(isolation, "on") ||
	    !strcmp(isolation, "off"))
		return 0;
	pr_err("--isolation %s: want on or off (what you say is verified and recorded; nothing is switched)",
	       isolation);
	return -EINVAL;
}

/* Rows of one arm behind those of others; their strings live in @set. */
static int add_rows(const struct obs_set *set, bool several,
		    struct summary_row **all, size_t *n)
{
	struct summary_row *rows, *more;
	size_t k, i;
	int err = summarize(set, &rows, &k);

	if (err)
		return err;
	more = realloc(*all, (*n + k + 1) * sizeof(*more));
	for (i = 0; more && i < k; i++) {
		more[*n + i] = rows[i];
		more[*n + i].arm = several ? set->arm : NULL;
	}
	free(rows);
	if (!more)
		return -ENOMEM;
	*all = more;
	*n += k;
	return 0;
}

static int summary(struct store *store, const struct host *host,
		   const struct campaign_end *end, enum format format)
{
	struct obs_set set[CAMPAIGN_ARMS];
	struct summary_row *rows = NULL;
	const bool several = end->arm[0];
	int err = 0, nsets = 0;
	size_t n = 0;

	while (!err && nsets < CAMPAIGN_ARMS && (!nsets || end->arm[nsets])) {
		err = store_load_arm(store, end->id, end->arm[nsets], NULL,
					      &set[nsets]);
		if (!err)
			err = add_rows(&set[nsets++], several, &rows, &n);
	}
	if (!err)
		err = report_run(format, end->uuid, set[0].nboots ?
				 set[0].boot[0].host : "", host->tsc_khz,
				 rows, n, stdout);
	free(rows);
	while (nsets)
		obs_set_free(&set[--nsets]);
	return err;
}

static void say_stop(const struct store *store, const struct host *host,
		     const struct campaign_end *end, double budget)
{
	const struct session *s = &end->session;
	const char *stopped = end->schedule.stop;

	if (!strcmp(stopped, "signal"))
		pr_info("stopped; %d runs are kept. asibench run --resume goes on with this campaign",
			end->schedule.runs);
	pr_info("%s of series %s, arm %s (isolation %s): %d runs in %.0f s on CPU %d, %s; %s",
		s->revision, s->series, s->arm_name,
		arm_state_name(s->state), end->schedule.runs,
		end->schedule.seconds, host->cpu,
		!strcmp(stopped, "budget") ? "stopped by the budget" :
		!strcmp(stopped, "signal") ? "stopped by a signal" :
		"every figure has its precision or its limit of runs",
		store_path(store));
}

static int run_and_report(struct store *store, struct host *host,
			  const struct campaign_request *req,
			  enum format format)
{
	struct campaign_end end;
	struct progress progress;
	int err;

	progress_begin(&progress);
	err = campaign_run(store, host, req, &cli_stop, progress_event, &progress,
			   &end);
	progress_end(&progress);
	if (err)
		return EXIT_USAGE;
	if (summary(store, host, &end, format))
		return EXIT_USAGE;
	say_stop(store, host, &end, req->rules.budget);
	if (cli_stop)
		return EXIT_SIGNALLED;
	if (!end.available || (end.schedule.runs && !end.schedule.scored &&
			       !req->resume)) {
		pr_err("nothing could be measured; asibench doctor says why");
		return EXIT_NOTHING_RAN;
	}
	return EXIT_FINE;
}

/* As given; what they mean is in the table below. */
static struct run_options {
	const char *db;
	const char *patch;
	const char *isolation;
	struct opt_list select;
	struct opt_list guest_arms;
	struct opt_list host;
	enum format format;
	double precision;
	uint64_t runs;
	uint64_t inject;
	bool counted;
	struct campaign_request req;
} o = {
	.precision = 1,
	.inject = UINT64_MAX,
	.req.session = { .series = "", .revision = "", .arm = "" },
};

static const struct opt opts[] = {
	{ "host", OPT_LIST, &o.host, "NAME",
	  "measure that host of hosts.d instead; may be given again" },
	{ "select", OPT_LIST, &o.select, "GLOB",
	  "benchmarks to run; may be given again (default: all that are not extra)" },
	{ "series", OPT_NAME, &o.req.session.series, "NAME",
	  "patch series (default: local)" },
	{ "rev", OPT_NAME, &o.req.session.revision, "NAME",
	  "revision (default: the running kernel's release and build id)" },
	{ "patch", OPT_TEXT, &o.patch, "K/N",
	  "the kernel has the first K of N patches" },
	{ "arm", OPT_NAME, &o.req.session.arm, "NAME",
	  "name of this configuration (default: what --isolation says)" },
	{ "isolation", OPT_TEXT, &o.isolation, "on|off",
	  "a claim: verified and recorded, never switched" },
	{ "guest-arm", OPT_LIST, &o.guest_arms, "NAME[=WORDS]",
	  "boot guests with WORDS on their kernel command line; given again, the arms take turns" },
	{ "kernel", OPT_TEXT, &o.req.kernel, "IMAGE",
	  "kernel that guests boot, and that --rev names; only they run then (default: this host's kernel, else the newest installed)" },
	{ "budget", OPT_REAL, &o.req.rules.budget, "SECONDS",
	  "time for all (default 120)", 1, 1e6 },
	{ "precision", OPT_REAL, &o.precision, "PCT",
	  "stop a benchmark at this half-width (default 1)", 0.01, 50 },
	{ "runs", OPT_U64, &o.runs, "N", "at most N runs of each", 1, 1000 },
	{ "db", OPT_TEXT, &o.db, "FILE", "results database" },
	{ "seed", OPT_U64, &o.req.seed, "N",
	  "of the random order (default: drawn, and kept)", 1, INT32_MAX },
	{ "resume", OPT_FLAG, &o.req.resume, NULL,
	  "go on with the unfinished campaign of this boot" },
	{ "counters", OPT_FLAG, &o.counted, NULL,
	  "count events (cycles, TLB misses, faults) instead of timing" },
	{ "inject", OPT_U64, &o.inject, "N",
	  "self-test: N loop iterations of delay in each operation; such runs, also of 0, meet only each other",
	  0, 1e9 },
	{ "format", OPT_FORMAT, &o.format, "FORMAT", "text, json or csv" },
	{ 0 }
};

/* "off=pti=off": what is before the first '=' is the name. */
static int take_guest_arms(void)
{
	struct campaign_request *req = &o.req;
	char *text, *words;
	size_t i, k;

	if (o.guest_arms.n > CAMPAIGN_ARMS) {
		pr_err("--guest-arm: at most %d of them", CAMPAIGN_ARMS);
		return -EINVAL;
	}
	for (i = 0; i < o.guest_arms.n; i++) {
		/* Lives as long as the program. */
		text = strdup(o.guest_arms.v[i]);
		words = text ? strchr(text, '=') : NULL;
		if (words)
			*words++ = '\0';
		if (!text || !text_name_ok(text, 100) ||
		    (words && *words && !text_name_ok(words, 400))) {
			pr_err("--guest-arm %s: want NAME or NAME=WORDS, such as on=pti=on",
			       o.guest_arms.v[i]);
			return -EINVAL;
		}
		for (k = 0; k < i && strcmp(req->guest_arm[k].name, text); k++)
			;
		if (k < i) {
			pr_err("--guest-arm %s: two arms of one name", text);
			return -EINVAL;
		}
		req->guest_arm[i].name = text;
		req->guest_arm[i].words = words ? words : "";
	}
	req->nguest_arms = i;
	return 0;
}

static int take_options(void)
{
	struct campaign_request *req = &o.req;

	if (check_claim(o.isolation) || take_guest_arms())
		return -EINVAL;
	if (o.patch && patch_parse(o.patch, &req->session.patch,
				   &req->session.patches)) {
		pr_err("--patch %s: want K/N, such as 3/27", o.patch);
		return -EINVAL;
	}
	if (o.counted && o.inject != UINT64_MAX) {
		pr_err("--counters and --inject are two kinds of run; give one of them");
		return -EINVAL;
	}
	req->session.isolation = o.isolation;
	req->rules.precision = o.precision / 100;
	if (o.runs)
		req->rules.runs_most = o.runs;
	req->mode = o.counted ? MODE_COUNTED :
		o.inject != UINT64_MAX ? MODE_INJECTED : MODE_TIMED;
	req->inject = req->mode == MODE_INJECTED ? o.inject : 0;
	memcpy(req->glob, o.select.v, o.select.n * sizeof(*o.select.v));
	req->nglob = o.select.n;
	return 0;
}

/* What else was given goes to the hosts as it is. */
static int run_elsewhere(void)
{
	static const char *const leave[] = { "host", "db", "format", NULL };
	const char **words;
	size_t n;
	int status;

	if (o.req.resume) {
		pr_err("--resume goes on here only; on other hosts the results of a run that was interrupted are kept: asibench hosts collect");
		return EXIT_USAGE;
	}
	words = opts_words(opts, leave, &n);
	if (!words)
		return EXIT_USAGE;
	status = fleet_run(&o.host, words, n, o.db, o.req.rules.budget,
			   o.format, &cli_stop);
	free(words);
	return cli_stop ? EXIT_SIGNALLED : status;
}

int cmd_run(int argc, char **argv)
{
	struct store *store;
	struct host host;
	int first, status;

	o.req.rules = plan_defaults;
	if (opts_parse(argc, argv, opts,
		       "  asibench run --series asi --rev v3 --isolation on\n"
		       "  asibench run --select 'vmexit.*' --budget 30\n",
		       &first, &status))
		return status;
	if (opts_no_more(argc, argv, first) || take_options())
		return EXIT_USAGE;
	cli_catch_signals();
	if (o.host.n)
		return run_elsewhere();
	if (host_init(&host))
		return EXIT_USAGE;
	status = cli_store_open(&store, o.db, STORE_CREATE);
	if (!status) {
		status = run_and_report(store, &host, &o.req, o.format);
		store_close(store);
	}
	host_exit(&host);
	return status;
}
