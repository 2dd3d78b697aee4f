// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory: how much, in what pages, and what moves it about. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/facts.h"
#include "drivers/meminfo.h"
#include "lib/file.h"

#define NR(a)	(sizeof(a) / sizeof(*(a)))
#define MM	"/sys/kernel/mm/"
#define MEMORY	"/sys/devices/system/memory"

static const struct fact_file files[] = {
	{ "mm.thp", MM "transparent_hugepage/enabled", FACT_ENVIRONMENT,
	  FILE_CHOICE, "none" },
	{ "mm.thp_defrag", MM "transparent_hugepage/defrag",
	  FACT_ENVIRONMENT, FILE_CHOICE },
	{ "mm.ksm", MM "ksm/run", FACT_ENVIRONMENT, FILE_INT },
	{ "mm.numa_balancing", "/proc/sys/kernel/numa_balancing",
	  FACT_ENVIRONMENT, FILE_INT },
	{ "mm.aslr", "/proc/sys/kernel/randomize_va_space",
	  FACT_ENVIRONMENT, FILE_INT },
	{ "mm.hugepages", "/proc/sys/vm/nr_hugepages", FACT_TREATMENT,
	  FILE_INT },
};

/*
 * Memory as the firmware gave it, in GiB. MemTotal is what a kernel left of
 * it, and two kernels leave gigabytes of difference on a large host.
 */
static void fact_total(struct host *host)
{
	unsigned long long block, blocks = 0;
	char line[32], *end;
	struct dirent *e;
	DIR *d;

	if (file_line(MEMORY "/block_size_bytes", line, sizeof(line)) <= 0)
		return;
	block = strtoull(line, &end, 16);
	d = *end || !block ? NULL : opendir(MEMORY);
	if (!d)
		return;
	while ((e = readdir(d)))
		if (!strncmp(e->d_name, "memory", 6) &&
		    e->d_name[6] >= '0' && e->d_name[6] <= '9')
			blocks++;
	closedir(d);
	facts_int(&host->facts, "mm.total_gib", FACT_ENVIRONMENT, 1,
		  (blocks * block + (1ull << 29)) >> 30);
}

void facts_mm(struct host *host)
{
	static const char *const keys[] = {
		"mm.directmap_4k_kib", "mm.directmap_2m_kib",
		"mm.directmap_1g_kib",
	};
	int64_t kib[3];
	size_t i;

	facts_files(host, files, NR(files));
	fact_total(host);
	directmap_read(kib);
	for (i = 0; i < NR(keys); i++)
		if (kib[i] >= 0)
			facts_int(&host->facts, keys[i], FACT_TREATMENT, 1,
				  kib[i]);
}
