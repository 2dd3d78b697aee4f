// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/aa.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/scratch.h"
#include "lib/clock.h"
#include "store/aa.h"

/**
 * struct aa - while it runs
 * @arm:	equal but for their rows in the store
 */
struct aa {
	struct store *store;
	struct host *host;
	const struct aa_request *req;
	const volatile int *stop;
	void (*event)(void *priv, const struct schedule_event *e);
	void *priv;
	struct aa_end *end;
	struct variant_list variants;
	struct session session;
	struct plan_arm arm[2];
	uint64_t seed;
	uint64_t start;
};

/*
 * Both have one name: nobody compares them by accident, and whether their
 * state could be verified does not matter, for they claim nothing.
 */
static int enter_arms(struct aa *a)
{
	static const char *const switches[2] = {
		"[{\"key\":\"side\",\"scope\":\"aa\",\"value\":\"a\"}]",
		"[{\"key\":\"side\",\"scope\":\"aa\",\"value\":\"b\"}]",
	};
	struct session_request req = {
		.series = AA_SERIES, .revision = "", .arm = AA_ARM,
	};
	struct session *s = &a->session;
	int err, i;

	err = session_begin(a->store, a->host, &req, s);
	for (i = 0; !err && i < 2; i++) {
		a->arm[i].label = s->label;
		err = store_arm(a->store, AA_ARM, switches[i], &a->arm[i].arm);
		if (!err)
			err = store_arm_state(a->store, s->boot,
					      a->arm[i].arm, "", s->state,
					      s->evidence);
	}
	return err;
}

static char *plan_dump(const struct aa *a, int number)
{
	json_t *o = json_pack("{s:i, s:i, s:f, s:f, s:I}", "aa_pair", number,
			      "pairs", a->req->pairs,
			      "budget", a->req->rules.budget,
			      "precision", a->req->rules.precision,
			      "runs_most",
			      (json_int_t)a->req->rules.runs_most);
	char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(o);
	return text;
}

static int begin_pair(struct aa *a, int number, struct store_campaign *row)
{
	char *plan = plan_dump(a, number);
	int err = -ENOMEM;

	if (plan)
		err = store_campaign_begin(a->store, a->session.host,
					   a->session.boot, plan,
					   a->seed + number, row);
	free(plan);
	return err ? err : store_aa_begin(a->store, row->id);
}

/* What is left of the budget is shared by the pairs that are left. */
static int measure_pair(struct aa *a, int number,
			const struct store_campaign *row,
			struct schedule_end *end)
{
	struct plan plan = {
		.variants = &a->variants, .arm = a->arm, .narms = 2,
		.rules = a->req->rules, .seed = row->seed,
		.campaign = row->id, .host_id = a->session.host,
		.boot = a->session.boot,
	};
	double spent = (clock_now() - a->start) / 1e9;
	int err, late, cut;

	plan.rules.budget = (a->req->rules.budget - spent) /
		(a->req->pairs - number + 1);
	err = schedule(a->store, a->host, &plan, a->stop, a->event, a->priv,
		       end);
	cut = err || !strcmp(end->stop, "signal");
	late = store_campaign_end(a->store, row->id,
				  cut ? "interrupted" : "done",
				  err ? "error" : end->stop);
	return err ? err : late;
}

static int hand_over(struct aa *a, int number, int64_t campaign,
		     int (*pair)(void *priv, const struct aa_pair *p))
{
	static const char *const name[2] = { "a", "b" };
	struct aa_pair p = { .number = number, .campaign = campaign };
	int err = 0, i;

	for (i = 0; !err && i < 2; i++)
		err = store_load_arm(a->store, campaign, a->arm[i].arm,
				     name[i], &p.set[i]);
	if (!err)
		err = pair(a->priv, &p);
	for (i = 0; i < 2; i++)
		obs_set_free(&p.set[i]);
	return err;
}

static int one_pair(struct aa *a, int number,
		    int (*pair)(void *priv, const struct aa_pair *p))
{
	struct store_campaign row;
	struct schedule_end end;
	int err;

	err = begin_pair(a, number, &row);
	if (err)
		return err;
	err = measure_pair(a, number, &row, &end);
	store_campaign_free(&row);
	if (err)
		return err;
	a->end->runs += end.runs;
	a->end->scored += end.scored;
	if (!strcmp(end.stop, "signal")) {
		a->end->stop = "signal";
		return 0;
	}
	a->end->pairs++;
	return hand_over(a, number, row.id, pair);
}

static int all_pairs(struct aa *a,
		     int (*pair)(void *priv, const struct aa_pair *p))
{
	int err = 0, i;

	for (i = 1; i <= a->req->pairs && !err; i++) {
		if (*a->stop)
			a->end->stop = "signal";
		else if ((clock_now() - a->start) / 1e9 >=
			 a->req->rules.budget)
			a->end->stop = "budget";
		if (strcmp(a->end->stop, "pairs"))
			break;
		err = one_pair(a, i, pair);
	}
	a->end->seconds = (clock_now() - a->start) / 1e9;
	return err;
}

int aa_run(struct store *store, struct host *host,
	   const struct aa_request *req, const volatile int *stop,
	   void (*event)(void *priv, const struct schedule_event *e),
	   int (*pair)(void *priv, const struct aa_pair *p), void *priv,
	   struct aa_end *end)
{
	struct aa a = {
		.store = store, .host = host, .req = req, .stop = stop,
		.event = event, .priv = priv, .end = end,
		.start = clock_now(),
	};
	int err, dead;

	memset(end, 0, sizeof(*end));
	end->stop = "pairs";
	err = store_slots_recover(store, &dead);
	if (!err)
		err = campaign_variants(host, req->glob, req->nglob,
					&a.variants, &end->available);
	if (!err)
		err = campaign_seed(req->seed, &a.seed);
	if (!err)
		err = enter_arms(&a);
	if (!err)
		err = scratch_create(host);
	if (!err)
		err = all_pairs(&a, pair);
	scratch_remove();
	variants_free(&a.variants);
	return err;
}
