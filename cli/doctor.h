/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of "asibench doctor" share. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "drivers/guest/guest.h"
#include "drivers/host.h"
#include "drivers/isolation.h"
#include "drivers/noise.h"
#include "drivers/variant.h"

#define ADVICE_MAX	32

/**
 * struct advice - something that makes this host noisy
 * @what:	the finding
 * @mend:	the command that mends it, or what to do where none can
 * @command:	@mend is a command
 */
struct advice {
	char what[256];
	char mend[256];
	int command;
};

/**
 * struct group - variants of one driver in one place
 * @can:	how many can run, of @all
 */
struct group {
	const struct driver *driver;
	enum place place;
	size_t can;
	size_t all;
};

#define GROUPS_MAX	16

/**
 * struct refusal - variants that cannot run for one reason
 * @names:	their benchmarks, "io.null, io.host_randread"
 */
struct refusal {
	const char *reason;
	size_t n;
	char names[256];
};

#define REFUSALS_MAX	32

/**
 * struct countable - what counting runs count here, or do not
 * @names:	"page_faults, statistics of KVM"
 * @why:	why not; "user mode only": a restriction; "": it is counted
 */
struct countable {
	char names[768];
	char why[FACT_TEXT_MAX];
};

#define COUNTABLE_MAX	16

/**
 * struct doctor - everything that is said
 */
struct doctor {
	struct host host;
	struct variant_list variants;
	struct isolation_state isolation;
	struct noise noise;
	struct guest_env guest;
	struct advice advice[ADVICE_MAX];
	size_t nadvice;
	struct group group[GROUPS_MAX];
	size_t ngroups;
	struct refusal refusal[REFUSALS_MAX];
	size_t nrefusals;
	struct countable countable[COUNTABLE_MAX];
	size_t ncountable;
	char debugfs[160];	/* why it cannot be read, or "" */
	char db[4096];
	int db_there;
};

/* Fill @d->advice from the host's facts, the noise and the load. */
void doctor_advise(struct doctor *d);

/* Fill @d->countable by a counting run; 0, or -1 without memory. */
int doctor_count(struct doctor *d);

/* Fill groups and refusals from the variants. */
void doctor_sort(struct doctor *d);

/* "native", "interpreted", "unknown" */
const char *ring_words(double ticks_per_nop);

void doctor_text(const struct doctor *d);
void doctor_json(const struct doctor *d);

#endif
