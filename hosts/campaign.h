/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Campaigns over hosts, kernels, arms and boots. A block holds every kernel
 * in every arm once, in an order of its own on each host: what drifts falls
 * on all alike. A host that fails costs its own runs only.
 */
#ifndef HOSTS_CAMPAIGN_H
#define HOSTS_CAMPAIGN_H

#include "hosts/journal.h"
#include "hosts/visit.h"

/**
 * campaign_measure() - go on with a campaign until it is done
 * @j:		locked
 * @v:		a visit for each host of j->file, with conf, ship and db
 * @stop:	when it becomes nonzero, all end at once
 * Return: 0, or a negative errno (said). j is replayed.
 */
int campaign_measure(struct journal *j, struct visit *v,
		     const volatile int *stop);

/* What a boot and what a run takes on a host, s, by what is known so far. */
double campaign_boot_s(const struct host_state *h);
double campaign_run_s(const struct host_state *h,
		      const struct plan_file *file);

/* Kernels x arms that are not set aside. */
int campaign_width(const struct journal *j);

#endif
