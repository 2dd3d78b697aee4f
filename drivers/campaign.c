// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/campaign.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "drivers/scratch.h"
#include "lib/msg.h"

static char *plan_dump(const struct campaign_request *req)
{
	json_t *globs = json_array(), *o;
	size_t i;
	char *text;

	for (i = 0; i < req->nglob; i++)
		json_array_append_new(globs, json_string(req->glob[i]));
	o = json_pack("{s:o, s:s, s:s, s:i, s:i, s:s, s:s*, s:f, s:f, s:I, s:I, s:s, s:I}",
		      "select", globs, "series", req->session.series,
		      "revision", req->session.revision,
		      "patch", req->session.patch,
		      "patches", req->session.patches,
		      "arm", req->session.arm,
		      "isolation", req->session.isolation,
		      "budget", req->rules.budget,
		      "precision", req->rules.precision,
		      "run_ns", (json_int_t)req->rules.run_ns,
		      "runs_most", (json_int_t)req->rules.runs_most,
		      "mode", run_mode_name(req->mode),
		      "inject", (json_int_t)req->inject);
	text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(o);
	return text;
}

/* Strings of the request then live in the JSON value, which is kept. */
static int plan_load(const char *text, struct campaign_request *req,
		     json_t **keep)
{
	json_int_t run_ns, runs_most, inject;
	json_t *o = json_loads(text, 0, NULL), *globs;
	const char *mode;
	size_t i;

	*keep = o;
	if (json_unpack(o, "{s:o, s:s, s:s, s:i, s:i, s:s, s?s, s:F, s:F, s:I, s:I, s:s, s:I}",
			"select", &globs, "series", &req->session.series,
			"revision", &req->session.revision,
			"patch", &req->session.patch,
			"patches", &req->session.patches,
			"arm", &req->session.arm,
			"isolation", &req->session.isolation,
			"budget", &req->rules.budget,
			"precision", &req->rules.precision,
			"run_ns", &run_ns, "runs_most", &runs_most,
			"mode", &mode, "inject", &inject) ||
	    run_mode_parse(mode) < 0 ||
	    json_array_size(globs) > CAMPAIGN_GLOBS)
		return -EBADMSG;
	req->rules.run_ns = run_ns;
	req->rules.runs_most = runs_most;
	req->mode = run_mode_parse(mode);
	req->inject = inject;
	req->nglob = json_array_size(globs);
	for (i = 0; i < req->nglob; i++)
		req->glob[i] = json_string_value(json_array_get(globs, i));
	return 0;
}

/**
 * struct campaign - while it runs
 */
struct campaign {
	struct store *store;
	struct host *host;
	struct campaign_request req;
	struct store_campaign row;
	struct variant_list variants;
	struct obs_set prior;
	json_t *plan_json;
	int first_block;
	double spent;
};

/* The boot must be known before its open campaign can be found. */
static int resume(struct campaign *c, struct campaign_end *end)
{
	struct session_request here = {
		.series = "", .revision = "", .arm = "",
	};
	int err;

	err = session_find_boot(c->store, c->host, &end->session.boot);
	if (!err)
		err = store_campaign_resumable(c->store, end->session.boot,
					       &c->row);
	if (err == -ENOENT) {
		pr_err("nothing to resume: no campaign of this boot is unfinished; start one with asibench run");
		return err;
	}
	if (err)
		return err;
	c->req.session = here;
	err = plan_load(c->row.plan, &c->req, &c->plan_json);
	if (err) {
		pr_err("%s: the plan of campaign %s cannot be read; start a new one with asibench run",
		       store_path(c->store), c->row.uuid);
		return err;
	}
	err = store_campaign_progress(c->store, c->row.id, &c->first_block,
				      &c->spent);
	if (err)
		return err;
	return store_load_campaign(c->store, c->row.id, &c->prior);
}

int campaign_seed(uint64_t wanted, uint64_t *seed)
{
	*seed = wanted;
	if (!wanted && getrandom(seed, sizeof(*seed), 0) != sizeof(*seed))
		return -errno;
	/* Positive as a signed number too: it is typed back by people. */
	*seed = (*seed & INT32_MAX) | !(*seed & INT32_MAX);
	return 0;
}

static int begin(struct campaign *c, struct campaign_end *end)
{
	uint64_t seed;
	char *plan;
	int err = campaign_seed(c->req.seed, &seed);

	if (err)
		return err;
	plan = plan_dump(&c->req);
	if (!plan)
		return -ENOMEM;
	err = store_campaign_begin(c->store, end->session.host,
				   end->session.boot, plan, seed, &c->row);
	free(plan);
	return err;
}

int campaign_variants(struct host *host, const char *const *glob,
		      size_t nglob, struct variant_list *list,
		      int *available)
{
	int err = variants_expand(host, glob, nglob, list);
	size_t i;

	*available = 0;
	if (err)
		return err;
	for (i = 0; i < list->n; i++)
		*available += !list->v[i].reason[0];
	if (list->n)
		return 0;
	pr_err("no benchmark is named like that; asibench list shows all");
	return -ENOENT;
}

static int measure_all(struct campaign *c, const volatile int *stop,
		       void (*event)(void *, const struct schedule_event *),
		       void *priv, struct campaign_end *end)
{
	struct plan_arm arm = {
		.label = end->session.label, .arm = end->session.arm,
		.inject = c->req.inject,
	};
	struct plan plan = {
		.variants = &c->variants, .arm = &arm, .narms = 1,
		.mode = c->req.mode,
		.rules = c->req.rules, .seed = c->row.seed,
		.campaign = c->row.id, .host_id = end->session.host,
		.boot = end->session.boot, .first_block = c->first_block,
		.spent = c->spent, .prior = &c->prior,
	};
	bool signalled;
	int err, late;

	err = scratch_create(c->host);
	if (!err)
		err = schedule(c->store, c->host, &plan, stop, event, priv,
			       &end->schedule);
	scratch_remove();
	signalled = !err && !strcmp(end->schedule.stop, "signal");
	late = store_campaign_end(c->store, c->row.id,
				  err || signalled ? "interrupted" : "done",
				  err ? "error" : end->schedule.stop);
	return err ? err : late;
}

static void campaign_free(struct campaign *c)
{
	variants_free(&c->variants);
	obs_set_free(&c->prior);
	store_campaign_free(&c->row);
	json_decref(c->plan_json);
}

int campaign_run(struct store *store, struct host *host,
		 const struct campaign_request *req, const volatile int *stop,
		 void (*event)(void *priv, const struct schedule_event *e),
		 void *priv, struct campaign_end *end)
{
	struct campaign c = { .store = store, .host = host, .req = *req };
	int err = 0, dead;

	memset(end, 0, sizeof(*end));
	end->schedule.stop = "nothing";
	err = store_slots_recover(store, &dead);
	if (!err && req->resume)
		err = resume(&c, end);
	if (!err)
		err = campaign_variants(host, c.req.glob, c.req.nglob,
					&c.variants, &end->available);
	if (!err)
		err = session_begin(store, host, &c.req.session,
				    &end->session);
	if (!err && !req->resume)
		err = begin(&c, end);
	if (!err) {
		end->id = c.row.id;
		strcpy(end->uuid, c.row.uuid);
		err = measure_all(&c, stop, event, priv, end);
	}
	campaign_free(&c);
	return err;
}
