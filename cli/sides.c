// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/sides.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/past.h"
#include "lib/msg.h"
#include "lib/shell.h"

#define BASE	0
#define NEW	1

/* Is @len bytes of @text a way to write this revision? */
static bool names_revision(const struct store_revision *r, const char *text,
			   size_t len)
{
	char *name = revision_name(r), *space;
	bool same = false;

	if (!name)
		return false;
	same = strlen(name) == len && !memcmp(name, text, len);
	/* As reports show it: "v2 3/27". */
	space = r->patch ? strrchr(name, ':') : NULL;
	if (space && !same) {
		*space = ' ';
		same = strlen(name) == len && !memcmp(name, text, len);
	}
	free(name);
	return same;
}

static const struct store_revision *find(const struct sides *s,
					 const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < s->nrevisions; i++)
		if (names_revision(&s->revision[i], text, len))
			return &s->revision[i];
	return NULL;
}

static void say_revisions(const struct sides *s, const char *text)
{
	char *list = NULL, *name;
	size_t size, i;
	FILE *out = open_memstream(&list, &size);

	if (!out)
		return;
	/* The latest are the likeliest to be meant. */
	for (i = s->nrevisions; i-- > 0 && s->nrevisions - i <= 12; ) {
		name = revision_name(&s->revision[i]);
		fprintf(out, " %s", name ? name : "?");
		free(name);
	}
	if (!fclose(out))
		pr_err("%s: series %s has no revision '%s'; the latest are:%s",
		       store_path(s->store), s->revision[0].series, text,
		       list);
	free(list);
}

/* Arms are looked for where they matter: a series may be long. */
static const struct store_revision *with_arms(const struct sides *s,
					      const struct store_revision *r)
{
	if (store_revision_arms(s->store, &s->revision[r - s->revision]))
		return NULL;
	return r;
}

/* The arm of that name, if this revision has it. */
static const char *same_arm(const struct store_revision *r, const char *arm)
{
	int i;

	for (i = 0; arm && i < r->narms; i++)
		if (!strcmp(r->arm[i], arm))
			return r->arm[i];
	return NULL;
}

static int check_arm(const struct sides *s, const struct store_revision *r,
		     const char *arm)
{
	int i;

	if (!with_arms(s, r))
		return -EIO;
	if (same_arm(r, arm))
		return 0;
	pr_err("%s: revision '%s' has no arm '%s'; %s", store_path(s->store),
	       r->revision, arm, r->narms ? "it has:" : "nor any other");
	for (i = 0; i < r->narms; i++)
		pr_err("  %s@%s", r->revision, r->arm[i]);
	return -ENOENT;
}

/* A name may hold an '@' itself: the whole is tried before its parts. */
static int resolve(struct sides *s, const char *text, int side)
{
	const struct store_revision *r = find(s, text, strlen(text));
	const char *at = strrchr(text, '@');

	if (!r && at && at[1]) {
		r = find(s, text, at - text);
		s->select[side].arm = at + 1;
	}
	if (!r) {
		say_revisions(s, text);
		return -ENOENT;
	}
	if (s->select[side].arm && check_arm(s, r, s->select[side].arm))
		return -ENOENT;
	s->select[side].revision = r->revision;
	s->select[side].patch = r->patch;
	s->select[side].label = r->id;
	s->name[side] = strdup(text);
	return s->name[side] ? 0 : -ENOMEM;
}

/*
 * Revisions with runs: whole series, unless there are fewer than two of them
 * and patches fill the gap.
 */
static bool is_candidate(const struct sides *s,
			 const struct store_revision *r, bool patches)
{
	return (patches || !r->patch) && with_arms(s, r) && r->narms > 0;
}

static bool two_candidates(const struct sides *s)
{
	size_t i = s->nrevisions, n = 0;

	while (i-- > 0 && n < 2)
		n += is_candidate(s, &s->revision[i], false);
	return n == 2;
}

/* The latest candidate before @before, NULL: of all. */
static const struct store_revision *latest(const struct sides *s,
					   const struct store_revision *before)
{
	bool patches = !two_candidates(s);
	size_t i = before ? (size_t)(before - s->revision) : s->nrevisions;

	while (i-- > 0)
		if (is_candidate(s, &s->revision[i], patches))
			return &s->revision[i];
	return NULL;
}

static int take(struct sides *s, const struct store_revision *r,
		const char *arm, int side)
{
	char *name = revision_name(r);

	if (!name)
		return -ENOMEM;
	s->select[side].revision = r->revision;
	s->select[side].patch = r->patch;
	s->select[side].label = r->id;
	s->select[side].arm = arm;
	if (arm && asprintf(&s->name[side], "%s@%s", name, arm) < 0)
		s->name[side] = NULL;
	else if (!arm)
		s->name[side] = strdup(name);
	free(name);
	return s->name[side] ? 0 : -ENOMEM;
}

/* One revision alone: its arms, isolation off being the baseline. */
static int take_arms(struct sides *s, const struct store_revision *r)
{
	int off = 0, err;

	if (!with_arms(s, r))
		return -EIO;
	if (r->narms != 2) {
		pr_err("%s: series %s has only %s so far, in %d arm%s: measure another revision (asibench run --series %s --rev NAME), or say --base and --new",
		       store_path(s->store), r->series, r->revision, r->narms,
		       r->narms == 1 ? "" : "s", r->series);
		return -ENOENT;
	}
	if (!strcmp(r->arm[1], "off"))
		off = 1;
	err = take(s, r, r->arm[off], BASE);
	return err ? err : take(s, r, r->arm[!off], NEW);
}

const struct store_revision *sides_revision(const struct sides *s, int side)
{
	size_t i;

	for (i = 0; i < s->nrevisions; i++)
		if (s->revision[i].revision == s->select[side].revision &&
		    s->revision[i].patch == s->select[side].patch)
			return &s->revision[i];
	return NULL;
}

/* A side that was not named, by the one that was. */
static int take_default(struct sides *s, bool base_named)
{
	const int named = base_named ? BASE : NEW;
	const struct store_revision *r;

	r = latest(s, base_named ? NULL : sides_revision(s, NEW));
	if (r && with_arms(s, r) && r != sides_revision(s, named))
		return take(s, r, same_arm(r, s->select[named].arm), !named);
	if (base_named)
		pr_err("%s: %s is the latest of series %s: say --new",
		       store_path(s->store), s->name[BASE],
		       s->revision[0].series);
	else
		pr_err("%s: nothing stands before %s in series %s: say --base",
		       store_path(s->store), s->name[NEW],
		       s->revision[0].series);
	return -ENOENT;
}

static int take_latest(struct sides *s)
{
	const struct store_revision *now = latest(s, NULL);
	const struct store_revision *base = now ? latest(s, now) : NULL;
	int err;

	if (!now) {
		pr_err("%s: there are no results yet: asibench run makes some",
		       store_path(s->store));
		return -ENOENT;
	}
	if (!base)
		return take_arms(s, now);
	err = take(s, base, NULL, BASE);
	return err ? err : take(s, now, NULL, NEW);
}

static int resolve_sides(struct sides *s, const struct side_options *o)
{
	int err;

	if (!o->base && !o->now)
		return take_latest(s);
	err = o->base ? resolve(s, o->base, BASE) : 0;
	if (!err && o->now)
		err = resolve(s, o->now, NEW);
	if (!err && !(o->base && o->now))
		err = take_default(s, o->base);
	return err;
}

/* ---- how to make it again ---- */

static void put_option(FILE *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(out, " --%s ", name);
	shell_word(out, value);
}

/* An arm of guests is its name and their words, which are a fact of a boot. */
static bool put_guest_arm(const struct obs_set *set, FILE *out)
{
	const struct fact *f = set->nboots ?
		facts_find(&set->boot[0].facts, "guest.words") : NULL;
	char text[1024];

	if (!f || f->type != FACT_TEXT)
		return false;
	snprintf(text, sizeof(text), "%s=%s", set->arm, f->text);
	put_option(out, "guest-arm", text);
	return true;
}

void sides_run_command(const struct sides *s, int side, const char *select,
		       FILE *out)
{
	const struct obs_set *set = side == BASE ? &s->base : &s->now;
	const struct store_revision *r = sides_revision(s, side);
	bool claim = !strcmp(set->arm, "on") || !strcmp(set->arm, "off");
	char patch[32] = "";

	fputs("asibench run", out);
	put_option(out, "series", set->series);
	put_option(out, "rev", s->select[side].revision);
	if (r && r->patch)
		snprintf(patch, sizeof(patch), "%d/%d", r->patch, r->patches);
	put_option(out, "patch", patch);
	if (put_guest_arm(set, out))
		;
	else if (strcmp(set->arm, "default"))
		put_option(out, claim ? "isolation" : "arm", set->arm);
	put_option(out, "select", select);
	if (s->select[side].mode == MODE_COUNTED)
		fputs(" --counters", out);
}

/* The path of the database is the user's own affair. */
static int write_command(struct sides *s, const struct side_options *o,
			 const char *command)
{
	char margin[32] = "";
	size_t size, i;
	int side;
	FILE *out = open_memstream(&s->command, &size);

	if (!out)
		return -ENOMEM;
	for (side = BASE; side <= NEW && !o->input; side++) {
		sides_run_command(s, side, o->select, out);
		fputc('\n', out);
	}
	fprintf(out, "asibench %s", command);
	put_option(out, "input", o->input);
	put_option(out, "series", s->base.series);
	put_option(out, "base", s->name[BASE]);
	put_option(out, "new", s->name[NEW]);
	put_option(out, "select", o->select);
	put_option(out, "mode", o->mode);
	if (o->margin > 0)
		snprintf(margin, sizeof(margin), "%g", o->margin);
	put_option(out, "margin", margin);
	for (i = 0; i < o->set.n; i++)
		put_option(out, "set", o->set.v[i]);
	for (i = 0; i < o->allow.n; i++)
		put_option(out, "allow", o->allow.v[i]);
	fprintf(out, "%s%s\n", o->all ? " --all" : "",
		o->full ? " --full" : "");
	return fclose(out) ? -ENOMEM : 0;
}

/* ---- loading ---- */

/* The clock of the boots, if they share one within a thousandth. */
static uint64_t common_khz(const struct sides *s)
{
	const struct obs_set *set[2] = { &s->base, &s->now };
	double khz = 0;
	size_t i, k;

	for (k = 0; k < 2; k++) {
		for (i = 0; i < set[k]->nboots; i++) {
			const struct fact *f =
				facts_find(&set[k]->boot[i].facts, "tsc.khz");

			if (!f || f->type != FACT_INT || f->i <= 0)
				return 0;
			if (khz > 0 && (f->i > khz * 1.001 ||
					f->i < khz * 0.999))
				return 0;
			khz = f->i;
		}
	}
	return khz;
}

/* NAME=GLOB; the name is a copy of ours, the glob a part of the argument. */
static int parse_sets(struct sides *s, const struct side_options *o)
{
	size_t i;

	s->set = calloc(o->set.n + 1, sizeof(*s->set));
	for (i = 0; s->set && i < o->set.n; i++) {
		const char *text = o->set.v[i], *glob = strchr(text, '=');

		if (!glob || glob == text || !glob[1]) {
			pr_err("--set %s: want NAME=GLOB, like vmexit='vmexit.*'",
			       text);
			return -EINVAL;
		}
		s->set[i].glob = glob + 1;
		s->set[i].name = strndup(text, glob - text);
		if (!s->set[i].name)
			break;
		s->opts.nsets++;
	}
	s->opts.set = s->set;
	if (s->set && i == o->set.n)
		return 0;
	pr_err("out of memory");
	return -ENOMEM;
}

static void free_sets(struct sides *s)
{
	size_t i;

	for (i = 0; i < s->opts.nsets; i++)
		free((char *)s->set[i].name);
	free(s->set);
}

static int set_options(struct sides *s, const struct side_options *o)
{
	int mode = o->mode ? run_mode_parse(o->mode) : MODE_TIMED, i;

	if (mode < 0) {
		pr_err("--mode %s: want timed, counted or injected", o->mode);
		return mode;
	}
	for (i = 0; i < 2; i++)
		s->select[i] = (struct store_select) {
			.series = o->series, .patch = -1,
			.benchmark = o->select, .mode = mode,
			/* Of counts none is the one that is judged. */
			.primary = !o->all && mode != MODE_COUNTED,
		};
	s->opts = compare_defaults;
	if (o->margin > 0)
		s->opts.margin = o->margin / 100;
	s->opts.allow = o->allow.v;
	s->opts.nallow = o->allow.n;
	return parse_sets(s, o);
}

/* ---- the past ---- */

#define PAST_MOST	20	/* revisions and arms, the latest first */
#define PAST_TRIED	60	/* of which some have but one boot */

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* Is that what is being compared itself? */
static bool is_side(const struct sides *s, const struct store_revision *r,
		    const char *arm)
{
	return (r == sides_revision(s, BASE) && same_text(arm, s->base.arm)) ||
		(r == sides_revision(s, NEW) && same_text(arm, s->now.arm));
}

static int load_arm(struct sides *s, const struct store_revision *r,
		    const char *arm)
{
	struct store_select sel = s->select[NEW];
	struct obs_set *set = &s->past[s->npast];
	int err;

	sel.revision = r->revision;
	sel.patch = r->patch;
	sel.label = r->id;
	sel.arm = arm;
	sel.bare = 1;
	err = store_load(s->store, &sel, NULL, set);
	if (err)
		return err;
	/* One boot tells nothing of the spread between boots. */
	if (set->nboots > 1)
		s->npast++;
	else
		obs_set_free(set);
	return 0;
}

/* Two arms of one revision differ in their switches alone. */
static void set_units(struct sides *s)
{
	const struct store_select *base = &s->select[BASE];
	const struct store_select *now = &s->select[NEW];

	s->select[BASE].guest_boots = s->select[NEW].guest_boots =
		base->revision == now->revision && base->patch == now->patch;
}

/* Only boots borrow, so with one boot a side nothing is read. */
static int load_past(struct sides *s)
{
	size_t i = s->nrevisions;
	int k, tried = 0, err = 0;

	if (s->base.nboots < 2 || s->now.nboots < 2)
		return 0;
	s->past = calloc(PAST_MOST, sizeof(*s->past));
	if (!s->past)
		return -ENOMEM;
	while (i-- > 0 && !err && s->npast < PAST_MOST && tried < PAST_TRIED) {
		const struct store_revision *r = &s->revision[i];

		err = store_revision_arms(s->store, &s->revision[i]);
		for (k = 0; k < r->narms && !err; k++) {
			if (s->npast == PAST_MOST || is_side(s, r, r->arm[k]))
				continue;
			tried++;
			err = load_arm(s, r, r->arm[k]);
		}
	}
	if (!err)
		err = past_pool(s->past, s->npast, &s->lent, &s->opts.npast);
	s->opts.past = s->lent;
	return err;
}

static int load_and_compare(struct sides *s, const struct side_options *o,
			    const char *command)
{
	int err;

	if (o->input) {
		err = sides_from_input(s, o);
	} else {
		set_units(s);
		err = store_load(s->store, &s->select[BASE], s->name[BASE],
				 &s->base);
	}
	if (!err && !o->input)
		err = store_load(s->store, &s->select[NEW], s->name[NEW],
				 &s->now);
	if (!err && s->store)
		err = load_past(s);
	if (!err)
		err = compare(&s->base, &s->now, &s->opts, &s->c);
	if (!err && s->select[BASE].mode == MODE_COUNTED && !o->all)
		comparison_drop_zeros(&s->c);
	if (!err && s->store)
		err = aa_known_load(s->store, s->opts.q, AA_NEWEST,
				    &s->aa);
	if (!err)
		err = write_command(s, o, command);
	if (err)
		return err;
	aa_mark(&s->aa.rates, &s->c);
	s->ctx = (struct report_ctx) {
		.command = s->command, .full = o->full,
		.tsc_khz = common_khz(s), .margin = s->opts.margin,
		.aa = &s->aa.rates,
	};
	return 0;
}

int sides_open(struct sides *s, const struct side_options *o,
	       const char *command)
{
	int err;

	memset(s, 0, sizeof(*s));
	if (set_options(s, o)) {
		free_sets(s);
		return EXIT_USAGE;
	}
	if (o->input) {
		err = load_and_compare(s, o, command);
		goto said;
	}
	if (cli_store_open(&s->store, o->db,
			   o->foreign ? STORE_FOREIGN : STORE_READ)) {
		free_sets(s);
		return EXIT_USAGE;
	}
	err = store_revision_names(s->store, o->series, &s->revision,
				   &s->nrevisions);
	if (!err)
		err = resolve_sides(s, o);
	if (!err && s->nrevisions)
		for (int i = 0; i < 2; i++)
			s->select[i].series = s->revision[0].series;
	if (!err)
		err = load_and_compare(s, o, command);
said:
	if (!err)
		return 0;
	if (err == -ENOMEM)
		pr_err("out of memory");
	sides_close(s);
	return EXIT_USAGE;
}

int sides_counts(const struct sides *s, struct sides_counts *counts)
{
	struct store_select select;
	int side, err = 0;

	memset(counts, 0, sizeof(*counts));
	for (side = BASE; side <= NEW && !err; side++) {
		select = s->select[side];
		select.mode = MODE_COUNTED;
		select.primary = 0;
		err = store_load(s->store, &select, s->name[side],
				 &counts->set[side]);
	}
	if (!err)
		err = compare(&counts->set[BASE], &counts->set[NEW], &s->opts,
			      &counts->c);
	if (!err)
		comparison_drop_zeros(&counts->c);
	else
		sides_counts_free(counts);
	return err;
}

void sides_counts_free(struct sides_counts *counts)
{
	comparison_free(&counts->c);
	obs_set_free(&counts->set[BASE]);
	obs_set_free(&counts->set[NEW]);
	memset(counts, 0, sizeof(*counts));
}

void sides_close(struct sides *s)
{
	comparison_free(&s->c);
	aa_known_free(&s->aa);
	obs_set_free(&s->base);
	obs_set_free(&s->now);
	sides_free_input(s);
	while (s->npast)
		obs_set_free(&s->past[--s->npast]);
	free(s->past);
	free(s->lent);
	free_sets(s);
	free(s->command);
	free(s->name[BASE]);
	free(s->name[NEW]);
	store_revisions_free(s->revision, s->nrevisions);
	store_close(s->store);
	memset(s, 0, sizeof(*s));
}

int output_status(int err)
{
	if (!err)
		err = stream_end(stdout);
	if (err == -ENOMEM)
		pr_err("out of memory");
	else if (err)
		pr_err("standard output: %s", strerror(-err));
	return err ? EXIT_USAGE : EXIT_FINE;
}

int sides_command(int argc, char **argv, const struct sides_command *c)
{
	struct sides s;
	int first, status;

	if (opts_parse(argc, argv, c->opts, c->example, &first, &status))
		return status;
	if (opts_no_more(argc, argv, first))
		return EXIT_USAGE;
	status = c->check ? c->check() : 0;
	if (!status && c->instead && c->instead(&status))
		return status;
	if (!status)
		status = sides_open(&s, c->options, argv[0]);
	if (status)
		return status;
	status = output_status(c->print(&s));
	if (!status && c->end)
		status = c->end(&s);
	sides_close(&s);
	return status;
}
