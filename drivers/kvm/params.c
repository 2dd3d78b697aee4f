// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kvm/params.h"

#include <cpuid.h>
#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/text.h"

/*
 * Parameters known to matter. What the arms of a comparison switch is
 * treatment. A parameter that is not here, as a patch may add one, is listed
 * but neither refuses a comparison nor is published.
 */
static const struct {
	const char *name;
	enum fact_class class;
} known[] = {
	{ "address_space_isolation", FACT_TREATMENT },
	{ "page_fault_stack", FACT_TREATMENT },
	{ "vmentry_l1d_flush", FACT_TREATMENT },
	{ "mitigate_smt_rsb", FACT_TREATMENT },
	{ "avic", FACT_ENVIRONMENT },
	{ "eager_page_split", FACT_ENVIRONMENT },
	{ "emulate_invalid_guest_state", FACT_ENVIRONMENT },
	{ "enable_apicv", FACT_ENVIRONMENT },
	{ "enable_ipiv", FACT_ENVIRONMENT },
	{ "enable_pmu", FACT_ENVIRONMENT },
	{ "enable_vmware_backdoor", FACT_ENVIRONMENT },
	{ "ept", FACT_ENVIRONMENT },
	{ "eptad", FACT_ENVIRONMENT },
	{ "flexpriority", FACT_ENVIRONMENT },
	{ "force_emulation_prefix", FACT_ENVIRONMENT },
	{ "halt_poll_ns", FACT_ENVIRONMENT },
	{ "halt_poll_ns_grow", FACT_ENVIRONMENT },
	{ "halt_poll_ns_grow_start", FACT_ENVIRONMENT },
	{ "halt_poll_ns_shrink", FACT_ENVIRONMENT },
	{ "ignore_msrs", FACT_ENVIRONMENT },
	{ "lapic_timer_advance", FACT_ENVIRONMENT },
	{ "mmio_caching", FACT_ENVIRONMENT },
	{ "nested", FACT_ENVIRONMENT },
	{ "npt", FACT_ENVIRONMENT },
	{ "nrips", FACT_ENVIRONMENT },
	{ "nx_huge_pages", FACT_ENVIRONMENT },
	{ "nx_huge_pages_recovery_period_ms", FACT_ENVIRONMENT },
	{ "nx_huge_pages_recovery_ratio", FACT_ENVIRONMENT },
	{ "pause_filter_count", FACT_ENVIRONMENT },
	{ "pause_filter_thresh", FACT_ENVIRONMENT },
	{ "pi_inject_timer", FACT_ENVIRONMENT },
	{ "ple_gap", FACT_ENVIRONMENT },
	{ "ple_window", FACT_ENVIRONMENT },
	{ "pml", FACT_ENVIRONMENT },
	{ "preemption_timer", FACT_ENVIRONMENT },
	{ "pvm_emul_batch", FACT_ENVIRONMENT },
	{ "pvm_native", FACT_ENVIRONMENT },
	{ "sev", FACT_ENVIRONMENT },
	{ "tdp_mmu", FACT_ENVIRONMENT },
	{ "tsc_scaling", FACT_ENVIRONMENT },
	{ "unrestricted_guest", FACT_ENVIRONMENT },
	{ "vgif", FACT_ENVIRONMENT },
	{ "vls", FACT_ENVIRONMENT },
	{ "vnmi", FACT_ENVIRONMENT },
	{ "vpid", FACT_ENVIRONMENT },
};

int cpu_has_vmx(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && c & 1u << 5;
}

int cpu_has_svm(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(0x80000001, &a, &b, &c, &d) && c & 1u << 2;
}

static int is_loaded(const char *module)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	return !access(path, F_OK);
}

/*
 * Built-in modules are listed even where they found nothing to drive, so the
 * CPU decides about the two common ones before any other name is looked for.
 */
void kvm_module_find(struct host *host)
{
	struct dirent *entry;
	DIR *dir;

	host->kvm_module[0] = '\0';
	if (cpu_has_vmx() && is_loaded("kvm_intel"))
		strcpy(host->kvm_module, "kvm_intel");
	else if (cpu_has_svm() && is_loaded("kvm_amd"))
		strcpy(host->kvm_module, "kvm_amd");
	if (host->kvm_module[0])
		return;
	dir = opendir("/sys/module");
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (!fnmatch("kvm_*", entry->d_name, 0) &&
		    strcmp(entry->d_name, "kvm_intel") &&
		    strcmp(entry->d_name, "kvm_amd") &&
		    strlen(entry->d_name) < sizeof(host->kvm_module))
			strcpy(host->kvm_module, entry->d_name);
	closedir(dir);
}

static void add_param(struct fact_list *facts, const char *module,
		      const char *name)
{
	enum fact_class class = FACT_IDENTITY;
	char path[PATH_MAX], key[FACT_KEY_MAX], raw[128], value[160];
	size_t i, n = sizeof(known) / sizeof(*known);

	if (snprintf(key, sizeof(key), "%s.%s", module, name) >=
	    (int)sizeof(key))
		return;
	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module,
		 name);
	if (file_line(path, raw, sizeof(raw)) < 0)
		return;
	for (i = 0; i < n; i++)
		if (!strcmp(known[i].name, name))
			break;
	if (i < n)
		class = known[i].class;
	facts_text(facts, key, class, i < n,
		   text_clean(value, sizeof(value), raw));
}

static void add_params(struct fact_list *facts, const char *module)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters", module);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			add_param(facts, module, entry->d_name);
	closedir(dir);
}

static int is_on(const char *path)
{
	char value[8];

	return file_line(path, value, sizeof(value)) > 0 &&
	       (value[0] == 'Y' || value[0] == '1');
}

/* How guest-physical addresses are translated. */
static const char *mmu_name(const char *module)
{
	if (!strcmp(module, "kvm_intel"))
		return is_on("/sys/module/kvm_intel/parameters/ept") ?
			"ept" : "shadow";
	if (!strcmp(module, "kvm_amd"))
		return is_on("/sys/module/kvm_amd/parameters/npt") ?
			"npt" : "shadow";
	if (!strcmp(module, "kvm_pvm"))
		return "shadow";
	return "unknown";
}

void kvm_module_facts(struct host *host)
{
	add_params(&host->facts, "kvm");
	if (!host->kvm_module[0])
		return;
	facts_text(&host->facts, "kvm.module", FACT_ENVIRONMENT, 1,
		   host->kvm_module);
	facts_text(&host->facts, "kvm.mmu", FACT_ENVIRONMENT, 1,
		   mmu_name(host->kvm_module));
	add_params(&host->facts, host->kvm_module);
}
