/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who and what is being measured, entered in the store before the first run. */
#ifndef DRIVERS_SESSION_H
#define DRIVERS_SESSION_H

#include "drivers/host.h"
#include "store/store.h"

/**
 * struct session_kernel - a kernel that is not the running one
 * @release, @version: as it says itself
 * @build_id:	hex, or ""
 */
struct session_kernel {
	const char *release;
	const char *version;
	const char *build_id;
};

/**
 * struct session_request - what the user said
 * @series, @revision: "" for the running kernel's own name
 * @patch, @patches: K/N, 0 for the whole series
 * @arm:	"" for the claim's, or "default"
 * @isolation:	claim: "on", "off", or NULL
 * @kernel:	what the label names: the kernel of guests; NULL: the running one
 */
struct session_request {
	const char *series;
	const char *revision;
	int patch;
	int patches;
	const char *arm;
	const char *isolation;
	const struct session_kernel *kernel;
};

/**
 * struct session - store ids, and the isolation state that was found
 */
struct session {
	int64_t host;
	int64_t build;
	int64_t boot;
	int64_t label;
	int64_t arm;
	char series[128];
	char revision[160];
	char arm_name[128];
	enum arm_state state;
	char evidence[240];
};

/**
 * session_begin() - enter host, build, boot, label, arm and its state
 * Return: 0 or a negative errno, after saying why.
 */
int session_begin(struct store *store, struct host *host,
		  const struct session_request *req, struct session *s);

/**
 * session_find_boot() - id of the boot that this host is in, entered if new
 */
int session_find_boot(struct store *store, struct host *host, int64_t *boot);

/**
 * build_name() - what tells a build from the next one of the same release
 * @version:	its version line, with number and date: hashed where there is
 *		no build id
 */
void build_name(const char *build_id, const char *version, char *id,
		size_t size);

#endif
