// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/kconfig.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/hash.h"

#define NR(a)		(sizeof(a) / sizeof(*(a)))
#define CONFIG_MAX	(4u << 20)	/* ten times a distribution's */
#define GUNZIP_NS	(5 * NSEC_PER_SEC)

/* Options that become facts: they are what an isolation series changes. */
static const struct {
	const char *option;
	const char *key;
} options[] = {
	{ "CONFIG_MITIGATION_ADDRESS_SPACE_ISOLATION", "kconfig.asi" },
	{ "CONFIG_MITIGATION_ADDRESS_SPACE_ISOLATION_DEFAULT_ON",
	  "kconfig.asi_default_on" },
	{ "CONFIG_ADDRESS_SPACE_ISOLATION", "kconfig.asi_early" },
	{ "CONFIG_MITIGATION_PAGE_TABLE_ISOLATION", "kconfig.pti" },
	{ "CONFIG_PAGE_TABLE_ISOLATION", "kconfig.pti_early" },
	{ "CONFIG_CPU_MITIGATIONS", "kconfig.mitigations" },
	{ "CONFIG_PREEMPT_NONE", "kconfig.preempt_none" },
	{ "CONFIG_PREEMPT_VOLUNTARY", "kconfig.preempt_voluntary" },
	{ "CONFIG_PREEMPT", "kconfig.preempt" },
	{ "CONFIG_PREEMPT_LAZY", "kconfig.preempt_lazy" },
	{ "CONFIG_PREEMPT_RT", "kconfig.preempt_rt" },
	{ "CONFIG_PREEMPT_DYNAMIC", "kconfig.preempt_dynamic" },
	{ "CONFIG_HZ", "kconfig.hz" },
	{ "CONFIG_NO_HZ_FULL", "kconfig.no_hz_full" },
	{ "CONFIG_PARAVIRT", "kconfig.paravirt" },
	{ "CONFIG_X86_5LEVEL", "kconfig.x86_5level" },
};

/* Each of these can cost more than what is being looked for. */
static const char *const debug_options[] = {
	"CONFIG_KASAN", "CONFIG_KCSAN", "CONFIG_KMSAN", "CONFIG_UBSAN_TRAP",
	"CONFIG_KCOV", "CONFIG_GCOV_KERNEL", "CONFIG_PROVE_LOCKING",
	"CONFIG_LOCK_STAT", "CONFIG_DEBUG_LOCK_ALLOC",
	"CONFIG_DEBUG_SPINLOCK", "CONFIG_DEBUG_MUTEXES",
	"CONFIG_DEBUG_ATOMIC_SLEEP", "CONFIG_DEBUG_PAGEALLOC_ENABLE_DEFAULT",
	"CONFIG_SLUB_DEBUG_ON", "CONFIG_DEBUG_KMEMLEAK",
	"CONFIG_DEBUG_OBJECTS", "CONFIG_DEBUG_VM_PGTABLE",
	"CONFIG_DEBUG_VM_PGFLAGS", "CONFIG_DEBUG_VIRTUAL",
	"CONFIG_DEBUG_PREEMPT", "CONFIG_DEBUG_IRQFLAGS",
	"CONFIG_PAGE_TABLE_CHECK_ENFORCED", "CONFIG_DEBUG_ENTRY",
	"CONFIG_DEBUG_TLBFLUSH", "CONFIG_PREEMPT_TRACER",
	"CONFIG_IRQSOFF_TRACER", "CONFIG_FAULT_INJECTION",
};

/* No library for one file: gzip belongs to every system there is. */
static char *proc_config(void)
{
	static const char *const argv[] = {
		"gzip", "-dc", "/proc/config.gz", NULL,
	};
	struct child_end end;
	char *text = NULL;
	size_t len;

	if (child_output(argv, NULL, GUNZIP_NS, &text, &len, CONFIG_MAX, NULL,
			 0, &end))
		return NULL;
	if (end.code == 0 && len)
		return text;
	free(text);
	return NULL;
}

/*
 * The kernel's own copy first: a file named by release may belong to a newer
 * build of the same name that was installed since.
 */
char *kconfig_load(const char *release)
{
	static const char *const places[] = {
		"/boot/config-%s", "/lib/modules/%s/config",
		"/usr/lib/modules/%s/config",
	};
	char path[256], *text = NULL;
	size_t i;

	if (file_line("/proc/config.gz", path, sizeof(path)) >= 0)
		text = proc_config();
	/* A release is foreign text: it must not lead out of /boot. */
	if (text || strchr(release, '/'))
		return text;
	for (i = 0; i < NR(places); i++) {
		const char *mark = strstr(places[i], "%s");

		snprintf(path, sizeof(path), "%.*s%s%s",
			 (int)(mark - places[i]), places[i], release,
			 mark + 2);
		if (!file_read(path, CONFIG_MAX, &text, NULL))
			return text;
	}
	return NULL;
}

int kconfig_get(const char *text, const char *option, char *buf, size_t size)
{
	size_t n = strlen(option), len;
	const char *line, *v;

	snprintf(buf, size, "n");
	for (line = text; *line; line += !!*line) {
		len = strcspn(line, "\n");
		if (len > n && !strncmp(line, option, n) && line[n] == '=') {
			v = line + n + 1;
			len -= n + 1;
			if (len >= 2 && v[0] == '"' && v[len - 1] == '"') {
				v++;
				len -= 2;
			}
			snprintf(buf, size, "%.*s", (int)len, v);
			return 1;
		}
		line += len;
	}
	return 0;
}

void kconfig_hash(const char *text, char hex[65])
{
	char *kept = malloc(strlen(text) + 1);
	const char *line;
	size_t len, used = 0;

	hex[0] = '\0';
	if (!kept)
		return;
	for (line = text; *line; line += !!*line) {
		len = strcspn(line, "\n");
		if (!strncmp(line, "CONFIG_", 7)) {
			memcpy(kept + used, line, len);
			kept[used + len] = '\n';
			used += len + 1;
		}
		line += len;
	}
	hash_hex(kept, used, hex);
	free(kept);
}

static void fact_debug(struct host *host, const char *text)
{
	char list[FACT_TEXT_MAX] = "", v[64];
	size_t i, used = 0;

	for (i = 0; i < NR(debug_options) && used < sizeof(list); i++)
		if (kconfig_get(text, debug_options[i], v, sizeof(v)))
			used += snprintf(list + used, sizeof(list) - used,
					 "%s%s", used ? " " : "",
					 debug_options[i] + 7);
	facts_text(&host->facts, "kconfig.debug", FACT_TREATMENT, 1,
		   used ? list : "none");
}

void facts_kconfig(struct host *host)
{
	char *text = kconfig_load(host->release), v[64], hex[65];
	size_t i;

	if (!text)
		return;
	kconfig_hash(text, hex);
	facts_text(&host->facts, "kernel.config_hash", FACT_TREATMENT, 1, hex);
	for (i = 0; i < NR(options); i++) {
		kconfig_get(text, options[i].option, v, sizeof(v));
		facts_text(&host->facts, options[i].key, FACT_TREATMENT, 1, v);
	}
	fact_debug(host, text);
	free(text);
}
