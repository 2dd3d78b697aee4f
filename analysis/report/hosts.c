// SPDX-License-Identifier: GPL-2.0-or-later
/* Hosts in a few lines: what readers of a performance mail ask for. */
#include "analysis/report/view.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* @key: a pattern; @label: what to call it, NULL: what the pattern's * is */
static const struct topic {
	const char *key;
	const char *label;
} topics[] = {
	{ "cpu.model_name", "" },
	{ "cpu.microcode", "microcode" },
	{ "kernel.release", "Linux" },
	{ "hypervisor", "hypervisor" },
	{ "cpu.hypervisor", "hypervisor" },
	{ "topo.smt", "SMT threads per core" },
	{ "cpu.smt", "SMT" },
	{ "cpu.governor", "governor" },
	{ "cpu.turbo", "turbo" },
	{ "kvm.module", "KVM" },
	{ "kernel.clocksource", "clock source" },
	{ "tsc.mhz", "TSC MHz" },
	{ "kvm.ring0", "ring 0" },
	{ "kvm.ring3", "ring 3" },
	{ "vuln*.*", NULL },
};

#define NTOPICS	(sizeof(topics) / sizeof(*topics))

struct entry {
	char *host;
	size_t topic;
	char *text;
};

struct entries {
	struct entry *v;
	size_t n;
};

static bool is_mitigation(size_t topic)
{
	return !topics[topic].label;
}

static char *entry_text(size_t topic, const char *key, const char *base,
			const char *now)
{
	const char *label = topics[topic].label, *arrow = " -> ";
	char *text;

	if (!label)
		label = strrchr(key, '.') + 1;
	if (!strcmp(base, now) || !*now) {
		now = "";
		arrow = "";
	} else if (!*base) {
		arrow = "";
	}
	if (asprintf(&text, "%s%s%s%s%s", label, *label ? " " : "", base,
		     arrow, now) < 0)
		return NULL;
	return text;
}

static int collect(void *arg, const char *host, const struct fact *f,
		   const char *base, const char *now)
{
	struct entries *l = arg;
	struct entry e = { .topic = 0 }, *v;

	while (e.topic < NTOPICS && fnmatch(topics[e.topic].key, f->key, 0))
		e.topic++;
	if (e.topic == NTOPICS)
		return 0;
	if (is_mitigation(e.topic) && !strcmp(base, "Not affected") &&
	    !strcmp(now, base))
		return 0;
	v = reallocarray(l->v, l->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	l->v = v;
	e.host = strdup(host);
	e.text = entry_text(e.topic, f->key, base, now);
	v[l->n++] = e;
	return e.host && e.text ? 0 : -ENOMEM;
}

static int entry_cmp(const void *a, const void *b)
{
	const struct entry *ea = a, *eb = b;
	int d = strcmp(ea->host, eb->host);

	if (!d)
		d = (ea->topic > eb->topic) - (ea->topic < eb->topic);
	return d ? d : strcmp(ea->text, eb->text);
}

/* The entries of a host up to @end in one paragraph. */
static void print_entries(const struct view *v, const struct entry *e,
			  size_t n, bool mitigations, FILE *out,
			  size_t width)
{
	char *raw = NULL, *host = text_dup(e->host, v->ascii);
	const char *sep = "";
	size_t size, i;
	FILE *line = open_memstream(&raw, &size);

	if (!line || !host)
		goto free_host;
	if (mitigations)
		fputs("mitigations: ", line);
	else
		fprintf(line, "%s: ", host);
	for (i = 0; i < n; i++) {
		if (is_mitigation(e[i].topic) != mitigations)
			continue;
		fprintf(line, "%s%s", sep, e[i].text);
		sep = "; ";
	}
	if (!fclose(line) && (*sep || !mitigations))
		wrap(out, width, mitigations ? 4 : 2, 4, raw);
	line = NULL;
free_host:
	if (line)
		fclose(line);
	free(raw);
	free(host);
}

int print_hosts(const struct view *v, FILE *out, size_t width)
{
	struct entries l = { 0 };
	size_t i, end;
	int err = view_facts(v, " | ", collect, &l);

	if (!err && l.n) {
		qsort(l.v, l.n, sizeof(*l.v), entry_cmp);
		fputs("\nHosts\n", out);
	}
	for (i = 0; !err && i < l.n; i = end) {
		for (end = i + 1; end < l.n &&
		     !strcmp(l.v[end].host, l.v[i].host); end++)
			;
		print_entries(v, &l.v[i], end - i, false, out, width);
		print_entries(v, &l.v[i], end - i, true, out, width);
	}
	for (i = 0; i < l.n; i++) {
		free(l.v[i].host);
		free(l.v[i].text);
	}
	free(l.v);
	return err;
}
