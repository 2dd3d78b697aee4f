// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading what isolation_conclude() judges. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/facts.h"
#include "drivers/isolation_evidence.h"
#include "lib/file.h"

#define NR(a)		(sizeof(a) / sizeof(*(a)))
#define CPUINFO_MAX	(16u << 20)
#define LOG_RECORD_MAX	8192		/* the kernel's own limit */
#define LOG_RECORDS	(1u << 17)	/* read at most */

/* First CPU's flags: both features are set for all CPUs or for none. */
static void read_flags(struct isolation_evidence *e)
{
	char *text, *flags = malloc(8192);

	if (flags && !file_read("/proc/cpuinfo", CPUINFO_MAX, &text, NULL)) {
		if (!cpuinfo_field(text, atoi(strpbrk(text, "0123456789") ?
					      : "0"), "flags", flags, 8192)) {
			e->asi_flag = word_in(flags, "asi");
			e->pti_flag = word_in(flags, "pti");
		}
		free(text);
	}
	free(flags);
}

/* A bool parameter reads Y or N. */
static void read_param(struct isolation_evidence *e)
{
	static const char *const modules[] = { "kvm", "kvm_intel", "kvm_amd" };
	char path[128], v[8];
	size_t i;

	for (i = 0; i < NR(modules); i++) {
		snprintf(path, sizeof(path),
			 "/sys/module/%s/parameters/address_space_isolation",
			 modules[i]);
		if (file_line(path, v, sizeof(v)) > 0 && e->asi_param != 1)
			e->asi_param = v[0] == 'Y' || v[0] == '1';
	}
	e->kvm_loaded = !access("/sys/module/kvm_intel", F_OK) ||
		!access("/sys/module/kvm_amd", F_OK);
}

/* A switch of the command line, which is among the facts already. */
static int asked(const struct fact_list *facts, const char *key)
{
	const struct fact *f = facts_find(facts, key);

	if (!f || f->type != FACT_TEXT)
		return -1;
	if (!strcasecmp(f->text, "on") || !strcasecmp(f->text, "y") ||
	    !strcmp(f->text, "1"))
		return 1;
	if (!strcasecmp(f->text, "off") || !strcasecmp(f->text, "n") ||
	    !strcmp(f->text, "0"))
		return 0;
	return -1;
}

static void read_cmdline(const struct fact_list *facts,
			 struct isolation_evidence *e)
{
	static const char *const params[] = {
		"cmdline.kvm.address_space_isolation",
		"cmdline.kvm_intel.address_space_isolation",
		"cmdline.kvm_amd.address_space_isolation",
	};
	size_t i;
	int on;

	e->asked_asi = asked(facts, "cmdline.asi");
	e->asked_pti = asked(facts, "cmdline.pti");
	for (i = 0; i < NR(params); i++) {
		on = asked(facts, params[i]);
		if (on > e->asked_param)
			e->asked_param = on;
	}
}

/* 1 set, 0 not set, -1: the configuration was not to be read. */
static int configured(const struct fact_list *facts, const char *key)
{
	const struct fact *f = facts_find(facts, key);

	return f ? strcmp(f->text, "n") != 0 : -1;
}

static void read_config(const struct fact_list *facts,
			struct isolation_evidence *e)
{
	e->config_asi = configured(facts, "kconfig.asi");
	if (e->config_asi == 0)
		e->config_asi = configured(facts, "kconfig.asi_early");
	e->config_default_on = configured(facts, "kconfig.asi_default_on");
}

/*
 * Tracefs is root's. A directory that cannot be opened says nothing; one that
 * can, and lacks the event, says no.
 */
static void read_tracepoint(struct isolation_evidence *e)
{
	static const char *const roots[] = {
		"/sys/kernel/tracing/events",
		"/sys/kernel/debug/tracing/events",
	};
	char path[128];
	size_t i;

	for (i = 0; i < NR(roots); i++) {
		if (access(roots[i], R_OK | X_OK))
			continue;
		snprintf(path, sizeof(path), "%s/asi/asi_exit_pf", roots[i]);
		e->tracepoint = !access(path, F_OK);
		return;
	}
}

/*
 * One record, "prefix,sequence,...;message\n": its meaning. Who writes to
 * /dev/kmsg cannot give facility 0, which is the kernel's.
 */
static enum asi_log record_means(char *record, unsigned long long *sequence)
{
	char *message = strchr(record, ';'), *end;
	unsigned long prefix = strtoul(record, &end, 10);

	if (!message || *end != ',')
		return ASI_LOG_SILENT;
	*sequence = strtoull(end + 1, NULL, 10);
	message[strcspn(message, "\n")] = '\0';
	return prefix < 8 ? isolation_log_line(message + 1) : ASI_LOG_SILENT;
}

/*
 * From the oldest record that is left. "Ignored" outranks "enabled": the
 * versions that ignore the switch print both. Silence means something only if
 * the log still starts where the boot did.
 */
static void read_log(struct isolation_evidence *e)
{
	unsigned long long sequence, first = 1;
	enum asi_log found = ASI_LOG_SILENT, means;
	char record[LOG_RECORD_MAX + 1];
	unsigned int i;
	ssize_t n;
	int fd;

	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	for (i = 0; i < LOG_RECORDS; i++) {
		n = read(fd, record, LOG_RECORD_MAX);
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n <= 0)
			break;
		record[n] = '\0';
		sequence = 1;
		means = record_means(record, &sequence);
		if (!i)
			first = sequence;
		if (means > found)
			found = means;
	}
	close(fd);
	if (found != ASI_LOG_SILENT || (i && !first))
		e->log = found;
}

void isolation_read(const struct fact_list *facts,
		    struct isolation_evidence *e)
{
	*e = (struct isolation_evidence) {
		.asi_flag = -1, .pti_flag = -1, .asi_param = -1,
		.asked_asi = -1, .asked_param = -1, .asked_pti = -1,
		.log = ASI_LOG_UNREAD, .tracepoint = -1, .config_asi = -1,
		.config_default_on = -1,
	};
	read_flags(e);
	read_param(e);
	read_cmdline(facts, e);
	read_tracepoint(e);
	read_config(facts, e);
	read_log(e);
}
