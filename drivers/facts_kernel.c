// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which kernel runs, and what it says of itself. All comes from /proc and
 * /sys, nothing from uname(2): one place to look, and one to be tested at.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/facts.h"
#include "lib/file.h"
#include "lib/msg.h"

#define NR(a)		(sizeof(a) / sizeof(*(a)))
#define NOTES_MAX	(64u << 10)
#define NT_GNU_BUILD_ID	3
#define VULNERABILITIES	"/sys/devices/system/cpu/vulnerabilities"
#define VULN_MAX	64	/* files looked at */

static const struct fact_file files[] = {
	{ "kernel.version", "/proc/sys/kernel/version", FACT_IDENTITY,
	  FILE_TEXT },
	{ "kernel.taint", "/proc/sys/kernel/tainted", FACT_IDENTITY,
	  FILE_INT },
	{ "kernel.nmi_watchdog", "/proc/sys/kernel/nmi_watchdog",
	  FACT_ENVIRONMENT, FILE_INT },
	{ "kernel.sched_rt_runtime_us", "/proc/sys/kernel/sched_rt_runtime_us",
	  FACT_ENVIRONMENT, FILE_INT },
	{ "kernel.perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid",
	  FACT_WITNESS, FILE_INT },
	{ "kernel.lsm", "/sys/kernel/security/lsm", FACT_TREATMENT, FILE_TEXT },
};

/* One note at @p; *@left shrinks, *@p moves. NULL name: damaged. */
struct note {
	uint32_t namesz;
	uint32_t descsz;
	uint32_t type;
	const unsigned char *name;
	const unsigned char *desc;
};

static int next_note(const unsigned char **p, size_t *left, struct note *note)
{
	uint64_t name, desc;

	if (*left < 12)
		return *left ? -EINVAL : -ENOENT;
	memcpy(note, *p, 12);
	name = (note->namesz + 3ull) & ~3ull;
	desc = (note->descsz + 3ull) & ~3ull;
	if (name + note->descsz > *left - 12)
		return -EINVAL;
	note->name = *p + 12;
	note->desc = note->name + name;
	/* The last one may come without its padding. */
	if (name + desc > *left - 12)
		desc = *left - 12 - name;
	*p += 12 + name + desc;
	*left -= 12 + name + desc;
	return 0;
}

int build_id_parse(const void *notes, size_t len, char *hex, size_t size)
{
	const unsigned char *p = notes;
	struct note note;
	uint32_t i;
	int err;

	while (!(err = next_note(&p, &len, &note))) {
		if (note.type != NT_GNU_BUILD_ID || note.namesz != 4 ||
		    memcmp(note.name, "GNU", 4))
			continue;
		if (!note.descsz || 2ull * note.descsz >= size)
			return -EINVAL;
		for (i = 0; i < note.descsz; i++)
			sprintf(hex + 2 * i, "%02x", note.desc[i]);
		return 0;
	}
	return err;
}

static void fact_build_id(struct host *host)
{
	size_t len;
	char *notes;

	if (file_read("/sys/kernel/notes", NOTES_MAX, &notes, &len))
		return;
	if (!build_id_parse(notes, len, host->build_id,
			    sizeof(host->build_id)))
		facts_text(&host->facts, "kernel.build_id", FACT_IDENTITY, 1,
			   host->build_id);
	else
		host->build_id[0] = '\0';
	free(notes);
}

/*
 * "Linux version R (user@host) (compiler, linker) #1 ...": the second group;
 * the first one names people and machines.
 */
static void fact_toolchain(struct host *host)
{
	char line[1024], *open, *close;

	if (file_line("/proc/version", line, sizeof(line)) <= 0)
		return;
	open = strstr(line, ") (");
	close = open ? strstr(open, ") #") : NULL;
	if (!close)
		return;
	*close = '\0';
	facts_text(&host->facts, "kernel.toolchain", FACT_IDENTITY, 1,
		   open + 3);
}

static void facts_vulnerabilities(struct host *host)
{
	char path[NAME_MAX + 64], key[FACT_KEY_MAX], line[512];
	struct dirent *e;
	const char *c;
	int n = 0;
	DIR *d;

	d = opendir(VULNERABILITIES);
	if (!d)
		return;
	while ((e = readdir(d)) && n < VULN_MAX) {
		for (c = e->d_name; isalnum((unsigned char)*c) || *c == '_';)
			c++;
		if (*c)
			continue;
		snprintf(path, sizeof(path), VULNERABILITIES "/%s", e->d_name);
		if (snprintf(key, sizeof(key), "vuln.%s", e->d_name) >=
		    (int)sizeof(key) ||
		    file_line(path, line, sizeof(line)) <= 0)
			continue;
		facts_text(&host->facts, key, FACT_TREATMENT, 1, line);
		n++;
	}
	closedir(d);
}

static int is_number(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

/*
 * Does a process of this name run? -1: who runs what is hidden from us
 * (hidepid), and what is not seen is not known.
 */
static int process_runs(const char *comm)
{
	char path[NAME_MAX + 16], name[32];
	struct dirent *e;
	int found = 0;
	DIR *d;

	if (file_line("/proc/1/comm", name, sizeof(name)) <= 0)
		return -1;
	d = opendir("/proc");
	if (!d)
		return -1;
	while (!found && (e = readdir(d))) {
		if (!is_number(e->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		found = file_line(path, name, sizeof(name)) > 0 &&
			!strcmp(name, comm);
	}
	closedir(d);
	return found;
}

/* What no boot can be told from another without. */
static int read_needed(const char *path, char *buf, size_t size)
{
	int err = file_line(path, buf, size);

	if (err > 0)
		return 0;
	err = err ? err : -ENODATA;
	pr_err("%s: %s; without it boots cannot be told apart: is /proc mounted?",
	       path, strerror(-err));
	return err;
}

int facts_kernel(struct host *host)
{
	struct fact_list *l = &host->facts;
	char cmdline[8192];
	int balances, err;

	err = read_needed("/proc/sys/kernel/osrelease", host->release,
			  sizeof(host->release));
	if (!err)
		err = read_needed("/proc/sys/kernel/random/boot_id",
				  host->boot_id, sizeof(host->boot_id));
	if (err)
		return err;
	facts_text(l, "kernel.release", FACT_IDENTITY, 1, host->release);
	facts_files(host, files, NR(files));
	fact_build_id(host);
	fact_toolchain(host);
	facts_vulnerabilities(host);
	if (file_line("/proc/cmdline", cmdline, sizeof(cmdline)) >= 0)
		facts_cmdline(l, cmdline);
	balances = process_runs("irqbalance");
	if (balances >= 0)
		facts_int(l, "irqbalance", FACT_ENVIRONMENT, 1, balances);
	return 0;
}
