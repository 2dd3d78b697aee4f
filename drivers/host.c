// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/host.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * In this order: the file may name CPUs, the clock is measured on the CPU
 * that was chosen, and the probes use both.
 */
static int (*const parts[])(struct host *host) = {
	topology_init,
	tsc_init,
	facts_collect,
	kvm_probe,
	fio_probe,
	scratch_probe,
	guest_init,
};

#define PARTS_BARE	2	/* the first of them */

static int init_parts(struct host *host, bool whole)
{
	size_t n = whole ? sizeof(parts) / sizeof(*parts) : PARTS_BARE, i;
	int err = 0;

	memset(host, 0, sizeof(*host));
	host->cpu = host->peer_cpu = -1;
	memset(host->near_cpu, 0xff, sizeof(host->near_cpu));
	host->bench.vendor = host->vendor;
	if (whole)
		err = host_conf_load(&host->conf);
	for (i = 0; !err && i < n; i++)
		err = parts[i](host);
	if (!err)
		err = host->facts.err;
	if (err) {
		host_exit(host);
		return err;
	}
	facts_sort(&host->facts);
	return 0;
}

int host_init(struct host *host)
{
	return init_parts(host, true);
}

int host_init_bare(struct host *host)
{
	return init_parts(host, false);
}

void host_exit(struct host *host)
{
	free(host->guest);
	host->guest = NULL;
	facts_free(&host->facts);
}
