/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The isolation state that is really in force, with evidence.
 */
#ifndef DRIVERS_ISOLATION_H
#define DRIVERS_ISOLATION_H

#include "lib/factlist.h"
#include "lib/model.h"

/**
 * enum isolation - what the evidence says
 */
enum isolation { ISOLATION_UNKNOWN, ISOLATION_OFF, ISOLATION_ON };

/**
 * struct isolation_state - observed
 * @state:	of ASI where the kernel has a switch for it, else of PTI
 * @kind:	"asi" or "pti": what @state speaks of
 * @evidence:	in words: "asi flag in cpuinfo", "pti flag in cpuinfo"
 */
struct isolation_state {
	enum isolation state;
	char kind[8];
	char evidence[240];
};

/**
 * isolation_observe() - read command line, module parameters, CPU flags,
 * kernel log; adds one fact per piece of evidence to @facts (treatment)
 */
void isolation_observe(struct isolation_state *st, struct fact_list *facts);

/**
 * isolation_verify() - hold a claim against it
 * @claim:	"on", "off", or NULL (nothing claimed: unverified unless known)
 */
enum arm_state isolation_verify(const struct isolation_state *st,
				const char *claim);

#endif
