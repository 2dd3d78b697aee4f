/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * results.db. The only SQL of the project is behind this header.
 *
 * Functions return 0 or a negative errno, and have said what is wrong (with
 * the file's name and what to do) before they return an error. Data errors
 * (not a database of ours, damaged, newer) are -EBADMSG; a busy database
 * -EBUSY; a full disk -ENOSPC; a read-only place -EROFS or -EACCES.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/factlist.h"
#include "lib/model.h"
#include "lib/obs.h"

struct store;

#define STORE_CREATE	(1u << 0)	/* make it if it is not there */
#define STORE_READ	(1u << 1)	/* read only */
#define STORE_FOREIGN	(1u << 2)	/* of others: defensive, exact schema */

/**
 * store_default_path() - $ASIBENCH_DB, ./results.db in the project, else
 * $XDG_STATE_HOME/asibench/results.db (its directory is made when @create)
 * @explicit_path: what --db said, or NULL
 */
int store_default_path(const char *explicit_path, int create, char *buf,
		       size_t size);

int store_open(struct store **s, const char *path, unsigned int flags);
void store_close(struct store *s);
const char *store_path(const struct store *s);

/*
 * ---- identity: each finds or makes a row and returns its id ----
 *
 * Text is kept exactly as it is given, NULL as "". What is too long for the
 * schema is refused, not cut.
 */

/**
 * store_host() - a host by its fingerprint
 * @alias:	public name; one that another host has gets a suffix
 * @facts:	or NULL. Of a known host those that differ are kept with the
 *		next store_boot() of it: what older boots saw stays
 */
int store_host(struct store *s, const char *fingerprint, const char *alias,
	       const char *name, const struct fact_list *facts, int64_t *id);

/**
 * struct store_build - what was built; "" where unknown
 */
struct store_build {
	const char *release;
	const char *build_id;
	const char *commit;
	const char *tree;
	const char *patch_id;
	const char *config_hash;
	const char *toolchain;
	int dirty;
};

int store_build(struct store *s, const struct store_build *b, int64_t *id);

/**
 * struct store_label - a name for a build within a series
 * @patch:	K of "K/N", 0: the whole series
 * @patches:	N
 */
struct store_label {
	const char *series;
	const char *revision;
	int patch;
	int patches;
};

/**
 * store_label() - bind a label to a build
 * Return: -EEXIST (said, with both builds and the way out) if the label
 * already names another build.
 */
int store_label(struct store *s, const struct store_label *l, int64_t build,
		int64_t *id);

/* Both leave a row in the audit trail. */
int store_relabel(struct store *s, const struct store_label *from,
		  const struct store_label *to);
int store_forget(struct store *s, const struct store_label *l, int *runs);

/**
 * store_boot() - a boot by host, boot_id and kind ("host", "guest")
 * @facts:	or NULL. Of a known boot those that differ (another governor
 *		since; not witnesses) go to the runs that this struct store
 *		writes from now on; store_load() shows them in place of the
 *		boot's, and as "changed: A, then B" if runs of one side differ
 */
int store_boot(struct store *s, int64_t host, int64_t build,
	       const char *boot_id, const char *kind,
	       const struct fact_list *facts, int64_t *id);

/**
 * store_arm() - an arm by name and switches
 * @switches:	canonical JSON array of {scope, key, value}
 */
int store_arm(struct store *s, const char *name, const char *switches,
	      int64_t *id);
/* What is seen of an arm on a boot; slots that start later refer to it. */
int store_arm_state(struct store *s, int64_t boot, int64_t arm,
		    const char *claim, enum arm_state state,
		    const char *evidence);

int store_variant(struct store *s, const char *benchmark, const char *params,
		  enum place place, const char *profile, int64_t *id);

/* ---- campaigns and slots ---- */

/**
 * struct store_campaign - a plan and what became of it
 * @uuid:	made by store_campaign_begin()
 * @plan:	JSON, the scheduler's own
 * @seed:	of its random order
 * @state:	"running", "done", "interrupted"
 * @stop:	why it ended: "precision", "budget", "signal", ...
 */
struct store_campaign {
	int64_t id;
	char uuid[40];
	char *plan;
	uint64_t seed;
	char state[16];
	char stop[32];
};

int store_campaign_begin(struct store *s, int64_t host, int64_t boot,
			 const char *plan, uint64_t seed,
			 struct store_campaign *c);
int store_campaign_end(struct store *s, int64_t id, const char *state,
		       const char *stop);
/* The newest of this boot that did not end; -ENOENT if there is none. A/A
 * pairs (store/aa.h) are not gone on with. */
int store_campaign_resumable(struct store *s, int64_t boot,
			     struct store_campaign *c);
void store_campaign_free(struct store_campaign *c);

/**
 * store_campaign_progress() - how far a campaign came
 * @next_block:	out: the block after the last one that was begun
 * @seconds:	out: sum of what its runs took
 */
int store_campaign_progress(struct store *s, int64_t id, int *next_block,
			    double *seconds);

/**
 * struct store_slot - one place in the order of a campaign
 */
struct store_slot {
	int64_t campaign;
	int64_t boot;
	int64_t label;
	int64_t arm;
	int64_t variant;
	enum run_mode mode;
	uint64_t inject;	/* iterations, MODE_INJECTED */
	int block;
	int order;
	int attempt;
};

/* Committed as "started" before it runs. */
int store_slot_start(struct store *s, const struct store_slot *slot,
		     int64_t *id);
/* A variant that cannot run here, said once per campaign, no run row. */
int store_slot_skip(struct store *s, const struct store_slot *slot,
		    const char *reason);
/* Slots whose owner (pid and start time) is gone become "interrupted". */
int store_slots_recover(struct store *s, int *n);

/* ---- results ---- */

/**
 * struct store_value - a run's figure
 * @value:	NaN: unknown; kept as NULL
 * @n:		samples behind it
 * @lo, @hi:	95 % interval of the figure within the run; both 0 or NaN:
 *		unknown
 */
struct store_value {
	struct metric metric;
	double value;
	uint64_t n;
	double lo;
	double hi;
};

struct store_series {
	struct metric metric;
	uint64_t batch;
	const uint64_t *v;
	size_t n;
};

/**
 * struct store_run - what a slot brought; one transaction
 * @origin:	"own", or where it was imported from
 * @started:	seconds since the epoch
 * @pace:	of the core, TSC ticks per cycle; 0 unknown
 * @guest:	the guest's boot it ran in, of store_guest_boot(); 0: the slot's
 */
struct store_run {
	int64_t slot;
	int64_t guest;
	enum run_status status;
	const char *reason;
	const char *origin;
	unsigned int noisy;
	double started;
	double seconds;
	uint64_t lost;
	double pace;
	const struct store_value *value;
	size_t nvalues;
	const struct store_series *series;
	size_t nseries;
	const struct fact *fact;
	size_t nfacts;
	const char *artifact_name;	/* NULL: none */
	const void *artifact;
	size_t artifact_len;
};

int store_run(struct store *s, const struct store_run *r, int64_t *id);

/**
 * struct store_guest - a guest that booted for a slot
 * @boot_id:	its own
 * @kind:	"guest" (its CPU is this host's), "emulated"
 * @build:	of its kernel
 * @claim:	what the arm asks of it, "" nothing: the state stays the slot's
 */
struct store_guest {
	const char *boot_id;
	const char *kind;
	struct store_build build;
	const char *claim;
	enum arm_state state;
	const char *evidence;
};

/**
 * store_guest_boot() - enter it, below the boot of its host
 */
int store_guest_boot(struct store *s, int64_t slot,
		     const struct store_guest *g, int64_t *id);

/* ---- reading ---- */

/**
 * struct store_select - which runs
 * @series:	NULL: that of the newest run, A/A left aside
 * @revision:	label, also with its patch as it is shown ("v2 3/27"); NULL:
 *		all of the series, pooled
 * @patch:	-1: the only one; of several the whole series (patch 0), or an
 *		error that lists them: patches are different builds
 * @label:	id of a struct store_revision: it and @arm are known to be there,
 *		nothing is looked for by name. 0: as above
 * @arm:	NULL: the only one there is, or an error that lists them
 * @benchmark:	GLOB, NULL: all
 * @mode:	timed, counted or injected
 * @primary:	only primary metrics
 * @bare:	figures and boots alone: no facts, no state, nothing that is
 *		missing, no batch
 * @guest_boots: what is compared differs in the guest alone: each boot of a
 *		guest is one; otherwise those of one host boot are one, except
 *		where the label names the guest's kernel
 */
struct store_select {
	const char *series;
	const char *revision;
	int patch;
	int64_t label;
	const char *arm;
	const char *benchmark;
	enum run_mode mode;
	int primary;
	int bare;
	int guest_boots;
};

/**
 * store_load() - figures, boots and facts of a selection
 * @name:	for messages and reports
 *
 * The state of an obs_boot is the worst that its runs ran under. A missing
 * entry refers to the row of the variant's primary metric; if no run of the
 * variant ever had figures, that row's metric has the name "". A skip counts
 * once, and not at all beside figures of the same row.
 *
 * Return: 0, also if nothing matches @sel->benchmark; -ENOENT (said, with
 * what there is) if series, revision or arm is not there; or another error.
 */
int store_load(struct store *s, const struct store_select *sel,
	       const char *name, struct obs_set *set);

/* Figures of one campaign, for the summary at the end of a run. */
int store_load_campaign(struct store *s, int64_t campaign,
			struct obs_set *set);

/**
 * store_load_arm() - the same of one of its arms
 * @arm:	id, 0: of all
 * @name:	of the set; NULL: the revision's
 */
int store_load_arm(struct store *s, int64_t campaign, int64_t arm,
		   const char *name, struct obs_set *set);

/**
 * struct store_revision - a label of a series, in its order
 * @arm:	names of the arms that have runs; @narms is -1 until they are
 *		looked for
 */
struct store_revision {
	int64_t id;
	char *series;
	char *revision;
	int patch;
	int patches;
	char **arm;
	int narms;
};

/* In order (store/revision.h); series NULL: the newest. Free with
 * store_revisions_free(). */
int store_revisions(struct store *s, const char *series,
		    struct store_revision **v, size_t *n);
void store_revisions_free(struct store_revision *v, size_t n);

/* The same without arms, and the arms of one, unless they are known. */
int store_revision_names(struct store *s, const char *series,
			 struct store_revision **v, size_t *n);
int store_revision_arms(struct store *s, struct store_revision *r);

/**
 * store_batch() - batch last used for a variant by this host, 0 if none
 */
int store_batch(struct store *s, int64_t host, int64_t variant,
		uint64_t *batch);

/**
 * store_pace() - best pace that any run of a boot saw, 0 if none is known
 */
int store_pace(struct store *s, int64_t boot, double *pace);

/**
 * store_cost() - seconds that a run of a variant took here, median of the
 * last 5; 0 if it was never run
 */
int store_cost(struct store *s, int64_t host, int64_t variant,
	       double *seconds);

/**
 * store_boot_gap() - seconds between the last run of a boot of a host and the
 * first of the next: the median of those of at most an hour, 0 if there is none
 * @host:	alias
 */
int store_boot_gap(struct store *s, const char *host, double *seconds);

/**
 * store_samples() - raw samples of a selection's metric, decoded
 * @v:		malloc'ed, per operation (sample / batch), in the order taken;
 *		NULL if there are none
 */
int store_samples(struct store *s, const struct store_select *sel,
		  const char *place, const char *params, const char *metric,
		  double **v, size_t *n);

/**
 * store_samples_each() - the same run by run, in the order taken
 * @fn:		gets a run's id, which is obs.order, and its samples; what it
 *		returns other than 0 ends the walk and is returned
 */
int store_samples_each(struct store *s, const struct store_select *sel,
		       const char *place, const char *params,
		       const char *metric,
		       int (*fn)(void *arg, int64_t run, const double *v,
				 size_t n),
		       void *arg);

/**
 * struct store_run_info - a run whole, for "show"
 */
struct store_run_info {
	int64_t id;
	char *uuid;
	char *benchmark;
	char *params;
	char *place;
	char *profile;
	char *series;
	char *revision;
	char *arm;
	char *arm_state;
	char *host;
	char *boot;
	char *mode;
	char *status;
	char *reason;
	char *started;
	double seconds;
	unsigned int noisy;
	uint64_t lost;
	struct store_value *value;
	size_t nvalues;
	struct fact_list run_facts;
	struct fact_list boot_facts;	/* host and boot scope */
	void *arena;
};

/* @which: a run's number, its uuid (or a unique prefix), or "last". */
int store_run_info(struct store *s, const char *which,
		   struct store_run_info *info);
void store_run_info_free(struct store_run_info *info);

/**
 * store_origin_runs() - what is there of an origin, and in a series
 * @runs:	out: of this origin
 * @measured:	out: of this series, measured and not imported
 */
int store_origin_runs(struct store *s, const char *origin, const char *series,
		      int *runs, int *measured);

/**
 * store_slice() - two revisions in a database of their own
 * @from:	opened to read
 * @path:	must not be there
 *
 * Facts that are not for publication, names of hosts and files, artifacts and
 * the audit trail stay behind, and no page of the file holds them. A/A results
 * of the same benchmarks and hosts come along, and where the two stand.
 */
int store_slice(struct store *from, const char *path, const char *series,
		const struct store_revision *const rev[2]);

/**
 * store_artifacts_each() - raw output of other tools that runs have kept
 * @fn:		gets a run's uuid, and what was kept under which name; what it
 *		returns other than 0 ends the walk and is returned
 */
int store_artifacts_each(struct store *s,
			 const struct store_revision *const rev[2],
			 int (*fn)(void *arg, const char *run,
				   const char *name, const char *data,
				   size_t len), void *arg);

/* ---- merging ---- */

struct store_merge {
	int runs_new;
	int runs_known;
	int boots_new;
	int hosts_new;
};

/**
 * store_merge() - take in another database, read defensively, whole or not
 * at all. Runs are known by uuid; the same uuid with other content is
 * -EBADMSG. Its labels must not name other builds than ours do (-EEXIST).
 * What was open there comes as "interrupted", and is completed by merging
 * again.
 */
int store_merge(struct store *s, const char *file, struct store_merge *m);

#endif
