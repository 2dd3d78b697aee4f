// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/session.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "drivers/isolation.h"
#include "lib/hash.h"
#include "lib/msg.h"

#define SERIES_OWN	"local"
#define ID_SHORT	8

/*
 * A kernel built from git carries its commit in its release, by
 * CONFIG_LOCALVERSION_AUTO: "6.12.0-rc1-00012-gabcdef012345-dirty".
 */
static void commit_of_release(const char *release, char *commit, size_t size,
			      int *dirty)
{
	const char *p = release;
	size_t n;

	commit[0] = '\0';
	*dirty = strstr(release, "-dirty") || strstr(release, "+dirty");
	while ((p = strstr(p, "-g"))) {
		p += 2;
		for (n = 0; isxdigit((unsigned char)p[n]); n++)
			;
		if (n >= 7 && n <= 40 && n < size &&
		    (!p[n] || p[n] == '-' || p[n] == '+')) {
			memcpy(commit, p, n);
			commit[n] = '\0';
			return;
		}
	}
}

static const char *text_of(const struct host *host, const char *key)
{
	const struct fact *f = facts_find(&host->facts, key);

	return f && f->type == FACT_TEXT ? f->text : "";
}

void build_name(const char *build_id, const char *version, char *id,
		size_t size)
{
	char hex[HASH_HEX];

	if (build_id[0]) {
		snprintf(id, size, "%s", build_id);
		return;
	}
	hash_hex(version, strlen(version), hex);
	snprintf(id, size, "version-%.16s", hex);
}

static void build_id_of(const struct host *host, char *id, size_t size)
{
	build_name(host->build_id, text_of(host, "kernel.version"), id, size);
}

static int enter_build(struct store *store, const struct host *host,
		       struct session *s)
{
	char id[64], commit[48];
	struct store_build b = {
		.release = host->release, .build_id = id, .commit = commit,
		.tree = "", .patch_id = "",
		.config_hash = text_of(host, "kernel.config_hash"),
		.toolchain = text_of(host, "kernel.toolchain"),
	};

	build_id_of(host, id, sizeof(id));
	commit_of_release(host->release, commit, sizeof(commit), &b.dirty);
	return store_build(store, &b, &s->build);
}

/* What a label without a name of its own is called. */
static void name_of_kernel(const char *release, const char *id, char *buf,
			   size_t size)
{
	if (!strncmp(id, "version-", 8))
		id += 8;
	snprintf(buf, size, "%s-%.*s", release, ID_SHORT, id);
}

/* The build of a guest's kernel. */
static int enter_guest_build(struct store *store,
			     const struct session_kernel *k, char *id,
			     size_t size, int64_t *build)
{
	char commit[48];
	struct store_build b = {
		.release = k->release, .build_id = id, .commit = commit,
		.tree = "", .patch_id = "", .config_hash = "",
		.toolchain = "",
	};

	build_name(k->build_id, k->version, id, size);
	commit_of_release(k->release, commit, sizeof(commit), &b.dirty);
	return store_build(store, &b, build);
}

static int enter_label(struct store *store, const struct host *host,
		       const struct session_request *req, struct session *s)
{
	struct store_label l = {
		.series = s->series, .revision = s->revision,
		.patch = req->patch, .patches = req->patches,
	};
	int64_t build = s->build;
	char id[64];
	int err = 0;

	snprintf(s->series, sizeof(s->series), "%s",
		 req->series[0] ? req->series : SERIES_OWN);
	if (req->kernel)
		err = enter_guest_build(store, req->kernel, id, sizeof(id),
					&build);
	else
		build_id_of(host, id, sizeof(id));
	if (err)
		return err;
	if (req->revision[0])
		snprintf(s->revision, sizeof(s->revision), "%s",
			 req->revision);
	else
		name_of_kernel(req->kernel ? req->kernel->release :
			       host->release, id, s->revision,
			       sizeof(s->revision));
	return store_label(store, &l, build, &s->label);
}

static int enter_arm(struct store *store, const struct session_request *req,
		     const struct isolation_state *found, struct session *s)
{
	char switches[128] = "[]";
	int err;

	snprintf(s->arm_name, sizeof(s->arm_name), "%s",
		 req->arm[0] ? req->arm :
		 req->isolation ? req->isolation : "default");
	if (req->isolation)
		snprintf(switches, sizeof(switches),
			 "[{\"key\":\"isolation\",\"scope\":\"host\",\"value\":\"%s\"}]",
			 req->isolation);
	err = store_arm(store, s->arm_name, switches, &s->arm);
	if (err)
		return err;
	s->state = isolation_verify(found, req->isolation);
	snprintf(s->evidence, sizeof(s->evidence), "%s", found->evidence);
	if (s->state == STATE_CONTRADICTED)
		pr_warn("isolation was said to be %s, but %s: stored as contradicted, and nothing will be concluded from it",
			req->isolation, found->evidence);
	return store_arm_state(store, s->boot, s->arm,
			       req->isolation ? req->isolation : "",
			       s->state, s->evidence);
}

static int enter_boot(struct store *store, struct host *host,
		      struct session *s)
{
	int err;

	err = store_host(store, host->fingerprint, host->conf.alias,
			 host->name, NULL, &s->host);
	if (!err)
		err = enter_build(store, host, s);
	if (!err)
		err = store_boot(store, s->host, s->build, host->boot_id,
				 "host", &host->facts, &s->boot);
	return err;
}

int session_find_boot(struct store *store, struct host *host, int64_t *boot)
{
	struct session s = { 0 };
	int err = enter_boot(store, host, &s);

	*boot = s.boot;
	return err;
}

int session_begin(struct store *store, struct host *host,
		  const struct session_request *req, struct session *s)
{
	struct isolation_state found;
	int err;

	memset(s, 0, sizeof(*s));
	isolation_observe(&found, &host->facts);
	err = enter_boot(store, host, s);
	if (!err)
		err = enter_label(store, host, req, s);
	if (!err)
		err = enter_arm(store, req, &found, s);
	return err;
}
