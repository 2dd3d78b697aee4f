// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/host.h"

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

int host_init(struct host *host)
{
	size_t i;
	int err;

	memset(host, 0, sizeof(*host));
	host->cpu = host->peer_cpu = -1;
	memset(host->near_cpu, 0xff, sizeof(host->near_cpu));
	host->bench.vendor = host->vendor;
	err = host_conf_load(&host->conf);
	for (i = 0; !err && i < sizeof(parts) / sizeof(*parts); i++)
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

void host_exit(struct host *host)
{
	free(host->guest);
	host->guest = NULL;
	facts_free(&host->facts);
}
