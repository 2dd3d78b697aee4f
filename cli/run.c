// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench run: measure this host. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/run.h"
#include "cli/cli.h"
#include "cli/label.h"
#include "cli/progress.h"
#include "drivers/campaign.h"
#include "lib/msg.h"

static int check_claim(const char *isolation)
{
	if (!isolation || !strcmp(isolation, "on") ||
	    !strcmp(isolation, "off"))
		return 0;
	pr_err("--isolation %s: want on or off (what you say is verified and recorded; nothing is switched)",
	       isolation);
	return -EINVAL;
}

static int summary(struct store *store, const struct host *host,
		   const struct campaign_end *end, enum format format)
{
	struct summary_row *rows = NULL;
	struct obs_set set;
	size_t n = 0;
	int err;

	err = store_load_campaign(store, end->id, &set);
	if (err)
		return err;
	err = summarize(&set, &rows, &n);
	if (!err)
		err = report_run(format, end->uuid,
				 set.nboots ? set.boot[0].host : "",
				 host->tsc_khz, rows, n, stdout);
	free(rows);
	obs_set_free(&set);
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

static int take_options(void)
{
	struct campaign_request *req = &o.req;

	if (check_claim(o.isolation))
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
