// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/campaign.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "drivers/facts.h"
#include "drivers/guest/guest.h"
#include "drivers/scratch.h"
#include "lib/msg.h"

/* [{"name": ..., "words": ...}], NULL without any. */
static json_t *arms_dump(const struct campaign_request *req)
{
	json_t *all = req->nguest_arms ? json_array() : NULL;
	int i;

	for (i = 0; i < req->nguest_arms; i++)
		json_array_append_new(all, json_pack("{s:s, s:s}",
			"name", req->guest_arm[i].name,
			"words", req->guest_arm[i].words));
	return all;
}

static int arms_load(const json_t *o, struct campaign_request *req)
{
	json_t *all = json_object_get(o, "guest_arms");
	int i;

	req->kernel = json_string_value(json_object_get(o, "kernel"));
	req->nguest_arms = json_array_size(all);
	if (req->nguest_arms > CAMPAIGN_ARMS)
		return -EBADMSG;
	for (i = 0; i < req->nguest_arms; i++)
		if (json_unpack(json_array_get(all, i), "{s:s, s:s}",
				"name", &req->guest_arm[i].name,
				"words", &req->guest_arm[i].words))
			return -EBADMSG;
	return 0;
}

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
	if (req->nguest_arms)
		json_object_set_new(o, "guest_arms", arms_dump(req));
	if (req->kernel)
		json_object_set_new(o, "kernel", json_string(req->kernel));
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
	    json_array_size(globs) > CAMPAIGN_GLOBS || arms_load(o, req))
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
	struct session_kernel kernel;
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

static int count_available(const struct variant_list *list, int *available)
{
	size_t i;

	*available = 0;
	for (i = 0; i < list->n; i++)
		*available += !list->v[i].reason[0];
	if (list->n)
		return 0;
	pr_err("no benchmark is named like that; asibench list shows all");
	return -ENOENT;
}

int campaign_variants(struct host *host, const char *const *glob,
		      size_t nglob, struct variant_list *list,
		      int *available)
{
	int err = variants_expand(host, glob, nglob, list);

	return err ? err : count_available(list, available);
}

/* In place of the one arm that the host is in; how many there are. */
static int guest_arms(const struct campaign *c, const struct campaign_end *end,
		      struct plan_arm *arm)
{
	int i;

	for (i = 0; i < c->req.nguest_arms; i++)
		arm[i] = (struct plan_arm) {
			.label = end->session.label, .arm = end->arm[i],
			.words = c->req.guest_arm[i].words,
		};
	return i ? i : 1;
}

/* "pti=on" as {"key":"pti","scope":"guest","value":"on"}. */
static char *switches_of(const char *words)
{
	char *copy = strdup(words), *s = copy, *name, *value, *text;
	json_t *all = json_array();

	while (copy && cmdline_next(&s, &name, &value))
		json_array_append_new(all, json_pack("{s:s, s:s, s:s}",
			"key", name, "scope", "guest",
			"value", value ? value : ""));
	if (!json_array_size(all))
		json_array_append_new(all, json_pack("{s:s, s:s, s:s}",
			"key", "", "scope", "guest", "value", ""));
	text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(all);
	free(copy);
	return text;
}

static int enter_arms(struct campaign *c, struct campaign_end *end)
{
	char *switches;
	int err = 0, i;

	for (i = 0; !err && i < c->req.nguest_arms; i++) {
		switches = switches_of(c->req.guest_arm[i].words);
		err = switches ? store_arm(c->store, c->req.guest_arm[i].name,
					   switches, &end->arm[i]) : -ENOMEM;
		free(switches);
	}
	return err;
}

static bool is_guest(const struct variant_entry *e)
{
	return e->driver == &guest_driver;
}

static void keep_guests(struct variant_list *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		if (is_guest(&l->v[i]))
			l->v[n++] = l->v[i];
	l->n = n;
}

/*
 * By what a guest runs is part of its key, and is found out by a boot: only
 * where guests are asked for, and once, as it is remembered.
 */
static int expand(struct campaign *c, const volatile int *stop, int *available)
{
	struct variant_list *l = &c->variants;
	size_t i = 0;
	int err;

	if (c->req.kernel) {
		guest_find(c->host->guest, c->req.kernel);
		guest_probe_cached(c->host->guest);
	}
	err = variants_expand(c->host, c->req.glob, c->req.nglob, l);
	while (!err && i < l->n && (!is_guest(&l->v[i]) || l->v[i].reason[0]))
		i++;
	if (err || i == l->n || c->host->guest->accel[0])
		goto out;
	pr_info("finding out how guests run here, by booting one");
	if (guest_probe(c->host->guest, stop) == -EINTR)
		return -EINTR;
	variants_free(l);
	err = variants_expand(c->host, c->req.glob, c->req.nglob, l);
out:
	if (!err && (c->req.nguest_arms || c->req.kernel)) {
		keep_guests(l);
		if (!l->n) {
			pr_err("no benchmark of guests is named like that, and --guest-arm and --kernel are for those: asibench list 'guest.*' shows them; what runs in a process runs in a guest's as --select NAME:where=guest-os");
			return -ENOENT;
		}
	}
	return err ? err : count_available(l, available);
}

/* Where the user names a kernel, that is what is measured, and named. */
static void name_kernel(struct campaign *c)
{
	const struct guest_env *env = c->host->guest;

	if (!c->req.kernel || !env->accel[0])
		return;
	c->kernel = (struct session_kernel) {
		.release = env->release, .version = env->version,
		.build_id = env->build_id,
	};
	c->req.session.kernel = &c->kernel;
}

static int measure_all(struct campaign *c, const volatile int *stop,
		       void (*event)(void *, const struct schedule_event *),
		       void *priv, struct campaign_end *end)
{
	struct plan_arm arm[CAMPAIGN_ARMS] = { {
		.label = end->session.label, .arm = end->session.arm,
		.inject = c->req.inject,
	} };
	struct plan plan = {
		.variants = &c->variants, .arm = arm,
		.narms = guest_arms(c, end, arm),
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
		err = expand(&c, stop, &end->available);
	name_kernel(&c);
	if (!err)
		err = session_begin(store, host, &c.req.session,
				    &end->session);
	if (!err)
		err = enter_arms(&c, end);
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
