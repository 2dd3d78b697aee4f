// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench aa: this kernel against itself. */
#include "cli/aa.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/aa.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/sides.h"
#include "drivers/aa.h"
#include "lib/msg.h"
#include "store/aa.h"

#define PAIRS		20
#define PAIR_SECONDS	60

static struct aa_options {
	const char *db;
	struct opt_list select;
	enum format format;
	double precision;
	uint64_t pairs;
	uint64_t runs;
	struct aa_request req;
} o = {
	.precision = 1,
	.pairs = PAIRS,
};

static const struct opt opts[] = {
	{ "pairs", OPT_U64, &o.pairs, "N",
	  "comparisons of two equal arms (default 20); 0: only show what is stored",
	  0, 10000 },
	{ "select", OPT_LIST, &o.select, "GLOB",
	  "benchmarks; may be given again (default: all that are not extra)" },
	{ "budget", OPT_REAL, &o.req.rules.budget, "SECONDS",
	  "time for all (default 60 a pair)", 1, 1e7 },
	{ "precision", OPT_REAL, &o.precision, "PCT",
	  "as for asibench run (default 1)", 0.01, 50 },
	{ "runs", OPT_U64, &o.runs, "N", "at most N runs of each, in each arm",
	  1, 1000 },
	{ "seed", OPT_U64, &o.req.seed, "N",
	  "of the random order (default: drawn, and kept)", 1, INT32_MAX },
	{ "db", OPT_TEXT, &o.db, "FILE", "results database" },
	FORMAT_OPT(o.format),
	{ 0 }
};

int aa_known_load(struct store *s, double level, int most,
		  struct aa_known *k)
{
	int err;

	memset(k, 0, sizeof(*k));
	err = store_aa_load(s, most, &k->set);
	if (!err)
		err = aa_rates(&k->set, level, &k->rates);
	if (err)
		aa_known_free(k);
	return err;
}

void aa_known_free(struct aa_known *k)
{
	aa_rates_free(&k->rates);
	store_aa_free(&k->set);
}

/**
 * struct aa_command - while it measures
 */
struct aa_command {
	struct store *store;
	struct progress progress;
};

static void on_event(void *priv, const struct schedule_event *e)
{
	struct aa_command *c = priv;

	progress_event(&c->progress, e);
}

/**
 * struct aa_tally - of the primary rows of a pair
 * @why:	a row that was not judged, or NULL
 */
struct aa_tally {
	int rows;
	int judged;
	int called;
	const struct compare_row *why;
};

static void tally(struct aa_tally *t, const struct compare_row *r)
{
	if (!r->id.metric.primary)
		return;
	t->rows++;
	t->judged += r->verdict != VERDICT_UNCHECKED;
	t->called += r->verdict == VERDICT_REGRESSED ||
		r->verdict == VERDICT_IMPROVED;
	if (r->verdict == VERDICT_UNCHECKED && !t->why)
		t->why = r;
}

static int keep_rows(struct store *store, const struct aa_pair *p,
		     const struct comparison *c, struct aa_tally *t)
{
	struct aa_obs *v = calloc(c->nrows + 1, sizeof(*v));
	size_t i, n = 0;
	int err;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < c->nrows; i++) {
		const struct compare_row *r = &c->row[i];

		/* What was never measured has no metric to speak of. */
		if (!r->runs_base || !r->runs_new)
			continue;
		tally(t, r);
		v[n++] = (struct aa_obs) {
			.id = r->id, .n_a = r->n_base, .n_b = r->n_new,
			.ratio = r->ratio, .p = r->p,
			.verdict = verdict_name(r->verdict),
		};
	}
	err = store_aa_results(store, p->campaign, v, n);
	free(v);
	return err;
}

static int on_pair(void *priv, const struct aa_pair *p)
{
	struct aa_command *c = priv;
	struct aa_tally t = { 0 };
	struct comparison cmp;
	int err;

	err = compare(&p->set[0], &p->set[1], NULL, &cmp);
	if (err)
		return err;
	err = keep_rows(c->store, p, &cmp, &t);
	progress_end(&c->progress);
	if (!err)
		pr_info("pair %d of %d: %d of %d judged, %d called different%s%s%s%s",
			p->number, (int)o.pairs, t.judged, t.rows, t.called,
			t.why ? "; not judged: " : "",
			t.why ? t.why->id.benchmark : "", t.why ? ": " : "",
			t.why ? t.why->reason : "");
	comparison_free(&cmp);
	return err;
}

static int measure(struct store *store, struct host *host,
		   struct aa_end *end)
{
	struct aa_command c = { .store = store };
	int err;

	progress_begin(&c.progress);
	err = aa_run(store, host, &o.req, &cli_stop, on_event, on_pair, &c,
		     end);
	progress_end(&c.progress);
	if (err)
		return EXIT_USAGE;
	pr_info("%d of %d pairs, %d runs in %.0f s on CPU %d%s; %s",
		end->pairs, o.req.pairs, end->runs, end->seconds, host->cpu,
		!strcmp(end->stop, "signal") ? ", stopped by a signal" :
		!strcmp(end->stop, "budget") ? ", stopped by the budget" : "",
		store_path(store));
	if (cli_stop)
		return EXIT_SIGNALLED;
	if (end->available && end->scored)
		return EXIT_FINE;
	pr_err("nothing could be measured; asibench doctor says why");
	return EXIT_NOTHING_RAN;
}

static int print_rates(struct store *store)
{
	struct aa_known known;
	int err = aa_known_load(store, compare_defaults.q, 0, &known);

	if (err)
		return output_status(err);
	if (!known.rates.nhosts) {
		pr_err("%s: no comparison of a kernel with itself is stored; asibench aa makes some",
		       store_path(store));
		err = EXIT_USAGE;
	} else {
		err = output_status(report_aa(o.format, &known.rates,
					      stdout));
	}
	aa_known_free(&known);
	return err;
}

static int measure_and_print(void)
{
	struct store *store;
	struct aa_end end;
	struct host host;
	int status, shown;

	cli_catch_signals();
	if (host_init(&host))
		return EXIT_USAGE;
	status = cli_store_open(&store, o.db, STORE_CREATE);
	if (!status) {
		status = measure(store, &host, &end);
		shown = status == EXIT_FINE || (status == EXIT_SIGNALLED &&
						end.pairs) ?
			print_rates(store) : EXIT_FINE;
		if (!status)
			status = shown;
		store_close(store);
	}
	host_exit(&host);
	return status;
}

static int show(void)
{
	struct store *store;
	int status = cli_store_open(&store, o.db, STORE_READ);

	if (status)
		return status;
	status = print_rates(store);
	store_close(store);
	return status;
}

int cmd_aa(int argc, char **argv)
{
	int first, status;

	o.req.rules = plan_defaults;
	o.req.rules.budget = 0;
	if (opts_parse(argc, argv, opts,
		       "  asibench aa --select 'vmexit.*' --pairs 20\n"
		       "  asibench aa --pairs 0\n", &first, &status))
		return status;
	if (opts_no_more(argc, argv, first))
		return EXIT_USAGE;
	if (!o.pairs)
		return show();
	o.req.pairs = o.pairs;
	o.req.glob = o.select.v;
	o.req.nglob = o.select.n;
	o.req.rules.precision = o.precision / 100;
	if (!(o.req.rules.budget > 0))
		o.req.rules.budget = PAIR_SECONDS * (double)o.pairs;
	if (o.runs)
		o.req.rules.runs_most = o.runs;
	return measure_and_print();
}
