/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is stored of A/A, counted. */
#ifndef CLI_AA_H
#define CLI_AA_H

#include "analysis/aa.h"

struct store;

/**
 * struct aa_known - results, and the rates that are made of them
 */
struct aa_known {
	struct aa_set set;
	struct aa_rates rates;
};

/* Beside a comparison: what is older tells of another state of the host. */
#define AA_NEWEST	200

/* 0 or a negative errno. @level: nominal rate of false alarms; @most: pairs
 * of each host, the newest, 0: all. */
int aa_known_load(struct store *s, double level, int most,
		  struct aa_known *k);
void aa_known_free(struct aa_known *k);

#endif
