// SPDX-License-Identifier: GPL-2.0-or-later
/* From evidence to a state. Reading it is isolation_read.c's work. */
#include "drivers/isolation.h"

#include <stdio.h>
#include <string.h>

#include "drivers/isolation_evidence.h"

static void conclude(struct isolation_state *st, const char *kind,
		     enum isolation state, const char *evidence)
{
	st->state = state;
	snprintf(st->kind, sizeof(st->kind), "%s", kind);
	snprintf(st->evidence, sizeof(st->evidence), "%s", evidence);
}

/* Does this kernel know ASI at all, as far as can be seen? */
static int knows_asi(const struct isolation_evidence *e)
{
	return e->asi_flag == 1 || e->asi_param >= 0 || e->config_asi == 1 ||
		e->tracepoint == 1 || e->log > ASI_LOG_SILENT;
}

/* Has everything been looked at that would show ASI, and nothing found? */
static int lacks_asi(const struct isolation_evidence *e)
{
	return !knows_asi(e) && e->asi_flag == 0 &&
		(e->config_asi == 0 || e->log == ASI_LOG_SILENT);
}

/*
 * Compiled in, but neither flag, parameter nor log speaks. Several versions
 * of the series do not list their flag in /proc/cpuinfo, so that its absence
 * proves nothing here.
 */
static void conclude_silent_asi(const struct isolation_evidence *e,
				struct isolation_state *st)
{
	int on_by_default = e->config_default_on;

	if (e->asked_asi == 0)
		conclude(st, "asi", ISOLATION_OFF,
			 "asi=off on the command line, no asi flag in cpuinfo");
	else if (e->asked_asi == 1)
		conclude(st, "asi", ISOLATION_UNKNOWN,
			 "asi=on on the command line, but no asi flag in cpuinfo, and no kernel log that says either way");
	else if (e->log == ASI_LOG_SILENT || on_by_default == 0)
		conclude(st, "asi", ISOLATION_OFF,
			 "ASI is compiled in, not asked for and off by default; no asi flag in cpuinfo");
	else
		conclude(st, "asi", ISOLATION_UNKNOWN,
			 "ASI is compiled in; no asi flag in cpuinfo, and no kernel log that says either way");
}

static void conclude_asi(const struct isolation_evidence *e,
			 struct isolation_state *st)
{
	if (e->log == ASI_LOG_IGNORED)
		conclude(st, "asi", ISOLATION_OFF,
			 "kernel log: asi=on ignored, the implementation is incomplete");
	else if (e->asi_flag == 1)
		conclude(st, "asi", ISOLATION_ON, "asi flag in cpuinfo");
	else if (e->asi_param == 1)
		conclude(st, "asi", ISOLATION_ON,
			 "module parameter address_space_isolation=Y");
	else if (e->log == ASI_LOG_ENABLED)
		conclude(st, "asi", ISOLATION_ON,
			 "kernel log: ASI enabled (this version shows no asi flag in cpuinfo)");
	else if (e->asi_param == 0 && e->asked_param == 1)
		conclude(st, "asi", ISOLATION_OFF,
			 "module parameter address_space_isolation=N although the command line asks for Y");
	else if (e->asi_param == 0)
		conclude(st, "asi", ISOLATION_OFF,
			 "module parameter address_space_isolation=N");
	else if (e->log == ASI_LOG_DISABLED)
		conclude(st, "asi", ISOLATION_OFF,
			 "kernel log: ASI disabled");
	else
		conclude_silent_asi(e, st);
}

/* Asked for, on a kernel that does not show any sign of having it. */
static void conclude_wish(const struct isolation_evidence *e,
			  struct isolation_state *st)
{
	int on = e->asked_asi == 1 || e->asked_param == 1;

	if (e->asked_param == 1 && !e->kvm_loaded)
		conclude(st, "asi", ISOLATION_UNKNOWN,
			 "the command line asks for address_space_isolation, but no KVM module is loaded that would tell");
	else if (!lacks_asi(e))
		conclude(st, "asi", ISOLATION_UNKNOWN,
			 "the command line speaks of ASI, but whether this kernel has it cannot be seen");
	else if (on)
		conclude(st, "asi", ISOLATION_OFF,
			 "the command line asks for ASI, but this kernel does not have it");
	else
		conclude(st, "asi", ISOLATION_OFF,
			 "this kernel does not have ASI, and asi=off asks for none");
}

static void conclude_pti(const struct isolation_evidence *e,
			 struct isolation_state *st)
{
	if (e->pti_flag == 1)
		conclude(st, "pti", ISOLATION_ON, "pti flag in cpuinfo");
	else if (e->pti_flag < 0)
		conclude(st, "pti", ISOLATION_UNKNOWN,
			 "/proc/cpuinfo cannot be read");
	else if (e->asked_pti == 1)
		conclude(st, "pti", ISOLATION_OFF,
			 "no pti flag in cpuinfo although the command line asks for pti=on");
	else
		conclude(st, "pti", ISOLATION_OFF, "no pti flag in cpuinfo");
}

void isolation_conclude(const struct isolation_evidence *e,
			struct isolation_state *st)
{
	if (knows_asi(e))
		conclude_asi(e, st);
	else if (e->asked_asi >= 0 || e->asked_param == 1)
		conclude_wish(e, st);
	else
		conclude_pti(e, st);
}

enum asi_log isolation_log_line(const char *message)
{
	static const struct {
		const char *start;
		enum asi_log means;
	} lines[] = {
		{ "Ignoring asi=on param", ASI_LOG_IGNORED },
		{ "ASI enablement ignored", ASI_LOG_IGNORED },
		{ "ASI enabled ", ASI_LOG_ENABLED },
		{ "ASI disabled ", ASI_LOG_DISABLED },
	};
	const char *p;
	size_t i;

	/* Before it may stand the prefix of pr_fmt(), "asi: ". */
	p = strstr(message, ": ");
	p = p && p - message < 24 ? p + 2 : message;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (!strncmp(message, lines[i].start,
			     strlen(lines[i].start)) ||
		    !strncmp(p, lines[i].start, strlen(lines[i].start)))
			return lines[i].means;
	return ASI_LOG_SILENT;
}

static void add_fact(struct fact_list *l, const char *key, int state)
{
	if (state >= 0)
		facts_int(l, key, FACT_TREATMENT, 1, state);
}

void isolation_observe(struct isolation_state *st, struct fact_list *facts)
{
	static const char *const states[] = { "unknown", "off", "on" };
	static const char *const logs[] = {
		NULL, "silent", "enabled", "disabled", "ignored",
	};
	struct isolation_evidence e;

	isolation_read(facts, &e);
	isolation_conclude(&e, st);
	add_fact(facts, "isolation.asi_flag", e.asi_flag);
	add_fact(facts, "isolation.pti_flag", e.pti_flag);
	add_fact(facts, "isolation.asi_param", e.asi_param);
	add_fact(facts, "isolation.asi_tracepoint", e.tracepoint);
	add_fact(facts, "isolation.asi_config", e.config_asi);
	if (e.log != ASI_LOG_UNREAD)
		facts_text(facts, "isolation.log", FACT_TREATMENT, 1,
			   logs[e.log]);
	facts_text(facts, "isolation.kind", FACT_TREATMENT, 1, st->kind);
	facts_text(facts, "isolation.state", FACT_TREATMENT, 1,
		   states[st->state]);
	facts_text(facts, "isolation.evidence", FACT_TREATMENT, 1,
		   st->evidence);
}

enum arm_state isolation_verify(const struct isolation_state *st,
				const char *claim)
{
	enum isolation claimed;

	if (st->state == ISOLATION_UNKNOWN)
		return STATE_UNVERIFIED;
	if (!claim)
		return STATE_VERIFIED;
	claimed = !strcmp(claim, "on") ? ISOLATION_ON : ISOLATION_OFF;
	return st->state == claimed ? STATE_VERIFIED : STATE_CONTRADICTED;
}
