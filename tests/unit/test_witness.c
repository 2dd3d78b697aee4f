// SPDX-License-Identifier: GPL-2.0-or-later
/* Isolation state from evidence; counters of /proc; flags of a run. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "drivers/driver.h"
#include "drivers/isolation_evidence.h"
#include "drivers/procstat.h"
#include "drivers/witness.h"

/* ---- isolation ---- */

/* A kernel of today: flags readable, no ASI, log whole. */
static const struct isolation_evidence plain = {
	.asi_flag = 0, .pti_flag = 0, .asi_param = -1, .kvm_loaded = 1,
	.asked_asi = -1, .asked_param = -1, .asked_pti = -1,
	.log = ASI_LOG_SILENT, .tracepoint = 0, .config_asi = 0,
	.config_default_on = 0,
};

#define IS(knd, st, ...)						\
do {									\
	struct isolation_evidence e_ = plain;				\
	struct isolation_state s_;					\
									\
	__VA_ARGS__;							\
	isolation_conclude(&e_, &s_);					\
	assert_string_equal(s_.kind, knd);				\
	assert_int_equal(s_.state, ISOLATION_##st);			\
} while (0)

static void test_pti(void **state)
{
	IS("pti", OFF, (void)0);
	IS("pti", ON, e_.pti_flag = 1);
	IS("pti", OFF, e_.asked_pti = 1);
	IS("pti", UNKNOWN, e_.pti_flag = e_.asi_flag = -1);
}

static void test_asi(void **state)
{
	IS("asi", ON, e_.asi_flag = 1);
	IS("asi", ON, e_.asi_param = 1);
	IS("asi", OFF, e_.asi_param = 0);
	IS("asi", OFF, e_.asi_param = 0; e_.asked_param = 1);
	/* Versions that do not list their flag say so in the log. */
	IS("asi", ON, e_.config_asi = 1; e_.log = ASI_LOG_ENABLED;
	   e_.asked_asi = 1);
	IS("asi", OFF, e_.config_asi = 1; e_.log = ASI_LOG_DISABLED);
	IS("asi", OFF, e_.config_asi = 1; e_.log = ASI_LOG_IGNORED;
	   e_.asked_asi = 1);
	/* The beginning of the log is gone: the flag may be a hidden one. */
	IS("asi", UNKNOWN, e_.config_asi = 1; e_.log = ASI_LOG_UNREAD;
	   e_.asked_asi = 1);
	IS("asi", OFF, e_.config_asi = 1; e_.log = ASI_LOG_UNREAD;
	   e_.asked_asi = 0);
	IS("asi", OFF, e_.config_asi = 1; e_.log = ASI_LOG_UNREAD);
	IS("asi", UNKNOWN, e_.config_asi = 1; e_.log = ASI_LOG_UNREAD;
	   e_.config_default_on = 1);
	/* A wish that this kernel does not know, whatever PTI does. */
	IS("asi", OFF, e_.asked_asi = 1; e_.pti_flag = 1);
	IS("asi", OFF, e_.asked_asi = 0; e_.pti_flag = 1);
	IS("asi", OFF, e_.asked_param = 1);
	IS("asi", UNKNOWN, e_.asked_param = 1; e_.kvm_loaded = 0);
	IS("asi", UNKNOWN, e_.asked_asi = 1; e_.config_asi = -1;
	   e_.log = ASI_LOG_UNREAD);
}

/* What holds of any one conclusion, and of it against the same unasked. */
static void check_conclusion(const struct isolation_evidence *e)
{
	struct isolation_evidence unasked = *e;
	struct isolation_state s, t;
	int asi;

	memset(&s, 0xff, sizeof(s));
	isolation_conclude(e, &s);
	asi = !strcmp(s.kind, "asi");
	assert_true(asi || !strcmp(s.kind, "pti"));
	assert_true(s.evidence[0] && strlen(s.evidence) < sizeof(s.evidence));
	if (s.state != ISOLATION_ON)
		return;
	if (asi)
		assert_true(e->asi_flag == 1 || e->asi_param == 1 ||
			    e->log == ASI_LOG_ENABLED);
	else
		assert_true(e->pti_flag == 1 && e->asi_flag != 1);
	assert_false(asi && e->log == ASI_LOG_IGNORED);
	/* "on" never comes from a wish: without it, it is still on. */
	unasked.asked_asi = unasked.asked_param = unasked.asked_pti = -1;
	isolation_conclude(&unasked, &t);
	assert_int_equal(t.state, ISOLATION_ON);
	assert_string_equal(t.kind, s.kind);
}

/* Every combination of evidence, counted through in base 3 (and 5). */
static void test_every_combination(void **state)
{
	unsigned int n, i, total = 5;

	for (i = 0; i < 10; i++)
		total *= 3;
	for (n = 0; n < total; n++) {
		struct isolation_evidence e;
		int *const fields[] = {
			&e.asi_flag, &e.pti_flag, &e.asi_param, &e.kvm_loaded,
			&e.asked_asi, &e.asked_param, &e.asked_pti,
			&e.tracepoint, &e.config_asi, &e.config_default_on,
		};
		unsigned int rest = n / 5;

		e.log = n % 5;
		for (i = 0; i < 10; i++, rest /= 3)
			*fields[i] = (int)(rest % 3) - 1;
		check_conclusion(&e);
	}
}

static void test_log(void **state)
{
	static const struct {
		const char *line;
		enum asi_log means;
	} lines[] = {
		{ "ASI enabled through kernel command line.", ASI_LOG_ENABLED },
		{ "asi: ASI enabled by default.", ASI_LOG_ENABLED },
		{ "ASI disabled through kernel command line.",
		  ASI_LOG_DISABLED },
		{ "ASI disabled by default.", ASI_LOG_DISABLED },
		{ "Ignoring asi=on param while ASI implementation is incomplete.",
		  ASI_LOG_IGNORED },
		{ "ASI enablement ignored due to incomplete implementation.",
		  ASI_LOG_IGNORED },
		{ "Kernel command line: asi=on x: ASI enabled through",
		  ASI_LOG_SILENT },
		{ "", ASI_LOG_SILENT }, { ": ", ASI_LOG_SILENT },
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_int_equal(isolation_log_line(lines[i].line),
				 lines[i].means);
}

static void test_verify(void **state)
{
	struct isolation_state st = { .state = ISOLATION_ON };

	assert_int_equal(isolation_verify(&st, "on"), STATE_VERIFIED);
	assert_int_equal(isolation_verify(&st, "off"), STATE_CONTRADICTED);
	assert_int_equal(isolation_verify(&st, NULL), STATE_VERIFIED);
	st.state = ISOLATION_OFF;
	assert_int_equal(isolation_verify(&st, "on"), STATE_CONTRADICTED);
	assert_int_equal(isolation_verify(&st, "off"), STATE_VERIFIED);
	st.state = ISOLATION_UNKNOWN;
	assert_int_equal(isolation_verify(&st, "on"), STATE_UNVERIFIED);
	assert_int_equal(isolation_verify(&st, "off"), STATE_UNVERIFIED);
	assert_int_equal(isolation_verify(&st, NULL), STATE_UNVERIFIED);
}

/* This host: one fact per piece of evidence, and a state that they agree on. */
static void test_observe(void **state)
{
	struct fact_list l = { 0 };
	struct isolation_state st;
	const struct fact *f;

	isolation_observe(&st, &l);
	f = facts_find(&l, "isolation.evidence");
	assert_non_null(f);
	assert_string_equal(f->text, st.evidence);
	assert_int_equal(f->class, FACT_TREATMENT);
	f = facts_find(&l, "isolation.pti_flag");
	assert_non_null(f);
	if (!strcmp(st.kind, "pti"))
		assert_int_equal(st.state, f->i ? ISOLATION_ON :
				 ISOLATION_OFF);
	facts_free(&l);
}

/* ---- counters ---- */

static void test_steal(void **state)
{
	static const char text[] =
		"cpu  9 9 9 9 9 9 9 999 9 9\ncpu1 1 2 3 4 5 6 7 80 9 10\n"
		"cpu10 1 2 3 4 5 6 7 90 0 0\ncpu2 1 2 3\nintr 7\n";

	assert_int_equal(stat_steal(text, 1, 100), 800);
	assert_int_equal(stat_steal(text, 10, 250), 360);
	assert_int_equal(stat_steal(text, 2, 100), -1);
	assert_int_equal(stat_steal(text, 0, 100), -1);
	assert_int_equal(stat_steal("", 0, 100), -1);
}

/* CPU 1 is offline: the second column is CPU 2's. */
static const char interrupts[] =
	"           CPU0       CPU2       CPU12\n"
	"  0:         10         20         30   IO-APIC   2-edge      timer\n"
	" 24:          1          2          3  PCI-MSI 5 CPU9 9 9 9\n"
	"NMI:          4          5          6   Non-maskable interrupts\n"
	"LOC:        100        200        300   Local timer interrupts\n"
	"CAL:          7          8          9   Function call interrupts\n"
	"TLB:         70         80         90   TLB shootdowns\n"
	"ERR:          5\nMIS:          0\n";

static void test_interrupts(void **state)
{
	struct irq_counts c;

	irq_count(interrupts, 2, &c);
	assert_int_equal(c.all, 20 + 2 + 5 + 200 + 8 + 80);
	assert_int_equal(c.timer, 200);
	assert_int_equal(c.nmis, 5);
	assert_int_equal(c.ipis, 80);
	irq_count(interrupts, 12, &c);
	assert_int_equal(c.ipis, 90);
	irq_count(interrupts, 1, &c);
	assert_int_equal(c.all, -1);
	assert_int_equal(c.ipis, -1);
	assert_int_equal(c.nmis, -1);
	irq_count("", 0, &c);
	assert_int_equal(c.all, -1);
	irq_count("CPU0", 0, &c);
	assert_int_equal(c.all, 0);
}

/* ---- flags of a run ---- */

static unsigned int noisy(const struct witness *after, unsigned int own)
{
	static struct run_result res;
	struct witness before = {
		.irqs = 0, .ipis = -1, .khz = 3000000,
		.directmap = { 4, 2, -1 },
	};

	memset(&res, 0, offsetof(struct run_result, sample));
	witness_store(&res, &before, after, own);
	assert_true(res.nfacts > 5 && res.nfacts < RESULT_FACTS / 2);
	return res.noisy;
}

static void test_rules(void **state)
{
	/* 100 ms, at the limit of each rule. */
	const struct witness quiet = {
		.ns = 100000000, .steal = 1, .nivcsw = 10, .ticks = 100,
		.irqs = 600, .ipis = -1, .khz = 3030000,
		.directmap = { 4, 2, -1 },
	};
	struct witness w = quiet;

	assert_int_equal(noisy(&w, 0), 0);
	w.steal = 2;
	assert_int_equal(noisy(&w, 0), NOISY_STEAL);
	w = quiet;
	w.nivcsw = 11;
	assert_int_equal(noisy(&w, 0), NOISY_SWITCHES);
	w = quiet;
	w.irqs = 601;
	assert_int_equal(noisy(&w, 0), NOISY_IRQS);
	assert_int_equal(noisy(&w, NOISY_IRQS), 0);
	w = quiet;
	w.khz = 3030001;
	assert_int_equal(noisy(&w, 0), NOISY_FREQ);
	/* What could not be read accuses nobody. */
	w = quiet;
	w.steal = w.irqs = w.ticks = -1;
	w.khz = 0;
	assert_int_equal(noisy(&w, 0), 0);
}

static void test_read(void **state)
{
	struct witness a, b;
	volatile char *p;

	witness_read(&a, sched_getcpu(), -1);
	p = malloc(1 << 20);
	assert_non_null((void *)p);
	memset((void *)p, 1, 1 << 20);
	free((void *)p);
	witness_read(&b, sched_getcpu(), 0);
	assert_true(b.ns > a.ns);
	assert_true(b.faults > a.faults);
	assert_true(b.load >= 0);
	assert_int_equal(a.ipis, -1);
	assert_int_equal(witness_ipis(&a, &b), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pti),
		cmocka_unit_test(test_asi),
		cmocka_unit_test(test_every_combination),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_observe),
		cmocka_unit_test(test_steal),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests_name("witness", tests, NULL, NULL);
}
