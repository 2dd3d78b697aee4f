// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts of the host and of its boot. A file that is not there gives no fact,
 * never a made-up value. What may be published is listed by name: the tables
 * here and the words of facts_cmdline.c; all else stays on the machine.
 *
 * Environment facts come from files that everybody may read, so that a run by
 * root and one by a user do not differ in them.
 */
#include "drivers/facts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/kconfig.h"
#include "lib/file.h"
#include "lib/num.h"

#ifdef __clang__
#define TOOL_COMPILER	__VERSION__
#else
#define TOOL_COMPILER	"gcc " __VERSION__
#endif

void cpu_path(char *buf, size_t size, const char *path, int cpu)
{
	const char *mark = strchr(path, '#');

	if (mark)
		snprintf(buf, size, "%.*s%d%s", (int)(mark - path), path, cpu,
			 mark + 1);
	else
		snprintf(buf, size, "%s", path);
}

/* "a [b] c" -> "b", in place; the line itself where nothing is in brackets. */
static char *chosen(char *line)
{
	char *open = strchr(line, '['), *close;

	close = open ? strchr(open, ']') : NULL;
	if (!close)
		return line;
	*close = '\0';
	return open + 1;
}

static void file_fact(struct host *host, const struct fact_file *f)
{
	struct fact_list *l = &host->facts;
	char path[256], line[1024];
	int64_t v;

	cpu_path(path, sizeof(path), f->path, host->cpu);
	if (file_line(path, line, sizeof(line)) <= 0) {
		if (f->none)
			facts_text(l, f->key, f->class, 1, f->none);
		return;
	}
	if (f->kind != FILE_INT)
		facts_text(l, f->key, f->class, 1,
			   f->kind == FILE_CHOICE ? chosen(line) : line);
	else if (!num_s64(line, INT64_MIN, INT64_MAX, &v))
		facts_int(l, f->key, f->class, 1, v);
}

void facts_files(struct host *host, const struct fact_file *t, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		file_fact(host, &t[i]);
}

int word_in(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (*list) {
		list += strspn(list, " \t\n");
		if (!strncmp(list, word, n) &&
		    (!list[n] || isspace((unsigned char)list[n])))
			return 1;
		list += strcspn(list, " \t\n");
	}
	return 0;
}

/* PRETTY_NAME of os-release(5), quotes taken off. */
static void fact_os(struct host *host)
{
	char *text, *line, *save = NULL, *v;

	if (file_read("/etc/os-release", 64 << 10, &text, NULL))
		return;
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "PRETTY_NAME=", 12))
			continue;
		v = line + 12 + strspn(line + 12, "\"'");
		v[strcspn(v, "\"'")] = '\0';
		facts_text(&host->facts, "os.name", FACT_IDENTITY, 1, v);
		break;
	}
	free(text);
}

int facts_collect(struct host *host)
{
	struct fact_list *l = &host->facts;
	int err;

	facts_text(l, "host.name", FACT_IDENTITY, 0, host->name);
	if (host->conf.alias[0])
		facts_text(l, "host.alias", FACT_IDENTITY, 1,
			   host->conf.alias);
	facts_text(l, "tool.version", FACT_IDENTITY, 1, ASIBENCH_VERSION);
	facts_text(l, "tool.compiler", FACT_IDENTITY, 1, TOOL_COMPILER);
	fact_os(host);
	facts_cpu(host);
	err = facts_kernel(host);
	if (err)
		return err;
	facts_kconfig(host);
	facts_mm(host);
	facts_tlb(host);
	return l->err;
}
