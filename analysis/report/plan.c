// SPDX-License-Identifier: GPL-2.0-or-later
#include "analysis/report/plan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/json.h"
#include "analysis/report/view.h"
#include "lib/shell.h"

#define WIDTH		80
#define NAME_WIDTH	40
#define BOOTS_SURE	5	/* seen, for a spread to rely on */

/* As the scheduler shares out a budget: see choose_run_ns(). */
#define BLOCKS		12
#define OVERHEAD	0.08
#define SLACK		1.3

static bool doable(const struct plan_effort *e)
{
	return e->answer == PLAN_OK || e->answer == PLAN_ONE_BOOT;
}

void plan_host_sum(struct plan_host *p)
{
	double each = 0;
	size_t i;

	p->boots = p->runs = 0;
	for (i = 0; i < p->n; i++) {
		const struct plan_effort *e = &p->line[i].effort;

		if (!doable(e))
			continue;
		p->boots = fmax(p->boots, e->boots);
		p->runs = fmax(p->runs, e->runs);
	}
	for (i = 0; i < p->n; i++) {
		struct plan_effort e = p->line[i].effort;

		e.runs = p->runs;
		each += doable(&e) ? plan_seconds(p->line[i].spread, &e) : 0;
	}
	p->seconds = 2 * p->boots * each;
	if (p->boots > 1)
		p->seconds += 2 * p->boots * p->boot_seconds;
}

double plan_host_budget(const struct plan_host *p)
{
	double all = 0, sampling = 0;
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct plan_spread *s = p->line[i].spread;
		struct plan_effort e = p->line[i].effort;

		if (!doable(&e))
			continue;
		e.runs = p->runs;
		all += SLACK * plan_seconds(s, &e);
		sampling += BLOCKS * (1.5 * fmax(s->cost[PLAN_SAMPLE] *
						 e.samples, 0) + OVERHEAD);
	}
	return 10 * ceil(fmax(all, sampling) / 10);
}

char *fmt_duration(char *buf, size_t size, double seconds)
{
	double minutes = ceil(seconds / 60);

	if (!isfinite(seconds))
		snprintf(buf, size, "-");
	else if (seconds < 99.5)
		snprintf(buf, size, "%.0f s", ceil(seconds));
	else if (minutes < 100)
		snprintf(buf, size, "%.0f min", minutes);
	else if (minutes < 48 * 60)
		snprintf(buf, size, "%.0f h %.0f min", floor(minutes / 60),
			 fmod(minutes, 60));
	else
		snprintf(buf, size, "%.1f days", minutes / (24 * 60));
	return buf;
}

/* ---- text ---- */

static void print_command(const struct plan_host *p, FILE *out)
{
	fputs("\n    asibench run --series ", out);
	shell_word(out, p->series);
	fputs(" --rev REV", out);
	if (p->select) {
		fputs(" --select ", out);
		shell_word(out, p->select);
	}
	fprintf(out, " --runs %d --precision 0.01 --budget %.0f\n", p->runs,
		plan_host_budget(p));
}

static void print_head(const struct plan_host *p, FILE *out)
{
	char effect[32], power[32], alpha[32], time[32];

	fmt_percent(effect, sizeof(effect), p->goal.effect);
	fmt_percent(power, sizeof(power), p->goal.power);
	fmt_percent(alpha, sizeof(alpha), p->goal.alpha);
	wrapf(out, WIDTH, 0, 0, "To see a change of %s with a probability of "
	      "%s in each of %d benchmark%s on %s (tests at %s, so that all "
	      "together alarm in 5 %% at most):", effect, power, p->tests,
	      p->tests == 1 ? "" : "s", p->host, alpha);
	fputc('\n', out);
	if (!p->boots) {
		wrap(out, WIDTH, 2, 2, "out of reach here; see below.");
		return;
	}
	fmt_duration(time, sizeof(time), p->seconds);
	if (p->boots > 1)
		wrapf(out, WIDTH, 2, 2, "%d boots of each kernel, in turn, "
		      "and on each boot %d run%s of each benchmark: %s for "
		      "both kernels.", p->boots, p->runs,
		      p->runs == 1 ? "" : "s", time);
	else
		wrapf(out, WIDTH, 2, 2, "%d runs of each benchmark on one "
		      "boot of each kernel: %s for both. That speaks of these "
		      "boots alone: how boots differ here is not known before "
		      "two boots of one kernel were measured; three to five "
		      "are better.", p->runs, time);
	print_command(p, out);
}

static void spread_cell(char *buf, size_t size, double t2)
{
	fmt_percent(buf, size, sqrt(t2));
}

static void effort_row(struct table *t, const struct plan_line *l)
{
	const struct plan_spread *s = l->spread;
	const struct plan_effort *e = &l->effort;
	char sd[NR_PLAN_LEVELS][32], boots[16], runs[16], samples[32],
	     reach[32], part[64];
	char *name = row_name(&s->id, 0, false);
	int i;

	for (i = 0; i < NR_PLAN_LEVELS; i++)
		spread_cell(sd[i], sizeof(sd[i]), s->t2[i]);
	if (e->answer == PLAN_FAR)
		snprintf(boots, sizeof(boots), "-");
	else
		snprintf(boots, sizeof(boots), "%d", e->boots);
	snprintf(runs, sizeof(runs), "%d", e->runs);
	fmt_value(samples, sizeof(samples), ceil(e->samples));
	fmt_percent(reach, sizeof(reach), e->reach);
	if (isfinite(e->share[e->mend]))
		snprintf(part, sizeof(part), "%s %.0f %%",
			 plan_level_name(e->mend), 100 * e->share[e->mend]);
	else
		snprintf(part, sizeof(part), "-");
	table_row(t, (const char *const []) {
		name ? name : "?", sd[PLAN_SAMPLE], sd[PLAN_RUN],
		sd[PLAN_BOOT], e->answer == PLAN_UNKNOWN ? "-" : boots,
		e->answer == PLAN_UNKNOWN ? "-" : runs,
		e->answer == PLAN_UNKNOWN ? "-" : samples, reach, part,
		e->answer == PLAN_OK ? "" : plan_answer_name(e->answer) });
	free(name);
}

static const char *mend_words(enum plan_level level)
{
	static const char *const words[] = {
		"samples of a run: longer runs (more --budget) help",
		"runs of a boot: what else runs there, frequency, placement "
		"of memory; asibench doctor says what is noisy",
		"boots of one kernel: layout of memory and of the kernel's "
		"code, huge pages, devices; neither longer runs nor more of "
		"them help",
	};

	return words[level];
}

/* What is out of reach by this level's doing: how far, and what to mend. */
static void print_far(const struct plan_host *p, enum plan_level level,
		      FILE *out)
{
	char reach[32], *name, *text = NULL;
	const char *sep = "";
	size_t size, i;
	FILE *list = open_memstream(&text, &size);

	if (!list)
		return;
	for (i = 0; i < p->n; i++) {
		const struct plan_effort *e = &p->line[i].effort;

		if (e->answer != PLAN_FAR || e->mend != level)
			continue;
		name = row_name(&p->line[i].spread->id, 0, false);
		fmt_percent(reach, sizeof(reach), e->reach);
		fprintf(list, "%s%s (%d %s a side see %s)", sep,
			name ? name : "?", e->boots > 1 ? e->boots : e->runs,
			e->boots > 1 ? "boots" : "runs", reach);
		free(name);
		sep = ", ";
	}
	if (!fclose(list) && *sep)
		wrapf(out, WIDTH, 2, 4, "Out of reach: %s. Mend first what "
		      "makes most of the variance, the %s.", text,
		      mend_words(level));
	free(text);
}

static void print_notes_of(const struct plan_host *p, FILE *out)
{
	int least = 0;
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct plan_spread *s = p->line[i].spread;
		int df = s->df_boot;

		if (p->line[i].effort.answer != PLAN_UNKNOWN &&
		    !isnan(s->t2[PLAN_BOOT]) && (!least || df < least))
			least = df;
	}
	wrap(out, WIDTH, 2, 4, "sd: standard deviation that each level adds "
	     "of its own. reach: change that would be seen. largest: part of "
	     "the variance that remains.");
	/* Where one boot is planned, its cost was not thought of. */
	if (!least)
		return;
	wrapf(out, WIDTH, 2, 4, "A boot takes %.0f s beside its runs (%s).",
	      p->boot_seconds, !strcmp(p->boot_from, "stored") ?
	      "as was usual between boots here" :
	      !strcmp(p->boot_from, "given") ? "as you say" :
	      "assumed: say --boot-seconds");
	if (least < BOOTS_SURE - 1)
		wrapf(out, WIDTH, 2, 4, "provisional: how boots differ is "
		      "known from %d degree%s of freedom only; plan again "
		      "when there are more.", least, least == 1 ? "" : "s");
}

static int plan_text(const struct plan_host *p, FILE *out)
{
	static const char *const heads[] = {
		"benchmark", "sd: samples", "runs", "boots", "need: boots",
		"runs", "samples", "reach", "largest", "",
	};
	struct table *t = table_new(heads, "lrrrrrrrll");
	enum plan_level level;
	size_t i;
	int err;

	table_spill(t, NAME_WIDTH);
	for (i = 0; i < p->n; i++)
		effort_row(t, &p->line[i]);
	print_head(p, out);
	fputc('\n', out);
	err = table_print(t, out);
	table_free(t);
	fputc('\n', out);
	if (p->bought >= 0 && p->bought < 2)
		wrap(out, WIDTH, 2, 4, "The budget does not buy two boots of "
		     "each kernel.");
	else if (p->bought >= 0)
		wrapf(out, WIDTH, 2, 4, "The budget buys %d boots of each "
		      "kernel.", p->bought);
	for (level = 0; level < NR_PLAN_LEVELS && (p->bought < 0 ||
						   p->bought > 1); level++)
		print_far(p, level, out);
	print_notes_of(p, out);
	return err;
}

static int report_text(const struct plan_host *v, size_t n, FILE *out)
{
	size_t i;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		if (i)
			fputc('\n', out);
		err = plan_text(&v[i], out);
	}
	return err ? err : stream_end(out);
}

/* ---- for programs ---- */

static json_t *levels_json(const double v[NR_PLAN_LEVELS])
{
	json_t *j = json_object();
	int i;

	for (i = 0; i < NR_PLAN_LEVELS; i++)
		json_object_set_new(j, plan_level_name(i), json_figure(v[i]));
	return j;
}

static json_t *line_json(const struct plan_line *l)
{
	const struct plan_spread *s = l->spread;
	const struct plan_effort *e = &l->effort;
	bool known = e->answer != PLAN_UNKNOWN;
	double sd[NR_PLAN_LEVELS];
	json_t *row = json_row(&s->id), *more;
	int i;

	for (i = 0; i < NR_PLAN_LEVELS; i++)
		sd[i] = sqrt(s->t2[i]);
	more = json_pack("{ss so so so so so so so so so s{si si}}",
		"answer", plan_answer_name(e->answer),
		"boots", known ? json_integer(e->boots) : json_null(),
		"runs", known ? json_integer(e->runs) : json_null(),
		"samples", json_figure(known ? ceil(e->samples) : NAN),
		"seconds", json_figure(e->seconds),
		"reach", json_figure(e->reach),
		"mend", known ? json_string(plan_level_name(e->mend)) :
			json_null(),
		"share", levels_json(e->share), "sd", levels_json(sd),
		"cost", levels_json(s->cost),
		"seen", "boots", s->boots, "runs", s->runs);
	json_object_update(row, more);
	json_decref(more);
	return row;
}

static json_t *host_json(const struct plan_host *p)
{
	json_t *rows = json_array();
	size_t i;

	for (i = 0; i < p->n; i++)
		json_array_append_new(rows, line_json(&p->line[i]));
	return json_pack("{so so sf sf sf si sf ss so so so so so}",
		"series", json_text(p->series), "host", json_text(p->host),
		"effect", p->goal.effect, "power", p->goal.power,
		"alpha", p->goal.alpha, "tests", p->tests,
		"boot_seconds", p->boot_seconds, "boot_from", p->boot_from,
		"budget", p->budget > 0 ? json_real(p->budget) : json_null(),
		"boots", p->boots ? json_integer(p->boots) : json_null(),
		"runs", p->runs ? json_integer(p->runs) : json_null(),
		"seconds", json_figure(p->boots ? p->seconds : NAN),
		"rows", rows);
}

static int report_json(const struct plan_host *v, size_t n, FILE *out)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(list, host_json(&v[i]));
	return json_print(list, out);
}

static void csv_row(const struct plan_line *l, FILE *out)
{
	const struct plan_spread *s = l->spread;
	const struct plan_effort *e = &l->effort;
	bool known = e->answer != PLAN_UNKNOWN;

	csv_line(out, (const char *const []) {
		s->id.benchmark, s->id.params, s->id.place, s->id.profile,
		s->id.metric.name, s->id.host, plan_answer_name(e->answer),
		known ? plan_level_name(e->mend) : "" }, 8,
		(const double []) { known ? e->boots : NAN,
		known ? e->runs : NAN, known ? ceil(e->samples) : NAN,
		e->seconds, e->reach, sqrt(s->t2[PLAN_SAMPLE]),
		sqrt(s->t2[PLAN_RUN]), sqrt(s->t2[PLAN_BOOT]),
		s->cost[PLAN_SAMPLE], s->cost[PLAN_RUN], s->cost[PLAN_BOOT],
		s->boots, s->runs }, 13);
}

static int report_csv(const struct plan_host *v, size_t n, FILE *out)
{
	size_t i, k;

	fputs("benchmark,params,where,profile,metric,host,answer,mend,boots,"
	      "runs,samples,seconds,reach,sd_sample,sd_run,sd_boot,"
	      "cost_sample,cost_run,cost_boot,seen_boots,seen_runs\n", out);
	for (i = 0; i < n; i++)
		for (k = 0; k < v[i].n; k++)
			csv_row(&v[i].line[k], out);
	return stream_end(out);
}

int report_plan(enum format format, const struct plan_host *v, size_t n,
		FILE *out)
{
	static int (*const writer[])(const struct plan_host *, size_t,
				     FILE *) = {
		[FORMAT_TEXT] = report_text,
		[FORMAT_JSON] = report_json,
		[FORMAT_CSV] = report_csv,
	};

	return writer[format](v, n, out);
}
