// SPDX-License-Identifier: GPL-2.0-or-later
/* Hosts, builds, boots, arms, variants: found by what they are, or made. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/msg.h"
#include "store/facts.h"
#include "store/owner.h"
#include "store/sql.h"
#include "store/store.h"

#define ALIAS_MAX	512	/* bytes of the 128 characters that fit */

/* Two hosts never share an alias: of the fingerprint as much as it takes. */
static int free_alias(struct store *s, const char *fingerprint,
		      const char *alias, char *out, size_t size)
{
	int64_t taken;
	int err = 0;
	size_t n;

	snprintf(out, size, "%s", alias && *alias ? alias : "host");
	for (n = 4; !err && n <= 64; n += 4) {
		err = sql_int(s, "SELECT id FROM host WHERE alias = :alias "
			      "AND fingerprint <> :fingerprint",
			      SQL_ARGS(A_TEXT("alias", out),
				       A_TEXT("fingerprint", fingerprint)),
			      &taken);
		if (!err)
			snprintf(out, size, "%s-%.*s",
				 alias && *alias ? alias : "host", (int)n,
				 fingerprint);
	}
	return err == -ENOENT ? 0 : err;
}

static int host_row(struct store *s, const char *fingerprint,
		    const char *alias, const char *name, int64_t *id,
		    int *made)
{
	char own[ALIAS_MAX + 80];
	int err;

	err = free_alias(s, fingerprint, alias, own, sizeof(own));
	if (err)
		return err;
	return sql_find_or_make(s, "SELECT id FROM host "
				"WHERE fingerprint = :fingerprint",
				"INSERT INTO host (fingerprint, alias, name) "
				"VALUES (:fingerprint, :alias, :name)",
				SQL_ARGS(A_TEXT("fingerprint", fingerprint),
					 A_TEXT("alias", own),
					 A_TEXT("name", name)), id, made);
}

/* Its owner may have given the host another alias or name since. */
static int host_rename(struct store *s, const char *fingerprint,
		       const char *alias, const char *name, int64_t id)
{
	char own[ALIAS_MAX + 80];
	int err;

	if (!alias || !*alias)
		return 0;
	err = free_alias(s, fingerprint, alias, own, sizeof(own));
	if (err)
		return err;
	return sql_do(s, "UPDATE host SET alias = :alias, name = :name "
		      "WHERE id = :id AND (alias <> :alias OR name <> :name)",
		      SQL_ARGS(A_TEXT("alias", own), A_TEXT("name", name),
			       A_INT("id", id)));
}

static int host_do(struct store *s, const char *fingerprint,
		   const char *alias, const char *name,
		   const struct fact_list *facts, int64_t *id)
{
	struct fact_list then = { 0 };
	int err, made;

	err = host_row(s, fingerprint, alias, name, id, &made);
	if (err)
		return err;
	if (made)
		return facts ? facts_write(s, "host", *id, facts->v,
					   facts->n) : 0;
	err = host_rename(s, fingerprint, alias, name, *id);
	if (!err)
		err = facts_read(s, "host", *id, &then);
	facts_free(&s->host_facts);
	s->host = *id;
	if (!err)
		facts_differing(&s->host_facts, facts, &then);
	facts_free(&then);
	return err ? err : s->host_facts.err;
}

int store_host(struct store *s, const char *fingerprint, const char *alias,
	       const char *name, const struct fact_list *facts, int64_t *id)
{
	int err = sql_tx_begin(s);

	if (err)
		return err;
	return sql_tx_end(s, host_do(s, fingerprint, alias, name, facts, id));
}

/*
 * A build id names a build whatever else is known of it; without one it is
 * all that is known. What was not known before is filled in.
 */
static int build_do(struct store *s, const struct store_build *b, int64_t *id)
{
	const struct sql_arg args[] = {
		A_TEXT("release", b->release), A_TEXT("build_id", b->build_id),
		A_TEXT("commit_id", b->commit), A_TEXT("tree", b->tree),
		A_TEXT("patch_id", b->patch_id),
		A_TEXT("config_hash", b->config_hash),
		A_TEXT("toolchain", b->toolchain),
		A_INT("dirty", !!b->dirty), { .type = SQL_END }
	};
	int err, made;

	err = sql_find_or_make(s,
		"SELECT id FROM build WHERE build_id = :build_id "
		"AND release = :release AND (build_id <> '' OR "
		"(commit_id = :commit_id AND tree = :tree AND "
		"patch_id = :patch_id AND config_hash = :config_hash AND "
		"toolchain = :toolchain AND dirty = :dirty))",
		"INSERT INTO build (release, build_id, commit_id, tree, "
		"patch_id, config_hash, toolchain, dirty) VALUES (:release, "
		":build_id, :commit_id, :tree, :patch_id, :config_hash, "
		":toolchain, :dirty)", args, id, &made);
	if (err || made || !b->build_id || !*b->build_id)
		return err;
	return sql_do(s, "UPDATE build SET "
		"dirty = CASE commit_id WHEN '' THEN :dirty ELSE dirty END, "
		"commit_id = iif(commit_id = '', :commit_id, commit_id), "
		"tree = iif(tree = '', :tree, tree), "
		"patch_id = iif(patch_id = '', :patch_id, patch_id), "
		"config_hash = iif(config_hash = '', :config_hash, "
		"config_hash), "
		"toolchain = iif(toolchain = '', :toolchain, toolchain) "
		"WHERE id = :id AND '' IN (commit_id, tree, patch_id, "
		"config_hash, toolchain)",
		SQL_ARGS(args[2], args[3], args[4], args[5], args[6], args[7],
			 A_INT("id", *id)));
}

int store_build(struct store *s, const struct store_build *b, int64_t *id)
{
	int err = sql_tx_begin(s);

	return err ? err : sql_tx_end(s, build_do(s, b, id));
}

static int boot_row(struct store *s, int64_t host, int64_t build,
		    const char *boot_id, const char *kind, int64_t *id,
		    int *made)
{
	char uuid[UUID_TEXT];
	int err;

	err = uuid_make(uuid);
	if (err)
		return err;
	return sql_find_or_make(s, "SELECT id FROM boot WHERE host = :host "
		"AND boot_id = :boot_id AND kind = :kind",
		"INSERT INTO boot (uuid, host, build, kind, boot_id, seen) "
		"VALUES (:uuid, :host, :build, :kind, :boot_id, "
		"strftime('%Y-%m-%dT%H:%M:%SZ'))",
		SQL_ARGS(A_TEXT("uuid", uuid), A_INT("host", host),
			 A_INT("build", build), A_TEXT("kind", kind),
			 A_TEXT("boot_id", boot_id)), id, made);
}

/* @wide: what is stored of host and boot; @now: what is so at present. */
static int boot_facts(struct store *s, int64_t boot, int made,
		      const struct fact_list *wide,
		      const struct fact_list *now)
{
	if (made)
		return facts_write(s, "boot", boot, now->v, now->n);
	facts_free(&s->boot_facts);
	s->boot = boot;
	facts_differing(&s->boot_facts, now, wide);
	return s->boot_facts.err;
}

static int boot_do(struct store *s, int64_t host, int64_t build,
		   const char *boot_id, const char *kind,
		   const struct fact_list *facts, int64_t *id)
{
	struct fact_list wide = { 0 }, now = { 0 };
	int err, made;
	size_t i;

	err = boot_row(s, host, build, boot_id, kind, id, &made);
	if (!err)
		err = facts_read(s, "host", host, &wide);
	if (!err)
		err = facts_read(s, "boot", *id, &wide);
	for (i = 0; !err && s->host == host && i < s->host_facts.n; i++)
		facts_copy(&now, &s->host_facts.v[i]);
	for (i = 0; !err && facts && i < facts->n; i++)
		facts_copy(&now, &facts->v[i]);
	if (!err)
		err = now.err;
	if (!err)
		err = boot_facts(s, *id, made, &wide, &now);
	facts_free(&wide);
	facts_free(&now);
	return err;
}

int store_boot(struct store *s, int64_t host, int64_t build,
	       const char *boot_id, const char *kind,
	       const struct fact_list *facts, int64_t *id)
{
	int err = sql_tx_begin(s);

	if (err)
		return err;
	return sql_tx_end(s, boot_do(s, host, build, boot_id, kind, facts,
				     id));
}

static int guest_do(struct store *s, int64_t slot, const struct store_guest *g,
		    int64_t *id)
{
	char uuid[UUID_TEXT];
	int64_t build;
	int err;

	err = build_do(s, &g->build, &build);
	if (!err)
		err = uuid_make(uuid);
	if (err)
		return err;
	return sql_find_or_make(s, "SELECT g.id FROM boot AS g "
		"JOIN slot AS t ON t.boot = g.parent "
		"WHERE t.id = :slot AND g.boot_id = :boot_id AND "
		"g.kind = :kind",
		"INSERT INTO boot (uuid, host, parent, build, kind, boot_id, "
		"seen) SELECT :uuid, b.host, b.id, :build, :kind, :boot_id, "
		"strftime('%Y-%m-%dT%H:%M:%SZ') FROM slot AS t JOIN boot AS b "
		"ON b.id = t.boot WHERE t.id = :slot",
		SQL_ARGS(A_TEXT("uuid", uuid), A_INT("slot", slot),
			 A_INT("build", build), A_TEXT("kind", g->kind),
			 A_TEXT("boot_id", g->boot_id)), id, NULL);
}

int store_guest_boot(struct store *s, int64_t slot,
		     const struct store_guest *g, int64_t *id)
{
	int64_t arm;
	int err = sql_tx_begin(s);

	if (err)
		return err;
	err = sql_tx_end(s, guest_do(s, slot, g, id));
	if (err || !g->claim[0])
		return err;
	err = sql_int(s, "SELECT arm FROM slot WHERE id = :id",
		      SQL_ARGS(A_INT("id", slot)), &arm);
	return err ? err : store_arm_state(s, *id, arm, g->claim, g->state,
					   g->evidence);
}

int store_arm(struct store *s, const char *name, const char *switches,
	      int64_t *id)
{
	int err = sql_tx_begin(s);

	if (err)
		return err;
	err = sql_find_or_make(s, "SELECT id FROM arm WHERE name = :name "
			       "AND switches = :switches",
			       "INSERT INTO arm (name, switches) "
			       "VALUES (:name, :switches)",
			       SQL_ARGS(A_TEXT("name", name),
					A_TEXT("switches", switches)), id,
			       NULL);
	return sql_tx_end(s, err);
}

int store_arm_state(struct store *s, int64_t boot, int64_t arm,
		    const char *claim, enum arm_state state,
		    const char *evidence)
{
	int64_t id;
	int err = sql_tx_begin(s);

	if (err)
		return err;
	/* Found only if nothing else has been seen since. */
	err = sql_find_or_make(s, "SELECT id FROM arm_state WHERE id = "
		"(SELECT max(id) FROM arm_state WHERE boot = :boot AND "
		"arm = :arm) AND claim = :claim AND state = :state AND "
		"evidence = :evidence",
		"INSERT INTO arm_state (boot, arm, claim, state, evidence) "
		"VALUES (:boot, :arm, :claim, :state, :evidence)",
		SQL_ARGS(A_INT("boot", boot), A_INT("arm", arm),
			 A_TEXT("claim", claim),
			 A_TEXT("state", arm_state_name(state)),
			 A_TEXT("evidence", evidence)), &id, NULL);
	return sql_tx_end(s, err);
}

int store_variant(struct store *s, const char *benchmark, const char *params,
		  enum place place, const char *profile, int64_t *id)
{
	int err = sql_tx_begin(s);

	if (err)
		return err;
	err = sql_find_or_make(s, "SELECT id FROM variant WHERE "
		"benchmark = :benchmark AND params = :params AND "
		"place = :place AND profile = :profile",
		"INSERT INTO variant (benchmark, params, place, profile) "
		"VALUES (:benchmark, :params, :place, :profile)",
		SQL_ARGS(A_TEXT("benchmark", benchmark),
			 A_TEXT("params", params),
			 A_TEXT("place", place_name(place)),
			 A_TEXT("profile", profile)), id, NULL);
	return sql_tx_end(s, err);
}
