// SPDX-License-Identifier: GPL-2.0-or-later
/* Reasons not to judge a row. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analysis/row.h"

/*
 * Runs that end without a figure are rarely a random choice of all runs.
 * Beyond a third of a side, or when the sides differ by more than a fifth,
 * what is left is not compared.
 */
#define LOST_MOST	(1 / 3.)
#define LOST_UNEQUAL	(1 / 5.)

#define TAIL_SAMPLES	1000
#define TAIL_UNEQUAL	1.25

bool row_unchecked(struct work *w, const char *fmt, ...)
{
	va_list ap;

	w->row->verdict = VERDICT_UNCHECKED;
	w->e->kind = ESTIMATE_NONE;
	w->e->p = w->e->p_beyond = NAN;
	va_start(ap, fmt);
	vsnprintf(w->row->reason, sizeof(w->row->reason), fmt, ap);
	va_end(ap);
	return true;
}

static bool not_measured(struct work *w)
{
	const struct obs_missing *why;
	int s;

	for (s = 0; s < 2; s++) {
		if (w->side[s].runs)
			continue;
		why = w->side[s].m->why;
		return row_unchecked(w, "not measured in %s%s%s%s%s",
				 w->side[s].set->name, why ? ": " : "",
				 why ? run_status_name(why->status) : "",
				 why && why->reason && *why->reason ? ": " : "",
				 why && why->reason ? why->reason : "");
	}
	return false;
}

/* What such runs say of an operation, they say of somebody else as well. */
static bool disturbed(struct work *w)
{
	int s;

	for (s = 0; s < 2; s++)
		if (w->side[s].m->only_disturbed)
			return row_unchecked(w, "the core was shared during "
					 "every run of %s",
					 w->side[s].set->name);
	return false;
}

static bool redefined(struct work *w)
{
	const struct metric *a = w->side[0].metric, *b = w->side[1].metric;

	if (strcmp(a->unit, b->unit))
		return row_unchecked(w, "unit was %s, is %s", a->unit, b->unit);
	if (a->better != b->better || a->scale != b->scale ||
	    a->nature != b->nature)
		return row_unchecked(w, "the metric's definition changed");
	return false;
}

static bool interpreted(struct work *w)
{
	int s;

	for (s = 0; s < 2; s++)
		if (w->side[s].interpreted)
			return row_unchecked(w, "ring interpreted in %s: the "
					 "figure is an emulator's",
					 w->side[s].set->name);
	return false;
}

/*
 * A contradicted claim is never judged. An unverified one is when both sides
 * claim the same: what is compared then is not the claim.
 */
static bool state_doubtful(struct work *w)
{
	const struct obs_set *a = w->out->base, *b = w->out->now;
	bool arms = strcmp(a->arm ? a->arm : "", b->arm ? b->arm : "");
	size_t k;
	int s;

	for (s = 0; s < 2; s++)
		for (k = 0; k < w->side[s].m->boots; k++) {
			const struct match_side *m = w->side[s].m;
			const struct obs_set *set = w->side[s].set;
			const struct obs_boot *boot =
				&set->boot[m->group[k].boot];

			if (boot->state != STATE_CONTRADICTED &&
			    !(arms && boot->state == STATE_UNVERIFIED))
				continue;
			return row_unchecked(w, "claimed state %s in %s%s%s",
					 boot->state == STATE_CONTRADICTED ?
					 "contradicted" : "not verified",
					 set->name,
					 boot->evidence ? ": " : "",
					 boot->evidence ? boot->evidence : "");
		}
	return false;
}

static bool no_number(struct work *w)
{
	int s;

	for (s = 0; s < 2; s++) {
		const struct side *side = &w->side[s];

		if (side->bad)
			return row_unchecked(w, "%d of %d figures of %s are not "
					 "finite", side->bad, side->runs,
					 side->set->name);
		if (side->nolog)
			return row_unchecked(w, "%d of %d figures of %s are not "
					 "positive, a ratio has no meaning",
					 side->nolog, side->runs,
					 side->set->name);
	}
	return false;
}

static bool runs_lost(struct work *w)
{
	double share[2];
	int s;

	for (s = 0; s < 2; s++) {
		int lost = w->side[s].m->lost;

		share[s] = lost / (lost + (double)w->side[s].m->n);
	}
	if (fmax(share[0], share[1]) <= LOST_MOST &&
	    fabs(share[0] - share[1]) <= LOST_UNEQUAL)
		return false;
	return row_unchecked(w, "runs lost: %d of %zu of %s, %d of %zu of %s",
			 w->side[0].m->lost,
			 w->side[0].m->lost + w->side[0].m->n,
			 w->side[0].set->name, w->side[1].m->lost,
			 w->side[1].m->lost + w->side[1].m->n,
			 w->side[1].set->name);
}

/* Samples behind a run's figure, on average. */
static double samples_per_run(const struct side *side)
{
	double sum = 0;
	int i;

	for (i = 0; i < side->runs; i++)
		sum += side->match->run[side->group->first + i]->n;
	return sum / side->runs;
}

/*
 * The 99th percentile of few samples is little else than their maximum, and
 * grows with how many they are.
 */
static bool tail_unknown(struct work *w)
{
	double n[2] = { samples_per_run(&w->side[0]),
			samples_per_run(&w->side[1]) };

	if (strcmp(w->side[0].metric->name, "p99"))
		return false;
	if (fmin(n[0], n[1]) < TAIL_SAMPLES)
		return row_unchecked(w, "p99 of %.0f and %.0f samples a run, "
				 "%d needed", n[0], n[1], TAIL_SAMPLES);
	if (fmax(n[0], n[1]) > TAIL_UNEQUAL * fmin(n[0], n[1]))
		return row_unchecked(w, "p99 of %.0f and %.0f samples a run: "
				 "too unequal", n[0], n[1]);
	return false;
}

static bool too_few(struct work *w)
{
	bool boots = w->row->scope == SCOPE_KERNEL;
	int need = boots ? w->opts->min_boots : w->opts->min_runs;
	int s;

	if (w->side[0].metric->nature == NATURE_EXACT)
		return false;
	need = need < 2 ? 2 : need;
	for (s = 0; s < 2; s++)
		if (w->side[s].n < (size_t)need)
			return row_unchecked(w, "%zu %s%s%s of %s, %d needed%s%s",
					 w->side[s].n,
					 w->side[s].m->disturbed ?
					 "undisturbed " : "",
					 boots ? "boot" : "run",
					 w->side[s].n == 1 ? "" : "s",
					 w->side[s].set->name, need,
					 *w->e->note ? "; " : "", w->e->note);
	return false;
}

bool row_gate(struct work *w)
{
	if (w->out->refused)
		return row_unchecked(w, "%s", w->out->refusal);
	return not_measured(w) || redefined(w) || interpreted(w) ||
		disturbed(w) ||
		state_doubtful(w) || no_number(w) || runs_lost(w) ||
		tail_unknown(w) || too_few(w);
}
