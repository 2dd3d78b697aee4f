// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel command line. Words whose meaning is known are facts; all others
 * may name hosts, disks or keys, so that only their number is told.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/facts.h"

/* '_' stands for '-' too; a '*' at the end for any rest. */
static const char *const known[] = {
	"amd_iommu", "amd_pstate", "asi", "asi_userspace", "audit",
	"clearcpuid", "clocksource", "default_hugepagesz",
	"gather_data_sampling", "hugepages", "hugepagesz", "idle",
	"indirect_target_selection", "init_on_alloc", "init_on_free",
	"intel_idle.max_cstate", "intel_iommu", "intel_pstate", "iommu",
	"irqaffinity", "isolcpus", "kaslr", "kpti", "kvm.*", "kvm_amd.*",
	"kvm_intel.*", "kvm_pvm.*", "l1d_flush", "l1tf", "maxcpus", "mce",
	"mds", "mitigations", "mmio_stale_data", "nmi_watchdog", "no5lvl",
	"nohz", "nohz_full", "noinvpcid", "nokaslr", "nopcid", "nopku",
	"nopti", "noretpoline", "nosmap", "nosmep", "nosmt",
	"nospec_store_bypass_disable", "nospectre_v1", "nospectre_v2",
	"nowatchdog", "nox2apic", "nr_cpus", "numa", "numa_balancing",
	"nx_huge_pages", "page_alloc.shuffle", "page_poison", "panic",
	"preempt", "processor.max_cstate", "pti", "rcu_nocb_poll",
	"rcu_nocbs", "reg_file_data_sampling", "retbleed", "rodata",
	"skew_tick", "slab_nomerge", "slub_debug", "spec_rstack_overflow",
	"spec_store_bypass_disable", "spectre_bhi", "spectre_v1",
	"spectre_v2", "spectre_v2_user", "srbds", "swapaccount",
	"systemd.unified_cgroup_hierarchy", "thp", "threadirqs",
	"transparent_hugepage", "tsa", "tsc", "tsx", "tsx_async_abort",
	"vmscape", "workqueue.cpu_intensive_thresh_us", "x2apic_phys",
};

/*
 * End of the parameter at @s: a blank outside quotes. *@equals is its first
 * '='. The kernel's next_arg() does the same.
 */
static char *parameter_end(char *s, char **equals)
{
	int quoted = 0;

	*equals = NULL;
	for (; *s; s++) {
		if (!quoted && (*s == ' ' || *s == '\t' || *s == '\n'))
			break;
		if (!*equals && *s == '=')
			*equals = s;
		if (*s == '"')
			quoted = !quoted;
	}
	return s;
}

static void strip_quote(char *s)
{
	size_t n = strlen(s);

	if (n && s[n - 1] == '"')
		s[n - 1] = '\0';
}

/* Quotes round the value or the whole parameter go, in place. */
static char *unquoted(char *s)
{
	if (*s != '"')
		return s;
	strip_quote(++s);
	return s;
}

int cmdline_next(char **s, char **name, char **value)
{
	char *p = *s + strspn(*s, " \t\n"), *end, *equals;

	if (!*p)
		return 0;
	end = parameter_end(p, &equals);
	*s = *end ? end + 1 : end;
	*end = '\0';
	if (!strcmp(p, "--"))
		return 0;
	*value = NULL;
	if (equals) {
		*equals = '\0';
		*value = unquoted(equals + 1);
	}
	*name = unquoted(p);
	/* "name=value": its closing quote stands at the end of the value. */
	if (equals && *p == '"')
		strip_quote(*value);
	for (p = *name; *p; p++)
		if (*p == '-')
			*p = '_';
	return 1;
}

static int is_known(const char *name)
{
	size_t i, n;

	if (strlen(name) + sizeof("cmdline.") > FACT_KEY_MAX)
		return 0;
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		n = strlen(known[i]) - 1;
		if (known[i][n] == '*' ? !strncmp(name, known[i], n) &&
		    name[n] : !strcmp(name, known[i]))
			return 1;
	}
	return 0;
}

/* "a b", each name once. */
static void note_repeated(char *list, size_t size, const char *name)
{
	size_t used = strlen(list);

	if (!word_in(list, name))
		snprintf(list + used, size - used, "%s%s", used ? " " : "",
			 name);
}

/*
 * The last of several words of a name wins, as with most of the kernel's own
 * parsers; that it was one of several is a fact as well.
 */
void facts_cmdline(struct fact_list *l, const char *cmdline)
{
	char *copy = strdup(cmdline), *s = copy, *name, *value;
	char key[FACT_KEY_MAX], repeated[192] = "";
	int withheld = 0;

	if (!copy) {
		l->err = -ENOMEM;
		return;
	}
	while (cmdline_next(&s, &name, &value)) {
		if (!is_known(name)) {
			withheld++;
			continue;
		}
		snprintf(key, sizeof(key), "cmdline.%s", name);
		if (facts_find(l, key))
			note_repeated(repeated, sizeof(repeated), name);
		facts_text(l, key, FACT_TREATMENT, 1, value ? value : "set");
	}
	/* What follows "--" is init's, and nobody else's business either. */
	while (s[strspn(s, " \t\n")])
		withheld += cmdline_next(&s, &name, &value);
	if (repeated[0])
		facts_text(l, "cmdline.repeated", FACT_TREATMENT, 1, repeated);
	facts_int(l, "cmdline.withheld", FACT_IDENTITY, 1, withheld);
	facts_text(l, "cmdline.full", FACT_IDENTITY, 0, cmdline);
	free(copy);
}
