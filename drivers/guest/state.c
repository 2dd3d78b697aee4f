// SPDX-License-Identifier: GPL-2.0-or-later
#include "drivers/guest/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/facts.h"
#include "drivers/isolation_evidence.h"
#include "lib/text.h"

#define FLAGS_MAX	8192
#define VULNERABILITIES	"/sys/devices/system/cpu/vulnerabilities"

/* ---- is it what it was asked to be? ---- */

static int on_off(const char *value)
{
	static const char *const yes[] = { "on", "y", "1", "force", NULL };
	static const char *const no[] = { "off", "n", "0", NULL };
	int i;

	for (i = 0; value && yes[i]; i++)
		if (!strcmp(value, yes[i]))
			return 1;
	for (i = 0; value && no[i]; i++)
		if (!strcmp(value, no[i]))
			return 0;
	return -1;
}

static enum arm_state hold(int asked, int found, const char *what,
			   char *why, size_t size)
{
	snprintf(why, size, "%s in the guest: %s", what, found < 0 ?
		 "cannot be seen" : found ? "on" : "off");
	if (asked < 0 || found < 0)
		return STATE_UNVERIFIED;
	return asked == found ? STATE_VERIFIED : STATE_CONTRADICTED;
}

/* By the kernel log where this version of the series shows no flag. */
static int asi_found(const char *flags, const char *log)
{
	const char *line, *text;
	enum asi_log says, last = ASI_LOG_SILENT;
	char one[256];
	size_t n;

	if (word_in(flags, "asi"))
		return 1;
	for (line = log; line && *line; line += n + !!line[n]) {
		n = strcspn(line, "\n");
		snprintf(one, sizeof(one), "%.*s", (int)n, line);
		text = strstr(one, "] ");
		says = isolation_log_line(text ? text + 2 : one);
		if (says != ASI_LOG_SILENT)
			last = says;
	}
	switch (last) {
	case ASI_LOG_ENABLED:
		return 1;
	case ASI_LOG_DISABLED:
	case ASI_LOG_IGNORED:
		return 0;
	default:
		return -1;
	}
}

/* Off is off when nothing is said to be mitigated; "auto" asks for nothing. */
static enum arm_state hold_mitigations(const char *value, const char *files,
				       char *why, size_t size)
{
	bool any = strstr(files, "Mitigation");

	if (!files[0] || !value || strncmp(value, "off", 3)) {
		snprintf(why, size, "mitigations=%.40s: nothing shows whether it took effect",
			 value ? value : "");
		return STATE_UNVERIFIED;
	}
	snprintf(why, size, "mitigations in the guest: %s",
		 any ? "some are on" : "none");
	return any ? STATE_CONTRADICTED : STATE_VERIFIED;
}

static enum arm_state verify_word(const char *name, const char *value,
				  const char *flags, const char *files,
				  const char *log, char *why, size_t size)
{
	if (!strcmp(name, "pti"))
		return hold(on_off(value), word_in(flags, "pti"), "pti", why,
			    size);
	if (!strcmp(name, "nopti"))
		return hold(0, word_in(flags, "pti"), "pti", why, size);
	if (!strcmp(name, "asi"))
		return hold(on_off(value), asi_found(flags, log), "asi", why,
			    size);
	if (!strcmp(name, "mitigations"))
		return hold_mitigations(value, files, why, size);
	snprintf(why, size, "%.40s: on its command line, but nothing shows whether it took effect",
		 name);
	return STATE_UNVERIFIED;
}

/* Worse states have higher ranks. */
static int rank(enum arm_state s)
{
	return s == STATE_VERIFIED ? 0 : s == STATE_UNVERIFIED ? 1 : 2;
}

/* Is the word on the command line as it was given? */
static bool was_given(const char *cmdline, const char *name, const char *value)
{
	char *copy = strdup(cmdline), *s = copy, *n, *v;
	bool found = false;

	while (copy && cmdline_next(&s, &n, &v))
		if (!strcmp(n, name) && !strcmp(v ? v : "", value ? value : ""))
			found = true;
	free(copy);
	return found;
}

enum arm_state words_verify(const char *words, const char *cmdline,
			    const char *flags, const char *vulnerabilities,
			    const char *log, char *evidence, size_t size)
{
	char *copy = strdup(words), *s = copy, *name, *value, why[160];
	enum arm_state state = STATE_VERIFIED, one;
	size_t n = 0;

	evidence[0] = '\0';
	while (copy && cmdline_next(&s, &name, &value)) {
		if (was_given(cmdline, name, value)) {
			one = verify_word(name, value, flags, vulnerabilities,
					  log, why, sizeof(why));
		} else {
			one = STATE_CONTRADICTED;
			snprintf(why, sizeof(why), "%.40s is not on the guest's command line",
				 name);
		}
		if (rank(one) > rank(state))
			state = one;
		if (n + strlen(why) + 3 < size)
			n += snprintf(evidence + n, size - n, "%s%s",
				      n ? "; " : "", why);
	}
	free(copy);
	return state;
}

/* ---- what is kept of it ---- */

static const char *text_of(const struct guest_run *run, const char *name)
{
	const char *text = guest_record(run, name, NULL);

	return text ? text : "";
}

/* First line, printable. */
static void line_of(const struct guest_run *run, const char *name, char *buf,
		    size_t size)
{
	char raw[512];

	snprintf(raw, sizeof(raw), "%s", text_of(run, name));
	raw[strcspn(raw, "\n")] = '\0';
	text_ascii(buf, size, text_trim(raw));
}

static void fact(struct run_result *res, enum fact_class class,
		 const char *key, const char *text)
{
	if (text[0])
		result_fact(res, class, key, text);
}

/* "meltdown: Not affected" a line, each a fact of its own too. */
static void vulnerabilities(const struct guest_run *run,
			    struct run_result *res, char *all, size_t size)
{
	static const char *const files[] = {
		"gather_data_sampling", "itlb_multihit", "l1tf", "mds",
		"meltdown", "mmio_stale_data", "retbleed",
		"spec_rstack_overflow", "spec_store_bypass", "spectre_v1",
		"spectre_v2", "srbds", "tsx_async_abort", "vmscape",
	};
	char name[128], key[FACT_KEY_MAX], text[160];
	size_t i, n = 0;

	all[0] = '\0';
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(name, sizeof(name), VULNERABILITIES "/%s", files[i]);
		line_of(run, name, text, sizeof(text));
		if (!text[0])
			continue;
		snprintf(key, sizeof(key), "guest.vuln.%s", files[i]);
		fact(res, FACT_TREATMENT, key, text);
		if (n < size)
			n += snprintf(all + n, size - n, "%s: %s\n", files[i],
				      text);
	}
}

/* Vendor and device of each, as the guest's bus shows them. */
static void devices(const struct guest_run *run, struct run_result *res)
{
	const char *line = text_of(run, "/proc/bus/pci/devices");
	char all[512] = "";
	unsigned int id;
	size_t n = 0;

	for (; *line && n + 12 < sizeof(all); line += strcspn(line, "\n"),
	     line += *line == '\n')
		if (sscanf(line, "%*x %x", &id) == 1)
			n += snprintf(all + n, sizeof(all) - n, "%s%04x:%04x",
				      n ? " " : "", id >> 16, id & 0xffff);
	fact(res, FACT_ENVIRONMENT, "guest.devices", all);
}

void guest_kernel(const struct guest_run *run, char *version, size_t vsize,
		  char *id, size_t idsize)
{
	const char *notes;
	size_t len = 0;

	line_of(run, "/proc/sys/kernel/version", version, vsize);
	notes = guest_record(run, "/sys/kernel/notes", &len);
	if (!notes || build_id_parse(notes, len, id, idsize))
		id[0] = '\0';
}

static void kernel(const struct guest_run *run, struct run_result *res)
{
	struct run_guest *g = &res->guest;
	char line[200];

	line_of(run, "/proc/sys/kernel/random/boot_id", g->boot_id,
		sizeof(g->boot_id));
	line_of(run, "/proc/sys/kernel/osrelease", g->release,
		sizeof(g->release));
	guest_kernel(run, g->version, sizeof(g->version), g->build_id,
		     sizeof(g->build_id));
	fact(res, FACT_IDENTITY, "guest.kernel", g->release);
	fact(res, FACT_IDENTITY, "guest.kernel_version", g->version);
	fact(res, FACT_IDENTITY, "guest.build_id", g->build_id);
	line_of(run, CLOCKSOURCE, line, sizeof(line));
	fact(res, FACT_ENVIRONMENT, "guest.clocksource",
	     clocksource_name(line));
}

void guest_describe(const struct guest_spec *spec, const struct guest_run *run,
		    const char *words, struct run_result *res)
{
	const char *cpuinfo = text_of(run, "/proc/cpuinfo");
	char *flags = calloc(1, FLAGS_MAX), all[4096];
	struct run_guest *g = &res->guest;

	g->emulated = strcmp(spec->env->accel, "kvm");
	kernel(run, res);
	devices(run, res);
	vulnerabilities(run, res, all, sizeof(all));
	fact(res, FACT_ENVIRONMENT, "guest.qemu", spec->env->qemu_version);
	fact(res, FACT_TREATMENT, "guest.words", words ? words : "");
	if (!flags || cpuinfo_field(cpuinfo, 0, "flags", flags, FLAGS_MAX))
		goto out;
	fact(res, FACT_TREATMENT, "guest.pti",
	     word_in(flags, "pti") ? "on" : "off");
	if (word_in(flags, "asi"))
		fact(res, FACT_TREATMENT, "guest.asi", "on");
	if (words && *words) {
		text_ascii(g->claim, sizeof(g->claim), words);
		g->state = words_verify(words, text_of(run, "/proc/cmdline"),
					flags, all, text_of(run, "dmesg"),
					g->evidence, sizeof(g->evidence));
	}
out:
	free(flags);
}
