// SPDX-License-Identifier: GPL-2.0-or-later
/* asibench explain: why a verdict is what it is, and what to do next. */
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/json.h"
#include "analysis/report/plan.h"
#include "cli/explain_shape.h"
#include "cli/plan.h"
#include "cli/sides.h"
#include "lib/msg.h"
#include "lib/shell.h"

#define BUDGET_DEFAULT	120	/* seconds; what "asibench run" takes */

static struct side_options o;
static enum format format;

static const struct opt opts[] = {
	SIDE_OPTS(o),
	FORMAT_OPT(format),
	{ 0 }
};

static const char *units(const struct compare_row *r)
{
	return r->scope == SCOPE_KERNEL ? "boots" : "runs";
}

/* ---- the parts of an explanation ---- */

static void say_figures(const struct compare_row *r)
{
	char base[32], now[32], change[32], interval[64];

	if (!r->runs_base && !r->runs_new)
		return;
	printf("  %s -> %s, %s, 95 %% interval %s\n",
	       fmt_value(base, sizeof(base), r->base),
	       fmt_value(now, sizeof(now), r->now),
	       fmt_change(change, sizeof(change), r->ratio),
	       fmt_interval(interval, sizeof(interval), r->lo, r->hi));
	printf("  compared: %d against %d %s, out of %d and %d runs\n",
	       r->n_base, r->n_new, units(r), r->runs_base, r->runs_new);
	if (isfinite(r->p))
		printf("  p %.3g; %.3g by Benjamini and Hochberg over all rows, %.3g by Holm\n",
		       r->p, r->p_adj, r->p_holm);
}

/* The spread that was judged by, where it is not the row's own alone. */
static void say_borrowed(const struct compare_row *r)
{
	char raw[32], used[32];

	if (!r->lender)
		return;
	printf("  spread of boots judged by: %s; its own is %s (%d degrees of freedom), with %.3g borrowed from %s. By its own alone: p %.3g\n",
	       fmt_percent(used, sizeof(used), r->sd_used),
	       fmt_percent(raw, sizeof(raw), r->sd_raw),
	       r->n_base + r->n_new - 2, r->lent_df,
	       r->lender == LENDER_PAST ?
	       "boots of other revisions on this host" :
	       "the other benchmarks of these boots", r->p_raw);
}

static void say_ranks(const struct compare_row *r)
{
	char change[32], interval[64], low[32], high[32];

	if (isfinite(r->ranks_lo))
		printf("  by ranks (median difference, exact 95 %% interval): %s, %s%s\n",
		       fmt_change(change, sizeof(change), r->ranks),
		       fmt_interval(interval, sizeof(interval), r->ranks_lo,
				    r->ranks_hi),
		       r->flags & ROW_RANKS ?
		       ": not what the means say; a few units move these" : "");
	if (r->flags & ROW_MODES)
		printf("  the %s gather in two places, about %s and %s: a difference may be one of how often each was met\n",
		       units(r), fmt_value(low, sizeof(low), r->mode_low),
		       fmt_value(high, sizeof(high), r->mode_high));
}

/*
 * Share of the variance of one run's figure that lies between boots:
 * T^2 = S_boot^2 - S_run^2 / r, r runs a boot (T. Kalibera and R. Jones,
 * ISMM 2013, sections 5 and 6).
 */
static double boot_share(const struct compare_row *r)
{
	double runs = (double)(r->runs_base + r->runs_new) /
		(r->n_base + r->n_new);
	double within = r->sd_run * r->sd_run;
	double between = r->sd_boot * r->sd_boot - within / runs;

	if (r->scope != SCOPE_KERNEL || !(r->sd_boot >= 0))
		return NAN;
	return between > 0 ? between / (between + within) : 0;
}

static void say_variance(const struct compare_row *r)
{
	char run[32], boot[32];
	double share = boot_share(r);

	if (isfinite(r->sd_run))
		printf("  spread of runs within a boot: %s (standard deviation)\n",
		       fmt_percent(run, sizeof(run), r->sd_run));
	if (!isfinite(share)) {
		if (isfinite(r->sd_run))
			printf("  spread between boots: unknown with one boot a side\n");
		return;
	}
	printf("  spread of boot means: %s; %.0f %% of the variance of a run lies between boots: %s\n",
	       fmt_percent(boot, sizeof(boot), r->sd_boot), 100 * share,
	       share > 0.5 ? "more boots help, more runs a boot hardly" :
	       "more runs a boot help as well as more boots");
}

/* Where in the distribution of samples the sides differ. */
static int say_shape(const struct sides *s, const struct compare_row *r)
{
	char change[32], interval[64];
	struct shape shape;
	int err = explain_shape(s, r, &shape), d;

	if (err)
		return err == -ENODATA ? 0 : err;
	printf("  samples, shift at each tenth of their distribution (%zu and %zu %s):\n",
	       shape.n_base, shape.n_new, shape.boots ? "boots" : "runs");
	for (d = 0; d < DECILES; d++)
		printf("    %d %%  %9s  %22s\n", 10 * (d + 1),
		       fmt_change(change, sizeof(change), shape.ratio[d]),
		       fmt_interval(interval, sizeof(interval), shape.lo[d],
				    shape.hi[d]));
	return 0;
}

static int noisy_runs(const struct obs_set *set, const struct obs_row *id,
		      unsigned int rule, int *runs)
{
	size_t i;
	int n = 0;

	*runs = 0;
	for (i = 0; i < set->n; i++) {
		const struct obs_row *row = &set->row[set->v[i].row];

		if (!explain_same_row(row, id))
			continue;
		(*runs)++;
		n += !!(set->v[i].noisy & 1u << rule);
	}
	return n;
}

static void say_noisy(const struct sides *s, const struct compare_row *r)
{
	unsigned int rule;
	int any = 0;

	for (rule = 0; rule < NR_NOISY; rule++) {
		int runs[2];
		int base = noisy_runs(&s->base, &r->id, rule, &runs[0]);
		int now = noisy_runs(&s->now, &r->id, rule, &runs[1]);

		if (!base && !now)
			continue;
		printf("  flagged by %s: %d of %d runs of the base, %d of %d of the new; all are kept and counted\n",
		       noisy_name(rule), base, runs[0], now, runs[1]);
		any++;
	}
	if (!any && (r->runs_base || r->runs_new))
		printf("  no run was flagged\n");
}

static void say_reach(const struct sides *s, const struct compare_row *r)
{
	char mde[32], margin[32];

	if (!isfinite(r->mde))
		return;
	fmt_percent(margin, sizeof(margin), s->opts.margin);
	printf("  these data would have shown a change of %s with probability %.0f %%\n",
	       fmt_percent(mde, sizeof(mde), r->mde), 100 * s->opts.power);
	if (r->need > r->n_base || r->need > r->n_new)
		printf("  a change of %s would need %d %s like these a side; there are %d and %d\n",
		       margin, r->need, units(r), r->n_base, r->n_new);
	else if (!r->need && r->mde > s->opts.margin)
		printf("  a change of %s is out of reach at this spread: quieten the host first (asibench doctor)\n",
		       margin);
}

static void say_flags(const struct compare_row *r)
{
	unsigned int bit;

	for (bit = 0; bit < NR_ROW_FLAGS; bit++)
		if (r->flags & 1u << bit)
			printf("  %s: %s\n", row_flag_name(bit),
			       row_flag_meaning(bit));
}

/* What a side says of runs without figures. */
static void say_missing(const struct obs_set *set, const struct obs_row *id)
{
	size_t i;

	for (i = 0; i < set->nmissing; i++) {
		const struct obs_missing *m = &set->missing[i];
		const struct obs_row *row = &set->row[m->row];
		char *name, *reason;

		if (strcmp(row->benchmark, id->benchmark) ||
		    strcmp(row->params, id->params) ||
		    strcmp(row->place, id->place))
			continue;
		name = text_dup(set->name, false);
		reason = text_dup(m->reason, false);
		if (name && reason)
			printf("  %s: %d %s: %s\n", name, m->n,
			       run_status_name(m->status), reason);
		free(name);
		free(reason);
	}
}

/* ---- the next command ---- */

/* @runs: 0: as many as the precision takes. */
static void put_run(const struct sides *s, int side, const char *benchmark,
		    int runs, int budget)
{
	fputs("    ", stdout);
	sides_run_command(s, side, benchmark, stdout);
	if (runs)
		printf(" --runs %d --precision 0.01", runs);
	printf(" --budget %d\n", budget);
}

/* Time grows with the runs wanted; a run alone has the budget to itself. */
static int budget_for(const struct compare_row *r)
{
	int have = r->n_base < r->n_new ? r->n_base : r->n_new;

	if (r->scope == SCOPE_KERNEL || r->need <= have || !have ||
	    r->verdict != VERDICT_INCONCLUSIVE)
		return BUDGET_DEFAULT;
	return fmin(86400, BUDGET_DEFAULT * ceil((double)r->need / have));
}

static void say_runs(const struct sides *s, const struct compare_row *r,
		     const char *why)
{
	printf("  next: %s\n", why);
	put_run(s, 0, r->id.benchmark, 0, budget_for(r));
	put_run(s, 1, r->id.benchmark, 0, budget_for(r));
}

/* A way out where a change of the margin is not to be seen. */
static void say_far(const struct plan_goal *goal, const struct plan_effort *e)
{
	char reach[32];

	printf("  next: %d boots a side would see %s; most of the variance is that between %ss: asibench plan --effect %g%%\n",
	       e->boots, fmt_percent(reach, sizeof(reach), e->reach),
	       plan_level_name(e->mend), 100 * goal->effect);
}

/*
 * The cheapest way to see a change of the margin, as asibench plan has it;
 * nothing where not known.
 */
static bool say_plan(const struct sides *s, const struct plan_table *plan,
		     const struct compare_row *r)
{
	const struct plan_host *host;
	const struct plan_line *line = plan_table_find(plan, &r->id, &host);
	const struct plan_effort *e = line ? &line->effort : NULL;
	char margin[32], time[32];
	int side;

	if (!e || e->answer == PLAN_UNKNOWN)
		return false;
	if (e->answer == PLAN_FAR) {
		say_far(&host->goal, e);
		return true;
	}
	fmt_percent(margin, sizeof(margin), host->goal.effect);
	if (e->answer == PLAN_OK)
		printf("  next: to see %s, boot each kernel %d times (%s for both, boots and all), with %d run%s on each\n",
		       margin, e->boots,
		       fmt_duration(time, sizeof(time), 2 * e->boots *
				    (host->boot_seconds + e->each)),
		       e->runs, e->runs == 1 ? "" : "s");
	else
		printf("  next: to see %s on this boot, %d runs of each kernel (%s for both)\n",
		       margin, e->runs,
		       fmt_duration(time, sizeof(time), e->seconds));
	for (side = 0; side < 2; side++)
		put_run(s, side, r->id.benchmark, e->runs,
			10 * ceil(e->each / 10 + 1));
	return true;
}

static void say_allow(const struct sides *s)
{
	size_t i;

	printf("  next: make these facts alike, or name them if they are what you compare:\n    asibench compare");
	for (i = 0; i < s->c.ndiffs; i++) {
		if (s->c.diff[i].class != FACT_ENVIRONMENT ||
		    s->c.diff[i].allowed)
			continue;
		fputs(" --allow ", stdout);
		shell_word(stdout, s->c.diff[i].key);
	}
	fputs(" --base ", stdout);
	shell_word(stdout, s->name[0]);
	fputs(" --new ", stdout);
	shell_word(stdout, s->name[1]);
	putchar('\n');
}

static void say_next(const struct sides *s, const struct plan_table *plan,
		     const struct compare_row *r)
{
	if (s->c.refused)
		say_allow(s);
	else if (r->verdict == VERDICT_UNCHECKED && !r->runs_base &&
		 !r->runs_new)
		printf("  next: asibench doctor says what this host lacks\n");
	else if (r->verdict == VERDICT_UNCHECKED)
		say_runs(s, r, "measure both sides again");
	else if (r->verdict == VERDICT_INCONCLUSIVE && say_plan(s, plan, r))
		return;
	else if (r->verdict == VERDICT_INCONCLUSIVE && !r->need)
		printf("  next: asibench doctor\n");
	else if (r->verdict == VERDICT_INCONCLUSIVE)
		say_runs(s, r, r->scope == SCOPE_KERNEL ?
			 "more boots: boot each kernel again, and there" :
			 "more runs, on each kernel");
	else if (r->scope == SCOPE_BOOT)
		say_runs(s, r, "to speak of the kernel and not of this boot, boot each again, and there");
	else if (r->flags & ROW_PROVISIONAL)
		say_runs(s, r, "five boots a side end the mark \"provisional\": boot each again, and there");
}

/* ---- the command ---- */

static int explain_row(const struct sides *s, const struct plan_table *plan,
		       const struct compare_row *r)
{
	char *name = row_name(&r->id, NAME_HOST | NAME_PROFILE, false);
	char *unit = metric_words(&r->id.metric);
	char *reason = text_dup(r->reason, false);
	int err = name && unit && reason ? 0 : -ENOMEM;

	if (!err) {
		printf("%s: %s\n  %s\n  %s\n", name, verdict_name(r->verdict),
		       reason, unit);
		say_figures(r);
		say_variance(r);
		say_borrowed(r);
		say_ranks(r);
		err = say_shape(s, r);
		say_noisy(s, r);
		say_reach(s, r);
		say_flags(r);
		say_missing(&s->base, &r->id);
		say_missing(&s->now, &r->id);
		say_next(s, plan, r);
	}
	free(reason);
	free(unit);
	free(name);
	return err;
}

/* Of the benchmarks explained, beside the times and not among them. */
static int explain_counts(const struct sides *s, const char *glob)
{
	struct sides_counts counts;
	size_t i, n = 0;
	int err;

	if (s->select[0].mode == MODE_COUNTED)
		return 0;
	err = sides_counts(s, &counts);
	if (err)
		return err;
	for (i = 0; i < counts.c.nrows; i++)
		if (!fnmatch(glob, counts.c.row[i].id.benchmark, 0))
			counts.c.row[n++] = counts.c.row[i];
	counts.c.nrows = n;
	counts.c.zeros = 0;
	err = report_counts(&counts.c, stdout);
	sides_counts_free(&counts);
	return err;
}

/* What is stored of the series says what it takes, if a row needs to know. */
static int make_plan(const struct sides *s, const struct compare_row *const
		     *row, size_t n, struct plan_table *plan)
{
	const struct store_select sel = { .series = s->base.series,
					  .patch = -1, .primary = 1 };
	const struct plan_goal goal = { s->opts.margin, s->opts.power,
					s->opts.q, PLAN_BOOTS };
	size_t i;

	memset(plan, 0, sizeof(*plan));
	for (i = 0; i < n; i++)
		if (row[i]->verdict == VERDICT_INCONCLUSIVE)
			return plan_table_make(s->store, &sel, &goal, plan);
	return 0;
}

static int explain_text(const struct sides *s, const struct compare_row *const
			*row, size_t n, const char *glob)
{
	struct plan_table plan;
	size_t i;
	int err = make_plan(s, row, n, &plan);

	for (i = 0; i < n && !err; i++) {
		if (i)
			putchar('\n');
		err = explain_row(s, &plan, row[i]);
	}
	plan_table_free(&plan);
	return err ? err : explain_counts(s, glob);
}

/* The comparison's own writers, for the rows asked for alone. */
static int explain_data(const struct sides *s, const struct compare_row *const
			*row, size_t n)
{
	struct comparison some = s->c;
	struct shape *shape = calloc(n + 1, sizeof(*shape));
	size_t i;
	int err = 0;

	some.row = calloc(n + 1, sizeof(*some.row));
	if (!some.row || !shape) {
		free(some.row);
		free(shape);
		return -ENOMEM;
	}
	some.nrows = n;
	memset(some.count, 0, sizeof(some.count));
	for (i = 0; i < n; i++) {
		some.row[i] = *row[i];
		some.count[row[i]->verdict]++;
		if (err)
			continue;
		err = explain_shape(s, row[i], &shape[i]);
		if (!err)
			some.row[i].shape = &shape[i];
		err = err == -ENODATA ? 0 : err;
	}
	if (!err)
		err = report_compare(format, &some, &s->ctx, stdout);
	free(shape);
	free(some.row);
	return err;
}

/* Rows are compared all together, whatever is asked for: p values depend on
 * how many there are. */
static int explain(const struct sides *s, const char *glob)
{
	const struct compare_row **row = calloc(s->c.nrows + 1, sizeof(*row));
	size_t i, n = 0;
	int status = EXIT_USAGE;

	for (i = 0; row && i < s->c.nrows; i++)
		if (!fnmatch(glob, s->c.row[i].id.benchmark, 0))
			row[n++] = &s->c.row[i];
	if (!row)
		output_status(-ENOMEM);
	else if (!n)
		pr_err("neither %s nor %s has a benchmark '%s'; asibench compare shows what there is",
		       s->name[0], s->name[1], glob);
	else if (format == FORMAT_TEXT)
		status = output_status(explain_text(s, row, n, glob));
	else
		status = output_status(explain_data(s, row, n));
	free(row);
	return status;
}

int cmd_explain(int argc, char **argv)
{
	struct sides s;
	int first, status;

	if (opts_parse(argc, argv, opts,
		       "  asibench explain vmexit.pio_out\n"
		       "  asibench explain 'tlb.*' --base v2 --new v3\n",
		       &first, &status))
		return status;
	if (argc - first != 1) {
		pr_err("explain which benchmark? see asibench explain --help");
		return EXIT_USAGE;
	}
	status = sides_open(&s, &o, argv[0]);
	if (status)
		return status;
	status = explain(&s, argv[first]);
	sides_close(&s);
	return status;
}
