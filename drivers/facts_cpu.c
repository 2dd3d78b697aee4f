// SPDX-License-Identifier: GPL-2.0-or-later
/* What the CPU is and how it is set. */
#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/facts.h"
#include "lib/file.h"
#include "lib/num.h"
#include "lib/text.h"

#define NR(a)		(sizeof(a) / sizeof(*(a)))
#define CPUINFO_MAX	(16u << 20)	/* 2 KiB a CPU on the largest host */

#define CPU		"/sys/devices/system/cpu/"

static const struct fact_file files[] = {
	{ "cpu.governor", CPU "cpu#/cpufreq/scaling_governor",
	  FACT_ENVIRONMENT, FILE_TEXT, "none" },
	{ "cpu.driver", CPU "cpu#/cpufreq/scaling_driver",
	  FACT_ENVIRONMENT, FILE_TEXT, "none" },
	{ "cpu.min_khz", CPU "cpu#/cpufreq/scaling_min_freq",
	  FACT_ENVIRONMENT, FILE_INT },
	{ "cpu.max_khz", CPU "cpu#/cpufreq/scaling_max_freq",
	  FACT_ENVIRONMENT, FILE_INT },
	{ "cpu.energy_preference",
	  CPU "cpu#/cpufreq/energy_performance_preference",
	  FACT_ENVIRONMENT, FILE_TEXT },
	{ "cpu.smt", CPU "smt/control", FACT_ENVIRONMENT, FILE_TEXT },
	{ "cpu.smt_active", CPU "smt/active", FACT_ENVIRONMENT, FILE_INT },
	{ "cpu.idle_driver", CPU "cpuidle/current_driver",
	  FACT_ENVIRONMENT, FILE_TEXT, "none" },
	{ "cpu.idle_governor", CPU "cpuidle/current_governor_ro",
	  FACT_ENVIRONMENT, FILE_TEXT, "none" },
};

static const struct {
	const char *field;
	const char *key;
	enum file_kind kind;
} fields[] = {
	{ "vendor_id", "cpu.vendor", FILE_TEXT },
	{ "cpu family", "cpu.family", FILE_INT },
	{ "model", "cpu.model", FILE_INT },
	{ "stepping", "cpu.stepping", FILE_INT },
	{ "model name", "cpu.model_name", FILE_TEXT },
	{ "microcode", "cpu.microcode", FILE_TEXT },
};

/* Flags that decide what a TLB flush, a CR3 write or a clock costs. */
static const struct {
	const char *flag;
	const char *key;
} flags[] = {
	{ "constant_tsc", "tsc.constant" },
	{ "nonstop_tsc", "tsc.nonstop" },
	{ "pcid", "cpu.pcid" },
	{ "invpcid", "cpu.invpcid" },
	{ "invlpgb", "cpu.invlpgb" },
	{ "la57", "cpu.la57" },
};

/* "field<tabs>: value" in [@line, @end) ? Returns the value or NULL. */
static const char *field_value(const char *line, const char *end,
			       const char *field)
{
	size_t n = strlen(field);
	const char *p = line + n;

	if ((size_t)(end - line) <= n || strncmp(line, field, n))
		return NULL;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || *p != ':')
		return NULL;
	p++;
	while (p < end && *p == ' ')
		p++;
	return p;
}

int cpuinfo_field(const char *text, int cpu, const char *field, char *buf,
		  size_t size)
{
	const char *line, *end, *v;
	int here = 0;

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = line + strcspn(line, "\n");
		v = field_value(line, end, "processor");
		if (v)
			here = atoi(v) == cpu;
		v = here ? field_value(line, end, field) : NULL;
		if (!v)
			continue;
		snprintf(buf, size, "%.*s", (int)(end - v), v);
		return 0;
	}
	return -ENOENT;
}

static void facts_cpuinfo(struct host *host)
{
	struct fact_list *l = &host->facts;
	char *text, *value;
	int64_t v;
	size_t i;

	value = malloc(8192);
	if (!value || file_read("/proc/cpuinfo", CPUINFO_MAX, &text, NULL)) {
		free(value);
		return;
	}
	for (i = 0; i < NR(fields); i++) {
		if (cpuinfo_field(text, host->cpu, fields[i].field, value,
				  8192))
			continue;
		if (fields[i].kind == FILE_TEXT)
			facts_text(l, fields[i].key, FACT_ENVIRONMENT, 1,
				   value);
		else if (!num_s64(value, 0, INT64_MAX, &v))
			facts_int(l, fields[i].key, FACT_ENVIRONMENT, 1, v);
	}
	if (!cpuinfo_field(text, host->cpu, "flags", value, 8192))
		for (i = 0; i < NR(flags); i++)
			facts_int(l, flags[i].key, FACT_ENVIRONMENT, 1,
				  word_in(value, flags[i].flag));
	if (!cpuinfo_field(text, host->cpu, "vendor_id", value, 8192))
		snprintf(host->vendor, sizeof(host->vendor), "%s", value);
	free(text);
	free(value);
}

/* Signatures that do not read like names. */
static const char *hypervisor_name(const char *signature)
{
	static const char *const names[][2] = {
		{ "KVMKVMKVM", "KVM" }, { "Microsoft Hv", "Hyper-V" },
		{ "VMwareVMware", "VMware" }, { "XenVMMXenVMM", "Xen" },
		{ "TCGTCGTCGTCG", "QEMU TCG" }, { "bhyve bhyve ", "bhyve" },
	};
	size_t i;

	for (i = 0; i < NR(names); i++)
		if (!strcmp(names[i][0], signature))
			return names[i][1];
	return signature[0] ? signature : "unnamed";
}

/* Which hypervisor this host is itself a guest of. */
static void fact_hypervisor(struct host *host)
{
	char sig[13] = "", clean[64];
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d))
		return;
	if (!(c & (1u << 31))) {
		facts_text(&host->facts, "hypervisor", FACT_ENVIRONMENT, 1,
			   "none");
		return;
	}
	__cpuid(0x40000000, a, b, c, d);
	memcpy(sig, &b, 4);
	memcpy(sig + 4, &c, 4);
	memcpy(sig + 8, &d, 4);
	text_clean(clean, sizeof(clean), sig);
	facts_text(&host->facts, "hypervisor", FACT_ENVIRONMENT, 1,
		   hypervisor_name(clean));
}

/* Two drivers, two files, opposite meanings. */
static void fact_turbo(struct host *host)
{
	const char *state = "none";
	long long v;

	if (!file_s64(CPU "intel_pstate/no_turbo", &v))
		state = v ? "off" : "on";
	else if (!file_s64(CPU "cpufreq/boost", &v))
		state = v ? "on" : "off";
	facts_text(&host->facts, "cpu.turbo", FACT_ENVIRONMENT, 1, state);
}

/* Idle states that the kernel may enter: "POLL C1 C1E". */
static void fact_idle_states(struct host *host)
{
	char path[128], name[32], list[192] = "";
	size_t used = 0;
	long long off;
	int i;

	for (i = 0; i < 16 && used < sizeof(list); i++) {
		snprintf(path, sizeof(path),
			 CPU "cpu%d/cpuidle/state%d/name", host->cpu, i);
		if (file_line(path, name, sizeof(name)) <= 0)
			break;
		snprintf(path, sizeof(path),
			 CPU "cpu%d/cpuidle/state%d/disable", host->cpu, i);
		if (!file_s64(path, &off) && off)
			continue;
		used += snprintf(list + used, sizeof(list) - used, "%s%s",
				 used ? " " : "", name);
	}
	if (i)
		facts_text(&host->facts, "cpu.idle_states", FACT_ENVIRONMENT,
			   1, list);
}

const char *clocksource_name(const char *said)
{
	return strcmp(said, "tsc-early") ? said : "tsc";
}

static void fact_clocksource(struct host *host)
{
	char line[64];

	if (file_line(CLOCKSOURCE, line, sizeof(line)) > 0)
		facts_text(&host->facts, "kernel.clocksource",
			   FACT_ENVIRONMENT, 1, clocksource_name(line));
}

void facts_cpu(struct host *host)
{
	facts_cpuinfo(host);
	host->bench.vendor = host->vendor;
	facts_files(host, files, NR(files));
	fact_turbo(host);
	fact_idle_states(host);
	fact_hypervisor(host);
	fact_clocksource(host);
}
