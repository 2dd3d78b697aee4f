// SPDX-License-Identifier: GPL-2.0-or-later
/* The doctor's findings for people. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report/report.h"
#include "analysis/report/view.h"
#include "cli/doctor.h"
#include "drivers/host0/module.h"
#include "lib/text.h"

#define WIDTH	79
#define LABEL	12	/* columns of the labels on the left */
#define BULLET	4

static void say(size_t indent, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "label      text", the text wrapped beside its label. */
static void say(size_t indent, const char *label, const char *fmt, ...)
{
	char raw[1024], clean[2048], *block = NULL;
	size_t size;
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_clean(clean, sizeof(clean), raw);
	f = open_memstream(&block, &size);
	if (!f)
		return;
	wrap(f, WIDTH, indent, indent, clean);
	fclose(f);
	if (block && strlen(label) < indent && size > indent)
		memcpy(block, label, strlen(label));
	fputs(block ? block : "", stdout);
	free(block);
}

static void heading(const char *text)
{
	printf("\n%s\n", text);
}

static void say_cpus(const struct host *h)
{
	const struct fact *f = facts_find(&h->facts, "topo.isolated");
	const char *why = h->conf.cpus[0] ? "named first in hosts.d" :
		f && f->i ? "isolated from the scheduler" :
		"in the last core: the first one takes most interrupts";

	say(LABEL, "CPU", "%d measures (%s), of %d that may be used", h->cpu, why,
	    h->bench.cpus);
	if (h->peer_cpu < 0)
		say(LABEL, "", "no other CPU for second threads");
	else
		say(LABEL, "", "%d runs second threads (%s)", h->peer_cpu,
		    !strcmp(h->peer_place, "smt") ?
		    "the same core: there is no other" :
		    !strcmp(h->peer_place, "llc") ?
		    "another core, the same last-level cache" :
		    !strcmp(h->peer_place, "node") ?
		    "another core of the same memory node" :
		    "another memory node");
}

static void say_clock(const struct host *h)
{
	const struct fact *f = facts_find(&h->facts, "tsc.source");

	say(LABEL, "clock", "TSC at %llu kHz (%s), in steps of %.4g tick%s = %.3g ns",
	    (unsigned long long)h->tsc_khz, f ? f->text : "unknown",
	    h->tsc_step, h->tsc_step == 1 ? "" : "s",
	    h->tsc_step * 1e6 / h->tsc_khz);
}

static void say_guest(const struct guest_env *g)
{
	if (g->reason[0]) {
		say(LABEL, "guests", "none: %s", g->reason);
		return;
	}
	say(LABEL, "guests", "Linux %s by QEMU %s with %s, booted in %.1f s%s",
	    g->release, g->qemu_version, !strcmp(g->accel, "kvm") ? "KVM" :
	    "TCG, which emulates", g->boot_s, g->cached ? " at an earlier time" :
	    "");
	if (g->accel_reason[0])
		say(LABEL, "", "not with KVM: %s", g->accel_reason);
}

static void say_host(const struct doctor *d)
{
	static const char *const states[] = { "unknown", "off", "on" };
	const struct host *h = &d->host;
	const struct fact *f = facts_find(&h->facts, "cpu.model_name");
	char why[256];

	say(LABEL, "host", "%s, Linux %s", f ? f->text : "unknown CPU", h->release);
	say(LABEL, "settings", "%s", h->conf.path[0] ? h->conf.path :
	    "none: hosts.d/example.conf shows what can be said");
	say_cpus(h);
	say_clock(h);
	say(LABEL, "KVM", "%s", h->kvm_reason[0] ? h->kvm_reason :
	    h->kvm_module[0] ? h->kvm_module : "usable");
	say(LABEL, "ring 0", "%s", module_missing(why, sizeof(why)) ? why :
	    "by the kernel module");
	say_guest(&d->guest);
	say(LABEL, "isolation", "%s is %s: %s", d->isolation.kind,
	    states[d->isolation.state], d->isolation.evidence);
	say(LABEL, "results", "%s%s", d->db[0] ? d->db : "no place for a database",
	    d->db[0] && !d->db_there ? " (made by the first run)" : "");
}

/* What figures of a guest's ring are worth. */
static void ring_note(const struct doctor *d, enum place place, char *buf,
		      size_t size)
{
	double t = d->host.ring[place == PLACE_GUEST3 ? 3 : 0];

	buf[0] = '\0';
	if ((place != PLACE_GUEST0 && place != PLACE_GUEST3) || !(t > 0))
		return;
	snprintf(buf, size, "ring %d %s, %.*f ticks per nop%s",
		 place == PLACE_GUEST3 ? 3 : 0, ring_words(t), t < 10 ? 2 : 0,
		 t, strcmp(ring_words(t), "interpreted") ? "" :
		 ": shown, never scored");
}

static void say_places(const struct doctor *d)
{
	static const char *const heads[] = {
		"where", "driver", "can run", "", NULL,
	};
	struct table *t = table_new(heads, "llll");
	const struct group *g;
	char n[48], note[96];

	heading("What this host can measure");
	for (g = d->group; g < d->group + d->ngroups; g++) {
		snprintf(n, sizeof(n), "%zu of %zu", g->can, g->all);
		ring_note(d, g->place, note, sizeof(note));
		table_row(t, (const char *const []) {
			place_name(g->place), g->driver->name, n, note,
		});
	}
	table_print(t, stdout);
	table_free(t);
}

static void say_refusals(const struct doctor *d)
{
	const struct refusal *r;

	if (!d->nrefusals)
		return;
	heading("What it cannot, and why");
	for (r = d->refusal; r < d->refusal + d->nrefusals; r++) {
		say(BULLET, "  -", "%s", r->reason);
		say(BULLET, "", "(%s)", r->names);
	}
}

static void say_countable(const struct doctor *d)
{
	const struct countable *c;

	heading("What a counting run counts (asibench run --counters)");
	for (c = d->countable; c < d->countable + d->ncountable; c++)
		if (!c->why[0])
			say(BULLET, "  -", "%s", c->names);
	for (c = d->countable; c < d->countable + d->ncountable; c++) {
		if (!c->why[0])
			continue;
		say(BULLET, "  -", strcmp(c->why, "user mode only") ?
		    "not counted: %s" : "counted in %s", c->why);
		say(BULLET, "", "(%s)", c->names);
	}
	if (d->debugfs[0])
		say(BULLET, "  -", "VMs of others by QMP alone: %s",
		    d->debugfs);
}

static void say_advice(const struct doctor *d)
{
	const struct noise *n = &d->noise;
	const struct advice *a;
	char clean[512];

	heading("What makes it noisy");
	say(BULLET, "  -", "watched CPU %d for %.0f ms: %llu gaps above %d us, longest %.0f us, %.3f %% of the time",
	    d->host.cpu, n->ms, (unsigned long long)n->gaps,
	    NOISE_GAP_NS / 1000, n->longest_us, 100 * n->share);
	for (a = d->advice; a < d->advice + d->nadvice; a++) {
		say(BULLET, "  -", "%s", a->what);
		/* A command stays on one line, to be copied. */
		if (a->command)
			printf("%*s$ %s\n", BULLET, "",
			       text_clean(clean, sizeof(clean), a->mend));
		else
			say(BULLET, "", "-> %s", a->mend);
	}
	if (!d->nadvice)
		say(BULLET, "  -", "nothing found");
}

void doctor_text(const struct doctor *d)
{
	say_host(d);
	say_places(d);
	say_refusals(d);
	say_countable(d);
	say_advice(d);
}
